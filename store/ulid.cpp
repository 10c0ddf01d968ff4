#include "muster/store/ulid.hpp"

#include <algorithm>

namespace muster {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::uint64_t greatest_time = (std::uint64_t{1} << 48) - 1;
constexpr std::size_t time_characters = 10;
constexpr std::size_t tail_characters = 16;

std::uint64_t now(clock_source& clock) {
  const auto wall = clock.wall().count();
  return wall <= 0 ? 0 : std::min(static_cast<std::uint64_t>(wall), greatest_time);
}

} // namespace

void ulid_generator::draw() {
  random_.fill(tail_);
}

// An overflow of 80 bits moves on to the next millisecond, as the clock would.
void ulid_generator::count_up() {
  for (auto digit = tail_.rbegin(); digit != tail_.rend(); ++digit) {
    *digit = static_cast<std::byte>(std::to_integer<unsigned>(*digit) + 1);
    if (*digit != std::byte{0})
      return;
  }
  ++milliseconds_;
  draw();
}

std::string ulid_generator::next() {
  const auto time = now(clock_);
  if (used_ && time <= milliseconds_) {
    count_up();
  } else {
    milliseconds_ = time;
    used_ = true;
    draw();
  }
  std::string text(time_characters + tail_characters, '0');
  auto rest = milliseconds_;
  for (std::size_t at = time_characters; at-- > 0; rest >>= 5)
    text[at] = alphabet[rest & 31];
  // 80 bits are 16 characters of 5 bits: five bytes make eight characters.
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = 0;
    for (std::size_t byte = 0; byte < 5; ++byte)
      bits = bits << 8 | std::to_integer<std::uint64_t>(tail_[5 * half + byte]);
    for (std::size_t at = 8; at-- > 0; bits >>= 5)
      text[time_characters + 8 * half + at] = alphabet[bits & 31];
  }
  return text;
}

bool is_ulid(std::string_view text) noexcept {
  return text.size() == time_characters + tail_characters && text.front() <= '7' &&
         text.find_first_not_of(alphabet) == std::string_view::npos;
}

std::optional<std::chrono::milliseconds> time_of_ulid(std::string_view text) noexcept {
  if (!is_ulid(text))
    return {};
  std::int64_t time = 0;
  for (const char digit : text.substr(0, time_characters))
    time = time << 5 | static_cast<std::int64_t>(alphabet.find(digit));
  return std::chrono::milliseconds(time);
}

} // namespace muster
