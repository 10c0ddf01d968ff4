#pragma once

#include "muster/messages/interfaces.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Last, because it defines macros with common names.
#include "tests/support/actor_fixture.hpp"

namespace muster::test {

/// What a listener was told, and how it behaves.
struct hearing {
  std::vector<lifecycle_event> events;
  std::vector<std::size_t> batches;
  std::size_t rosters = 0; ///< how often it was told all of it
  std::set<std::string> logs;
  std::vector<events_missed> missed;
  bool is_over = false;
  bool holds = false; ///< answers nothing
  bool fails = false;
  std::vector<caf::response_promise> held;
  caf::weak_actor_ptr me;

  /// The roster as it was told, by agent and instance.
  std::map<std::pair<agent_id, instance_id>, roster_row> roster;
  std::function<void(const lifecycle_event&)> on_event;

  /// Answers what it has held, the next time the actors run.
  void let_go() {
    holds = false;
    run_inside(me, [promises = std::exchange(held, {})]() mutable {
      for (auto& each : promises)
        each.deliver(caf::unit);
    });
  }

  void take(const lifecycle_event& each) {
    if (each.what == event_kind::removed)
      roster.erase({each.row.id, each.row.instance});
    else if (!each.row.instance.empty())
      roster.insert_or_assign({each.row.id, each.row.instance}, each.row);
    if (on_event)
      on_event(each);
  }
  [[nodiscard]] std::string text() const {
    std::string result;
    for (const auto& each : events)
      result.append(result.empty() ? "" : ", ")
          .append(to_string(each.what))
          .append(each.row.id.empty() ? "" : " " + each.row.id.text);
    return result;
  }
};
using shared_hearing = std::shared_ptr<hearing>;

inline event_listener::behavior_type listener_double(event_listener::pointer self, shared_hearing into) {
  into->me = weakly(self);
  return {[self, into](const events_told& m) -> caf::result<void> {
    into->events.insert(into->events.end(), m.events.begin(), m.events.end());
    if (m.roster) {
      ++into->rosters;
      into->roster.clear();
      for (const auto& row : *m.roster)
        into->roster.insert_or_assign({row.id, row.instance}, row);
    }
    for (const auto& each : m.events)
      into->take(each);
    into->batches.push_back(m.events.size());
    into->logs.insert(m.log);
    if (m.missed)
      into->missed.push_back(*m.missed);
    into->is_over = into->is_over || m.over;
    if (into->fails)
      throw std::runtime_error("the listener is broken");
    if (!into->holds)
      return caf::unit;
    into->held.push_back(self->make_response_promise());
    return into->held.back();
  }};
}

} // namespace muster::test
