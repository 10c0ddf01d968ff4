#pragma once

#include <cstdint>

namespace muster {

/// splitmix64: a small seeded generator whose output is the same everywhere.
/// For simulation and jitter, never for secrets.
class splitmix {
public:
  explicit constexpr splitmix(std::uint64_t seed) noexcept : state_(seed) {}

  constexpr std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15U;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

  /// A number below `bound`, which is not 0.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }

private:
  std::uint64_t state_;
};

} // namespace muster
