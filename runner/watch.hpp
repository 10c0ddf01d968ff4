#pragma once

#include "muster/runner/command_line.hpp"

#include <chrono>
#include <functional>

namespace muster {

/// Asks anew after each pause until SIGINT or SIGTERM, and ends with 0 then.
///
/// On a terminal the answer is drawn over the one before. Elsewhere, and with
/// --json, it is printed whenever it is another than the one before, so that a
/// pipe sees one document for each change. Each time the service is reached and
/// let go again: a watch holds no data directory between two looks.
///
/// The first failure ends it; later on a directory that is busy and a daemon
/// that does not answer are told and waited for.
[[nodiscard]] expected<answer> watch(command_context& context, const std::function<expected<answer>()>& look,
                                     std::chrono::milliseconds pause = std::chrono::seconds{2});

} // namespace muster
