#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/json.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// What can be wrong with a JSON text, and how people are told.
namespace muster::json {

/// Each has a fixed code, "json-…"; the three unclosed kinds share one. `size` stays last.
enum class problem : std::uint8_t {
  empty,
  byte_order_mark,
  encoding,
  zero_byte,
  utf8,
  control,
  escape,
  surrogate,
  number,
  number_exponent,
  word,
  comment,
  blank,
  trailing_comma,
  missing_comma,
  missing_colon,
  missing_value,
  key,
  single_quotes,
  unclosed_string,
  unclosed_array,
  unclosed_object,
  closer,
  trailing_text,
  unexpected,
  duplicate_key,
  depth,
  size,
};

[[nodiscard]] std::string_view code_of(problem what) noexcept;

/// A problem and the offset it lies at.
struct finding {
  problem what = problem::unexpected;
  std::size_t offset = 0;
  std::size_t first_key = 0; ///< of a duplicate key: where it stands first
};

/// The failure for a caller: what, where, what now.
[[nodiscard]] failure describe(const finding& found, std::string_view text, const limits& bounds);

/// What to say about a byte at `offset` that begins nothing JSON knows, `otherwise`
/// where it is nothing special.
[[nodiscard]] finding strange_byte(std::string_view text, std::size_t offset, problem otherwise) noexcept;

/// The problem with the whole text that shows before it is read: its size, its encoding.
[[nodiscard]] bool find_encoding_problem(std::string_view text, const limits& bounds, finding& found) noexcept;

} // namespace muster::json
