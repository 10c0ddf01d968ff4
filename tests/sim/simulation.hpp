#pragma once

#include "tests/sim/fault_tally.hpp"
#include "tests/sim/planted_bug.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/sim/sim_trace.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace muster::sim {

struct simulation_result {
  /// What was wrong; empty in a correct muster.
  std::vector<std::string> violations;
  /// When the first was noticed, in virtual time since the start.
  std::uint64_t violated_at_ms = 0;
  std::uint64_t hash = 0; ///< of the trace
  std::uint64_t events = 0;
  std::uint64_t done = 0;
  std::uint64_t refused = 0;
  std::uint64_t unknown = 0;   ///< for good: nobody could ask again
  std::uint64_t messages = 0;  ///< answered as sent
  std::uint64_t forbidden = 0; ///< of which it was certain that nothing allows them
  fault_tally faults;
};

/// Runs one world from its beginning to its end: with all its troubles, then
/// without any until everything is settled. Stops at the first violation.
[[nodiscard]] simulation_result simulate(const scenario& world, planted_bug bug = planted_bug::none,
                                         sim_trace::reader trace = {});

} // namespace muster::sim
