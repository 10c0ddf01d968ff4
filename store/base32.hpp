#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace muster {

/// RFC 4648 base 32 in lower case, without padding.
[[nodiscard]] std::string to_base32(std::span<const std::byte> bytes);

} // namespace muster
