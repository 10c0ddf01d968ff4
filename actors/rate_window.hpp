#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>

namespace muster {

/// How often something happened within the last stretch of time, in sixty parts:
/// what is up to a part too old still counts.
class rate_window {
public:
  explicit rate_window(std::chrono::nanoseconds length) noexcept : part_(length / parts) {}

  /// `now` never goes back.
  [[nodiscard]] std::uint64_t count(std::chrono::nanoseconds now) noexcept {
    go_to(now);
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  }
  void add(std::chrono::nanoseconds now, std::uint32_t count = 1) noexcept {
    go_to(now);
    auto& part = counts_[static_cast<std::size_t>(last_) % counts_.size()];
    part += std::min(count, std::numeric_limits<std::uint32_t>::max() - part);
  }

private:
  static constexpr int parts = 60;

  void go_to(std::chrono::nanoseconds now) noexcept {
    const auto at = now / part_;
    const auto steps = std::min<std::int64_t>(at - last_, static_cast<std::int64_t>(counts_.size()));
    for (std::int64_t i = 0; i < steps; ++i)
      counts_[static_cast<std::size_t>(at - i) % counts_.size()] = 0;
    last_ = std::max(last_, at);
  }

  std::chrono::nanoseconds part_;
  std::int64_t last_ = 0;
  std::array<std::uint32_t, parts + 1> counts_{};
};

} // namespace muster
