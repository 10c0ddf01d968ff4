#pragma once

#include "muster/runner/command_line.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace muster {

class end_signal;

/// What passes between two looks.
struct watch_pace {
  /// Returns when it may be worth another look, and at once when a signal came.
  std::function<void(const end_signal&)> wait;
  /// What people are told meanwhile: "again every 2 s".
  std::string told;
};

/// Asks anew after each wait until SIGINT or SIGTERM, and ends with 0 then.
///
/// On a terminal the answer is drawn over the one before. Elsewhere, and with
/// --json, it is printed whenever it is another than the one before, so that a
/// pipe sees one document for each change. Each time the service is reached and
/// let go again: a watch holds no data directory between two looks.
///
/// The first failure ends it; later on a directory that is busy and a daemon
/// that does not answer are told and waited for.
[[nodiscard]] expected<answer> watch(command_context& context, const std::function<expected<answer>()>& look,
                                     const watch_pace& pace);
[[nodiscard]] expected<answer> watch(command_context& context, const std::function<expected<answer>()>& look,
                                     std::chrono::milliseconds pause = std::chrono::seconds{2});

} // namespace muster
