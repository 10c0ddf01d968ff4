#pragma once

#include "muster/runner/command_line.hpp"
#include "muster/runner/end_signal.hpp"

#include <string>

namespace muster {

/// Waits for mail of one agent. Where a daemon serves that is a request which it answers when something has
/// happened, so nothing is asked again and again. Without one only commands that come and go can bring mail, and
/// whoever waited in the directory would keep them out; so then it is a pause.
class mail_wait {
public:
  /// What is waited at a time, by the daemon and without one.
  static constexpr std::chrono::milliseconds longest{60'000};
  static constexpr std::chrono::milliseconds pause{2'000};

  explicit mail_wait(command_context& context) noexcept : context_(context) {}

  /// What comes from here on ends the next wait; to be called before a look. It
  /// goes on from where the last wait ended.
  void mark();
  /// Returns when that agent may have other mail than at the mark, when that cannot
  /// be known any more, and at once when a signal has come.
  void wait(const std::string& agent, const end_signal& ends);

private:
  command_context& context_;
  std::string at_; ///< the position in the daemon's events; empty: no daemon, or it is not known
};

} // namespace muster
