#pragma once

#include "muster/store/environment.hpp"
#include "muster/supervisor/restart_policy.hpp"
#include "muster/supervisor/workers.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace muster {

/// How each worker of a supervisor is started. Tests put others in their place.
struct worker_sources {
  std::function<journal_keeper_actor()> journal;
  std::function<file_store_actor()> files;
  std::function<feed_store_actor()> feed;
  std::function<index_actor()> index;
  std::function<relay_bridge_actor()> bridge;
  /// Gets the supervisor, and the workers as they are now.
  std::function<reconciler_actor(const supervisor_actor&, const workers&)> reconciler;
  std::function<scanner_actor(const supervisor_actor&, const workers&)> scanner;
  relay_actor relay;      ///< is there already, and stays
  event_hub_actor events; ///< likewise; empty: nobody is told
};

/// Starts the workers of a supervisor, and starts each again that dies, with
/// pauses, until too many have. They end with the supervisor.
///
/// A worker is started again only when the one before has let go of all it had.
class children {
public:
  static constexpr std::string_view bridge_name = "the relay bridge";
  static constexpr std::string_view index_name = "the index";
  static constexpr std::string_view feed_name = "the feed store";

  struct events {
    /// A worker that had died is there again.
    std::function<void(std::string_view which)> returned;
    std::function<void(const failure&)> gave_up;
  };

  children(supervisor_actor::pointer self, worker_sources sources, entropy& random, const restart_options& restart,
           events tell);

  void start();
  /// As they are now; the object stays where it is.
  [[nodiscard]] const workers& handles() const noexcept { return *handles_; }

  /// Everybody is asked to end, and nobody is started again.
  void end();

private:
  template <class Handle>
  void start_one(std::string_view name, Handle workers::*which, const std::function<Handle()>& source);
  /// One that knows the others by their handles.
  template <class Handle>
  void start_user(std::string_view name, Handle workers::*which,
                  const std::function<Handle(const supervisor_actor&, const workers&)>& source);
  void started(std::string_view name);
  void died(std::string_view name, const caf::error& why, const std::function<void()>& start_again);

  supervisor_actor::pointer self_;
  worker_sources sources_;
  entropy& random_;
  restart_policy policy_;
  events tell_;
  /// Shared with what ends them.
  std::shared_ptr<workers> handles_ = std::make_shared<workers>();
  bool all_started_ = false;
  bool ending_ = false;
};

} // namespace muster
