#include "muster/store/project_description.hpp"

#include "muster/store/json_text.hpp"

#include <algorithm>

namespace muster {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view ellipsis = "...";

bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string_view trimmed(std::string_view line) noexcept {
  while (!line.empty() && is_blank(line.front()))
    line.remove_prefix(1);
  while (!line.empty() && is_blank(line.back()))
    line.remove_suffix(1);
  return line;
}

bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

/// What was read may end in the middle of a character.
std::string_view whole_characters(std::string_view text) noexcept {
  if (text.size() < description_bytes)
    return text;
  std::size_t last = text.size();
  while (last > 0 && text.size() - last < 4 && is_continuation(text[last - 1]))
    --last;
  if (last == 0)
    return text;
  --last;
  const auto* end = text.data() + text.size();
  return json::utf8_sequence(text.data() + last, end) == text.size() - last ? text : text.substr(0, last);
}

/// The byte at which the character of that number begins.
std::size_t begin_of(std::string_view text, std::size_t character) noexcept {
  for (std::size_t at = 0; at < text.size(); ++at)
    if (!is_continuation(text[at]) && character-- == 0)
      return at;
  return text.size();
}

} // namespace

std::string describe_project(std::string_view markdown) {
  markdown = whole_characters(markdown.substr(0, description_bytes));
  if (!json::is_utf8(markdown))
    return {};
  if (markdown.starts_with(byte_order_mark))
    markdown.remove_prefix(byte_order_mark.size());
  std::string result;
  while (!markdown.empty()) {
    const auto end = std::min(markdown.find('\n'), markdown.size());
    const auto line = trimmed(markdown.substr(0, end));
    markdown.remove_prefix(std::min(end + 1, markdown.size()));
    if (line.empty() || line.front() == '#') {
      if (!result.empty())
        break;
      continue;
    }
    if (!result.empty())
      result += ' ';
    result += line;
  }
  std::ranges::replace_if(
      result, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, ' ');
  if (begin_of(result, description_characters) < result.size()) {
    result.resize(begin_of(result, description_characters - ellipsis.size()));
    result += ellipsis;
  }
  return result;
}

} // namespace muster
