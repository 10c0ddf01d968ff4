#include "muster/runner/terminal_text.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace muster {

namespace {

struct decoded {
  std::uint32_t code_point = 0;
  std::size_t length = 0; ///< 0: not UTF-8 at this byte
};

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

decoded decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80)
    return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4)
    return {};
  std::uint32_t code_point = lead & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text, i))
      return {};
    code_point = code_point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < smallest[length] || code_point > 0x10FFFF || surrogate)
    return {};
  return {code_point, length};
}

bool steers_a_terminal(std::uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  const bool bidirectional =
      (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C;
  return control || bidirectional || c == 0x2028 || c == 0x2029;
}

/// How many bytes at the beginning stand in JSON as they are. Nearly all text is
/// of such.
std::size_t plain_length(std::string_view text) {
  static constexpr auto is_plain = [] {
    std::array<bool, 256> result{};
    for (std::size_t c = 0x20; c < 0x7F; ++c)
      result[c] = c != '"' && c != '\\';
    return result;
  }();
  std::size_t length = 0;
  while (length < text.size() && is_plain[static_cast<unsigned char>(text[length])])
    ++length;
  return length;
}

std::string escape_json(std::uint32_t c) {
  char buffer[8];
  std::snprintf(buffer, sizeof buffer, "\\u%04x", c);
  return buffer;
}

std::string escape_byte(unsigned char byte) {
  char buffer[8];
  std::snprintf(buffer, sizeof buffer, "\\x%02x", byte);
  return buffer;
}

std::string escape_code_point(std::uint32_t c) {
  if (c < 0x80)
    return escape_byte(static_cast<unsigned char>(c));
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "\\u{%x}", c);
  return buffer;
}

} // namespace

std::string printable(std::string_view foreign, std::size_t width) {
  std::string out;
  std::size_t shown = 0;
  std::size_t cut_at = 0; // where the last character would begin that leaves room for the mark
  while (!foreign.empty()) {
    const auto [c, length] = decode(foreign);
    std::string piece;
    if (length == 0)
      piece = escape_byte(static_cast<unsigned char>(foreign[0]));
    else if (steers_a_terminal(c))
      piece = escape_code_point(c);
    else
      piece = foreign.substr(0, length);
    const std::size_t columns = length > 0 && !steers_a_terminal(c) ? 1 : piece.size();
    if (shown + columns > width) {
      out.resize(cut_at);
      return out + "…";
    }
    out += piece;
    shown += columns;
    if (shown < width)
      cut_at = out.size();
    foreign.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string json_text(std::string_view foreign) {
  std::string out;
  out.reserve(foreign.size() + 2);
  append_json_text(out, foreign);
  return out;
}

void append_json_text(std::string& out, std::string_view foreign) {
  out += '"';
  while (true) {
    const auto plain = plain_length(foreign);
    out += foreign.substr(0, plain);
    foreign.remove_prefix(plain);
    if (foreign.empty())
      break;
    const auto [c, length] = decode(foreign);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      foreign.remove_prefix(1);
      continue;
    }
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (steers_a_terminal(c)) {
      out += escape_json(c);
    } else {
      out += foreign.substr(0, length);
    }
    foreign.remove_prefix(length);
  }
  out += '"';
}

std::string printable_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (true) {
    const auto plain = plain_length(json);
    out += json.substr(0, plain);
    json.remove_prefix(plain);
    if (json.empty())
      break;
    const auto [c, length] = decode(json);
    // In strict JSON a control character below U+0020 stands between values.
    if (c == '\n' || c == '\t' || (length > 0 && !steers_a_terminal(c)))
      out += json.substr(0, length);
    else if (length > 0 && c != '\r')
      out += escape_json(c);
    json.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

} // namespace muster
