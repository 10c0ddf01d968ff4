#pragma once

#include "muster/store/simulated_disk.hpp"

namespace muster {

/// Bytes that depend on the seed alone.
class simulated_entropy final : public entropy {
public:
  explicit simulated_entropy(std::uint64_t seed) noexcept : source_(seed) {}
  void fill(std::span<std::byte> into) override;

private:
  splitmix source_;
};

/// A machine in memory. Copies are snapshots of the whole machine, disk, clocks
/// and all; each goes its own way.
class simulated_environment {
public:
  explicit simulated_environment(std::uint64_t seed = 1, const volume_options& root = {}, simulated_user user = {});
  simulated_environment(const simulated_environment& other);
  simulated_environment& operator=(const simulated_environment&) = delete;

  [[nodiscard]] environment view() noexcept { return {files, clock, random, self}; }

  /// The process ends and another starts, with another pid.
  void restart_process();
  /// The power goes, the disk keeps what `choice` says, and the machine starts
  /// anew after `off`: other boot id, boot clock at its beginning.
  void power_cycle(const crash_choice& choice, std::chrono::nanoseconds off = std::chrono::seconds{30});

  simulated_clock clock;
  simulated_disk files;
  simulated_entropy random;
  process_identity self;

private:
  void name_boot();

  std::uint64_t boots_ = 0;
};

} // namespace muster
