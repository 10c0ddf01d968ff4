#pragma once

#include "muster/store/splitmix.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace muster::sim {

/// A stream of choices that depends on a seed and on what it is for, so that
/// one purpose that asks less does not move what the others draw.
class sim_chance {
public:
  sim_chance(std::uint64_t seed, std::string_view purpose) noexcept : source_(mixed(seed, purpose)) {}

  std::uint64_t next() noexcept { return source_.next(); }
  /// 0 if `bound` is 0.
  std::uint64_t below(std::uint64_t bound) noexcept { return bound == 0 ? 0 : source_.below(bound); }
  /// Both ends included.
  std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept { return least + below(most - least + 1); }
  bool one_in(std::uint64_t count) noexcept { return below(count) == 0; }
  bool per_million(std::uint32_t rate) noexcept { return rate != 0 && below(1'000'000) < rate; }
  template <class List>
  const auto& among(const List& values) noexcept {
    return values[below(std::size(values))];
  }

private:
  static std::uint64_t mixed(std::uint64_t seed, std::string_view purpose) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char each : purpose)
      hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3U;
    return splitmix{seed ^ hash}.next();
  }

  splitmix source_;
};

} // namespace muster::sim
