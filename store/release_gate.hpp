#pragma once

#include "muster/store/environment.hpp"
#include "muster/store/release.hpp"

namespace muster {

/// What the gate found and did.
struct release_passage {
  release_plan plan = release_plan::proceed;
  release_number from = 0; ///< 0: it had none
};

/// The first thing that touches a data directory, once its lock is held.
///
/// G1  A directory of another release that cannot become ours is refused and
///     not changed: `release_mismatch` "release-newer", naming both numbers.
/// G2  Where the stamp (`release` in instance.json) cannot be read, or data lie
///     without one, it is refused and never begun anew: `damaged`
///     "release-unreadable", "release-unstamped".
/// G3  Each step and its stamp happen together or not at all. After a failure or
///     a crash the directory is of the old or the new release, whole.
[[nodiscard]] expected<release_passage> pass_release_gate(const environment& env, handle data,
                                                          std::span<const release_step> steps = shipped_steps(),
                                                          release_number current = current_release);

} // namespace muster
