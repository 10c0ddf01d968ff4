#pragma once

#include "tests/sim/simulation.hpp"

#include <cstddef>
#include <string>

namespace muster::sim {

struct shrunk {
  scenario smallest;
  simulation_result result;
  std::size_t runs = 0;
};

/// The invariant that a violation names, such as "I5".
[[nodiscard]] std::string invariant_of(const simulation_result& result);

/// Looks for a smaller world in which the same invariant is violated: nothing
/// after the first violation, fault kinds switched off one by one, then as few
/// steps as can be. What ends the process is shrunk, too. Ends after `budget` runs.
[[nodiscard]] shrunk shrink(const scenario& failing, planted_bug bug, std::size_t budget);

/// A file for tests/sim/regressions, which every run of the tests replays.
[[nodiscard]] std::string regression_text(const shrunk& what);

} // namespace muster::sim
