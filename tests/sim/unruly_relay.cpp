#include "tests/sim/unruly_relay.hpp"

#include "tests/sim/troubled_machine.hpp"

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

unruly_relay_state::unruly_relay_state(relay_actor::pointer self, relay_behind& behind, const environment& env)
    : self_(self), behind_(behind), post_(env, std::string(host_directory_path), behind.table(), {}) {}

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
  std::optional<expected<Answer>> answer;
  if (!guard_.stuck())
    if (auto why = guard_.attempt([&] { answer.emplace(work()); }))
      return to_error(std::move(*why));
  if (!answer || how == relay_behind::mood::done_silent) {
    unanswered_.push_back(self_->make_response_promise());
    return unanswered_.back();
  }
  if (how == relay_behind::mood::half)
    return refused();
  if (!*answer)
    return to_error(answer->error());
  return std::move(**answer);
}

expected<relay_done> unruly_relay_state::put(const relay_put_endpoint& what) {
  auto done = behind_.table().put(what);
  if (done)
    post_.endpoint_put(what.subject, what.agent);
  return done;
}

expected<relay_done> unruly_relay_state::drop(const relay_drop_endpoint& what) {
  auto done = behind_.table().drop(what);
  if (done && !behind_.table().find(what.subject))
    post_.endpoint_dropped(what);
  return done;
}

expected<relay_sent> unruly_relay_state::send(const relay_send& what) {
  auto entered = post_.send(what);
  if (!entered)
    return entered.error();
  if (entered->now)
    return *entered->now;
  return std::move(post_.flush().sends.at(entered->number));
}

expected<relay_acked> unruly_relay_state::acknowledge(const relay_ack& what) {
  auto entered = post_.acknowledge(what);
  if (!entered)
    return entered.error();
  if (entered->now)
    return *entered->now;
  return std::move(post_.flush().acks.at(entered->number));
}

relay_actor::behavior_type unruly_relay_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](const relay_put_endpoint& m) { return serve<relay_done>([&] { return put(m); }); },
      [this](const relay_drop_endpoint& m) { return serve<relay_done>([&] { return drop(m); }); },
      [this](const relay_put_rule& m) { return serve<relay_done>([&] { return behind_.table().put(m); }); },
      [this](const relay_drop_rule& m) { return serve<relay_done>([&] { return behind_.table().drop(m); }); },
      [this](const relay_list&) {
        return serve<relay_listed>([&] { return expected<relay_listed>{behind_.table().list()}; });
      },
      [this](const relay_send& m) { return serve<relay_sent>([&] { return send(m); }); },
      [this](const relay_read_inbox& m) { return serve<relay_inbox>([&] { return post_.read(m); }); },
      [this](const relay_ack& m) { return serve<relay_acked>([&] { return acknowledge(m); }); },
      [this](const relay_list_dead& m) { return serve<relay_dead>([&] { return post_.dead(m.limit); }); },
      [this](const relay_count_mail&) { return serve<relay_mail_counted>([this] { return post_.count(); }); },
      [](const relay_subscribe&) -> caf::result<relay_done> {
        return to_error({failure_kind::refused, "no-listeners", "this relay tells nobody"});
      },
  };
}

} // namespace muster::sim
