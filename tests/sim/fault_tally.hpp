#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace muster::sim {

/// What was done to a world, by kind.
enum class trouble : std::uint8_t {
  disk_error,
  disk_error_but_done,
  disk_short,
  disk_sync_loss,
  disk_slow,
  disk_hung,
  disk_broken,
  answer_lost,
  answer_late,
  answer_twice,
  relay,
  edit,
  clock_jump,
  actor_killed,
  process_killed,
  power_lost,
  unmounted,
  denied,
  vanished,
};
inline constexpr std::size_t troubles = 19;

[[nodiscard]] constexpr std::string_view to_string(trouble kind) noexcept {
  constexpr std::array<std::string_view, troubles> names{
      "disk errors",  "done and failed", "short",        "lost at a sync", "slow",
      "hung",         "broken disks",    "answers lost", "answers late",   "answers twice",
      "relay faults", "edits",           "clock jumps",  "actors killed",  "processes killed",
      "power losses", "unmounts",        "denials",      "vanished"};
  return names[static_cast<std::size_t>(kind)];
}

class fault_tally {
public:
  void note(trouble kind) noexcept { ++counts_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] std::uint64_t of(trouble kind) const noexcept { return counts_[static_cast<std::size_t>(kind)]; }
  void add(const fault_tally& other) noexcept {
    for (std::size_t i = 0; i < troubles; ++i)
      counts_[i] += other.counts_[i];
  }
  friend bool operator==(const fault_tally&, const fault_tally&) = default;

private:
  std::array<std::uint64_t, troubles> counts_{};
};

} // namespace muster::sim
