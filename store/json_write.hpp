#pragma once

#include "muster/store/json.hpp"

#include <string>
#include <string_view>

/// JSON as text again: in one spelling per meaning, or for people.
namespace muster::json {

/// Appends a JSON string as ECMAScript's JSON.stringify writes it: `\"`, `\\`,
/// `\b \f \n \r \t`, other characters below U+0020 as `\u00xx` with small
/// letters, everything else as it is. The text must be UTF-8 (`is_utf8`).
void append_quoted(std::string& out, std::string_view utf8);
[[nodiscard]] std::string quote(std::string_view utf8);

/// Appends the canonical text of a value that is not absent: no blanks, members
/// sorted by the UTF-16 units of their keys (RFC 8785), strings as `quote` writes
/// them, numbers as `decimal::canonical`. Two values have the same canonical text
/// exactly when they mean the same.
void append_canonical(std::string& out, value v);
[[nodiscard]] std::string canonical(value v);

/// True if the two values, of the same or of different documents, differ at
/// most in blanks, order of members and spelling of strings and numbers.
[[nodiscard]] bool same_meaning(value a, value b);

/// The value for people, as JSON.stringify(value, null, 2) lays it out, without
/// a line end after it. Members keep their order, numbers are copied as read.
[[nodiscard]] std::string pretty(value v);

} // namespace muster::json
