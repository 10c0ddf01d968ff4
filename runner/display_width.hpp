#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace muster {

/// How many columns a character takes on a terminal: 2 for East Asian wide ones
/// and emoji, 0 for marks that combine with the character before, else 1. Does
/// not depend on a locale.
[[nodiscard]] std::size_t column_count(std::uint32_t code_point) noexcept;

/// How many columns a text takes that `printable` has made safe.
[[nodiscard]] std::size_t display_width(std::string_view safe) noexcept;

} // namespace muster
