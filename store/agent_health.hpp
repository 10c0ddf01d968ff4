#pragma once

#include "muster/messages/roster.hpp"
#include "muster/messages/settings.hpp"

#include <chrono>
#include <optional>

namespace muster {

/// For how long a sign of life makes an agent active, and for how long it is
/// more than stale.
struct health_limits {
  std::chrono::milliseconds active{0};
  std::chrono::milliseconds stale{0};
  friend bool operator==(const health_limits&, const health_limits&) = default;
};
[[nodiscard]] health_limits health_limits_of(const settings& now_holds) noexcept;

/// Never stored: computed whenever somebody reads it. At a limit the next one
/// holds; a sign of life that is ahead of the clock is one of now.
[[nodiscard]] agent_health health_of(std::optional<std::chrono::milliseconds> last_seen, std::chrono::milliseconds now,
                                     const health_limits& by) noexcept;

/// When it is to be computed again, if nothing is heard; nothing: it stays.
[[nodiscard]] std::optional<std::chrono::milliseconds>
next_health_change(std::optional<std::chrono::milliseconds> last_seen, std::chrono::milliseconds now,
                   const health_limits& by) noexcept;

} // namespace muster
