#pragma once

#include "muster/messages/requests.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace muster {

/// How long to wait for the next sweep: the interval, a tenth more or less, so
/// that many machines do not sweep at one time. Nothing: none by the clock.
/// `jitter` is drawn evenly from 0 to 2^32 - 1.
[[nodiscard]] std::optional<std::chrono::nanoseconds> wait_for_sweep(std::chrono::milliseconds interval,
                                                                     std::uint32_t jitter);

/// Has the reconciler sweep: at the start, by the clock, and when asked to. The
/// next one by the clock is set when the one before has ended.
class sweep_timer {
public:
  using taker = std::function<void(const expected<sweep_report>&)>;

  explicit sweep_timer(supervisor_core& core) : core_(core) {}

  /// The first sweep, now.
  void start();
  /// The interval may be another.
  void reset();
  /// None by the clock any more; the one under way ends at once.
  void stop();

  void sweep(const sweep_now& how, taker then);

  [[nodiscard]] const std::optional<sweep_report>& last() const noexcept { return last_; }
  [[nodiscard]] std::chrono::milliseconds last_at() const noexcept { return last_at_; }

private:
  void sweep_by_clock();

  supervisor_core& core_;
  caf::disposable next_;
  bool running_ = false; ///< by the clock
  bool started_ = false;
  std::optional<sweep_report> last_;
  std::chrono::milliseconds last_at_{0};
};

} // namespace muster
