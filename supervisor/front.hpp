#pragma once

#include "muster/messages/interfaces.hpp"
#include "muster/messages/time_limits.hpp"
#include "muster/store/environment.hpp"
#include "muster/supervisor/restart_policy.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace muster {

struct front_options {
  epoch first_life{1};
  restart_options restart;
  /// On an answer of the supervisor, which has limits of its own: of most
  /// requests, and of those that look at everything.
  std::chrono::nanoseconds request_limit = std::chrono::seconds{70};
  std::chrono::nanoseconds long_limit = std::chrono::minutes{66};
  /// What a stop may take beyond what was asked for.
  std::chrono::nanoseconds stop_slack = std::chrono::seconds{2};
  /// Told when it gives up. Called in the front; does not block.
  std::function<void(const failure&)> gave_up;
};

/// Whoever holds it, is a part of that life; the next one begins when nobody
/// does any more.
using life_lease = std::shared_ptr<void>;

/// Starts the supervisor of a life.
using supervisor_source = std::function<supervisor_actor(epoch life, const life_lease& lease)>;

/// What a host holds of a muster: it stays while supervisors come and go.
///
/// 1. There is one supervisor at a time, and a new one only when all that the one
///    before had is let go of: nothing of two lives is at work in the directory.
/// 2. A request that meets no supervisor is answered busy; one whose supervisor
///    ends is of unknown outcome if it changes something, busy if not.
/// 3. Events come from one hub, which outlives the supervisors as it does.
/// 4. When the supervisors keep dying it gives up, and says why to everybody.
class front_state {
public:
  static inline const char* name = "muster.front";

  front_state(muster_actor::pointer self, supervisor_source source, event_hub_actor events, entropy& random,
              const front_options& options);

  muster_actor::behavior_type make_behavior();

private:
  enum class asks_for : std::uint8_t { change, look };

  template <class Answer, class Request>
  caf::result<Answer> pass_on(Request& asked, asks_for what, std::chrono::nanoseconds limit);
  template <class Answer, class Request>
  caf::result<Answer> of_events(Request& asked);
  caf::result<mail_port_opened> open_port(const open_mail_port& asked);
  caf::result<runtime_stopped> stop(const stop_runtime& asked);

  void begin_life();
  void supervisor_died(const caf::error& why);
  void lease_over(epoch life);
  void next_life();
  void give_up_for(const failure& why);
  void end(const expected<void>& how);

  muster_actor::pointer self_;
  time_limits limits_;
  supervisor_source source_;
  event_hub_actor events_;
  entropy& random_;
  front_options options_;
  restart_policy policy_;
  epoch life_;
  /// Shared with what ends it.
  std::shared_ptr<supervisor_actor> supervisor_ = std::make_shared<supervisor_actor>();
  bool leased_ = false;                    ///< something of the last life is still at work
  bool wait_is_over_ = false;              ///< after a death
  std::optional<apply_settings> settings_; ///< the latest; a new life begins with them
  std::optional<failure> gave_up_;
  bool stopping_ = false;
  expected<void> stopped_how_;
  std::vector<caf::typed_response_promise<runtime_stopped>> stoppers_;
};

using front = muster_actor::stateful_impl<front_state>;

} // namespace muster
