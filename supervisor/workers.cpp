#include "muster/supervisor/workers.hpp"

namespace muster {

failure no_answer(const caf::error& why, bool was_there) {
  if (!was_there)
    return {failure_kind::busy, "worker-restarting", "a part of muster is being started again; try again in a moment"};
  if (why == caf::sec::request_timeout)
    return {failure_kind::unknown_outcome, worker_silent,
            "a part of muster has not answered in time; repeat the request with the same request id"};
  return to_failure(why, {});
}

} // namespace muster
