#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace muster {

/// Text from a manifest, a path or a peer, made safe to print: control
/// characters (C0, DEL, C1), bidirectional controls, line separators and bytes
/// that are not UTF-8 appear as `\x1b`, `\u{202e}`; a backslash stays as it is.
/// At most `width` characters, the last of them a mark where it was cut.
[[nodiscard]] std::string printable(std::string_view foreign, std::size_t width = 256);

/// The same bytes as a JSON string with its quotes, whole. Everything that
/// `printable` would not print is written as an escape, and a byte that is not
/// UTF-8 as U+FFFD.
[[nodiscard]] std::string json_text(std::string_view foreign);
void append_json_text(std::string& out, std::string_view foreign);

/// A JSON text that means the same and can be printed: what steers a terminal
/// becomes an escape where it stands in a string, and carriage returns between
/// the values go.
[[nodiscard]] std::string printable_json(std::string_view json);

} // namespace muster
