#pragma once

#include "muster/messages/ids.hpp"
#include "muster/store/sqlite_connection.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace muster {

/// The table `last_seen`: the latest heartbeat of each agent.
class local_last_seen {
public:
  explicit local_last_seen(sqlite_connection& on) noexcept : on_(on) {}

  sqlite_result<std::optional<std::chrono::milliseconds>> find(const agent_id& agent);
  /// What the latest was called; empty if there is none.
  sqlite_result<std::string> event_of(const agent_id& agent);
  sqlite_result<void> put(const agent_id& agent, std::chrono::milliseconds at, std::string_view event);
  sqlite_result<void> drop(const agent_id& agent);
  sqlite_result<void> each(const std::function<void(std::string_view agent, std::chrono::milliseconds at)>& take);

private:
  sqlite_connection& on_;
};

} // namespace muster
