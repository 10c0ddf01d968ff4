#pragma once

#include "muster/messages/ids.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is known of agents, as it is answered.
namespace muster {

enum class agent_status : std::uint8_t {
  active,
  unreachable,
  manifest_missing,
  manifest_invalid,
  unreadable,
  unadmitted,
  remote,
};
[[nodiscard]] std::string_view to_string(agent_status status) noexcept;
/// It is provably not where it lives here.
[[nodiscard]] constexpr bool is_gone(agent_status status) noexcept {
  return status == agent_status::unreachable || status == agent_status::manifest_missing;
}

enum class agent_health : std::uint8_t { active, inactive, stale };
[[nodiscard]] std::string_view to_string(agent_health health) noexcept;

/// The kind of the problem that there is a copy of an agent's manifest.
inline constexpr std::string_view duplicate_problem = "duplicate";

/// Something to know about an agent beside its status.
struct agent_problem {
  std::string kind; ///< duplicate, name-clash, owed, clock, held, conflict
  std::string message;
  std::chrono::milliseconds since{0};
  std::string path;
  friend bool operator==(const agent_problem&, const agent_problem&) = default;
};

/// One line of the roster. An agent that lives in several places on this
/// instance cannot be; one that lives on several instances has a row for each.
struct roster_row {
  agent_id id;
  std::string name;
  std::string display_name;
  std::string runtime;
  std::string namespace_name;
  std::string path;
  std::string subject;
  instance_id instance;
  agent_status status = agent_status::active;
  agent_health health = agent_health::stale;
  std::optional<std::chrono::milliseconds> last_seen;
  std::string registered_at;
  std::vector<std::string> capabilities;
  std::vector<agent_problem> problems;
};

} // namespace muster
