#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster::json {

/// The exact value of a JSON number.
///
/// 1. Two numbers are equal when they mean the same: 1.10 = 1.1 = 11e-1, -0 = 0.
/// 2. Nothing is rounded, and no exponent is ever expanded into digits.
/// 3. Each value has one canonical text. With d the digits without zeros at
///    either end and p the place of the point (value = 0.d × 10^p):
///    zero is `0`; with 0 < p <= 21 the number is written in full (`1200`, `1.5`);
///    with -6 < p <= 0 in full after `0.` (`0.00015`); otherwise as `1.5e+21` or
///    `1e-7`, one digit before the point and an exponent with its sign.
///    That is how ECMAScript lays out a double, so RFC 8785 agrees wherever a double
///    holds the value; it is JSON and parses to the same value again.
class decimal {
public:
  decimal() = default; ///< zero

  /// The value of a text that is a JSON number and nothing else. Nothing if it
  /// is none, or if its exponent, as written or in scientific notation, has more
  /// than 18 digits (not counting leading zeros) and the value is not zero.
  [[nodiscard]] static std::optional<decimal> parse(std::string_view number);

  [[nodiscard]] bool is_zero() const noexcept { return digits_.empty(); }
  [[nodiscard]] bool is_negative() const noexcept { return negative_; }
  [[nodiscard]] bool is_integer() const noexcept;
  /// The value if it is an integer that fits.
  [[nodiscard]] std::optional<std::int64_t> to_int64() const noexcept;
  [[nodiscard]] std::string canonical() const;

  friend bool operator==(const decimal&, const decimal&) = default;
  friend std::strong_ordering operator<=>(const decimal& a, const decimal& b) noexcept;

private:
  bool negative_ = false;
  std::int64_t point_ = 0; ///< value = ±0.digits × 10^point
  std::string digits_;     ///< neither begins nor ends with 0; empty for zero
};

/// The canonical text of a JSON number that the reader accepted, appended.
void append_canonical_number(std::string& out, std::string_view number);

} // namespace muster::json
