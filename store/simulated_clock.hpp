#pragma once

#include "muster/store/environment.hpp"

namespace muster {

/// A clock that stands still until it is told otherwise.
class simulated_clock final : public clock_source {
public:
  std::chrono::milliseconds wall() override { return std::chrono::floor<std::chrono::milliseconds>(wall_); }
  std::chrono::nanoseconds boot() override { return boot_; }

  /// The wall clock with all its digits, for time stamps of files.
  [[nodiscard]] std::chrono::nanoseconds exact_wall() const noexcept { return wall_; }

  /// Time goes by on both clocks.
  void advance(std::chrono::nanoseconds by) noexcept {
    wall_ += by;
    boot_ += by;
  }
  /// Somebody sets the wall clock.
  void set_wall(std::chrono::nanoseconds to) noexcept { wall_ = to; }
  void jump_wall(std::chrono::nanoseconds by) noexcept { wall_ += by; }
  /// The machine starts anew after `off` without power.
  void reboot(std::chrono::nanoseconds off) noexcept {
    wall_ += off;
    boot_ = {};
  }

private:
  std::chrono::nanoseconds wall_ = std::chrono::seconds{1'790'000'000};
  std::chrono::nanoseconds boot_ = std::chrono::seconds{1'000};
};

} // namespace muster
