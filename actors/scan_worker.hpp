#pragma once

#include "muster/actors/work_guard.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/scan_lister.hpp"

#include <vector>

namespace muster {

/// Lists the directories of one scan, in the order it is asked, and blocks while
/// that lasts. A call of the simulated disk that never returns leaves it silent, as
/// a real one does.
class scan_worker_state {
public:
  static inline const char* name = "muster.scan_worker";

  scan_worker_state(scan_worker_actor::pointer self, const environment& env) : self_(self), lister_(env) {}

  scan_worker_actor::behavior_type make_behavior();

private:
  scan_worker_actor::pointer self_;
  scan_lister lister_;
  work_guard guard_{"scan-worker-exception", "a part of the scan"};
  std::vector<caf::response_promise> unanswered_; ///< since a call did not return; the asker bounds them
};

using scan_worker = scan_worker_actor::stateful_impl<scan_worker_state>;

} // namespace muster
