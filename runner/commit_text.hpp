#pragma once

#include "muster/store/json.hpp"

#include <string>

namespace muster {

/// A commit of an answer on one line: when, which version, what was done to what.
[[nodiscard]] std::string commit_line(json::value commit);

} // namespace muster
