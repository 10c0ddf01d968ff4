#pragma once

#include "muster/store/json.hpp"

#include <chrono>
#include <string>

/// Rules as people read them, from the documents of docs/api.md.
namespace muster {

/// In a few words why something passes or does not: "own namespace", "lab to web
/// is allowed by hand".
[[nodiscard]] std::string rule_reason(json::value rule);

/// Those made by hand and those about one agent in a table, the others in a
/// sentence, or all in the table.
[[nodiscard]] std::string rules_text(json::value rules, bool all, std::chrono::milliseconds now);

} // namespace muster
