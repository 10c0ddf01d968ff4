#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// A path for people: safe for a terminal, and `~` in place of the home
/// directory (that of the environment variable HOME).
[[nodiscard]] std::string shown_path(std::string_view path);

/// Milliseconds since the epoch of a time as answers write it
/// ("2026-01-31T08:30:00.000Z"), or nothing if it is not one.
[[nodiscard]] std::optional<std::chrono::milliseconds> read_datetime(std::string_view text);

/// How long before `now` an answer's time lies: "just now", "3 min ago", "in 2 h"
/// where the clocks disagree; what is not a time appears as it is, made safe.
[[nodiscard]] std::string shown_age(std::string_view datetime, std::chrono::milliseconds now);

/// A span in the largest unit that says enough: "850 ms", "12 s", "5 min", "3 h", "2 d".
[[nodiscard]] std::string shown_span(std::chrono::milliseconds span);

/// "1 agent", "2 agents".
[[nodiscard]] std::string counted(std::size_t n, std::string_view noun);

} // namespace muster
