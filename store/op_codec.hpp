#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/op.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// A commit as one line of canonical JSON, and back; the grammar stands in
/// docs/formats.md.
///
/// 1. One commit has one line: what decodes encodes to the same bytes, and what
///    encodes decodes to the same commit.
/// 2. Members with nothing to say are left out: an empty text or `saw`, a flag
///    at its default, an owner that is the feed's own instance.
/// 3. Everything else is refused: unknown members and kinds, wrong types, other
///    spellings, anything over `feed_limits`. Nothing is decoded on hope.
/// 4. A path is any bytes: one that is not UTF-8 is written "hex:2f…", which no
///    absolute path begins with.
namespace muster {

/// The line, without a line feed. Refused ("op-…") is a commit that no reader
/// would take.
[[nodiscard]] expected<std::string> encode_commit(const commit& what);

/// The commit of a line without a line feed, in the feed of `instance`.
[[nodiscard]] expected<commit> decode_commit(std::string_view line, const instance_id& instance);

/// An op's kind as lines and answers spell it, such as "agent.put".
[[nodiscard]] std::string_view kind_of(const op& what) noexcept;

/// Whether a text has the form of an instance id.
[[nodiscard]] bool is_instance_id(std::string_view text) noexcept;

} // namespace muster
