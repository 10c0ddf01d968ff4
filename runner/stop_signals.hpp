#pragma once

#include "muster/messages/caf.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include <signal.h>

namespace muster {

/// SIGTERM, SIGINT and SIGHUP as something to wait for. Made before the first
/// thread, so that no other thread is ever interrupted by one.
class stop_signals {
public:
  enum class cause : std::uint8_t {
    told,    ///< by a signal
    ended,   ///< what was watched has ended by itself
    refused, ///< it may not go on
  };

  stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// The end of this actor counts, too.
  template <class Handle>
  void also_end_of(const Handle& watched) {
    watch_from_outside(watched, [ended = ended_](const caf::error&) { wake(*ended); });
  }

  /// Asks each `pause` whether it may go on. From its end on a further signal ends
  /// the process at once.
  [[nodiscard]] cause wait(std::chrono::nanoseconds pause, const std::function<bool()>& goes_on);

private:
  static void wake(std::atomic<bool>& ended) noexcept;

  sigset_t awaited_{};
  sigset_t stopping_{};
  std::shared_ptr<std::atomic<bool>> ended_ = std::make_shared<std::atomic<bool>>(false);
};

} // namespace muster
