#pragma once

#include "muster/messages/requests.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <functional>
#include <string>
#include <vector>

namespace muster {

/// Answers that are composed of what several workers know. Nothing is changed.
class read_desk {
public:
  explicit read_desk(supervisor_core& core) : core_(core) {}

  void show(const show_agent& asked, const std::function<void(expected<agent_shown>)>& then);
  void log(const show_log& asked, const std::function<void(expected<log_read>)>& then);
  /// `ours` are findings of the supervisor itself.
  void examine(std::vector<finding> ours, const std::function<void(expected<findings_told>)>& then);
  /// Of `known` what the index and the feed say is filled in.
  void describe(runtime_described known, const std::function<void(expected<runtime_described>)>& then);
  void heartbeat(const stamp_heartbeat& asked, const std::function<void(expected<heartbeat_stamped>)>& then);

private:
  void read_log_of(const agent_id& agent, const show_log& asked, const std::function<void(expected<log_read>)>& then);

  supervisor_core& core_;
};

} // namespace muster
