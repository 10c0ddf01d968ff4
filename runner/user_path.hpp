#pragma once

#include "muster/messages/failure.hpp"

#include <string>

namespace muster {

/// A path as somebody typed it, made absolute against the directory we were
/// started in; `~` and `~/…` are the home directory, for where no shell does
/// that. Symbolic links and dots are left for the kernel. Refused: an empty
/// path, more than 4,096 bytes.
[[nodiscard]] expected<std::string> absolute_path(const std::string& typed);

/// The directory that an existing path leads to, without links or dots; the
/// path as it is where nothing is there.
[[nodiscard]] std::string resolved_path(const std::string& absolute);

/// The same for a path whose end may be gone: as much of it as exists is
/// resolved, and the dots in the rest are followed by the letter.
[[nodiscard]] std::string settled_path(const std::string& absolute);

} // namespace muster
