#pragma once

#include "muster/messages/scan_messages.hpp"
#include "muster/store/environment.hpp"

#include <string>
#include <string_view>

namespace muster {

/// What git has at a directory, or nearest above it up to `root`. Paths are
/// absolute; what cannot be looked at is taken for nothing.
[[nodiscard]] checkout find_checkout(disk& files, std::string path, std::string_view root);

} // namespace muster
