#pragma once

#include "tests/sim/simulation.hpp"

#include <functional>

namespace muster::sim {

/// Runs a simulation in a process of its own, so that an assertion in it is a
/// violation like others: "crash: ended by signal 6". Only what was violated, and
/// when, comes back from there.
[[nodiscard]] simulation_result run_apart(const std::function<simulation_result()>& run);

} // namespace muster::sim
