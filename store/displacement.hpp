#pragma once

#include "muster/messages/ids.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// The kind of the problem of an agent in whose place another one's manifest stands.
inline constexpr std::string_view displaced_problem = "displaced";

/// Why an agent is not where it lives.
[[nodiscard]] std::string displaced_by(std::string_view project, std::string_view other);
/// The same with what to do, as the problem is told.
[[nodiscard]] std::string displacement_advice(std::string_view project, std::string_view other);
/// Whose manifest stands there by such an advice; nothing of any other text.
[[nodiscard]] std::optional<agent_id> displacing_agent(std::string_view advice);

/// Whose manifest stands where another agent lives, or did when that could last
/// be told, and where. They are not gone: two that have changed places keep each
/// other out of their own.
using standing_elsewhere = std::map<agent_id, std::string>;

} // namespace muster
