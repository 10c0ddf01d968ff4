#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// A number, a text or NULL on its way into a row. Texts are not copied.
/// Unsigned numbers keep their bits.
class sqlite_value {
public:
  enum class kind : std::uint8_t { null, integer, text };

  sqlite_value() = default;
  sqlite_value(std::nullptr_t) noexcept {}
  template <std::integral Number>
  sqlite_value(Number number) noexcept : kind_(kind::integer), integer_(static_cast<std::int64_t>(number)) {}
  sqlite_value(std::string_view text) noexcept : kind_(kind::text), text_(text) {}
  sqlite_value(const std::string& text) noexcept : kind_(kind::text), text_(text) {}
  sqlite_value(const char* text) noexcept : kind_(kind::text), text_(text) {}
  sqlite_value(const std::optional<std::string>& text) noexcept
      : kind_(text ? kind::text : kind::null), text_(text ? std::string_view(*text) : std::string_view()) {}

  [[nodiscard]] kind type() const noexcept { return kind_; }
  [[nodiscard]] std::int64_t integer() const noexcept { return integer_; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

private:
  kind kind_ = kind::null;
  std::int64_t integer_ = 0;
  std::string_view text_;
};

} // namespace muster
