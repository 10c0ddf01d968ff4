#pragma once

#include "muster/messages/interfaces.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/project_strategies.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace muster {

struct runtime_options {
  std::string data_directory; ///< absolute
  settings now;
  /// Where agents of a host may lie that need no scan root; empty: none.
  std::string managed_home;
  /// How a scan recognises projects of tools that muster does not know; tried
  /// after those that it knows.
  std::vector<project_strategy> strategies = {};
  /// Of our subjects at the relay; ends in a dot.
  std::string relay_prefix = "relay.agent.";
  std::size_t sagas_in_flight = 256;
  /// On a whole request.
  std::chrono::nanoseconds request_limit = std::chrono::seconds{60};
  /// How long the start is waited for; one that takes longer goes on.
  std::chrono::nanoseconds start_limit = std::chrono::seconds{60};
  /// At the start and by the clock. A command that comes and goes does without,
  /// and then the embedded relay holds only what changes meanwhile.
  bool sweeps = true;
  /// Who registers agents, if a request does not say.
  std::string user = "muster";
  /// The id of a request that has just been drawn for this runtime. Nobody has
  /// asked under it before, so where the history cannot be read it is not done.
  request_id new_request;
  io_threads threads = io_threads::own;
  /// A relay of the host's; none: the embedded one.
  relay_actor relay;
};

/// One muster inside a host's actor system: the front door of one data
/// directory. Holds no global, takes no signal, ends no process; several live
/// in one system, each with a directory of its own. The host calls
/// `register_message_types` before it makes its system.
///
/// The environment outlives the actor system: a call to a disk that hangs is not
/// waited for by a stop.
class runtime {
public:
  /// Opens and locks the directory, recovers what a crash left, and answers
  /// when that is done. What changes something waits for the relay, too.
  [[nodiscard]] static expected<runtime> start(caf::actor_system& system, const environment& env,
                                               const runtime_options& options);

  runtime(runtime&&) noexcept;
  runtime& operator=(runtime&&) noexcept;
  /// Stops, within the default deadline.
  ~runtime();

  /// Good for the whole life of the runtime, whatever dies within.
  [[nodiscard]] const muster_actor& handle() const noexcept;
  /// What people should know of the start, a sentence each.
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept;

  /// Takes no new requests, ends what is under way or leaves it to the next
  /// start, and lets the directory go. The failure says what did not end in time.
  expected<void> stop(std::chrono::nanoseconds deadline = std::chrono::seconds{5});

private:
  struct inside;
  explicit runtime(std::unique_ptr<inside> what);
  std::unique_ptr<inside> inside_;
};

} // namespace muster
