#pragma once

#include "muster/store/environment.hpp"

#include <string>
#include <string_view>

namespace muster {

/// What is put aside: never read again by us, never deleted by us.
enum class aside_kind : std::uint8_t {
  cut,     ///< `<name>.cut-<time>`: what followed the last valid seal
  damaged, ///< `<name>.damaged-<time>`: what is not what it was
};

/// A name for it that was free a moment ago.
[[nodiscard]] os_result<std::string> aside_name(environment env, handle directory, std::string_view name,
                                                aside_kind kind);

/// Renames a file to such a name and syncs the directory. The new name.
[[nodiscard]] os_result<std::string> set_aside(environment env, handle directory, std::string_view name,
                                               aside_kind kind);

} // namespace muster
