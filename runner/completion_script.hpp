#pragma once

#include "muster/runner/completion_tree.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace muster {

enum class shell_kind : std::uint8_t { bash, zsh, fish };

/// The words that an argument or an option of this name takes, such as `KEY`
/// or `--runtime`. They are ours and plain.
using completion_words = std::map<std::string, std::vector<std::string>>;

/// The script that teaches a shell to complete our lines. It asks `muster
/// completion agents` where an agent is wanted.
[[nodiscard]] std::string completion_script(shell_kind shell, const known_tree& tree, const completion_words& words);

} // namespace muster
