#include "muster/runner/shown_values.hpp"

#include "muster/runner/terminal_text.hpp"
#include "muster/store/datetime.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace muster {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t widest_path = 4096;

int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  (void)std::from_chars(text.data() + at, text.data() + at + count, value);
  return value;
}

} // namespace

std::string shown_path(std::string_view path) {
  const char* home_variable = std::getenv("HOME");
  std::string_view home = home_variable ? home_variable : "";
  while (home.ends_with('/'))
    home.remove_suffix(1);
  const bool below =
      !home.empty() && path.starts_with(home) && (path.size() == home.size() || path[home.size()] == '/');
  return below ? "~" + printable(path.substr(home.size()), widest_path) : printable(path, widest_path);
}

std::optional<std::chrono::milliseconds> read_datetime(std::string_view text) {
  if (!is_datetime(text))
    return std::nullopt;
  using namespace std::chrono;
  const auto day = sys_days{year{digits(text, 0, 4)} / month{static_cast<unsigned>(digits(text, 5, 2))} /
                            std::chrono::day{static_cast<unsigned>(digits(text, 8, 2))}};
  milliseconds result = day.time_since_epoch() + hours{digits(text, 11, 2)} + minutes{digits(text, 14, 2)};
  if (text.size() > 18)
    result += seconds{digits(text, 17, 2)};
  // Of a fraction, three digits count.
  int scale = 100;
  for (std::size_t at = 20; scale > 0 && at < text.size() && text[at] != 'Z'; ++at, scale /= 10)
    result += milliseconds{scale * (text[at] - '0')};
  return result;
}

std::string shown_span(std::chrono::milliseconds span) {
  struct unit {
    std::chrono::milliseconds length;
    const char* name;
  };
  static constexpr std::array units{unit{24h, " d"}, unit{1h, " h"}, unit{1min, " min"}, unit{1s, " s"}};
  for (const auto& [length, name] : units)
    if (span >= length)
      return std::to_string(span / length) + name;
  return std::to_string(span.count()) + " ms";
}

std::string shown_age(std::string_view datetime, std::chrono::milliseconds now) {
  const auto at = read_datetime(datetime);
  if (!at)
    return printable(datetime, 32);
  const auto ago = now - *at;
  if (ago > -1s && ago < 1s)
    return "just now";
  return ago < 0ms ? "in " + shown_span(-ago) : shown_span(ago) + " ago";
}

std::string counted(std::size_t n, std::string_view noun) {
  return std::to_string(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

} // namespace muster
