#pragma once

#include "muster/store/json.hpp"

#include <optional>
#include <span>
#include <string>

namespace muster::json {

/// What becomes of one top-level member.
struct member_change {
  std::string key;                 ///< decoded, UTF-8; each key at most once
  std::optional<std::string> text; ///< the new value as JSON, or nothing: remove it
};

/// The text of an object document with some members changed.
///
/// 1. It is JSON within the limits the base was read under, and means exactly
///    the base with the changes.
/// 2. Members that are not changed keep the bytes they were read as, in their
///    order, with what stands between two of them. A new value that means the same as
///    the old one changes nothing. That holds in each changed object and array
///    at every level; elements of arrays that occur again keep their bytes.
/// 3. New members come last and look like the others: indentation, line ends,
///    blanks after colons and commas.
/// 4. The first child that stays stands where the first one stood, the last one where
///    the last one stood, so nothing untidy is left when members go.
///
/// Refuses a base that is no object ("json-not-object"), a key that is no UTF-8 or
/// occurs twice ("json-change-key"), a new text that is no JSON, and a result
/// over the limits (with the reader's code).
[[nodiscard]] expected<std::string> splice(const document& base, std::span<const member_change> changes);

} // namespace muster::json
