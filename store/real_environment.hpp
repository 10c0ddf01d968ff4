#pragma once

#include "muster/store/environment.hpp"
#include "muster/store/real_disk.hpp"

namespace muster {

class real_clock final : public clock_source {
public:
  std::chrono::milliseconds wall() override;
  std::chrono::nanoseconds boot() override;
};

/// The kernel's generator. A kernel without one ends the process.
class real_entropy final : public entropy {
public:
  void fill(std::span<std::byte> into) override;
};

/// This machine: owns what an `environment` points to, so it outlives
/// everything that was handed one. Made once, early in a process, and not
/// used on the other side of a fork.
class real_environment {
public:
  explicit real_environment(openat2_use use = openat2_use::if_present);
  real_environment(const real_environment&) = delete;
  real_environment& operator=(const real_environment&) = delete;

  [[nodiscard]] environment view() noexcept { return {files_, clock_, random_, self_}; }

private:
  real_disk files_;
  real_clock clock_;
  real_entropy random_;
  process_identity self_;
};

} // namespace muster
