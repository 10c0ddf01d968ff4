#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"
#include "muster/store/environment.hpp"

#include <optional>

namespace muster {

struct reserved_lives {
  epoch first; ///< of the lives of this process; there are plenty from there on
  /// Why another process may be given the same or lesser ones: only if it starts
  /// within milliseconds, or the wall clock was set back, and it could not note
  /// them either; or if the file could not be read here, time and again.
  std::optional<failure> not_kept;
};

/// Numbers for the lives of the supervisors of one process, greater than those
/// of every process before. Only a relay that outlives us needs that: it takes a
/// statement only if it is newer than the last. The file `lives` in the data
/// directory holds the highest number that was handed out; one that does not
/// read is made good by the wall clock.
[[nodiscard]] reserved_lives reserve_lives(const environment& env, handle data);

} // namespace muster
