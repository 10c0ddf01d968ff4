#pragma once

#include <string>
#include <vector>

namespace muster {

/// The keys of settings as the command line promises them; those that end in a
/// dot go on with the name of a namespace.
[[nodiscard]] const std::vector<std::string>& setting_keys();

} // namespace muster
