#define CAF_SUITE muster_sim_sim

#include "tests/sim/sim_lane.hpp"
#include "tests/support/test_scale.hpp"

#include <caf/test/unit_test.hpp>

#include <iostream>

using namespace muster::sim;

// docs/simulator.md tells what is checked, and what to do with a seed that fails.
CAF_TEST(whatever goes wrong no promise is broken) {
  const auto result = run_lane({.from = 1, .seeds = test_scale(2000)});
  std::cout << result.line() << std::endl;
  for (const auto& each : result.failed)
    std::cout << "seed " << each.seed << ": " << each.violation << std::endl;
  CAF_CHECK(result.failed.empty());
  CAF_CHECK(result.unlike.empty());
  CAF_CHECK(result.twice > 0);
}
