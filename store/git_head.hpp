#pragma once

#include "muster/store/environment.hpp"

#include <string>
#include <string_view>

namespace muster {

/// At which commit of git a project stands, as two hashes in hexadecimal: of what
/// `HEAD` says and, after a colon, of the file of the branch that it names, if
/// there is one. Empty: it is no git project, or that cannot be told.
///
/// Reads `.git/HEAD`, or where a `.git` file of a linked worktree leads to, and
/// one file below `refs/`: regular files of a few KiB, never through a symbolic
/// link. Objects and packed refs are not looked at.
[[nodiscard]] std::string git_head(const environment& env, const std::string& project);

/// Git has provably changed what is there: both are known and differ. A branch
/// whose file has gone into the packed refs is no change.
[[nodiscard]] bool is_other_head(std::string_view was, std::string_view is) noexcept;

} // namespace muster
