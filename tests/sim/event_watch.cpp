#include "tests/sim/event_watch.hpp"

#include <chrono>

namespace muster::sim {

namespace {

using namespace std::chrono_literals;

struct listener_state {
  static inline const char* name = "sim.listener";

  listener_state(event_listener::pointer me, std::shared_ptr<event_watch::knowledge> into, muster_actor whom,
                 bool is_slow)
      : self(me), known(std::move(into)), front(std::move(whom)), slow(is_slow) {}

  event_listener::behavior_type make_behavior() {
    ignore_stray_errors(self);
    subscribe();
    return {[this](const events_told& m) -> caf::result<void> {
      known->take(m);
      if (!slow)
        return caf::unit;
      auto promise = self->make_response_promise<void>();
      self->run_delayed(1s, [promise]() mutable { promise.deliver(); });
      return promise;
    }};
  }

  // While no index can be had a subscription is refused.
  void subscribe() {
    self->request(front, caf::infinite, subscribe_events{event_listener{self}})
        .then([this](const events_subscribed& began) { known->log = began.at.log; },
              [this](const caf::error&) { self->run_delayed(1s, [this] { subscribe(); }); });
  }

  event_listener::pointer self;
  std::shared_ptr<event_watch::knowledge> known;
  muster_actor front;
  bool slow;
};

std::string spell(const roster_row& row) {
  return row.name + " " + row.path + " " + std::string(to_string(row.status)) + " " +
         std::string(to_string(row.health));
}

bool is_same(const roster_row& a, const roster_row& b) {
  return a.name == b.name && a.display_name == b.display_name && a.runtime == b.runtime &&
         a.namespace_name == b.namespace_name && a.path == b.path && a.subject == b.subject && a.status == b.status &&
         a.health == b.health && a.registered_at == b.registered_at && a.capabilities == b.capabilities;
}

} // namespace

void event_watch::open(caf::actor_system& system, const muster_actor& front, std::uint64_t number) {
  known_ = std::make_shared<knowledge>();
  (void)system.spawn<event_listener::stateful_impl<listener_state>>(known_, front, number % 3 == 0);
}

void event_watch::knowledge::take(const events_told& what) {
  if (what.missed) {
    if (what.missed->first != last + 1 && has_roster)
      violations.push_back("I21: events are missed from " + std::to_string(what.missed->first) + " on after " +
                           std::to_string(last));
    last = what.missed->last;
  }
  if (what.roster) {
    roster.clear();
    for (const auto& row : *what.roster)
      roster.insert_or_assign({row.id, row.instance}, row);
    // Numbers go on where the roster stands.
    has_roster = true;
    last = 0;
  }
  for (const auto& each : what.events)
    take(each);
}

void event_watch::knowledge::take(const lifecycle_event& what) {
  ++told;
  if (last != 0 && what.number != last + 1)
    violations.push_back("I21: event " + std::to_string(what.number) + " is told after " + std::to_string(last));
  last = what.number;
  if (what.mail && !mail.insert(what.mail->message).second)
    violations.push_back("I21: one message is told twice");
  if (what.row.id.empty())
    return;
  const std::pair key{what.row.id, what.row.instance};
  const bool is_known = roster.contains(key);
  if (is_known == (what.what == event_kind::registered))
    violations.push_back("I21: event " + std::to_string(what.number) + " says " + std::string(to_string(what.what)) +
                         " of " + what.row.id.text + ", which " + (is_known ? "is" : "is not") + " there");
  if (what.what == event_kind::removed)
    roster.erase(key);
  else
    roster.insert_or_assign(key, what.row);
}

std::vector<std::string> event_watch::take_violations() {
  return known_ ? std::exchange(known_->violations, {}) : std::vector<std::string>{};
}

std::string event_watch::difference_to(const std::vector<roster_row>& rows) const {
  if (!known_ || !known_->has_roster)
    return "the listener was told no roster";
  auto told = known_->roster;
  for (const auto& row : rows) {
    const auto known = told.extract({row.id, row.instance});
    if (!known)
      return row.path + " was not told";
    if (!is_same(known.mapped(), row))
      return row.path + " was told otherwise: " + spell(known.mapped()) + " and not " + spell(row);
  }
  return told.empty() ? std::string{} : told.begin()->second.path + " was told and is not there";
}

} // namespace muster::sim
