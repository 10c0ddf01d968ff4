#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What lies inside the strings of a JSON text: UTF-8, escapes, order.
namespace muster::json {

/// Bytes of the well-formed UTF-8 sequence at `at`, or 0 if there is none
/// before `end` (overlong, surrogate, over U+10FFFF, cut).
[[nodiscard]] std::size_t utf8_sequence(const char* at, const char* end) noexcept;

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Appends a Unicode scalar value as UTF-8.
void append_utf8(std::string& out, std::uint32_t scalar);

/// The value of four hexadecimal digits, or -1. Stops at the first byte that is none.
[[nodiscard]] std::int32_t four_hex_digits(const char* at) noexcept;

[[nodiscard]] constexpr bool is_high_surrogate(std::int32_t unit) noexcept {
  return (unit & ~0x3ff) == 0xd800;
}
[[nodiscard]] constexpr bool is_low_surrogate(std::int32_t unit) noexcept {
  return (unit & ~0x3ff) == 0xdc00;
}

/// Decodes what stands between the quotes of a string that the reader accepted.
[[nodiscard]] std::string decode_string(std::string_view raw);

/// The order of RFC 8785 (UTF-16 code units) for two UTF-8 texts.
[[nodiscard]] std::strong_ordering compare_utf16(std::string_view a, std::string_view b) noexcept;

} // namespace muster::json
