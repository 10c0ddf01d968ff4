#include "muster/store/json_problem.hpp"

#include "muster/store/json_text.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace muster::json {

namespace {

struct wording {
  problem what;
  std::string_view code;
  std::string_view sentence; ///< with @ where line and column go
  std::string_view now;
};

constexpr std::array<wording, 28> wordings = {{
    {problem::empty, "json-empty", "the text is empty or blank: no value stands @",
     "restore it, or write a JSON value into it"},
    {problem::byte_order_mark, "json-bom", "a byte order mark stands @", "save the text as UTF-8 without one"},
    {problem::encoding, "json-encoding", "UTF-16 or UTF-32 begins @", "save the text as UTF-8"},
    {problem::zero_byte, "json-zero-byte", "a zero byte stands @",
     "the text was damaged, perhaps by a crash; restore it"},
    {problem::utf8, "json-utf8", "bytes that are not UTF-8 stand @", "save the text as UTF-8"},
    {problem::control, "json-control", "a raw control character stands in a string @",
     "write it as an escape, such as \\n"},
    {problem::escape, "json-escape", "an escape that JSON does not know stands @",
     R"(the escapes are \" \\ \/ \b \f \n \r \t and \u with four hexadecimal digits)"},
    {problem::surrogate, "json-surrogate", "half of a surrogate pair stands alone @",
     "write both halves, the high one first, or the character itself"},
    {problem::number, "json-number", "the number @ is not one that JSON knows",
     "use decimal digits without leading zeros or a plus sign, and digits on both sides of a point"},
    {problem::number_exponent, "json-number-exponent", "the exponent of the number @ has more than 18 digits",
     "write a number closer to 1"},
    {problem::word, "json-word", "the word @ is not one that JSON knows",
     "use true, false or null, or put it into double quotes"},
    {problem::comment, "json-comment", "a comment begins @", "JSON has no comments; remove it"},
    {problem::blank, "json-blank", "a blank that JSON does not know stands @", "use only spaces, tabs and line ends"},
    {problem::trailing_comma, "json-trailing-comma", "nothing follows the comma @", "remove it"},
    {problem::missing_comma, "json-missing-comma", "a comma is missing @", "put one before what stands there"},
    {problem::missing_colon, "json-missing-colon", "the colon after a key is missing @",
     "write the colon and the key's value"},
    {problem::missing_value, "json-missing-value", "a value is missing @", "write one, such as null"},
    {problem::key, "json-key", "a key in double quotes is missing @", "put the key into double quotes"},
    {problem::single_quotes, "json-single-quotes", "a string in single quotes begins @", "use double quotes"},
    {problem::unclosed_string, "json-unclosed", "the string that begins @ is never closed",
     "is the text cut off? Restore it, or add the quote"},
    {problem::unclosed_array, "json-unclosed", "the array that begins @ is never closed",
     "is the text cut off? Restore it, or add the bracket"},
    {problem::unclosed_object, "json-unclosed", "the object that begins @ is never closed",
     "is the text cut off? Restore it, or add the brace"},
    {problem::closer, "json-closer", "the bracket or brace @ closes nothing that is open",
     "remove it, or put it right"},
    {problem::trailing_text, "json-trailing-text", "the value is over and more text begins @",
     "keep one value and remove the rest"},
    {problem::unexpected, "json-unexpected", "a character that JSON has no use for stands @",
     "remove it, or put it into double quotes"},
    {problem::duplicate_key, "json-duplicate-key", "stands again @", "keep one of the two"},
    {problem::depth, "json-depth", "levels are the limit, and one more begins @",
     "nest arrays and objects less deeply"},
    {problem::size, "json-size", "bytes, which ends @", "make the text smaller"},
}};

constexpr bool wordings_in_order() noexcept {
  for (std::size_t i = 0; i != wordings.size(); ++i) {
    if (wordings[i].what != static_cast<problem>(i))
      return false;
  }
  return true;
}
static_assert(wordings_in_order() && wordings.back().what == problem::size,
              "a problem has no wording, or is not in its place");

const wording& wording_of(problem what) noexcept {
  return wordings[static_cast<std::size_t>(what)];
}

std::string where(std::string_view text, std::size_t offset) {
  const auto at = position_in(text, offset);
  return "at line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

std::string key_at(std::string_view text, std::size_t offset) {
  constexpr std::size_t shown = 60;
  std::size_t end = offset + 1;
  while (text[end] != '"')
    end += text[end] == '\\' ? 2 : 1;
  const auto key = text.substr(offset, end + 1 - offset);
  if (key.size() <= shown)
    return std::string(key);
  // Cut in front of a character, not in the middle of one.
  std::size_t length = shown;
  while ((static_cast<unsigned char>(key[length]) & 0xc0) == 0x80)
    --length;
  return std::string(key.substr(0, length)) + "…\"";
}

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

bool is_foreign_blank(std::string_view text, std::size_t offset) noexcept {
  static constexpr std::array<std::string_view, 10> blanks = {
      "\v",           "\f",           "\xc2\x85",     "\xc2\xa0",     "\xe2\x80\x8b",
      "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe3\x80\x80", "\xef\xbb\xbf"};
  const auto rest = text.substr(offset);
  return std::any_of(blanks.begin(), blanks.end(), [&](std::string_view blank) { return rest.starts_with(blank); });
}

bool begins_number(char c, char next) noexcept {
  const bool digit_follows = next >= '0' && next <= '9';
  return (c >= '0' && c <= '9') || ((c == '+' || c == '-') && !is_letter(next)) || (c == '.' && digit_follows);
}

/// UTF-16 or UTF-32: marked, or with a zero among the first two bytes of a text.
bool is_wide(std::string_view text) noexcept {
  const auto first = text.substr(0, 4);
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
         (first.find_first_not_of('\0') != std::string_view::npos &&
          first.substr(0, 2).find('\0') != std::string_view::npos);
}

} // namespace

std::string_view code_of(problem what) noexcept {
  return wording_of(what).code;
}

failure describe(const finding& found, std::string_view text, const limits& bounds) {
  const auto& words = wording_of(found.what);
  std::string message;
  if (found.what == problem::duplicate_key)
    message = "the key " + key_at(text, found.offset) + " stands " + where(text, found.first_key) + " and ";
  else if (found.what == problem::depth)
    message = "the text nests too deeply: " + std::to_string(bounds.depth) + " ";
  else if (found.what == problem::size)
    message = "the text of " + std::to_string(text.size()) + " bytes is over the limit of " +
              std::to_string(bounds.bytes) + " ";
  const auto place = words.sentence.find('@');
  message.append(words.sentence.substr(0, place))
      .append(where(text, found.offset))
      .append(words.sentence.substr(place + 1));
  message.append("; ").append(words.now);
  return failure{failure_kind::refused, words.code, std::move(message)};
}

finding strange_byte(std::string_view text, std::size_t offset, problem otherwise) noexcept {
  assert(offset < text.size());
  const char c = text[offset];
  const char next = offset + 1 < text.size() ? text[offset + 1] : '\0';
  const auto found = [offset](problem what) { return finding{what, offset}; };
  if (c == '\0')
    return found(problem::zero_byte);
  if (is_foreign_blank(text, offset))
    return found(problem::blank);
  if (utf8_sequence(text.data() + offset, text.data() + text.size()) == 0)
    return found(problem::utf8);
  if (c == '#' || (c == '/' && (next == '/' || next == '*')))
    return found(problem::comment);
  if (c == ']' || c == '}')
    return found(problem::closer);
  if (otherwise != problem::unexpected)
    return found(otherwise);
  if (c == '\'')
    return found(problem::single_quotes);
  if (begins_number(c, next))
    return found(problem::number);
  if (is_letter(c) || ((c == '-' || c == '+') && is_letter(next)))
    return found(problem::word);
  return found(otherwise);
}

bool find_encoding_problem(std::string_view text, const limits& bounds, finding& found) noexcept {
  if (text.size() > bounds.bytes)
    found = {problem::size, bounds.bytes};
  else if (text.starts_with("\xef\xbb\xbf"))
    found = {problem::byte_order_mark, 0};
  else if (is_wide(text))
    found = {problem::encoding, 0};
  else
    return false;
  return true;
}

} // namespace muster::json
