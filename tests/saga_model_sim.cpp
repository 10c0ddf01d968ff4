#define CAF_SUITE saga_model_sim

#include "tests/support/saga_world.hpp"

#include "muster/supervisor/registration_saga.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>

using namespace muster;
using namespace muster::testing;

namespace {

struct exploration {
  std::size_t runs = 0;
  std::size_t steps = 0;
  std::map<std::string, std::size_t> violations; ///< how often
  std::map<std::string, std::string> stories;    ///< of the first of each

  void add(saga_world& world, const run_chooser& choose, saga_kind kind) {
    const auto& found = world.run();
    ++runs;
    steps += world.steps();
    for (const auto& one : found) {
      ++violations[one];
      stories.try_emplace(one, std::string{plan_of(kind).name} + ", choices " + choose.path() + "\n  " + world.story());
    }
  }
  void tell(const char* what) const {
    for (const auto& [violation, times] : violations)
      std::printf("%s: %s, %zu times; first: %s\n", what, violation.c_str(), times, stories.at(violation).c_str());
  }
};

void explore_all(const world_options& options, exploration& result) {
  run_chooser choose;
  do {
    saga_world world{choose, options};
    result.add(world, choose, options.kind);
  } while (choose.advance());
}

void explore_some(world_options options, std::uint64_t seed, std::size_t runs, exploration& result) {
  run_chooser choose{seed};
  for (std::size_t n = 0; n < runs; ++n) {
    choose.reseed(seed + n);
    saga_world world{choose, options};
    result.add(world, choose, options.kind);
  }
}

constexpr std::array explored = {
    saga_kind::register_agent, saga_kind::update,     saga_kind::change_namespace,
    saga_kind::move,           saga_kind::unregister, saga_kind::unregister_keeping,
    saga_kind::write_through,  saga_kind::observe,    saga_kind::change_rule,
};

/// Runs until the violation is there, or all have been seen.
bool finds(planted bug, const char* what) {
  for (const auto kind : {saga_kind::register_agent, saga_kind::update}) {
    run_chooser choose;
    do {
      saga_world world{choose, {.kind = kind, .bug = bug}};
      if (std::ranges::count(world.run(), what) > 0)
        return true;
    } while (choose.advance());
  }
  return false;
}

} // namespace

CAF_TEST(two faults and a crash and a hand edit in any order break no promise) {
  exploration result;
  for (const auto kind : explored)
    explore_all({.kind = kind, .faults = 2, .crashes = 1, .edits = 1}, result);
  result.tell("strict");
  std::printf("lane saga_model_sim: %zu runs, %zu steps, all of them\n", result.runs, result.steps);
  CAF_CHECK(result.violations.empty());
}

CAF_TEST(an eventual relay and none break no promise) {
  exploration result;
  for (const auto kind : {saga_kind::register_agent, saga_kind::change_namespace, saga_kind::unregister})
    for (const auto relay : {relay_mode::eventual, relay_mode::none})
      explore_all({.kind = kind, .relay = relay, .faults = 1, .crashes = 1, .edits = 1}, result);
  result.tell("other relays");
  std::printf("lane saga_model_sim: %zu runs with an eventual relay and none\n", result.runs);
  CAF_CHECK(result.violations.empty());
}

CAF_TEST(a hand edit that reads like ours is not undone by a refused saga) {
  exploration result;
  for (const auto kind : {saga_kind::register_agent, saga_kind::update})
    explore_all({.kind = kind, .faults = 0, .crashes = 2, .edits = 1, .same_edit = true}, result);
  result.tell("same edit");
  CAF_CHECK(result.violations.empty());
}

CAF_TEST(many faults drawn by a seed break no promise) {
  constexpr std::uint64_t seed = 4'711;
  exploration result;
  for (const auto kind : explored)
    explore_some({.kind = kind, .faults = 6, .crashes = 4, .edits = 1}, seed, 6'000, result);
  result.tell("drawn");
  std::printf("lane saga_model_sim: %zu runs drawn, seed %llu\n", result.runs, static_cast<unsigned long long>(seed));
  CAF_CHECK(result.violations.empty());
}

CAF_TEST(the exploration finds an undo that does not compare) {
  CAF_CHECK(finds(planted::undo_without_compare, "a hand edit is clobbered"));
}

CAF_TEST(the exploration finds an undo that deletes instead of restoring) {
  CAF_CHECK(finds(planted::delete_instead_of_restore, "a refused change leaves a trace"));
}

CAF_TEST(the exploration finds workers that do not fence) {
  CAF_CHECK(finds(planted::no_fence, "file and feed disagree"));
}

CAF_TEST(the exploration finds a recovery that rolls a refused saga forward) {
  CAF_CHECK(finds(planted::no_marks_read, "a refused saga is in the feed"));
}
