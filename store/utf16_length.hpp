#pragma once

#include <cstddef>
#include <string_view>

namespace muster {

/// How many UTF-16 code units a UTF-8 text has: what the peer's `length`
/// counts. The text must be valid UTF-8.
[[nodiscard]] constexpr std::size_t utf16_length(std::string_view utf8) noexcept {
  std::size_t units = 0;
  for (const char c : utf8) {
    const auto octet = static_cast<unsigned char>(c);
    const bool starts_character = (octet & 0xC0) != 0x80;
    const bool needs_surrogates = octet >= 0xF0;
    units += static_cast<std::size_t>(starts_character) + static_cast<std::size_t>(needs_surrogates);
  }
  return units;
}

} // namespace muster
