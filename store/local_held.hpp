#pragma once

#include "muster/store/held_versions.hpp"
#include "muster/store/sqlite_connection.hpp"

namespace muster {

/// The table `held`: which ops each placement's file holds. A row that cannot
/// be read is as none.
class local_held {
public:
  explicit local_held(sqlite_connection& on) noexcept : on_(on) {}

  /// What the file at `path` holds; of an agent that has moved there and was not
  /// recorded there yet, what it held before.
  sqlite_result<held_versions> find(const agent_id& agent, const std::string& path);
  sqlite_result<void> put(const agent_id& agent, const std::string& path, const held_versions& what);
  /// Drops what the agent's files hold anywhere but at `path`, once it is known
  /// what they hold there; all if that is empty.
  sqlite_result<void> keep_only(const agent_id& agent, const std::string& path);

private:
  sqlite_connection& on_;
};

} // namespace muster
