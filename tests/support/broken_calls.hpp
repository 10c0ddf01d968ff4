#pragma once

#include "muster/store/simulated_environment.hpp"

#include <cstddef>
#include <cstdint>
#include <set>

/// What lanes share that break one call after the other.
namespace muster::test {

struct call_tally {
  std::size_t runs = 0;
  std::size_t states = 0; ///< in which a power cut may have left the disk
  std::size_t wrong = 0;
  std::set<std::uint64_t> distinct; ///< fingerprints of these
};

/// How a run with a broken call went.
struct broken_call {
  std::uint64_t nth = 0;
  bool fired = false; ///< else there were fewer calls
  bool killed = false;
};

/// The power goes now, in each way there is: `check(world)` for every state of
/// the disk that was not seen before.
template <class Check>
void each_crash(const simulated_environment& world, std::uint64_t seed, call_tally& count, Check check) {
  const auto pending = world.files.pending();
  crash_states states{pending, 24, seed};
  crash_choice choice;
  while (states.next(choice)) {
    simulated_environment after{world};
    after.power_cycle(choice);
    ++count.states;
    if (count.distinct.insert(after.files.fingerprint()).second)
      check(after);
  }
}

/// An empty directory below the root, on disk.
inline void put_saved_directory(simulated_environment& world, const char* directory) {
  world.files.put_directory(directory);
  world.files.aside([](disk& files) {
    const auto root = files.open(no_handle, "/", {.directory = true});
    (void)files.sync(*root);
    (void)files.close(*root);
  });
}

/// Runs `Scenario{world, promises}.run()` on a new disk with an empty directory,
/// with each changing call broken in turn and once with none, and after each run
/// calls `after(world, promises, how)`. How many calls there are.
template <class Scenario, class Promises, class After>
std::size_t each_broken_call(const char* directory, const volume_options& volume, fault what, bool persistent,
                             call_tally& count, After after) {
  for (std::uint64_t nth = 1;; ++nth) {
    simulated_environment world{nth, volume};
    put_saved_directory(world, directory);
    world.files.set_plan(fault_plan{fault_rule{what, nth, mutating_operations, persistent}});
    Promises seen;
    broken_call how{.nth = nth};
    {
      Scenario run{world, seen};
      try {
        run.run();
      } catch (const process_killed&) {
        how.killed = true;
      }
      how.fired = world.files.plan().fired() > 0;
    }
    world.files.set_plan({});
    ++count.runs;
    after(world, seen, how);
    if (!how.fired)
      return nth - 1;
  }
}

} // namespace muster::test
