#pragma once

#include "muster/store/json.hpp"
#include "muster/store/manifest_rules.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// What a field of a manifest becomes when somebody gives it a new value.
namespace muster {

/// What a change says about members inside a field that neither it mentions
/// nor we know.
enum class unknown_members : std::uint8_t {
  keep, ///< they stay: an edit by somebody who sees only what we know
  drop, ///< they go: the text is all the field shall be
};

/// The new value as JSON, in which members stay as they were in the old one
/// where that means the same, and unknown ones as `unknown` says. Entries of a
/// list take after the old entry of the same identity.
[[nodiscard]] std::string merged_value(json::value old, json::value fresh, const rules::rule& rule,
                                       unknown_members unknown);

/// Of a list whose entries have an identity: the new list with old entries
/// instead of new ones of the same identity. Nothing for other values, or when
/// each entry stands where its old one stood.
[[nodiscard]] std::optional<std::string> reordered_value(json::value old, json::value fresh, const rules::rule& rule);

} // namespace muster
