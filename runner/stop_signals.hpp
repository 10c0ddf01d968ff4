#pragma once

#include "muster/messages/caf.hpp"

#include <atomic>
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
    told,   ///< by a signal
    ended,  ///< what was watched has ended by itself
    called, ///< by somebody in this process
  };

  stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// The end of this actor counts, too.
  template <class Handle>
  void also_end_of(const Handle& watched) {
    watch_from_outside(watched, [why = why_](const caf::error&) { wake(*why, cause::ended); });
  }

  /// What to call, from any thread and at any time, to end the waiting.
  [[nodiscard]] std::function<void()> caller() const {
    return [why = why_] { wake(*why, cause::called); };
  }

  /// From here on a further signal ends the process at once.
  [[nodiscard]] cause wait();

private:
  static void wake(std::atomic<cause>& why, cause what) noexcept;

  sigset_t awaited_{};
  sigset_t stopping_{};
  std::shared_ptr<std::atomic<cause>> why_ = std::make_shared<std::atomic<cause>>(cause::told);
};

} // namespace muster
