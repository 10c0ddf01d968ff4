#pragma once

#include "muster/store/environment.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// Makes ULIDs: 48 bits of milliseconds and 80 random ones, as 26 characters
/// of Crockford's base 32. Each sorts after the one before, as text, even
/// within a millisecond and when the clock is set back. Belongs to one thread.
class ulid_generator {
public:
  ulid_generator(clock_source& clock, entropy& random) noexcept : clock_(clock), random_(random) {}

  [[nodiscard]] std::string next();

private:
  void draw();
  void count_up();

  clock_source& clock_;
  entropy& random_;
  std::uint64_t milliseconds_ = 0;
  std::array<std::byte, 10> tail_{};
  bool used_ = false;
};

/// Whether a text is a ULID as we mint them: 26 characters, upper case, not
/// beyond 128 bits.
[[nodiscard]] bool is_ulid(std::string_view text) noexcept;

/// When a ULID says it was minted, since the epoch; nothing for other texts.
[[nodiscard]] std::optional<std::chrono::milliseconds> time_of_ulid(std::string_view text) noexcept;

} // namespace muster
