#pragma once

#include "muster/store/field_merge.hpp"
#include "muster/store/manifest_document.hpp"

#include <optional>
#include <span>
#include <string>

namespace muster {

/// What becomes of one top-level member of a manifest, known or not.
struct field_change {
  std::string name;
  std::optional<std::string> text; ///< the new value as JSON, or nothing: remove the member
  unknown_members inside = unknown_members::keep;
};

/// The bytes of a manifest with some top-level members changed.
///
/// 1. What does not change keeps its bytes, at every level and in its order; a
///    value that means the same (field_meaning) is no change, so changes of
///    nothing return the very same bytes. Only a value that degraded can be
///    removed though its absence means the same.
/// 2. With `unknown_members::keep`, members that we do not know survive inside
///    objects, and inside entries of `mcpServers` with the same name. A member
///    that is removed goes with all that is in it.
/// 3. The result is a valid manifest within the reader's limits. Changes that
///    set a value which breaks its rule (null, a bad `model`, `effort` or
///    `account` included), change the `id` ("manifest-id-changed"), name a member twice
///    ("manifest-change-twice") or leave an invalid manifest are refused, with
///    every problem. Where a problem is in a new value, line and column count in that text.
[[nodiscard]] manifest_result<std::string> apply_changes(const manifest_document& base,
                                                         std::span<const field_change> changes);

} // namespace muster
