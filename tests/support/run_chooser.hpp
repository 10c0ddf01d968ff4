#pragma once

#include "muster/store/splitmix.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster::testing {

/// Makes every choice of a run: all runs in turn, or runs drawn by a seed.
class run_chooser {
public:
  run_chooser() = default;
  explicit run_chooser(std::uint64_t seed) : chance_(splitmix{seed}) {}

  /// One of `n`; 0 is that nothing goes wrong.
  std::size_t pick(std::size_t n);
  /// To the next run, or false when all have been seen.
  bool advance();
  void reseed(std::uint64_t seed) {
    chance_ = splitmix{seed};
    path_.clear();
  }
  [[nodiscard]] std::string path() const;

private:
  struct choice {
    std::size_t taken;
    std::size_t of;
  };
  std::vector<choice> path_;
  std::size_t at_ = 0;
  std::optional<splitmix> chance_;
};

} // namespace muster::testing
