#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// Whether a text is a date and time as manifests write them:
/// `YYYY-MM-DDTHH:MM`, then `:SS` and after that a fraction of any length if
/// you like, then `Z`. The day must exist in the Gregorian calendar; years are
/// 0000 to 9999. There is no offset but `Z`, no lower case, no hour 24 and no
/// second 60.
[[nodiscard]] bool is_datetime(std::string_view text) noexcept;

/// The time that such a text names, to the millisecond; nothing for any other.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_datetime(std::string_view text) noexcept;

/// A time since the epoch as manifests and answers write it, with milliseconds:
/// "2026-01-31T08:30:00.000Z". Times outside of years 0000 to 9999 are written
/// as the nearest one inside.
[[nodiscard]] std::string format_datetime(std::chrono::milliseconds since_epoch);

} // namespace muster
