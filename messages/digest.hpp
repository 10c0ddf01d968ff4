#pragma once

#include <array>
#include <cstddef>
#include <optional>

namespace muster {

/// A SHA-256.
using sha256_digest = std::array<std::byte, 32>;

/// What a manifest file held: the hash of its bytes, or nothing for no file.
using file_version = std::optional<sha256_digest>;

} // namespace muster
