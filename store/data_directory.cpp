#include "muster/store/data_directory.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/feed_folder.hpp"
#include "muster/store/full_io.hpp"

#include <cerrno>
#include <optional>

namespace muster {

namespace {

constexpr std::uint32_t only_us = 0700;
constexpr std::uint32_t writable_by_others = 0022;

failure refused(std::string_view code, const std::string& path, const std::string& sentence) {
  return {failure_kind::refused, code, path + sentence, path};
}

std::string without_end_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/')
    path.pop_back();
  return path;
}

// The directory that a path names `name` in.
struct place {
  std::string parent;
  std::string name;
};
place split(const std::string& path) {
  const auto slash = path.rfind('/');
  return {slash == 0 ? "/" : without_end_slashes(path.substr(0, slash)), path.substr(slash + 1)};
}

// Why a path that cannot be opened is nothing that `init` could make.
std::optional<failure> leads_nowhere(disk& files, const std::string& path) {
  const auto status = files.status(no_handle, path, false);
  if (!status || status->type != file_type::symlink)
    return std::nullopt;
  return refused(
      "data-dangling-link", path,
      " is a symbolic link to something that is not there; make that directory, mount it, or remove the link");
}

// Makes a directory and whatever is missing above it, each durable before the
// next.
expected<void> make_directories(disk& files, const std::string& path) {
  const auto here = split(path);
  auto parent = files.open(no_handle, here.parent, {.directory = true});
  if (!parent && parent.error().code == ENOENT && here.parent != path) {
    if (auto made = make_directories(files, here.parent); !made)
      return made;
    parent = files.open(no_handle, here.parent, {.directory = true});
    if (!parent)
      if (auto link = leads_nowhere(files, here.parent))
        return *link;
  }
  if (!parent)
    return disk_failure("open the directory", here.parent, parent.error());
  const open_file above(files, *parent);
  const auto made = files.make_directory(above.get(), here.name, only_us);
  if (!made && made.error().code != EEXIST)
    return disk_failure("make the data directory", path, made.error());
  if (auto synced = sync_full(files, above.get()); !synced) {
    // It may stand in memory only, and another sync need not save it.
    if (made)
      (void)files.unlink(above.get(), here.name, unlink_kind::directory);
    return disk_failure("sync the directory above the data directory", here.parent, synced.error());
  }
  return {};
}

expected<void> check_owner(const environment& env, handle directory, const std::string& path) {
  const auto status = env.files.status(directory);
  if (!status)
    return disk_failure("look at the data directory", path, status.error());
  if (status->uid != env.self.uid)
    return refused("data-not-ours", path,
                   " belongs to user " + std::to_string(status->uid) + "; use a data directory of your own (--data)");
  if ((status->mode & writable_by_others) != 0)
    return refused("data-open-to-others", path, " can be written by other users; run 'chmod 700' on it");
  return {};
}

bool is_file(const environment& env, handle directory, const char* name) {
  const auto status = env.files.status(directory, name, false);
  return status && status->type == file_type::regular;
}

// Whether a muster has been here: a whole identity, or the beginning of one.
bool has_marks(const environment& env, handle directory) {
  return is_file(env, directory, "instance.json") || is_file(env, directory, "identity.key") ||
         is_file(env, directory, "identity.key.new");
}

// A directory that is not one of ours yet must have nothing in it, so that
// nobody's files get mixed up with ours.
expected<void> check_fresh(const environment& env, handle directory, const std::string& path) {
  constexpr std::size_t just_the_lock = 1;
  const auto names = list_names(env.files, directory, just_the_lock);
  if (!names && names.error().code != E2BIG)
    return disk_failure("list the data directory", path, names.error());
  if (!names || (!names->empty() && names->front() != "lock"))
    return refused("data-foreign", path, " holds other things than a muster; name an empty or new directory");
  const auto status = env.files.status(directory);
  if (status && status->mode != only_us)
    if (auto changed = env.files.change_mode(directory, only_us); !changed)
      return disk_failure("keep others out of the data directory", path, changed.error());
  return {};
}

failure missing(const std::string& path) {
  return {failure_kind::not_found, "data-missing",
          "there is no data directory at " + path + "; 'muster init' makes one", path};
}

failure held(const std::string& path) {
  return {failure_kind::busy, "data-held",
          "another muster process has " + path + "; wait for it or stop it, then try again", path};
}

} // namespace

