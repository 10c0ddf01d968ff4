#pragma once

#include "muster/store/json.hpp"

#include <string>

namespace muster {

/// The counters of a sweep that are not 0, such as "3 unchanged, 1 synced".
[[nodiscard]] std::string sweep_counts(json::value sweep);

} // namespace muster
