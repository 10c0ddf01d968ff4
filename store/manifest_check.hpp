#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/json.hpp"
#include "muster/store/manifest_rules.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// One thing that is wrong with a manifest.
struct manifest_problem {
  /// Such as `mcpServers[2].name`; empty for the text as a whole.
  std::string path;
  /// Of the value, or of the object that lacks it.
  json::position where;
  /// A fixed id: a "json-…" one of the reader, or one of
  /// manifest-top-level, manifest-missing, manifest-null, manifest-type,
  /// manifest-too-short, manifest-too-long, manifest-choice,
  /// manifest-not-integer, manifest-too-small, manifest-too-great,
  /// manifest-not-finite, manifest-datetime, manifest-url, manifest-server-name.
  std::string_view code;
  /// Says what is wrong, what is allowed and what to do.
  std::string message;
};

/// What a check found. The manifest is valid if `count` is 0.
struct manifest_report {
  /// In the order of the text; the first `max_listed_problems` that were found.
  std::vector<manifest_problem> problems;
  /// How many there are, listed or not.
  std::size_t count = 0;
  /// Bad values of `model`, `effort` and `account`, which count as absent.
  std::vector<manifest_problem> degraded;
};

/// A hostile file can break a rule 100,000 times over; nobody reads that far.
inline constexpr std::size_t max_listed_problems = 256;

/// The top-level values of a manifest by field; absent ones are absent, and
/// those that degraded too.
using manifest_values = std::array<json::value, manifest_field_count>;

/// Every problem of a text that should be a manifest. A text that is not JSON
/// has one: where it stops being JSON.
[[nodiscard]] manifest_report check_manifest(const std::string& bytes);

/// The one problem of a text that the reader did not take.
[[nodiscard]] manifest_report syntax_report(const std::string& text, const failure& why);

/// The same for a document. Sets `values`, which live as long as the document
/// is not moved.
[[nodiscard]] manifest_report check_manifest(const json::document& document, manifest_values& values);

/// Every way in which a value breaks the rule of one top-level field, listed
/// as problems also where the field would degrade.
[[nodiscard]] manifest_report check_manifest_field(const json::document& document, json::value value,
                                                   const rules::field& field);

/// Whether a value obeys a rule.
[[nodiscard]] bool obeys(json::value value, const rules::rule& rule);

} // namespace muster
