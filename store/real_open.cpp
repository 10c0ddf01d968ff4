#include "muster/store/real_open.hpp"

#include <climits>

#include <algorithm>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace muster {

namespace {

// A rename anywhere may make RESOLVE_BENEATH answer EAGAIN; so many in a row
// is somebody's doing.
constexpr int max_rename_races = 64;

int flags_of(const open_how& how) noexcept {
  int flags = O_CLOEXEC | (how.directory ? O_DIRECTORY : 0) | (how.no_follow ? O_NOFOLLOW : 0);
  switch (how.access) {
    case open_how::access_mode::path_only: return flags | O_PATH;
    case open_how::access_mode::read: flags |= O_RDONLY; break;
    case open_how::access_mode::read_write: flags |= O_RDWR; break;
    case open_how::access_mode::append: flags |= O_WRONLY | O_APPEND; break;
  }
  flags |= O_NONBLOCK | O_NOCTTY;
  if (how.create)
    flags |= O_CREAT | (how.exclusive ? O_EXCL : 0);
  return flags | (how.truncate ? O_TRUNC : 0);
}

bool is_path_only(const open_how& how) noexcept {
  return how.access == open_how::access_mode::path_only;
}

// Beneath, a link at the end is refused by RESOLVE_NO_SYMLINKS with ELOOP;
// O_NOFOLLOW beside it would turn that into ENOTDIR for a directory. Only a
// path handle of the link itself needs it.
open_how beneath_how(open_how how) noexcept {
  how.no_follow = how.no_follow && is_path_only(how);
  return how;
}

os_result<void> check_beneath(std::string_view path) noexcept {
  if (path.empty())
    return os_error{ENOENT};
  if (path.front() == '/')
    return os_error{EXDEV};
  for (auto rest = path; !rest.empty();) {
    const auto end = std::min(rest.find('/'), rest.size());
    if (rest.substr(0, end) == "..")
      return os_error{EXDEV};
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

// Closes what the walk holds on to.
class descriptor {
public:
  explicit descriptor(int value) noexcept : value_(value) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() { reset(-1); }

  [[nodiscard]] int get() const noexcept { return value_; }
  void reset(int value) noexcept {
    if (value_ >= 0) {
      const int kept = errno;
      ::close(value_);
      errno = kept;
    }
    value_ = value;
  }
  [[nodiscard]] int release() noexcept { return std::exchange(value_, -1); }

private:
  int value_;
};

bool is_symlink(int directory, const char* name) noexcept {
  const int kept = errno;
  struct stat found {};
  const bool yes = ::fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(found.st_mode);
  errno = kept;
  return yes;
}

os_result<handle> open_last(int directory, const char* name, const open_how& how) {
  descriptor opened{::openat(directory, name, flags_of(how) | O_NOFOLLOW, how.mode)};
  if (opened.get() < 0)
    return errno == ENOTDIR && !how.no_follow && is_symlink(directory, name) ? os_error{ELOOP} : last_error();
  if (is_path_only(how) && !how.no_follow) {
    struct stat found {};
    if (::fstat(opened.get(), &found) != 0)
      return last_error();
    if (S_ISLNK(found.st_mode))
      return os_error{ELOOP};
  }
  return handle{opened.release()};
}

os_result<void> step_into(descriptor& directory, int base, const char* name) {
  const int from = directory.get() >= 0 ? directory.get() : base;
  descriptor next{::openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)};
  if (next.get() < 0)
    return last_error();
  struct stat found {};
  if (::fstat(next.get(), &found) != 0)
    return last_error();
  if (S_ISLNK(found.st_mode))
    return os_error{ELOOP};
  if (!S_ISDIR(found.st_mode))
    return os_error{ENOTDIR};
  directory.reset(next.release());
  return {};
}

} // namespace

system_path::system_path(std::string_view path) noexcept {
  static_assert(sizeof text_ == PATH_MAX);
  if (path.size() >= text_.size()) {
    error_ = ENAMETOOLONG;
    path = {};
  } else if (path.find('\0') != std::string_view::npos) {
    error_ = EINVAL;
    path = {};
  }
  path.copy(text_.data(), path.size());
  text_[path.size()] = '\0';
}

bool openat2_is_usable() noexcept {
  // Some sandboxes answer EPERM to calls they do not know. Nothing else would
  // refuse this one.
  ::open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  const long opened = ::syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof how);
  if (opened < 0)
    return errno != ENOSYS && errno != EPERM;
  ::close(static_cast<int>(opened));
  return true;
}

os_result<handle> open_plain(handle directory, std::string_view path, const open_how& how) {
  const system_path at{path};
  if (at.error() != 0)
    return os_error{at.error()};
  const int opened = ::openat(static_cast<int>(directory), at.c_str(), flags_of(how), how.mode);
  if (opened < 0)
    return last_error();
  return handle{opened};
}

os_result<handle> open_beneath(handle directory, std::string_view path, const open_how& how) {
  const system_path at{path};
  if (at.error() != 0)
    return os_error{at.error()};
  if (auto fine = check_beneath(path); !fine)
    return fine.error();
  ::open_how kernel_how{};
  kernel_how.flags = static_cast<unsigned>(flags_of(beneath_how(how)));
  kernel_how.mode = how.create && !is_path_only(how) ? how.mode & 07777U : 0;
  kernel_how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  long opened = -1;
  for (int races = 0; races < max_rename_races; ++races) {
    opened = ::syscall(SYS_openat2, static_cast<int>(directory), at.c_str(), &kernel_how, sizeof kernel_how);
    if (opened >= 0 || errno != EAGAIN)
      break;
  }
  if (opened < 0)
    return last_error();
  return handle{static_cast<int>(opened)};
}

os_result<handle> walk_beneath(handle directory, std::string_view path, const open_how& how) {
  const system_path whole{path};
  if (whole.error() != 0)
    return os_error{whole.error()};
  if (auto fine = check_beneath(path); !fine)
    return fine.error();
  const int base = static_cast<int>(directory);
  auto last_how = beneath_how(how);
  const bool slash = path.back() == '/';
  if (slash)
    path = path.substr(0, path.find_last_not_of('/') + 1);
  descriptor inner{-1};
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    if (slash > 0) {
      const system_path name{path.substr(0, slash)};
      if (auto done = step_into(inner, base, name.c_str()); !done)
        return done.error();
    }
    path.remove_prefix(slash + 1);
  }
  if (slash && how.create && !is_path_only(how) && path != ".")
    return os_error{EISDIR};
  last_how.directory = how.directory || slash;
  const system_path name{path};
  return open_last(inner.get() >= 0 ? inner.get() : base, name.c_str(), last_how);
}

} // namespace muster
