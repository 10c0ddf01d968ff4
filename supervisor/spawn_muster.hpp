#pragma once

#include "muster/actors/event_hub.hpp"
#include "muster/actors/feed_store.hpp"
#include "muster/actors/file_store.hpp"
#include "muster/actors/index_actor.hpp"
#include "muster/actors/reconciler.hpp"
#include "muster/actors/relay.hpp"
#include "muster/actors/relay_bridge.hpp"
#include "muster/actors/scanner.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/store/data_home.hpp"
#include "muster/store/environment.hpp"
#include "muster/supervisor/children.hpp"
#include "muster/supervisor/front.hpp"
#include "muster/supervisor/journal_keeper.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <functional>
#include <memory>

namespace muster {

struct muster_options {
  supervisor_options supervisor;
  front_options front;
  journal_keeper_options journal;
  file_store_options files;
  feed_store_options feed;
  index_actor_options index;
  relay_bridge_options bridge;
  reconciler_options sweep;
  event_hub_options events;
  scanner_options scans;
  relay_options post; ///< of the embedded relay
  /// A relay of the host's; none: an embedded one, which lives as long as the
  /// muster.
  relay_actor relay;
  io_threads threads = io_threads::own;
  /// Tests put others in place of workers, in each life.
  std::function<void(worker_sources&)> adjust;
};

/// Every actor of one muster, over a data directory that is open. Also runs on
/// one thread under a scheduler of the caller's.
///
/// The home is let go of when the last actor that uses it has ended, which a
/// call to the disk that hangs can delay; the environment outlives that.
[[nodiscard]] muster_actor spawn_muster(caf::actor_system& system, const environment& env,
                                        std::shared_ptr<const data_home> home, const muster_options& options);

} // namespace muster
