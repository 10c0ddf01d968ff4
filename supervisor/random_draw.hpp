#pragma once

#include "muster/store/environment.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace muster {

/// A number drawn evenly from 0 to 2^32 - 1.
[[nodiscard]] inline std::uint32_t draw_number(entropy& random) {
  std::array<std::byte, sizeof(std::uint32_t)> bytes{};
  random.fill(bytes);
  std::uint32_t result = 0;
  std::memcpy(&result, bytes.data(), bytes.size());
  return result;
}

} // namespace muster
