#pragma once

#include "tests/sim/simulation.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace muster::sim {

/// What many seeds have shown.
struct lane_result {
  std::uint64_t seeds = 0;
  std::uint64_t events = 0;
  std::uint64_t done = 0;
  std::uint64_t refused = 0;
  std::uint64_t unknown = 0;
  std::uint64_t messages = 0;
  std::uint64_t forbidden = 0;
  fault_tally faults;
  /// Seeds that ran twice, and of these the ones whose traces differ.
  std::uint64_t twice = 0;
  std::vector<std::uint64_t> unlike;
  struct failed_seed {
    std::uint64_t seed;
    std::string violation; ///< the first
  };
  std::vector<failed_seed> failed;

  [[nodiscard]] bool good() const noexcept { return failed.empty() && unlike.empty(); }
  /// `lane muster_sim: …`, without the speed.
  [[nodiscard]] std::string line() const;
};

struct lane_options {
  std::uint64_t from = 1;
  std::uint64_t seeds = 1;
  planted_bug bug = planted_bug::none;
  bool stop_at_first = false;
  /// Called before each seed.
  std::function<void(std::uint64_t seed)> begins = {};
};

/// Runs one seed after the other; every 50th twice, which must give one trace.
[[nodiscard]] lane_result run_lane(const lane_options& options);

} // namespace muster::sim
