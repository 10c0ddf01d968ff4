#pragma once

#include "muster/store/simulated_volume.hpp"

namespace muster {

inline constexpr std::uint64_t sector_size = 512;

/// What an inode takes of a volume's space besides its content.
inline constexpr std::uint64_t inode_cost = 256;

[[nodiscard]] inline std::uint64_t cost_of(const simulated_inode& inode) noexcept {
  return inode_cost + inode.bytes->size();
}

/// How many sectors an effect touches; 1 for all but writes.
[[nodiscard]] std::uint32_t sectors_of(const content_effect& effect) noexcept;

/// Does to an inode's durable half what is kept of the effect.
void apply_durably(simulated_inode& inode, const content_effect& effect, effect_fate fate);

} // namespace muster
