#pragma once

#include <chrono>

#include <signal.h>

namespace muster {

/// Hears SIGINT and SIGTERM while it lives. A second one ends the process as it
/// would have, should an answer not come. One at a time in a process.
class end_signal {
public:
  end_signal();
  end_signal(const end_signal&) = delete;
  end_signal& operator=(const end_signal&) = delete;
  ~end_signal();

  [[nodiscard]] bool came() const noexcept;
  /// Readable once a signal came, for whoever waits for something else besides;
  /// -1 if there is none left of the process's.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// Waits, and tells whether a signal came before the time was over.
  [[nodiscard]] bool came_within(std::chrono::milliseconds time) const;

private:
  int descriptor_ = -1;
  struct sigaction interrupt_before_ {};
  struct sigaction terminate_before_ {};
};

} // namespace muster
