#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace muster {

/// What may be wrong with a line: a fixed code and words for people.
struct line_problem {
  std::string_view code;
  std::string_view what;
};

namespace line_problems {
inline constexpr line_problem not_canonical{"not-canonical", "it is not canonical JSON"};
inline constexpr line_problem wrong_type{"wrong-type", "a value of another type belongs here"};
inline constexpr line_problem too_long{"over-limit", "a text or value is over its limit"};
inline constexpr line_problem too_deep{"over-depth", "arrays and objects nest too deeply"};
inline constexpr line_problem member_missing{"member-missing", "a member is missing"};
inline constexpr line_problem member_unknown{"member-unknown", "a member is unknown, repeated or misplaced"};
inline constexpr line_problem out_of_range{"number-range", "it is not a whole number in its range"};
inline constexpr line_problem not_hex{"not-hex", "it is not lower-case hexadecimal of the right length"};
inline constexpr line_problem text_follows{"text-follows", "something follows the end"};
} // namespace line_problems

/// Reads one line of canonical JSON from left to right, without building a
/// document. Canonical: no blanks, members in ascending order (RFC 8785: by
/// UTF-16 unit), the shortest escapes, so that each meaning has one spelling
/// and a line that was read and written again is the same bytes.
///
/// The first thing that is wrong sticks: from there on every function answers
/// false and consumes nothing; `problem()` and `offset()` tell what and where.
class canonical_reader {
public:
  explicit canonical_reader(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] bool good() const noexcept { return problem_ == nullptr; }
  /// Of a reader that is not good.
  [[nodiscard]] const line_problem& problem() const noexcept { return *problem_; }
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

  /// Records what is wrong at the present place, a constant; always false.
  bool fail(const line_problem& what) noexcept;

  /// Consumes exactly this text if it comes next; wrong or not is the caller's.
  bool accept(std::string_view expected) noexcept;
  /// The same, and it is wrong if it does not come.
  bool expect(std::string_view expected, const line_problem& otherwise) noexcept;

  bool open_object() noexcept;
  /// Consumes `"name":` if that is the next member of the object just opened
  /// or being read. `name` needs no escapes.
  bool member(std::string_view name) noexcept;
  /// A member that must be there.
  bool required(std::string_view name) noexcept;
  bool close_object() noexcept;

  /// A string, decoded into `into`; over `limit` decoded bytes is wrong.
  bool string(std::string& into, std::size_t limit);
  /// A string without escapes; points into the text.
  bool plain_string(std::string_view& into) noexcept;
  /// Exactly N bytes as lower-case hexadecimal in quotes.
  bool hex(std::span<std::byte> into) noexcept;
  /// A whole number from 0 to `highest`, at most 18 digits.
  bool whole_number(std::uint64_t& into, std::uint64_t highest) noexcept;
  /// The same from 1.
  bool counting_number(std::uint64_t& into, std::uint64_t highest) noexcept;
  /// Any canonical value of at most `limit` bytes; points into the text.
  bool value(std::string_view& into, std::size_t limit, std::size_t depth);
  /// Nothing may follow.
  bool end() noexcept;

private:
  bool any_value(std::size_t depth);
  bool any_array(std::size_t depth);
  bool any_object(std::size_t depth);
  bool any_number();
  bool escape(std::string* into) noexcept;
  bool unescaped(std::string* into) noexcept;
  bool string_body(std::string* into, std::size_t limit);

  [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(offset_); }
  [[nodiscard]] bool at(char c) const noexcept { return offset_ < text_.size() && text_[offset_] == c; }

  std::string_view text_;
  std::size_t offset_ = 0;
  const line_problem* problem_ = nullptr;
  bool first_member_ = false;
};

/// Whether a text is one canonical JSON value within depth.
[[nodiscard]] bool is_canonical_value(std::string_view text, std::size_t depth);

/// Appends a text as a canonical JSON string, quotes included.
void append_quoted(std::string& to, std::string_view text);
/// Appends bytes as lower-case hexadecimal, without quotes.
void append_hex(std::string& to, std::span<const std::byte> bytes);
/// Reads lower-case hexadecimal of exactly `into.size()` bytes.
[[nodiscard]] bool read_hex(std::string_view text, std::span<std::byte> into) noexcept;

} // namespace muster
