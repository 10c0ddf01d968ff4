#include "muster/messages/event_messages.hpp"

#include <cstdlib>

namespace muster {

std::string_view to_string(event_kind kind) noexcept {
  switch (kind) {
    case event_kind::registered: return "registered";
    case event_kind::removed: return "removed";
    case event_kind::moved: return "moved";
    case event_kind::updated: return "updated";
    case event_kind::admitted: return "admitted";
    case event_kind::unreachable: return "unreachable";
    case event_kind::resurrected: return "resurrected";
    case event_kind::status_changed: return "status-changed";
    case event_kind::health_changed: return "health-changed";
    case event_kind::rule_changed: return "rule-changed";
    case event_kind::denial_changed: return "denial-changed";
    case event_kind::mail: return "mail";
    case event_kind::restarted: return "restarted";
  }
  std::abort();
}

} // namespace muster
