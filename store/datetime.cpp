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

  bool fraction() noexcept {
    std::size_t digits = 0;
    while (digits < rest_.size() && is_digit(rest_[digits]))
      ++digits;
    rest_.remove_prefix(digits);
    return digits > 0;
  }

  bool at_end() const noexcept { return rest_.empty(); }

private:
  std::string_view rest_;
};

bool is_date(cursor& in) noexcept {
  int year = 0;
  int month = 0;
  int day = 0;
  return in.number(4, 0, 9999, year) && in.skip('-') && in.number(2, 1, 12, month) && in.skip('-') &&
         in.number(2, 1, 31, day) && day <= days_in(month, year);
}

bool is_time(cursor& in) noexcept {
  int ignored = 0;
  if (!in.number(2, 0, 23, ignored) || !in.skip(':') || !in.number(2, 0, 59, ignored))
    return false;
  if (!in.skip(':'))
    return true;
  return in.number(2, 0, 59, ignored) && (!in.skip('.') || in.fraction());
}

} // namespace

bool is_datetime(std::string_view text) noexcept {
  cursor in(text);
  return is_date(in) && in.skip('T') && is_time(in) && in.skip('Z') && in.at_end();
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
