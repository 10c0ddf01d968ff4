#pragma once

#include <string_view>

namespace muster {

/// Whether a text is a date and time as manifests write them:
/// `YYYY-MM-DDTHH:MM`, then `:SS` and after that a fraction of any length if
/// you like, then `Z`. The day must exist in the Gregorian calendar; years are
/// 0000 to 9999. There is no offset but `Z`, no lower case, no hour 24 and no
/// second 60.
[[nodiscard]] bool is_datetime(std::string_view text) noexcept;

} // namespace muster
