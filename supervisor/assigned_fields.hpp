#pragma once

#include "muster/messages/requests.hpp"
#include "muster/store/manifest_merge.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace muster {

/// The present value of a top-level field as JSON; nothing: absent.
using present_value = std::function<std::optional<std::string>(const std::string& field)>;

/// How many members one request may set, remove, add.
inline constexpr std::size_t max_assignments = 1024;

/// What a request to set, remove and add members makes of the top-level fields
/// they are in: each once, in full. Refused:
/// - "change-empty", "change-too-many": it names no member, or too many;
/// - "manifest-change-twice": a member is named twice, or with one inside it;
/// - "change-no-object": a member is set inside of what is no object;
/// - a "json-…" code: a value is not JSON.
/// Whether a manifest may say so is for `apply_changes`.
[[nodiscard]] expected<std::vector<field_change>> field_changes(const update_agent& asked,
                                                                const present_value& present);

} // namespace muster
