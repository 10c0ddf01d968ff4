#pragma once

#include "muster/store/json.hpp"

#include <string>

namespace muster {

/// The answer of a scan for people: what could be registered, then what was found
/// besides, then what was not seen.
[[nodiscard]] std::string scan_text(json::value scanned);

/// How far a scan is, in a few words.
[[nodiscard]] std::string scan_progress_text(json::value progress);

} // namespace muster
