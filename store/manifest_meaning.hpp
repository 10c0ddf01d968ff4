#pragma once

#include "muster/store/json.hpp"
#include "muster/store/manifest_rules.hpp"
#include "muster/store/sha256.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What a manifest means, apart from how it is written. The meaning is a
/// canonical JSON text: members in the order of RFC 8785, defaults filled in,
/// `capabilities` as a sorted set, numbers as exact decimals, what degraded
/// left out, and everything unknown included. Two texts mean the same exactly
/// when these are equal.
namespace muster {

/// SHA-256 of the bytes.
[[nodiscard]] sha256_digest file_hash(std::string_view bytes);

/// SHA-256 of what a document means.
[[nodiscard]] sha256_digest content_hash(const json::document& manifest);

/// What that digest is of.
[[nodiscard]] std::string manifest_meaning(const json::document& manifest);

/// What a value means as the top-level field `name`, known or not. Nothing if
/// it means what absence means where absence has no text: a value that
/// degrades. Of a value that breaks its rule otherwise: its canonical text.
[[nodiscard]] std::optional<std::string> field_meaning(std::string_view name, json::value value);

/// What the absence of that field means; nothing where it has no default.
[[nodiscard]] std::optional<std::string> default_meaning(std::string_view name);

/// What a value means under a rule; under none if it is null.
[[nodiscard]] std::string meaning_under(const rules::rule* rule, json::value value);

} // namespace muster
