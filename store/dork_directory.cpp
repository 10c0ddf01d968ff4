#include "muster/store/dork_directory.hpp"

#include "muster/store/full_io.hpp"
#include "muster/store/manifest_place.hpp"

#include <cerrno>

namespace muster {

bool is_unsupported(os_error why) noexcept {
  return why.code == EINVAL || why.code == ENOSYS || why.code == EOPNOTSUPP;
}

os_result<void> dork_directory::hold(open_file directory) {
  directory_ = std::move(directory);
  const auto found = files_.status(get());
  if (!found)
    return found.error();
  status_ = *found;
  return {};
}

bool dork_directory::is_in_place() const {
  const auto found = files_.status(no_handle, dork_path(project_), false);
  if (found)
    return found->inode == status_.inode && found->device == status_.device;
  return found.error().code != ENOENT && found.error().code != ENOTDIR;
}

manifest_probe dork_directory::read(std::string_view name, writer_check writers) const {
  return read_manifest_file(files_, options_, get(), name, shown(name), writers);
}

rename_answer dork_directory::rename(std::string_view from, std::string_view to, rename_mode mode,
                                     std::uint64_t inode) {
  using effect = rename_answer::effect;
  const auto answer = files_.rename(get(), from, get(), to, mode);
  if (answer)
    return {};
  const auto why = answer.error();
  if (why.code == EEXIST || is_unsupported(why))
    return {effect::none, why};
  if (inode == 0)
    return {effect::unknown, why};
  const auto source = files_.status(get(), from, false);
  if (source)
    return {source->inode == inode ? effect::none : effect::done, why};
  if (source.error().code != ENOENT)
    return {effect::unknown, why};
  const auto target = files_.status(get(), to, false);
  if (target)
    return {target->inode == inode ? effect::done : effect::unknown, why};
  return {target.error().code == ENOENT ? effect::none : effect::unknown, why};
}

bool dork_directory::remove(std::string_view name) {
  const auto removed = uninterrupted([&] { return files_.unlink(get(), name, unlink_kind::file); });
  if (removed || removed.error().code == ENOENT)
    return true;
  const auto found = files_.status(get(), name, false);
  return !found && found.error().code == ENOENT;
}

bool dork_directory::remove_durably(std::string_view name) {
  if (!remove(name))
    return false;
  if (sync())
    return true;
  // What a failed sync was to save may count as saved from now on: whoever tries
  // again has to find something whose removal is a new change.
  leave_mark(name);
  return false;
}

void dork_directory::leave_mark(std::string_view name) {
  open_how how;
  how.access = open_how::access_mode::read_write;
  how.create = how.exclusive = how.no_follow = how.beneath = true;
  if (const auto made = uninterrupted([&] { return files_.open(get(), name, how); }))
    const open_file closed{files_, *made};
}

os_result<void> dork_directory::sync() {
  return files_.sync(get());
}

std::uint64_t dork_directory::inode_of(std::string_view name) const {
  const auto found = files_.status(get(), name, false);
  return found ? found->inode : 0;
}

std::string dork_directory::shown(std::string_view name) const {
  return path_in_dork(project_, name);
}

} // namespace muster
