#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace muster {

/// All of a text as a decimal number without a sign; nothing if it is anything
/// else, or more than 64 bits hold.
[[nodiscard]] inline std::optional<std::uint64_t> whole_number(std::string_view digits) noexcept {
  std::uint64_t number = 0;
  const auto* const last = digits.data() + digits.size();
  const auto [end, problem] = std::from_chars(digits.data(), last, number);
  return problem == std::errc{} && end == last ? std::optional{number} : std::nullopt;
}

} // namespace muster
