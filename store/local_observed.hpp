#pragma once

#include "muster/messages/file_messages.hpp"
#include "muster/messages/roster.hpp"
#include "muster/store/absence_count.hpp"
#include "muster/store/sqlite_connection.hpp"

#include <functional>

namespace muster {

/// What was last seen of one placement here.
struct observed_place {
  std::optional<stat_key> key; ///< of the file that was read
  file_version hash;           ///< of that file
  agent_status status = agent_status::active;
  std::chrono::milliseconds since{0}; ///< of the status
  std::string reason;                 ///< empty with `active`
  std::vector<agent_problem> problems;
  /// On which the agent's own manifest was last seen, valid or not.
  std::optional<std::uint64_t> device;
  absence_count absent;
  std::string head; ///< what `read_head` said at the last good look
  friend bool operator==(const observed_place&, const observed_place&) = default;
};

/// The table `observed`: one row for each placement that was looked at. A row
/// that says what cannot be is as none.
class local_observed {
public:
  explicit local_observed(sqlite_connection& on) noexcept : on_(on) {}

  sqlite_result<std::optional<observed_place>> find(const agent_id& agent, const std::string& path);
  sqlite_result<void> put(const agent_id& agent, const std::string& path, const observed_place& seen);
  /// Of a row that is there; without one nothing is put.
  sqlite_result<void> put_absence(const agent_id& agent, const std::string& path, const absence_count& absent);
  /// Drops what was seen of the agent anywhere but at `path`; all if that is
  /// empty.
  sqlite_result<void> keep_only(const agent_id& agent, const std::string& path);
  /// All rows.
  sqlite_result<void>
  each(const std::function<void(std::string_view agent, std::string_view path, observed_place seen)>& take);

private:
  sqlite_connection& on_;
};

} // namespace muster
