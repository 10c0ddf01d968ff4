#include "muster/store/datetime.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>

namespace muster {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

int days_in(int month, int year) noexcept {
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  switch (month) {
    case 2: return leap ? 29 : 28;
    case 4:
    case 6:
    case 9:
    case 11: return 30;
    default: return 31;
  }
}

/// Takes a text apart from the left; each step says whether it fitted.
class cursor {
public:
  explicit cursor(std::string_view text) noexcept : rest_(text) {}

  bool number(std::size_t digits, int lowest, int highest, int& value) noexcept {
    if (rest_.size() < digits)
      return false;
    value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (!is_digit(c))
        return false;
      value = 10 * value + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value >= lowest && value <= highest;
  }

  bool skip(char wanted) noexcept {
    if (rest_.empty() || rest_.front() != wanted)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Of a second, cut to whole milliseconds.
  bool fraction(int& milliseconds) noexcept {
    std::size_t digits = 0;
    for (int weight = 100; digits < rest_.size() && is_digit(rest_[digits]); ++digits, weight /= 10)
      milliseconds += weight * (rest_[digits] - '0');
    rest_.remove_prefix(digits);
    return digits > 0;
  }

  bool at_end() const noexcept { return rest_.empty(); }

private:
  std::string_view rest_;
};

struct moment {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
};

bool read_date(cursor& in, moment& into) noexcept {
  return in.number(4, 0, 9999, into.year) && in.skip('-') && in.number(2, 1, 12, into.month) && in.skip('-') &&
         in.number(2, 1, 31, into.day) && into.day <= days_in(into.month, into.year);
}

bool read_time(cursor& in, moment& into) noexcept {
  if (!in.number(2, 0, 23, into.hour) || !in.skip(':') || !in.number(2, 0, 59, into.minute))
    return false;
  if (!in.skip(':'))
    return true;
  return in.number(2, 0, 59, into.second) && (!in.skip('.') || in.fraction(into.millisecond));
}

bool read_datetime(std::string_view text, moment& into) noexcept {
  cursor in(text);
  return read_date(in, into) && in.skip('T') && read_time(in, into) && in.skip('Z') && in.at_end();
}

} // namespace

bool is_datetime(std::string_view text) noexcept {
  moment ignored;
  return read_datetime(text, ignored);
}

std::optional<std::chrono::milliseconds> parse_datetime(std::string_view text) noexcept {
  using namespace std::chrono;
  moment at;
  if (!read_datetime(text, at))
    return {};
  const sys_days day = year{at.year} / at.month / at.day;
  return day.time_since_epoch() + hours(at.hour) + minutes(at.minute) + seconds(at.second) +
         milliseconds(at.millisecond);
}

std::string format_datetime(std::chrono::milliseconds since_epoch) {
  using namespace std::chrono;
  constexpr auto first = sys_days(year{0} / January / 1).time_since_epoch();
  constexpr auto last = sys_days(year{10000} / January / 1).time_since_epoch() - milliseconds(1);
  const auto time = std::clamp<milliseconds>(since_epoch, first, last);
  const auto day = floor<days>(time);
  const year_month_day date{sys_days(day)};
  const hh_mm_ss<milliseconds> clock(time - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text.data();
}

} // namespace muster
