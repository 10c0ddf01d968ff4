#include "muster/store/canonical_reader.hpp"

#include "muster/store/json_decimal.hpp"
#include "muster/store/json_text.hpp"

#include <algorithm>
#include <array>

namespace muster {

namespace {

using namespace line_problems;

constexpr char hex_digits[] = "0123456789abcdef";

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Stands for itself inside a string and is one byte.
bool is_plain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

int hex_value(char c) noexcept {
  if (is_digit(c))
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// What needs no escape in a string.
constexpr auto needs_none = [] {
  std::array<bool, 256> result{};
  for (std::size_t byte = 0x20; byte < result.size(); ++byte)
    result[byte] = byte != '"' && byte != '\\';
  return result;
}();

// The letter of a two-character escape, or 0.
char short_escape(char c) noexcept {
  switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\t': return 't';
    case '\n': return 'n';
    case '\f': return 'f';
    case '\r': return 'r';
    default: return '\0';
  }
}

char of_short_escape(char letter) noexcept {
  switch (letter) {
    case '"': return '"';
    case '\\': return '\\';
    case 'b': return '\b';
    case 't': return '\t';
    case 'n': return '\n';
    case 'f': return '\f';
    case 'r': return '\r';
    default: return '\0';
  }
}

} // namespace

bool canonical_reader::fail(const line_problem& what) noexcept {
  if (good())
    problem_ = &what;
  return false;
}

bool canonical_reader::accept(std::string_view expected) noexcept {
  if (!good() || !rest().starts_with(expected))
    return false;
  offset_ += expected.size();
  return true;
}

bool canonical_reader::expect(std::string_view expected, const line_problem& otherwise) noexcept {
  return accept(expected) || fail(otherwise);
}

bool canonical_reader::open_object() noexcept {
  first_member_ = true;
  return expect("{", wrong_type);
}

bool canonical_reader::member(std::string_view name) noexcept {
  if (!good())
    return false;
  auto next = rest();
  const std::size_t comma = first_member_ ? 0 : 1;
  if (next.size() < comma + name.size() + 3 || (comma != 0 && next.front() != ','))
    return false;
  next.remove_prefix(comma);
  if (next.front() != '"' || next.substr(1, name.size()) != name || next.substr(name.size() + 1, 2) != "\":")
    return false;
  offset_ += comma + name.size() + 3;
  first_member_ = false;
  return true;
}

bool canonical_reader::required(std::string_view name) noexcept {
  return member(name) || fail(member_missing);
}

bool canonical_reader::close_object() noexcept {
  first_member_ = false;
  return expect("}", member_unknown);
}

bool canonical_reader::escape(std::string* into) noexcept {
  if (offset_ + 1 >= text_.size())
    return fail(not_canonical);
  const char letter = text_[offset_ + 1];
  if (const char meant = of_short_escape(letter); meant != '\0') {
    offset_ += 2;
    if (into)
      *into += meant;
    return true;
  }
  // Only control characters that have no letter are spelled in hexadecimal.
  const auto code = rest().substr(0, 6);
  if (code.size() != 6 || !code.starts_with("\\u00"))
    return fail(not_canonical);
  const int high = hex_value(code[4]);
  const int low = hex_value(code[5]);
  const char meant = static_cast<char>(high * 16 + low);
  if (high < 0 || high > 1 || low < 0 || short_escape(meant) != '\0')
    return fail(not_canonical);
  offset_ += 6;
  if (into)
    *into += meant;
  return true;
}

// A stretch that stands for itself; empty where an escape or the end comes.
bool canonical_reader::unescaped(std::string* into) noexcept {
  const auto from = offset_;
  while (offset_ < text_.size()) {
    const char c = text_[offset_];
    if (is_plain(c)) {
      ++offset_;
      continue;
    }
    if (c == '"' || c == '\\')
      break;
    const auto length = json::utf8_sequence(text_.data() + offset_, text_.data() + text_.size());
    if (length < 2)
      return fail(not_canonical);
    offset_ += length;
  }
  if (into)
    into->append(text_.substr(from, offset_ - from));
  return true;
}

bool canonical_reader::string_body(std::string* into, std::size_t limit) {
  if (!expect("\"", wrong_type))
    return false;
  const auto from = offset_;
  while (unescaped(into)) {
    if ((into ? into->size() : offset_ - from) > limit)
      return fail(too_long);
    if (at('"')) {
      ++offset_;
      return true;
    }
    if (!at('\\') || !escape(into))
      return fail(not_canonical);
  }
  return false;
}

bool canonical_reader::string(std::string& into, std::size_t limit) {
  into.clear();
  return string_body(&into, limit);
}

bool canonical_reader::plain_string(std::string_view& into) noexcept {
  if (!expect("\"", wrong_type))
    return false;
  const auto from = offset_;
  while (offset_ < text_.size() && is_plain(text_[offset_]))
    ++offset_;
  into = text_.substr(from, offset_ - from);
  return expect("\"", not_canonical);
}

bool canonical_reader::hex(std::span<std::byte> into) noexcept {
  std::string_view digits;
  return plain_string(digits) && (read_hex(digits, into) || fail(not_hex));
}

bool canonical_reader::whole_number(std::uint64_t& into, std::uint64_t highest) noexcept {
  if (!good())
    return false;
  constexpr std::size_t most_digits = 18;
  std::size_t count = 0;
  std::uint64_t result = 0;
  while (offset_ + count < text_.size() && is_digit(text_[offset_ + count]) && count <= most_digits)
    result = result * 10 + static_cast<std::uint64_t>(text_[offset_ + count++] - '0');
  if (count == 0 || count > most_digits || (count > 1 && at('0')) || result > highest)
    return fail(out_of_range);
  offset_ += count;
  into = result;
  return true;
}

bool canonical_reader::counting_number(std::uint64_t& into, std::uint64_t highest) noexcept {
  if (at('0'))
    return fail(out_of_range);
  return whole_number(into, highest);
}

bool canonical_reader::value(std::string_view& into, std::size_t limit, std::size_t depth) {
  const auto from = offset_;
  if (!good() || !any_value(depth))
    return false;
  into = text_.substr(from, offset_ - from);
  return into.size() <= limit || fail(too_long);
}

bool canonical_reader::any_value(std::size_t depth) {
  if (at('"'))
    return string_body(nullptr, text_.size());
  if (at('{'))
    return any_object(depth);
  if (at('['))
    return any_array(depth);
  return accept("true") || accept("false") || accept("null") || any_number();
}

bool canonical_reader::any_array(std::size_t depth) {
  if (depth == 0)
    return fail(too_deep);
  ++offset_;
  if (accept("]"))
    return true;
  while (any_value(depth - 1)) {
    if (accept("]"))
      return true;
    if (!expect(",", not_canonical))
      return false;
  }
  return false;
}

bool canonical_reader::any_object(std::size_t depth) {
  if (depth == 0)
    return fail(too_deep);
  ++offset_;
  if (accept("}"))
    return true;
  std::string key;
  std::string before;
  for (bool first = true;; first = false) {
    key.clear();
    if (!string_body(&key, text_.size()) || !expect(":", not_canonical))
      return false;
    if (!first && json::compare_utf16(before, key) >= 0)
      return fail(not_canonical);
    if (!any_value(depth - 1))
      return false;
    if (accept("}"))
      return true;
    if (!expect(",", not_canonical))
      return false;
    before.swap(key);
  }
}

bool canonical_reader::any_number() {
  constexpr std::string_view used = "+-.0123456789eE";
  const auto length = std::min(rest().find_first_not_of(used), rest().size());
  const auto written = rest().substr(0, length);
  const auto exact = json::decimal::parse(written);
  if (!exact || exact->canonical() != written)
    return fail(not_canonical);
  offset_ += length;
  return true;
}

bool canonical_reader::end() noexcept {
  return good() && (offset_ == text_.size() || fail(text_follows));
}

bool is_canonical_value(std::string_view text, std::size_t depth) {
  canonical_reader reader(text);
  std::string_view whole;
  return reader.value(whole, text.size(), depth) && reader.end();
}

void append_quoted(std::string& to, std::string_view text) {
  to += '"';
  for (std::size_t from = 0; from < text.size();) {
    auto until = from;
    while (until < text.size() && needs_none[static_cast<unsigned char>(text[until])])
      ++until;
    to.append(text.substr(from, until - from));
    if (until < text.size()) {
      const char c = text[until++];
      if (const char letter = short_escape(c); letter != '\0')
        to.append({'\\', letter});
      else
        to.append("\\u00").append({hex_digits[(c >> 4) & 15], hex_digits[c & 15]});
    }
    from = until;
  }
  to += '"';
}

void append_hex(std::string& to, std::span<const std::byte> bytes) {
  for (const auto byte : bytes) {
    const auto octet = std::to_integer<unsigned>(byte);
    to += hex_digits[octet >> 4];
    to += hex_digits[octet & 15];
  }
}

bool read_hex(std::string_view text, std::span<std::byte> into) noexcept {
  if (text.size() != 2 * into.size())
    return false;
  for (std::size_t i = 0; i != into.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    into[i] = static_cast<std::byte>(high * 16 + low);
  }
  return true;
}

} // namespace muster
