#pragma once

#include "muster/messages/actor_failure.hpp"
#include "muster/messages/caf.hpp"

#include <string_view>

/// Handlers of doubles for what nobody asks them.
namespace muster::test {

inline failure broken(std::string_view code, failure_kind kind = failure_kind::failed) {
  return {kind, code, "it is broken"};
}

/// Of what nobody asks here.
template <class Result, class Message>
auto unexpected() {
  return [](const Message&) -> caf::result<Result> { return to_error(broken("unexpected")); };
}

} // namespace muster::test
