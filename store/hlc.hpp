#pragma once

#include "muster/messages/ids.hpp"

#include <chrono>
#include <optional>

namespace muster {

/// A reading of the hybrid clock, and whether the clock is worth a word to
/// the user.
struct clock_reading {
  stamp at;
  /// Set when our own last stamp was further ahead of the wall clock than
  /// `max_skew`, by how much: this stamp went back to the wall clock.
  std::optional<std::chrono::milliseconds> was_ahead;
};

/// The hybrid logical clock of one feed. Time is handed in.
///
/// 1. Each stamp is greater than the one before, and than every peer's stamp
///    absorbed, whatever the wall clock does ...
/// 2. ... but for one case: a last stamp more than `max_skew` ahead of the wall
///    clock is given up, told, and stamps go on from the wall clock. So a machine
///    that spent an hour in 2099 is not stuck there.
/// 3. A peer's stamp more than `max_skew` ahead of the wall clock is not
///    absorbed, so nobody else's clock drags ours.
/// 4. It starts from the last stamp of its feed, so a restart with a slow
///    clock does not go back. No other bound needs to be stored: a stamp that is
///    in no feed was seen by nobody.
class hlc {
public:
  static constexpr std::chrono::milliseconds default_max_skew = std::chrono::minutes(5);

  explicit hlc(stamp last_of_feed = {}, std::chrono::milliseconds max_skew = default_max_skew) noexcept
      : last_(last_of_feed), max_skew_(max_skew) {}

  [[nodiscard]] clock_reading next(std::chrono::milliseconds wall) noexcept;

  /// Takes note of a peer's stamp; false if it is too far ahead.
  bool absorb(stamp peer, std::chrono::milliseconds wall) noexcept;

  void set_max_skew(std::chrono::milliseconds limit) noexcept { max_skew_ = limit; }

  /// The greatest stamp given out or absorbed.
  [[nodiscard]] stamp last() const noexcept { return last_; }

private:
  stamp last_;
  std::chrono::milliseconds max_skew_;
};

/// The milliseconds of a stamp, since the epoch.
[[nodiscard]] std::chrono::milliseconds time_of(stamp at) noexcept;

} // namespace muster
