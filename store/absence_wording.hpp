#pragma once

#include "muster/messages/roster.hpp"
#include "muster/messages/sweep_messages.hpp"

#include <chrono>
#include <optional>
#include <string>

/// What people are told of agents that are gone.
namespace muster {

/// In whole units, the greatest only, rounded up: `23 h`, `45 min`, `1 s`.
[[nodiscard]] std::string rounded_up(std::chrono::nanoseconds span);

/// What happens next with an agent of which so much grace is left, as a clause.
[[nodiscard]] std::string removal_outlook(std::chrono::nanoseconds grace_left);
/// The same where its device is braked.
[[nodiscard]] std::string braked_outlook(std::optional<std::uint64_t> device);
/// The same where its manifest stands in that place of another.
[[nodiscard]] std::string elsewhere_outlook(std::string_view place);
/// What happens next with an agent of that status; empty where nothing does.
[[nodiscard]] std::string_view status_outlook(agent_status status) noexcept;

/// Why nothing of a device is removed, and what to type, as a sentence.
[[nodiscard]] std::string brake_sentence(const braked_device& which);

} // namespace muster
