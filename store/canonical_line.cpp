#include "muster/store/canonical_line.hpp"

#include <algorithm>

namespace muster {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

// The locale must not have a say in what a letter is.
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

} // namespace

void canonical_line::blank() {
  if (!text_.empty())
    text_ += ' ';
}

void canonical_line::escaped(std::string_view text, std::string_view also) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      text_ += "\\u00";
      text_ += hex_digits[byte >> 4];
      text_ += hex_digits[byte & 0xf];
      continue;
    }
    if (also.find(c) != std::string_view::npos)
      text_ += '\\';
    text_ += c;
  }
}

canonical_line& canonical_line::word(std::string_view text) {
  blank();
  text_ += text;
  return *this;
}

canonical_line& canonical_line::quoted(std::string_view text) {
  blank();
  text_ += '"';
  escaped(text, "\"\\");
  text_ += '"';
  return *this;
}

canonical_line& canonical_line::number(std::uint64_t value) {
  return word(std::to_string(value));
}

canonical_line& canonical_line::at(stamp when) {
  blank();
  for (int shift = 60; shift >= 0; shift -= 4)
    text_ += hex_digits[(when.value >> shift) & 0xf];
  return *this;
}

canonical_line& canonical_line::instance(const instance_id& id) {
  if (!id.empty() && std::all_of(id.text.begin(), id.text.end(), is_plain))
    return word(id.text);
  return quoted(id.text);
}

canonical_line& canonical_line::commit(const commit_id& id) {
  instance(id.instance);
  text_ += '/';
  text_ += std::to_string(id.seq);
  return *this;
}

canonical_line& canonical_line::value(const std::optional<std::string>& json) {
  blank();
  if (json)
    escaped(*json, {});
  else
    text_ += '-';
  return *this;
}

} // namespace muster
