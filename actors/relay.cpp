#include "muster/actors/relay.hpp"

#include "muster/messages/actor_failure.hpp"

#include <utility>

namespace muster {

namespace {

caf::result<relay_done> to_result(expected<relay_done> answer) {
  if (!answer)
    return to_error(answer.error());
  return *answer;
}

} // namespace

relay_actor::behavior_type relay_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](const relay_put_endpoint& m) { return to_result(table_.put(m)); },
      [this](const relay_drop_endpoint& m) { return to_result(table_.drop(m)); },
      [this](const relay_put_rule& m) { return to_result(table_.put(m)); },
      [this](const relay_drop_rule& m) { return to_result(table_.drop(m)); },
      [this](const relay_list&) { return caf::result<relay_listed>{table_.list()}; },
  };
}

} // namespace muster
