#pragma once

#include <malloc.h>

namespace muster {

/// Has large blocks given back when they are freed. Left to itself malloc raises
/// its limit for that to the largest block it has seen freed: a start reads whole
/// feeds and compares all agents, and after it twice the memory in use would stay.
/// For a process that is a muster and nothing else.
inline void give_back_large_blocks() noexcept {
  constexpr int large = 256 * 1024;
  (void)::mallopt(M_MMAP_THRESHOLD, large);
}

} // namespace muster
