#pragma once

#include <string_view>

namespace muster {

/// Whether a walk for projects goes into a directory of this name. Not into what
/// tools keep for themselves, nor into hidden ones but those of coding tools.
/// It is asked of what lies below a scan root, never of the root itself.
[[nodiscard]] bool is_walked_name(std::string_view name) noexcept;

/// The same for a scan that somebody asked for, which looks for projects in
/// `.dork` as well.
[[nodiscard]] bool is_scanned_name(std::string_view name) noexcept;

} // namespace muster
