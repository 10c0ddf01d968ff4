#define CAF_SUITE sim_planted_sim

#include "tests/sim/planted_bug.hpp"
#include "tests/sim/sim_lane.hpp"
#include "tests/support/test_scale.hpp"

#include <caf/test/unit_test.hpp>

#include <iostream>

using namespace muster::sim;

CAF_TEST(every planted bug is found among as many seeds as the gate runs) {
  constexpr std::uint64_t seeds_of_the_gate = 2000;
  // Where seeds are dear, this only shows that a world with a bug breaks no rule
  // of the language.
  const bool all = test_scale(seeds_of_the_gate) >= seeds_of_the_gate;
  const auto seeds = all ? seeds_of_the_gate : seeds_of_the_gate / 100;
  std::size_t found = 0;
  for (std::size_t i = 1; i <= planted_bugs; ++i) {
    const auto bug = static_cast<planted_bug>(i);
    const auto result = run_lane({.from = 1, .seeds = seeds, .bug = bug, .stop_at_first = true});
    found += result.failed.empty() ? 0 : 1;
    std::cout << "planted bug " << i << ", " << to_string(bug) << ": "
              << (result.failed.empty()
                      ? "not found"
                      : "seed " + std::to_string(result.failed.front().seed) + ", " + result.failed.front().violation)
              << std::endl;
  }
  std::cout << "lane sim_planted_sim: " << planted_bugs << " bugs, " << found << " found" << std::endl;
  CAF_CHECK(all ? found == planted_bugs : found > 0);
}
