#pragma once

#include <string>
#include <string_view>

namespace muster {

/// A word of a command as a person can type it into a shell.
[[nodiscard]] std::string shell_word(std::string_view text);

} // namespace muster
