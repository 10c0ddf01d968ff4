#include "muster/store/duration_text.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace muster {

namespace {

using std::chrono::milliseconds;

struct unit {
  std::string_view name;
  milliseconds length;
};

constexpr std::array<unit, 5> units = {{
    {"d", std::chrono::hours{24}},
    {"h", std::chrono::hours{1}},
    {"min", std::chrono::minutes{1}},
    {"s", std::chrono::seconds{1}},
    {"ms", milliseconds{1}},
}};

constexpr std::size_t most_digits = 9;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) noexcept {
  if (text == "0")
    return milliseconds{0};
  if (text.empty())
    return std::nullopt;
  milliseconds sum{0};
  std::size_t next_unit = 0;
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits]))
      ++digits;
    std::size_t letters = digits;
    while (letters < text.size() && !is_digit(text[letters]))
      ++letters;
    if (digits == 0 || digits > most_digits)
      return std::nullopt;
    std::int64_t count = 0;
    (void)std::from_chars(text.data(), text.data() + digits, count);
    const auto name = text.substr(digits, letters - digits);
    while (next_unit < units.size() && units[next_unit].name != name)
      ++next_unit;
    if (next_unit == units.size())
      return std::nullopt;
    sum += count * units[next_unit].length;
    ++next_unit;
    text.remove_prefix(letters);
  }
  return sum;
}

std::string format_duration(milliseconds duration) {
  std::string text;
  for (const auto& [name, length] : units) {
    if (const auto count = duration / length; count > 0)
      text += std::to_string(count) + std::string(name);
    duration %= length;
  }
  return text.empty() ? "0" : text;
}

} // namespace muster
