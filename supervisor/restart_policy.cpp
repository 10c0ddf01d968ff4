#include "muster/supervisor/restart_policy.hpp"

#include <algorithm>
#include <cassert>

namespace muster {

restart_decision restart_policy::died(std::string_view child, std::string_view reason, std::chrono::nanoseconds now,
                                      std::uint32_t jitter) {
  assert(deaths_.empty() || deaths_.back().at <= now);
  (void)recent(now);
  deaths_.push_back({now, std::string{child}});
  if (deaths_.size() >= options_.deaths) {
    std::string who;
    for (const auto& past : deaths_)
      who += (who.empty() ? "" : ", ") + past.child;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.window).count();
    return give_up{{failure_kind::failed, "restarted-too-often",
                    std::to_string(deaths_.size()) + " parts ended within " + std::to_string(seconds) + " s (" + who +
                        "), the last because: " + std::string{reason} +
                        "; muster stops so that nothing gets worse. What was acknowledged is safe; mend the cause and "
                        "start it again"}};
  }
  auto wait = options_.first_wait;
  for (std::size_t past = 1; past < deaths_.size() && wait < options_.longest_wait; ++past)
    wait *= 2;
  wait = std::min(wait, options_.longest_wait);
  const auto half = static_cast<std::uint64_t>(wait.count() / 2);
  // In two parts, each of which fits into 64 bits.
  const auto extra = half / UINT32_MAX * jitter + half % UINT32_MAX * jitter / UINT32_MAX;
  return restart_after{wait - std::chrono::nanoseconds{half - extra}};
}

std::size_t restart_policy::recent(std::chrono::nanoseconds now) {
  while (!deaths_.empty() && now - deaths_.front().at >= options_.window)
    deaths_.pop_front();
  return deaths_.size();
}

} // namespace muster
