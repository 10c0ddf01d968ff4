#pragma once

#include <span>
#include <string>
#include <string_view>

namespace muster {

/// The known name that somebody who typed `typed` most likely meant, or an
/// empty text if none is near: at most a third of its letters are wrong.
[[nodiscard]] std::string closest_name(std::string_view typed, std::span<const std::string> known);

} // namespace muster
