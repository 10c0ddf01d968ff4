#include "muster/store/hlc.hpp"

#include <algorithm>

namespace muster {

namespace {

constexpr unsigned counter_bits = 16;
constexpr std::int64_t greatest_time = (std::int64_t{1} << 48) - 1;

// The first stamp of a millisecond. A wall clock outside of what 48 bits hold
// reads as the nearest end.
stamp start_of(std::chrono::milliseconds time) noexcept {
  const auto held = std::clamp<std::int64_t>(time.count(), 0, greatest_time);
  return {static_cast<std::uint64_t>(held) << counter_bits};
}

bool is_ahead(stamp at, std::chrono::milliseconds wall, std::chrono::milliseconds max_skew) noexcept {
  return time_of(at) - time_of(start_of(wall)) > max_skew;
}

} // namespace

std::chrono::milliseconds time_of(stamp at) noexcept {
  return std::chrono::milliseconds(static_cast<std::int64_t>(at.value >> counter_bits));
}

clock_reading hlc::next(std::chrono::milliseconds wall) noexcept {
  const auto now = start_of(wall);
  if (is_ahead(last_, wall, max_skew_)) {
    const auto ahead = time_of(last_) - time_of(now);
    last_ = now;
    return {now, ahead};
  }
  // A full counter carries into the milliseconds, which is the next one.
  const auto after_last = last_.value == UINT64_MAX ? last_ : stamp{last_.value + 1};
  last_ = std::max(now, after_last);
  return {last_, std::nullopt};
}

bool hlc::absorb(stamp peer, std::chrono::milliseconds wall) noexcept {
  if (is_ahead(peer, wall, max_skew_))
    return false;
  last_ = std::max(last_, peer);
  return true;
}

} // namespace muster
