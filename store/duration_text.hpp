#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// Reads a duration as people write it: `5min`, `1h30min`, `300s`, `250ms`, `2d`,
/// `0`. Units are d, h, min, s and ms, the greater first, each at most once;
/// numbers are whole, of nine digits at most. Nothing for any other text.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

/// A duration that is not negative, in the fewest units: `1h30min`, `0`.
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

} // namespace muster
