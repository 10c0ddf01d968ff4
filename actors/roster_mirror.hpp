#pragma once

#include "muster/messages/event_messages.hpp"
#include "muster/store/agent_health.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster {

/// The roster as listeners know it: what it is given is compared with that, and
/// the difference is what they are to be told. Events have no number yet.
///
/// 1. Whoever puts each event's row into a roster that was like this one, has a
///    roster like this one, in what rows say but for the time of the last sign of
///    life and the problems.
/// 2. However often the same is given, it is told once.
class roster_mirror {
public:
  using events = std::vector<lifecycle_event>;
  using milliseconds = std::chrono::milliseconds;

  explicit roster_mirror(const health_limits& by) : limits_(by) {}

  /// Knows this and nothing else; nobody is told.
  void begin(roster_watched all, milliseconds now);
  /// Everything there is: what went away is told first.
  [[nodiscard]] events take(roster_watched all, milliseconds now);
  /// All placements of one agent.
  [[nodiscard]] events take(watched_agent one, milliseconds now);
  [[nodiscard]] events take_rules(const std::vector<rule_put>& all, milliseconds now);
  [[nodiscard]] events take(denial_told one, milliseconds now);

  /// A sign of life.
  [[nodiscard]] events take_seen(const agent_id& agent, milliseconds at, milliseconds now);
  /// Time has passed.
  [[nodiscard]] events take_time(milliseconds now);
  /// When some agent's health changes next, if nothing is heard.
  [[nodiscard]] std::optional<milliseconds> next_change() const;
  /// Somebody was heard of once, so that a clock that is set back matters.
  [[nodiscard]] bool knows_signs_of_life() const noexcept { return !heard_of_.empty(); }
  [[nodiscard]] events take_limits(const health_limits& by, milliseconds now);

  [[nodiscard]] std::vector<roster_row> rows() const;
  /// A row of the agent, the one here if it lives here.
  [[nodiscard]] const roster_row* find(const agent_id& agent) const;

private:
  using place_key = std::pair<agent_id, instance_id>;
  using known_rows = std::map<place_key, watched_row>;

  void put_row(const watched_row& row, const commit_id& version, milliseconds now, events& into);
  void drop_row(known_rows::iterator which, const commit_id& version, milliseconds now, events& into);
  void check_health(const agent_id& agent, milliseconds now, events& into);
  void schedule(const agent_id& agent, std::optional<milliseconds> last_seen, milliseconds now);
  [[nodiscard]] std::pair<known_rows::iterator, known_rows::iterator> rows_of(const agent_id& agent);

  health_limits limits_;
  known_rows rows_;
  std::map<rule_key, rule_action> rules_;
  std::map<std::string, denial_told> denials_; ///< those that stand
  std::set<agent_id> heard_of_;
  std::map<agent_id, milliseconds> due_;
  std::set<std::pair<milliseconds, agent_id>> schedule_; ///< the same by time
  milliseconds latest_{0};                               ///< that was given
};

} // namespace muster
