#pragma once

#include "muster/messages/failure.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

struct program_limits {
  std::chrono::milliseconds time = std::chrono::seconds{20};
  std::size_t output = std::size_t{64} * 1024 * 1024;
};

/// Runs another program of this machine, found by PATH, with `input` as its
/// standard input, and waits for it. What it says on standard error is dropped.
/// The failure is
/// - not found, "program-missing": there is none;
/// - failed, "program-failed": it ended with an error, said too much or took too
///   long; it is not running any more.
[[nodiscard]] expected<std::string> run_program(const std::vector<std::string>& words, std::string_view input,
                                                const program_limits& limits = {});

} // namespace muster
