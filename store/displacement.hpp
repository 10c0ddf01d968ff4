#pragma once

#include "muster/messages/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// Why an agent is not where it lives: what is noted of its place, and shown.
[[nodiscard]] std::string displaced_by(std::string_view project, std::string_view other);
/// Whose manifest stands there by such a note; nothing of any other.
[[nodiscard]] std::optional<agent_id> displacing_agent(std::string_view reason);

} // namespace muster
