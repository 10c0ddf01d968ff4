#pragma once

#include "muster/store/environment.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// The directories below `root` at which other file systems are mounted, sorted,
/// as the kernel's list of mounts (proc_pid_mountinfo(5)) says. Lines that are
/// not of that form say nothing.
[[nodiscard]] std::vector<std::string> mounts_below(std::string_view root, std::string_view mountinfo);

/// The same as of now, without touching any of them; one that hangs would never
/// answer. Empty where that cannot be learnt.
[[nodiscard]] std::vector<std::string> find_mounts_below(disk& files, std::string_view root);

} // namespace muster
