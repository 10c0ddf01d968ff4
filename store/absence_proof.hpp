#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"
#include "muster/store/environment.hpp"

#include <string>
#include <string_view>

/// Tells a manifest that is gone from one on a volume that is away: neither is
/// found, and only the second comes back.
namespace muster {

/// Of a project that was there and could not be looked at. Only a directory at its own path
/// speaks for it.
inline constexpr directory_mark unseen_directory{};

/// What a directory that is there says about a project that is not found in it.
struct absence_witness {
  directory_mark directory; ///< the project's own, or the nearest one above it
  bool is_project = false;
};

/// Whether it speaks for the volume on which the project was `noted`. The own
/// directory of a project does by either number: devices get other numbers at a
/// boot, and a directory that was made again has another inode. One above it does
/// by the device alone.
[[nodiscard]] constexpr bool speaks_for(const absence_witness& seen, const directory_mark& noted) noexcept {
  if (noted == unseen_directory)
    return seen.is_project;
  return seen.directory.device == noted.device || (seen.is_project && seen.directory.inode == noted.inode);
}

/// Whether no manifest is at a project's path, and none would be there if another
/// volume were mounted: false also where that cannot be told. It looks within the
/// one directory that speaks for the volume, so that a mount meanwhile is no proof.
[[nodiscard]] bool is_provably_gone(disk& files, std::string_view project, const directory_mark& noted);

/// "volume-away", busy: what an absence without proof is told as.
[[nodiscard]] failure volume_away(const std::string& project);

} // namespace muster
