#include "muster/store/json_reader.hpp"

#include "muster/store/json_decimal.hpp"
#include "muster/store/json_text.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <limits>

namespace muster::json {

namespace {

constexpr std::uint32_t none_open = std::numeric_limits<std::uint32_t>::max();
/// From so many digits on an exponent needs a close look.
constexpr std::ptrdiff_t long_exponent = 18;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// True for what cannot follow a number or word directly.
bool continues_token(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '+' || c == '-' ||
         c == '_' || c == '$';
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// True for a byte that a string can hold as it is: ASCII, but neither
/// control character nor quote nor backslash.
constexpr std::array<bool, 256> plain_bytes = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c != 0x80; ++c)
    plain[c] = c != '"' && c != '\\';
  return plain;
}();

/// The highest bit of each byte of eight that is not plain. The lowest bit set
/// is right; a borrow can set more above it.
std::uint64_t strange_among_eight(const char* at) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  const auto quotes = word ^ (ones * '"');
  const auto backslashes = word ^ (ones * '\\');
  return ((word - ones * 0x20) | (quotes - ones) | (backslashes - ones) | word) & highs;
}

const char* skip_plain_bytes(const char* at, const char* end) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    for (; end - at >= 8; at += 8) {
      if (const auto strange = strange_among_eight(at))
        return at + std::countr_zero(strange) / 8;
    }
  }
  while (plain_bytes[static_cast<unsigned char>(*at)])
    ++at;
  return at;
}

const char* skip_digits(const char* at) noexcept {
  while (is_digit(*at))
    ++at;
  return at;
}

} // namespace

reader::reader(const std::string& text, const limits& bounds, detail::tape& out) noexcept
    : text_(text), bounds_(bounds), out_(out), at_(text.data()), end_(text.data() + text.size()), open_(none_open) {
  // nothing else to do
}

bool reader::read() {
  if (find_encoding_problem(text_, bounds_, found_))
    return false;
  out_.nodes.reserve(text_.size() / 16 + 8);
  skip_blanks();
  if (at_ == end_) {
    found_ = {problem::empty, 0};
    return false;
  }
  if (!read_value({}))
    return false;
  while (open_ != none_open) {
    if (!read_next())
      return false;
  }
  skip_blanks();
  return at_ == end_ || fail_at(problem::trailing_text);
}

/// Reads what comes next in the innermost open container: a child, or its end.
bool reader::read_next() {
  skip_blanks();
  auto& container = out_.nodes[open_];
  const bool in_object = container.type == kind::object;
  if (*at_ == (in_object ? '}' : ']'))
    return close();
  if (container.count != 0 && !read_separator())
    return false;
  ++container.count;
  string_range key;
  if (in_object && !read_key(key))
    return false;
  return read_value(key);
}

bool reader::read_separator() {
  if (*at_ != ',')
    return at_ == end_ ? fail_end() : fail_at(problem::missing_comma);
  ++at_;
  skip_blanks();
  return true;
}

bool reader::read_key(string_range& key) {
  if (*at_ != '"') {
    if (at_ == end_)
      return fail_end();
    if (*at_ == '}' && last_before(at_) == ',')
      return fail_value();
    return *at_ == '\'' ? fail(problem::single_quotes, at_) : fail_at(problem::key);
  }
  if (!read_string(key))
    return false;
  skip_blanks();
  if (*at_ != ':')
    return at_ == end_ ? fail_end() : *at_ == '}' ? fail(problem::missing_colon, at_) : fail_at(problem::missing_colon);
  ++at_;
  skip_blanks();
  return true;
}

bool reader::read_value(const string_range& key) {
  auto& made = out_.nodes.emplace_back();
  made.begin = offset(at_);
  made.key_begin = key.begin;
  made.key_end = key.end;
  made.key_escaped = key.escaped;
  made.next = static_cast<std::uint32_t>(out_.nodes.size());
  switch (*at_) {
    case '{': return open(made, kind::object);
    case '[': return open(made, kind::array);
    case '"': {
      string_range range;
      if (!read_string(range))
        return false;
      made.type = kind::string;
      made.end = range.end;
      made.escaped = range.escaped;
      return true;
    }
    case 't': return read_word(made, "true", kind::boolean);
    case 'f': return read_word(made, "false", kind::boolean);
    case 'n': return read_word(made, "null", kind::null);
    default: return read_number(made);
  }
}

