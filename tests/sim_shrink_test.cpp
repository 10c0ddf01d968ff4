#define CAF_SUITE sim_shrink_test

#include "tests/sim/run_apart.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/sim_lane.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdlib>
#include <string>
#include <vector>

using namespace muster::sim;

CAF_TEST(what is violated in a process of its own comes back) {
  const auto result = run_apart([] {
    simulation_result what;
    what.violations = {"I1: one thing", "I2: and another"};
    what.violated_at_ms = 1234;
    return what;
  });
  CAF_CHECK((result.violations == std::vector<std::string>{"I1: one thing", "I2: and another"}));
  CAF_CHECK_EQUAL(result.violated_at_ms, 1234u);
  CAF_CHECK(run_apart([] { return simulation_result{}; }).violations.empty());
}

CAF_TEST(what ends the process is a violation) {
  const auto result = run_apart([]() -> simulation_result { std::abort(); });
  CAF_CHECK(result.violations == std::vector<std::string>{"crash: ended by signal 6"});
  CAF_CHECK_EQUAL(invariant_of(result), "crash");
}

CAF_TEST(a failing world is shrunk to a smaller one that fails alike) {
  constexpr std::size_t budget = 80;
  const auto bug = static_cast<planted_bug>(1);
  const auto found = run_lane({.from = 1, .seeds = 200, .bug = bug, .stop_at_first = true});
  CAF_REQUIRE_EQUAL(found.failed.size(), 1u);
  const auto world = scenario::draw(found.failed.front().seed);
  const auto least = shrink(world, bug, budget);
  CAF_CHECK(least.runs <= budget);
  CAF_CHECK(least.smallest.steps.size() < world.steps.size());
  const auto again = simulate(least.smallest, bug);
  CAF_CHECK_EQUAL(invariant_of(again), invariant_of(least.result));
  CAF_CHECK(found.failed.front().violation.starts_with(invariant_of(again)));
}
