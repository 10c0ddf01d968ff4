#include "muster/messages/roster.hpp"

#include <cstdlib>

namespace muster {

std::string_view to_string(agent_status status) noexcept {
  switch (status) {
    case agent_status::active: return "active";
    case agent_status::unreachable: return "unreachable";
    case agent_status::manifest_missing: return "manifest-missing";
    case agent_status::manifest_invalid: return "manifest-invalid";
    case agent_status::unreadable: return "unreadable";
    case agent_status::unadmitted: return "unadmitted";
    case agent_status::remote: return "remote";
  }
  std::abort();
}

std::string_view to_string(agent_health health) noexcept {
  switch (health) {
    case agent_health::active: return "active";
    case agent_health::inactive: return "inactive";
    case agent_health::stale: return "stale";
  }
  std::abort();
}

} // namespace muster
