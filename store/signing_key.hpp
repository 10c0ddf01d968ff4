#pragma once

#include "muster/messages/ids.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace muster {

/// Ed25519 (RFC 8032).
using public_key = std::array<std::byte, 32>;
using signature = std::array<std::byte, 64>;

namespace detail {
struct free_key {
  void operator()(void* raw) const noexcept;
};
} // namespace detail

/// The private half of an instance's key. Its bytes are wiped when it goes, and
/// there is no way to print it.
class signing_key {
public:
  /// The key of 32 secret bytes, which stay the caller's to wipe.
  explicit signing_key(std::span<const std::byte, 32> secret);

  [[nodiscard]] const public_key& public_half() const noexcept { return public_; }
  [[nodiscard]] signature sign(std::string_view message) const;

private:
  std::unique_ptr<void, detail::free_key> key_;
  public_key public_{};
};

/// Checks signatures of one public key.
class signature_check {
public:
  explicit signature_check(const public_key& key);
  [[nodiscard]] bool operator()(std::string_view message, const signature& by) const;

private:
  std::unique_ptr<void, detail::free_key> key_;
};

/// Overwrites a secret so that no optimiser leaves it out.
void wipe(std::span<std::byte> secret) noexcept;

/// What an instance with this key is called.
[[nodiscard]] instance_id instance_of(const public_key& key);

} // namespace muster
