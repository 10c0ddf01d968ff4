#pragma once

#include "muster/messages/saga.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace muster {

/// What `config.json` says, with its defaults: what may be changed while a
/// runtime is at work.
struct settings {
  std::chrono::milliseconds sweep_interval = std::chrono::minutes{5}; ///< 0: no sweep by the clock
  std::chrono::milliseconds sweep_grace = std::chrono::hours{24};
  bool hold_checkouts = false;
  std::chrono::milliseconds health_active = std::chrono::minutes{5};
  std::chrono::milliseconds health_stale = std::chrono::minutes{60};
  relay_mode relay = relay_mode::strict;
  std::chrono::milliseconds max_skew = std::chrono::minutes{5};
  std::vector<std::string> system_allow; ///< ids of agents that may be system agents
  friend bool operator==(const settings&, const settings&) = default;
};

/// From here on these hold.
struct apply_settings {
  settings now;
};
struct settings_applied {};

} // namespace muster
