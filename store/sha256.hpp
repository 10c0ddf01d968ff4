#pragma once

#include "muster/messages/digest.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace muster {

/// A running SHA-256. After `finish` it starts anew, so that one object
/// serves any number of inputs without further allocations.
class sha256 {
public:
  sha256();
  sha256(sha256&&) noexcept;
  sha256& operator=(sha256&&) noexcept;
  ~sha256();

  void update(std::string_view bytes);
  /// The digest of everything since the start or the last `finish`.
  [[nodiscard]] sha256_digest finish();

  /// The digest of one input.
  [[nodiscard]] static sha256_digest of(std::string_view bytes);

private:
  struct context;
  std::unique_ptr<context> context_;
};

/// Lower-case hexadecimal, 64 characters.
[[nodiscard]] std::string to_hex(const sha256_digest& digest);

} // namespace muster
