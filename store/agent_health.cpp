#include "muster/store/agent_health.hpp"

namespace muster {

health_limits health_limits_of(const settings& now_holds) noexcept {
  return {now_holds.health_active, now_holds.health_stale};
}

agent_health health_of(std::optional<std::chrono::milliseconds> last_seen, std::chrono::milliseconds now,
                       const health_limits& by) noexcept {
  if (!last_seen)
    return agent_health::stale;
  const auto silent = now - *last_seen;
  if (silent < by.active)
    return agent_health::active;
  return silent < by.stale ? agent_health::inactive : agent_health::stale;
}

std::optional<std::chrono::milliseconds> next_health_change(std::optional<std::chrono::milliseconds> last_seen,
                                                            std::chrono::milliseconds now,
                                                            const health_limits& by) noexcept {
  if (!last_seen)
    return std::nullopt;
  const auto silent = now - *last_seen;
  if (silent < by.active)
    return *last_seen + by.active;
  return silent < by.stale ? std::optional(*last_seen + by.stale) : std::nullopt;
}

} // namespace muster
