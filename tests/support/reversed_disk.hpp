#pragma once

#include "tests/support/forwarding_disk.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace muster::test {

/// A disk whose listings come the other way round and do not tell any types,
/// as those of some file systems.
class reversed_disk final : public forwarding_disk {
public:
  explicit reversed_disk(disk& real, bool tells_types) : forwarding_disk(real), tells_types_(tells_types) {}

  os_result<std::size_t> read_entries(handle directory, std::span<std::byte> into) override {
    constexpr std::size_t length_offset = 16;
    constexpr std::size_t type_offset = 18;
    const auto size = real_.read_entries(directory, into);
    if (!size)
      return size;
    std::vector<std::vector<std::byte>> entries;
    for (std::size_t at = 0; at < *size;) {
      std::uint16_t length = 0;
      std::memcpy(&length, into.data() + at + length_offset, sizeof length);
      auto& entry = entries.emplace_back(into.begin() + static_cast<std::ptrdiff_t>(at),
                                         into.begin() + static_cast<std::ptrdiff_t>(at + length));
      if (!tells_types_)
        entry[type_offset] = std::byte{0};
      at += length;
    }
    auto out = into.begin();
    for (auto each = entries.rbegin(); each != entries.rend(); ++each)
      out = std::ranges::copy(*each, out).out;
    return size;
  }

private:
  bool tells_types_;
};

} // namespace muster::test
