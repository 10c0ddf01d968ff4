#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/manifest_options.hpp"
#include "muster/store/manifest_probe.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// A temporary file of ours that an interrupted change left in `.dork`. It may
/// hold the only copy of a hand edit, so it is recorded before it is forgotten.
struct manifest_leftover {
  std::string name;
  manifest_probe content; ///< present or unreadable
};

struct manifest_leftovers {
  std::vector<manifest_leftover> found = {}; ///< by name
  bool more = false;                         ///< there are more than one listing reads
  bool project_gone = false;                 ///< there is no project directory to look into
};

/// Lists and reads the leftovers of a project. Nothing where there is no
/// `.dork`. Not while a change of the same project is under way: its temporary
/// file is one.
[[nodiscard]] expected<manifest_leftovers> list_leftovers(disk& files, const manifest_folder_options& options,
                                                          std::string_view project);

/// Removes a leftover whose content the caller has recorded, if it is still
/// that content ("leftover-changed" otherwise). One that is gone is done, but not
/// where the project itself is away: a volume comes back with all that it holds.
[[nodiscard]] expected<void> remove_leftover(disk& files, const manifest_folder_options& options,
                                             std::string_view project, const manifest_leftover& recorded);

/// Gives a leftover a name for people instead, `agent.json.set-aside-…`, as long as it is what was
/// `read`: an edit that cannot be recorded.
[[nodiscard]] expected<void> set_leftover_aside(const environment& env, const manifest_folder_options& options,
                                                std::string_view project, const manifest_leftover& read);

} // namespace muster