bool reader::open(detail::node& container, kind type) {
  if (depth_ == bounds_.depth)
    return fail(problem::depth, at_);
  ++depth_;
  container.type = type;
  container.next = open_;
  open_ = static_cast<std::uint32_t>(out_.nodes.size() - 1);
  ++at_;
  return true;
}

bool reader::close() {
  ++at_;
  --depth_;
  const auto closed = open_;
  auto& container = out_.nodes[closed];
  open_ = container.next;
  container.next = static_cast<std::uint32_t>(out_.nodes.size());
  container.end = offset(at_);
  return container.type == kind::array || check_keys(closed);
}

bool reader::read_string(string_range& range) {
  const char* at = at_ + 1;
  for (;;) {
    at = skip_plain_bytes(at, end_);
    if (*at == '"')
      break;
    if (*at == '\\') {
      range.escaped = true;
      if (!read_escape(at))
        return false;
    } else if (static_cast<unsigned char>(*at) >= 0x80) {
      const auto length = utf8_sequence(at, end_);
      if (length == 0)
        return fail(problem::utf8, at);
      at += length;
    } else {
      return at == end_ ? fail(problem::unclosed_string, at_) : fail(problem::control, at);
    }
  }
  range.begin = offset(at_);
  at_ = at + 1;
  range.end = offset(at_);
  return true;
}

bool reader::read_escape(const char*& at) {
  const char* const backslash = at;
  if (at[1] != 'u') {
    constexpr std::string_view known = "\"\\/bfnrt";
    if (known.find(at[1]) == std::string_view::npos)
      return at + 1 == end_ ? fail(problem::unclosed_string, at_) : fail(problem::escape, backslash);
    at += 2;
    return true;
  }
  const auto unit = four_hex_digits(at + 2);
  if (unit < 0)
    return fail(problem::escape, backslash);
  at += 6;
  if (is_low_surrogate(unit))
    return fail(problem::surrogate, backslash);
  if (is_high_surrogate(unit)) {
    if (at[0] != '\\' || at[1] != 'u' || !is_low_surrogate(four_hex_digits(at + 2)))
      return fail(problem::surrogate, backslash);
    at += 6;
  }
  return true;
}

bool reader::read_number(detail::node& number) {
  const char* at = *at_ == '-' ? at_ + 1 : at_;
  if (!is_digit(*at))
    return fail_value();
  at = *at == '0' ? at + 1 : skip_digits(at);
  if (*at == '.') {
    if (!is_digit(*++at))
      return fail(problem::number, at_);
    at = skip_digits(at);
  }
  bool exponent_is_long = false;
  if (*at == 'e' || *at == 'E') {
    ++at;
    if (*at == '+' || *at == '-')
      ++at;
    const char* const digits = at;
    at = skip_digits(at);
    if (at == digits)
      return fail(problem::number, at_);
    exponent_is_long = at - digits >= long_exponent;
  }
  if (continues_token(*at))
    return fail(problem::number, at_);
  if (exponent_is_long && !decimal::parse(std::string_view(at_, static_cast<std::size_t>(at - at_))))
    return fail(problem::number_exponent, at_);
  at_ = at;
  number.type = kind::number;
  number.end = offset(at);
  return true;
}

bool reader::read_word(detail::node& word, std::string_view expected, kind type) {
  if (std::strncmp(at_, expected.data(), expected.size()) != 0 || continues_token(at_[expected.size()]))
    return fail(problem::word, at_);
  at_ += expected.size();
  word.type = type;
  word.end = offset(at_);
  return true;
}

void reader::skip_blanks() noexcept {
  while (is_blank(*at_))
    ++at_;
}

} // namespace muster::json
