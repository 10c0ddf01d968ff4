#pragma once

#include "muster/store/json.hpp"
#include "muster/store/manifest_rules.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// How the problems of a manifest are told to people.
namespace muster {

/// Where in a manifest a value is: a chain up to the top level, built on the
/// stack on the way down and only spelled out when there is a problem.
struct place {
  const place* parent = nullptr;
  std::string_view name = {};     ///< of a known member
  std::string_view key_text = {}; ///< of a member of a map, with its quotes
  std::size_t index = 0;          ///< of an element
  std::string_view advice = {};
};

/// Such as `mcpServers[2].connection.env["KEY"]`.
[[nodiscard]] std::string path_of(const place& at);

/// What is wrong, what is allowed, what to do.
[[nodiscard]] std::string sentence(const place& at, std::string_view found, const rules::rule& rule);

[[nodiscard]] std::string top_level_sentence(json::kind found);

/// What a rule allows, in words.
[[nodiscard]] std::string allowed_by(const rules::rule& rule);

/// "an array", "null", …
[[nodiscard]] std::string name_of(json::kind kind);

/// A text as read, cut to what fits in a sentence.
[[nodiscard]] std::string excerpt(std::string_view text);

} // namespace muster
