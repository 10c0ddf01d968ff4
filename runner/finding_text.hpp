#pragma once

#include "muster/store/json.hpp"

#include <string>
#include <string_view>

namespace muster {

/// Findings of an answer, a line each: how bad, where, what and what to do.
[[nodiscard]] std::string findings_text(json::value findings, std::string_view indent = "");

} // namespace muster
