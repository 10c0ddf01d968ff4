#include "muster/store/manifest.hpp"

namespace muster {

std::string_view to_string(agent_runtime runtime) noexcept {
  return runtime_names[static_cast<std::size_t>(runtime)];
}

std::string_view to_string(response_mode mode) noexcept {
  return response_mode_names[static_cast<std::size_t>(mode)];
}

std::string_view to_string(effort_level effort) noexcept {
  return effort_names[static_cast<std::size_t>(effort)];
}

std::string_view to_string(mcp_transport transport) noexcept {
  return transport_names[static_cast<std::size_t>(transport)];
}

} // namespace muster
