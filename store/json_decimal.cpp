#include "muster/store/json_decimal.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace muster::json {

namespace {

constexpr std::int64_t greatest_exponent = 999'999'999'999'999'999;
constexpr std::size_t exponent_digits = 18;
constexpr std::int64_t written_in_full = 21;
constexpr std::int64_t zeros_after_point = 6;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) noexcept {
  const auto length = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  const auto digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

bool take(std::string_view& text, std::string_view any_of) noexcept {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos)
    return false;
  text.remove_prefix(1);
  return true;
}

/// A number's parts as written.
struct parts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  bool exponent_negative = false;
  std::string_view exponent;
};

std::optional<parts> split(std::string_view text) noexcept {
  parts result;
  result.negative = take(text, "-");
  result.whole = take_digits(text);
  if (result.whole.empty() || (result.whole.size() > 1 && result.whole.front() == '0'))
    return std::nullopt;
  if (take(text, ".")) {
    result.fraction = take_digits(text);
    if (result.fraction.empty())
      return std::nullopt;
  }
  if (take(text, "eE")) {
    result.exponent_negative = text.starts_with('-');
    take(text, "+-");
    result.exponent = take_digits(text);
    if (result.exponent.empty())
      return std::nullopt;
  }
  if (!text.empty())
    return std::nullopt;
  return result;
}

std::optional<std::int64_t> exponent_of(const parts& number) noexcept {
  auto digits = number.exponent;
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.size() > exponent_digits)
    return std::nullopt;
  std::int64_t result = 0;
  for (const char c : digits)
    result = result * 10 + (c - '0');
  return number.exponent_negative ? -result : result;
}

/// An integer of few enough digits is its own canonical text.
bool is_short_integer(std::string_view number) noexcept {
  const auto digits = number.substr(number.starts_with('-') ? 1 : 0);
  return digits.size() <= static_cast<std::size_t>(written_in_full) &&
         std::all_of(digits.begin(), digits.end(), is_digit) && number != "-0";
}

} // namespace

std::optional<decimal> decimal::parse(std::string_view number) {
  const auto written = split(number);
  if (!written)
    return std::nullopt;
  decimal result;
  auto& digits = result.digits_;
  digits.reserve(written->whole.size() + written->fraction.size());
  digits.append(written->whole).append(written->fraction);
  const auto leading_zeros = digits.find_first_not_of('0');
  if (leading_zeros == std::string::npos)
    return decimal();
  const auto exponent = exponent_of(*written);
  if (!exponent)
    return std::nullopt;
  result.negative_ = written->negative;
  result.point_ =
      *exponent + static_cast<std::int64_t>(written->whole.size()) - static_cast<std::int64_t>(leading_zeros);
  digits.erase(digits.find_last_not_of('0') + 1);
  digits.erase(0, leading_zeros);
  const auto scientific = result.point_ - 1;
  if (scientific > greatest_exponent || scientific < -greatest_exponent)
    return std::nullopt;
  return result;
}

bool decimal::is_integer() const noexcept {
  return is_zero() || point_ >= static_cast<std::int64_t>(digits_.size());
}

std::optional<std::int64_t> decimal::to_int64() const noexcept {
  constexpr std::int64_t most_digits = std::numeric_limits<std::int64_t>::digits10 + 1;
  if (!is_integer() || point_ > most_digits)
    return std::nullopt;
  // Summed up below zero, where there is room for one more than above it.
  std::int64_t result = 0;
  for (std::int64_t i = 0; i != point_; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const int digit = at < digits_.size() ? digits_[at] - '0' : 0;
    if (__builtin_mul_overflow(result, 10, &result) || __builtin_sub_overflow(result, digit, &result))
      return std::nullopt;
  }
  if (negative_)
    return result;
  if (result == std::numeric_limits<std::int64_t>::min())
    return std::nullopt;
  return -result;
}

std::string decimal::canonical() const {
  if (is_zero())
    return "0";
  std::string out = negative_ ? "-" : "";
  const auto count = static_cast<std::int64_t>(digits_.size());
  if (point_ > 0 && point_ <= written_in_full) {
    const auto whole = static_cast<std::size_t>(std::min(point_, count));
    out.append(digits_, 0, whole).append(static_cast<std::size_t>(point_) - whole, '0');
    if (count > point_)
      out.append(1, '.').append(digits_, whole);
    return out;
  }
  if (point_ <= 0 && point_ > -zeros_after_point)
    return out.append("0.").append(static_cast<std::size_t>(-point_), '0').append(digits_);
  out.push_back(digits_.front());
  if (count > 1)
    out.append(1, '.').append(digits_, 1);
  const auto exponent = point_ - 1;
  return out.append(exponent < 0 ? "e" : "e+").append(std::to_string(exponent));
}

std::strong_ordering operator<=>(const decimal& a, const decimal& b) noexcept {
  const auto sign = [](const decimal& d) { return d.is_zero() ? 0 : d.negative_ ? -1 : 1; };
  if (const auto order = sign(a) <=> sign(b); order != 0 || a.is_zero())
    return order;
  auto magnitude = a.point_ <=> b.point_;
  // Neither ends in zeros, so a prefix is the lesser one.
  if (magnitude == 0)
    magnitude = a.digits_.compare(b.digits_) <=> 0;
  return a.negative_ ? 0 <=> magnitude : magnitude;
}

void append_canonical_number(std::string& out, std::string_view number) {
  if (is_short_integer(number)) {
    out.append(number);
    return;
  }
  const auto exact = decimal::parse(number);
  assert(exact);
  out.append(exact->canonical());
}

} // namespace muster::json