expected<data_directory> data_directory::open(environment env, const std::string& given, presence wanted) {
  const auto path = without_end_slashes(given);
  auto opened = env.files.open(no_handle, path, {.directory = true});
  if (!opened && opened.error().code == ENOENT && wanted == presence::create) {
    if (auto made = make_directories(env.files, path); !made)
      return made.error();
    opened = env.files.open(no_handle, path, {.directory = true});
  }
  if (!opened) {
    if (opened.error().code == ENOENT) {
      const auto link = leads_nowhere(env.files, path);
      return link ? *link : missing(path);
    }
    if (opened.error().code == ENOTDIR)
      return refused("data-not-a-directory", path, " is not a directory; name another one with --data");
    return disk_failure("open the data directory", path, opened.error());
  }
  data_directory result(env, path, open_file(env.files, *opened));
  if (auto ours = check_owner(env, result.get(), path); !ours)
    return ours.error();
  if (!has_marks(env, result.get())) {
    if (wanted != presence::create)
      return missing(path);
    if (auto fresh = check_fresh(env, result.get(), path); !fresh)
      return fresh.error();
    // Whoever made it may have been interrupted before its name was on disk.
    if (const auto above = env.files.open(no_handle, split(path).parent, {.directory = true})) {
      const open_file parent(env.files, *above);
      if (auto synced = sync_full(env.files, parent.get()); !synced && synced.error().code != EROFS)
        return disk_failure("sync the directory above the data directory", path, synced.error());
    }
  }
  if (auto locked = result.lock(wanted); !locked)
    return locked.error();
  return result;
}

expected<void> data_directory::lock(presence wanted) {
  open_how how{.no_follow = true, .beneath = true};
  auto opened = env_.files.open(get(), "lock", how);
  if (!opened && opened.error().code == ENOENT && wanted == presence::looked_at)
    return {};
  if (!opened && opened.error().code == ENOENT) {
    how.access = open_how::access_mode::read_write;
    how.create = true;
    opened = env_.files.open(get(), "lock", how);
    // Nobody can write here, so there is nothing to keep others from.
    if (!opened && (opened.error().code == EROFS || opened.error().code == EACCES))
      return {};
  }
  if (!opened)
    return disk_failure("open the lock", path_ + "/lock", opened.error());
  lock_ = open_file(env_.files, *opened);
  if (auto locked = env_.files.try_lock(lock_.get()); !locked) {
    if (locked.error().code == EWOULDBLOCK)
      return held(path_);
    return disk_failure("lock the data directory", path_, locked.error());
  }
  // Keeps out who finds no lock since somebody has removed it, where the file
  // system can lock a directory.
  if (auto locked = env_.files.try_lock(get()); !locked && locked.error().code == EWOULDBLOCK)
    return held(path_);
  return {};
}

expected<handle> data_directory::feeds() {
  if (feeds_)
    return feeds_.get();
  auto opened = open_directory(env_.files, get(), "feeds");
  if (!opened && opened.error().code == ENOENT) {
    if (auto made = env_.files.make_directory(get(), "feeds", only_us); !made && made.error().code != EEXIST)
      return disk_failure("make the directory of the feeds", path_ + "/feeds", made.error());
    opened = open_directory(env_.files, get(), "feeds");
  }
  if (!opened)
    return disk_failure("open the directory of the feeds", path_ + "/feeds", opened.error());
  // Before the first feed is begun, and then it was done. Whoever made it may
  // have been interrupted, and a name whose sync failed has to be made anew.
  if (const auto begun = list_feeds(env_, opened->get()); begun && begun->empty())
    if (auto synced = sync_full(env_.files, get()); !synced && synced.error().code != EROFS) {
      (void)env_.files.unlink(get(), "feeds", unlink_kind::directory);
      return disk_failure("sync the data directory", path_, synced.error());
    }
  feeds_ = std::move(*opened);
  return feeds_.get();
}

} // namespace muster
