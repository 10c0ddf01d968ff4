#include "tests/sim/unruly_relay.hpp"

#include "muster/messages/actor_failure.hpp"

#include <utility>

namespace muster::sim {

relay_behind::mood relay_behind::next_mood() {
  constexpr std::pair<knob, mood> moods[] = {{knob::relay_refuses, mood::refuses},
                                             {knob::relay_silent, mood::silent},
                                             {knob::relay_done_silent, mood::done_silent},
                                             {knob::relay_half, mood::half}};
  if (faulty_)
    for (const auto& [which, what] : moods)
      if (chance_.per_million(world_.rate(which))) {
        tally_.note(trouble::relay);
        return what;
      }
  return mood::obliging;
}

namespace {

failure no_mail() {
  return {failure_kind::refused, "no-mail", "the relay keeps no mail"};
}

} // namespace

template <class Answer, class Work>
caf::result<Answer> unruly_relay_state::serve(Work work) {
  const auto how = behind_.next_mood();
  const auto refused = [] {
    return to_error({failure_kind::failed, "relay-unruly", "the relay says that it failed; try again"});
  };
  if (how == relay_behind::mood::refuses)
    return refused();
  if (how == relay_behind::mood::silent) {
    unanswered_.push_back(self_->make_response_promise());
    return unanswered_.back();
  }
  expected<Answer> answer = work();
  if (how == relay_behind::mood::done_silent) {
    unanswered_.push_back(self_->make_response_promise());
    return unanswered_.back();
  }
  if (how == relay_behind::mood::half)
    return refused();
  if (!answer)
    return to_error(answer.error());
  return std::move(*answer);
}

relay_actor::behavior_type unruly_relay_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](const relay_put_endpoint& m) { return serve<relay_done>([&] { return behind_.table().put(m); }); },
      [this](const relay_drop_endpoint& m) { return serve<relay_done>([&] { return behind_.table().drop(m); }); },
      [this](const relay_put_rule& m) { return serve<relay_done>([&] { return behind_.table().put(m); }); },
      [this](const relay_drop_rule& m) { return serve<relay_done>([&] { return behind_.table().drop(m); }); },
      [this](const relay_list&) {
        return serve<relay_listed>([&] { return expected<relay_listed>{behind_.table().list()}; });
      },
      [](const relay_send&) -> caf::result<relay_sent> { return to_error(no_mail()); },
      [](const relay_read_inbox&) -> caf::result<relay_inbox> { return to_error(no_mail()); },
      [](const relay_ack&) -> caf::result<relay_acked> { return to_error(no_mail()); },
      [](const relay_list_dead&) -> caf::result<relay_dead> { return to_error(no_mail()); },
      [](const relay_count_mail&) -> caf::result<relay_mail_counted> { return to_error(no_mail()); },
      [](const relay_subscribe&) -> caf::result<relay_done> { return to_error(no_mail()); },
  };
}

} // namespace muster::sim
