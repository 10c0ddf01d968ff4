#include "muster/store/json_text.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace muster::json {

namespace {

constexpr bool is_continuation(unsigned char c) noexcept {
  return (c & 0xc0) == 0x80;
}

constexpr bool in_range(unsigned char c, unsigned first, unsigned last) noexcept {
  return c >= first && c <= last;
}

// UTF-16 puts everything over U+FFFF (lead bytes F0 to F4) before U+E000 to
// U+FFFF (lead bytes EE and EF); apart from that the orders agree.
constexpr int utf16_rank(unsigned char c) noexcept {
  return c == 0xee || c == 0xef ? c + 0x100 : c;
}

std::int32_t hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// Past the ASCII from here on, but for less than eight bytes of it.
const char* skip_ascii(const char* at, const char* end) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  for (std::uint64_t eight = 0; end - at >= 8; at += 8) {
    std::memcpy(&eight, at, 8);
    if (eight & high_bits)
      break;
  }
  return at;
}

char short_escape(char c) noexcept {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
  }
}

} // namespace

std::size_t utf8_sequence(const char* at, const char* end) noexcept {
  const auto left = static_cast<std::size_t>(end - at);
  const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
  if (left == 0)
    return 0;
  const auto lead = byte(0);
  if (lead < 0x80)
    return 1;
  if (in_range(lead, 0xc2, 0xdf))
    return left >= 2 && is_continuation(byte(1)) ? 2 : 0;
  if (in_range(lead, 0xe0, 0xef)) {
    const unsigned lowest = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned highest = lead == 0xed ? 0x9f : 0xbf;
    return left >= 3 && in_range(byte(1), lowest, highest) && is_continuation(byte(2)) ? 3 : 0;
  }
  if (in_range(lead, 0xf0, 0xf4)) {
    const unsigned lowest = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned highest = lead == 0xf4 ? 0x8f : 0xbf;
    return left >= 4 && in_range(byte(1), lowest, highest) && is_continuation(byte(2)) && is_continuation(byte(3)) ? 4
                                                                                                                   : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (at = skip_ascii(at, end); at != end; at = skip_ascii(at, end)) {
    const auto length = utf8_sequence(at, end);
    if (length == 0)
      return false;
    at += length;
  }
  return true;
}

void append_utf8(std::string& out, std::uint32_t scalar) {
  const auto continuation = [&](unsigned shift) {
    out.push_back(static_cast<char>(0x80 | ((scalar >> shift) & 0x3f)));
  };
  if (scalar < 0x80) {
    out.push_back(static_cast<char>(scalar));
  } else if (scalar < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (scalar >> 6)));
    continuation(0);
  } else if (scalar < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (scalar >> 12)));
    continuation(6);
    continuation(0);
  } else {
    out.push_back(static_cast<char>(0xf0 | (scalar >> 18)));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

std::int32_t four_hex_digits(const char* at) noexcept {
  std::int32_t result = 0;
  for (int i = 0; i != 4; ++i) {
    const auto digit = hex_digit(at[i]);
    if (digit < 0)
      return -1;
    result = result * 16 + digit;
  }
  return result;
}

std::string decode_string(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  while (!raw.empty()) {
    const auto plain = std::min(raw.find('\\'), raw.size());
    out.append(raw.substr(0, plain));
    raw.remove_prefix(plain);
    if (raw.empty())
      break;
    if (raw[1] != 'u') {
      out.push_back(short_escape(raw[1]));
      raw.remove_prefix(2);
      continue;
    }
    assert(raw.size() >= 6);
    auto unit = four_hex_digits(raw.data() + 2);
    raw.remove_prefix(6);
    if (is_high_surrogate(unit)) {
      assert(raw.size() >= 6);
      unit = 0x10000 + ((unit - 0xd800) << 10) + (four_hex_digits(raw.data() + 2) - 0xdc00);
      raw.remove_prefix(6);
    }
    append_utf8(out, static_cast<std::uint32_t>(unit));
  }
  return out;
}

std::strong_ordering compare_utf16(std::string_view a, std::string_view b) noexcept {
  const auto [at, bt] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at == a.end() || bt == b.end())
    return a.size() <=> b.size();
  return utf16_rank(static_cast<unsigned char>(*at)) <=> utf16_rank(static_cast<unsigned char>(*bt));
}

} // namespace muster::json
