#include "muster/store/absence_proof.hpp"

#include "muster/store/full_io.hpp"
#include "muster/store/manifest_place.hpp"

#include <cerrno>

namespace muster {

namespace {

bool says_absent(os_error why) {
  return why.code == ENOENT || why.code == ENOTDIR;
}

bool is_absent_below(disk& files, handle directory, std::string_view path) {
  const auto found = files.status(directory, path, false);
  return !found && says_absent(found.error());
}

} // namespace

bool is_provably_gone(disk& files, std::string_view project, const directory_mark& noted) {
  open_how how;
  how.access = open_how::access_mode::path_only;
  how.directory = true;
  for (auto path = project;; path = path.substr(0, path.rfind('/'))) {
    how.no_follow = path.size() == project.size();
    const auto opened = uninterrupted([&] { return files.open(no_handle, path.empty() ? "/" : path, how); });
    if (!opened && (path.empty() || !says_absent(opened.error())))
      return false;
    if (!opened)
      continue;
    const open_file directory{files, *opened};
    const auto status = files.status(directory.get());
    if (!status)
      return false;
    const absence_witness seen{{status->device, status->inode}, path.size() == project.size()};
    const auto below = seen.is_project ? std::string{dork_name}.append("/").append(manifest_name)
                                       : std::string{project.substr(path.size() + 1)};
    return speaks_for(seen, noted) && is_absent_below(files, directory.get(), below);
  }
}

failure volume_away(const std::string& project) {
  return {failure_kind::busy, "volume-away",
          project +
              " is not there, nor the volume on which it lay, so it cannot be told what its manifest holds; it is "
              "looked at again when the volume is back",
          project, "look for the manifest"};
}

} // namespace muster
