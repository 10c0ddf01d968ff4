#include "muster/supervisor/spawn_muster.hpp"

#include "muster/actors/relay.hpp"
#include "muster/actors/scan_worker.hpp"
#include "muster/supervisor/supervisor.hpp"

#include <utility>

namespace muster {

namespace {

/// What every life of one muster is made of.
struct muster_parts {
  caf::actor_system& system;
  environment env;
  std::shared_ptr<const data_home> home;
  muster_options options;
  relay_actor relay;
  event_hub_actor events;
  newest_life begun;
};

/// Calls at once of a relay of our own: it is a thread away, and is woken up less
/// often when it has more to do. A host's may be anywhere.
constexpr std::size_t calls_of_own_relay = 64;

using shared_parts = std::shared_ptr<const muster_parts>;

/// Whatever has files in the home open keeps the home, and the lease of its life.
template <class Handle>
Handle leased(Handle which, const shared_parts& parts, const life_lease& lease) {
  keep_for(which, std::pair{parts->home, lease});
  return which;
}

worker_sources sources_of(const shared_parts& parts, const life_lease& lease) {
  worker_sources result;
  result.journal = [parts, lease]() -> journal_keeper_actor {
    const auto& home = *parts->home;
    return leased(
        journal_keeper_actor{spawn_io<journal_keeper>(parts->system, parts->options.threads, parts->env,
                                                      home.directory().path(), home.own(), parts->options.journal)},
        parts, lease);
  };
  result.files = [parts]() -> file_store_actor {
    // Its workers hold no lease, for a device may hang.
    auto options = parts->options.files;
    options.worker.begun = parts->begun;
    return parts->system.spawn<file_store>(parts->env, options, disk_worker_source{});
  };
  result.feed = [parts, lease]() -> feed_store_actor {
    const auto& home = *parts->home;
    return leased(feed_store_actor{spawn_io<feed_store>(parts->system, parts->options.threads, parts->env, home.feeds(),
                                                        home.own(), std::cref(home.self().key), parts->options.feed)},
                  parts, lease);
  };
  result.index = [parts, lease]() -> index_actor {
    const auto& home = *parts->home;
    return leased(
        index_actor{spawn_io<index_impl>(parts->system, parts->options.threads, parts->env, home.directory().path(),
                                         home.feeds(), home.own(), parts->options.index)},
        parts, lease);
  };
  result.bridge = [parts]() -> relay_bridge_actor {
    return parts->system.spawn<relay_bridge>(parts->relay, parts->options.bridge);
  };
  result.relay = parts->relay;
  result.events = parts->events;
  result.reconciler = [parts](const supervisor_actor& supervisor, const workers& by) -> reconciler_actor {
    return parts->system.spawn<reconciler>(by.index, by.files, supervisor, parts->options.sweep);
  };
  result.scanner = [parts](const supervisor_actor& supervisor, const workers& by) -> scanner_actor {
    // A call to the disk that hangs is told by a stop, as of any other worker.
    const scan_worker_source source = [parts] {
      scan_worker_actor worker{spawn_io<scan_worker>(parts->system, parts->options.threads, parts->env)};
      keep_for(worker, parts->home);
      return worker;
    };
    return parts->system.spawn<scanner>(by.index, supervisor, parts->options.scans, source);
  };
  return result;
}

} // namespace

muster_actor spawn_muster(caf::actor_system& system, const environment& env, std::shared_ptr<const data_home> home,
                          const muster_options& options) {
  const auto embedded = !options.relay;
  auto relay = options.relay;
  auto with = options;
  if (embedded) {
    relay = spawn_io<muster::relay>(system, options.threads, env, home->directory().path(), options.post);
    keep_for(relay, home);
    with.bridge.in_flight = calls_of_own_relay;
  }
  const event_hub_actor events = system.spawn<event_hub>(env, options.events);
  auto parts = std::make_shared<const muster_parts>(muster_parts{
      system, env, std::move(home), std::move(with), relay, events, std::make_shared<std::atomic<std::uint64_t>>(0)});
  const auto source = [parts](epoch life, const life_lease& lease) -> supervisor_actor {
    parts->begun->store(life.value);
    auto sources = sources_of(parts, lease);
    if (parts->options.adjust)
      parts->options.adjust(sources);
    sources.index = [start = std::move(sources.index), parts, life]() -> index_actor {
      auto index = start();
      tell_from_outside(parts->events, index_began{life, index});
      return index;
    };
    auto how = parts->options.supervisor;
    // It may have been asked in the first.
    if (life != parts->options.front.first_life)
      how.new_request = {};
    return parts->system.spawn<supervisor>(parts->env, life, parts->home->own(), std::move(sources), how);
  };
  muster_actor result = system.spawn<front>(source, events, std::ref(env.random), options.front);
  end_with(result, events);
  if (embedded)
    end_with(result, relay);
  return result;
}

} // namespace muster
