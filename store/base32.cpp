#include "muster/store/base32.hpp"

namespace muster {

std::string to_base32(std::span<const std::byte> bytes) {
  constexpr char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string text;
  text.reserve((bytes.size() * 8 + 4) / 5);
  unsigned pending = 0;
  unsigned bits = 0;
  for (const auto byte : bytes) {
    pending = (pending << 8 | std::to_integer<unsigned>(byte)) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5)
      text += alphabet[(pending >> (bits - 5)) & 31];
  }
  if (bits != 0)
    text += alphabet[(pending << (5 - bits)) & 31];
  return text;
}

} // namespace muster
