#include "muster/store/real_disk.hpp"

#include "muster/store/real_open.hpp"

#include <climits>

#include <algorithm>
#include <array>
#include <csignal>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace muster {

namespace {

int descriptor_of(handle file) noexcept {
  return static_cast<int>(file);
}

os_result<void> done(int answer) noexcept {
  if (answer != 0)
    return last_error();
  return {};
}

os_result<std::size_t> transferred(ssize_t answer) noexcept {
  if (answer < 0)
    return last_error();
  return static_cast<std::size_t>(answer);
}

file_type type_of(unsigned mode) noexcept {
  switch (mode & S_IFMT) {
    case S_IFREG: return file_type::regular;
    case S_IFDIR: return file_type::directory;
    case S_IFLNK: return file_type::symlink;
    case S_IFIFO: return file_type::fifo;
    case S_IFSOCK: return file_type::socket;
    case S_IFCHR: return file_type::char_device;
    case S_IFBLK: return file_type::block_device;
    default: return file_type::unknown;
  }
}

std::chrono::nanoseconds since_epoch(const statx_timestamp& stamp) noexcept {
  return std::chrono::seconds{stamp.tv_sec} + std::chrono::nanoseconds{stamp.tv_nsec};
}

os_result<file_status> status_at(int directory, const char* path, int flags) {
  struct statx found {};
  if (::statx(directory, path, flags, STATX_BASIC_STATS, &found) != 0)
    return last_error();
  return file_status{type_of(found.stx_mode),
                     found.stx_mode & 07777U,
                     found.stx_uid,
                     found.stx_gid,
                     found.stx_nlink,
                     found.stx_size,
                     makedev(found.stx_dev_major, found.stx_dev_minor),
                     found.stx_ino,
                     since_epoch(found.stx_mtime),
                     since_epoch(found.stx_ctime)};
}

} // namespace

real_disk::real_disk(openat2_use use) : has_openat2_(use == openat2_use::if_present && openat2_is_usable()) {}

os_result<handle> real_disk::open(handle directory, std::string_view path, const open_how& how) {
  if (!how.beneath)
    return open_plain(directory, path, how);
  return has_openat2_ ? open_beneath(directory, path, how) : walk_beneath(directory, path, how);
}

os_result<void> real_disk::close(handle file) {
  return done(::close(descriptor_of(file)));
}

os_result<file_status> real_disk::status(handle directory, std::string_view path, bool follow) {
  const system_path at{path};
  if (at.error() != 0)
    return os_error{at.error()};
  return status_at(descriptor_of(directory), at.c_str(), follow ? 0 : AT_SYMLINK_NOFOLLOW);
}

os_result<file_status> real_disk::status(handle file) {
  return status_at(descriptor_of(file), "", AT_EMPTY_PATH);
}

os_result<filesystem_status> real_disk::filesystem(handle file) {
  struct statfs found {};
  if (::fstatfs(descriptor_of(file), &found) != 0)
    return last_error();
  return filesystem_status{static_cast<std::uint64_t>(found.f_type),
                           found.f_bavail * static_cast<std::uint64_t>(found.f_bsize),
                           (found.f_flags & ST_RDONLY) != 0};
}

os_result<std::string> real_disk::read_link(handle directory, std::string_view path) {
  const system_path at{path};
  if (at.error() != 0)
    return os_error{at.error()};
  std::array<char, PATH_MAX> target;
  const auto size = ::readlinkat(descriptor_of(directory), at.c_str(), target.data(), target.size());
  if (size < 0)
    return last_error();
  if (static_cast<std::size_t>(size) == target.size())
    return os_error{ENAMETOOLONG};
  return std::string(target.data(), static_cast<std::size_t>(size));
}

os_result<std::size_t> real_disk::read_at(handle file, std::uint64_t offset, std::span<std::byte> into) {
  return transferred(::pread(descriptor_of(file), into.data(), into.size(), static_cast<off_t>(offset)));
}

os_result<std::size_t> real_disk::write_at(handle file, std::uint64_t offset, std::span<const std::byte> from) {
  return transferred(::pwrite(descriptor_of(file), from.data(), from.size(), static_cast<off_t>(offset)));
}

os_result<std::size_t> real_disk::append(handle file, std::span<const std::byte> from) {
  return transferred(::write(descriptor_of(file), from.data(), from.size()));
}

os_result<void> real_disk::truncate(handle file, std::uint64_t size) {
  return done(::ftruncate(descriptor_of(file), static_cast<off_t>(size)));
}

os_result<void> real_disk::change_mode(handle file, std::uint32_t mode) {
  return done(::fchmod(descriptor_of(file), mode));
}

os_result<void> real_disk::sync(handle file) {
  return done(::fsync(descriptor_of(file)));
}

os_result<void> real_disk::sync_filesystem(handle file) {
  return done(::syncfs(descriptor_of(file)));
}

os_result<void> real_disk::rename(handle from_directory, std::string_view from, handle to_directory,
                                  std::string_view to, rename_mode mode) {
  const system_path source{from};
  const system_path target{to};
  if (source.error() != 0 || target.error() != 0)
    return os_error{source.error() != 0 ? source.error() : target.error()};
  const int source_directory = descriptor_of(from_directory);
  const int target_directory = descriptor_of(to_directory);
  switch (mode) {
    case rename_mode::replace:
      return done(::renameat(source_directory, source.c_str(), target_directory, target.c_str()));
    case rename_mode::no_replace:
      return done(::renameat2(source_directory, source.c_str(), target_directory, target.c_str(), RENAME_NOREPLACE));
    case rename_mode::exchange:
      return done(::renameat2(source_directory, source.c_str(), target_directory, target.c_str(), RENAME_EXCHANGE));
  }
  return os_error{EINVAL};
}

os_result<void> real_disk::unlink(handle directory, std::string_view path, unlink_kind kind) {
  const system_path at{path};
  if (at.error() != 0)
    return os_error{at.error()};
  return done(::unlinkat(descriptor_of(directory), at.c_str(), kind == unlink_kind::directory ? AT_REMOVEDIR : 0));
}

os_result<void> real_disk::make_directory(handle directory, std::string_view path, std::uint32_t mode) {
  const system_path at{path};
  if (at.error() != 0)
    return os_error{at.error()};
  return done(::mkdirat(descriptor_of(directory), at.c_str(), mode));
}

os_result<std::size_t> real_disk::read_entries(handle directory, std::span<std::byte> into) {
  const auto size = std::min<std::size_t>(into.size(), INT_MAX);
  return transferred(::getdents64(descriptor_of(directory), into.data(), size));
}

os_result<void> real_disk::try_lock(handle file) {
  return done(::flock(descriptor_of(file), LOCK_EX | LOCK_NB));
}

os_result<bool> real_disk::has_writers(handle file) {
  const int descriptor = descriptor_of(file);
  // Who opens the file for writing while the lease is held is told to us by a
  // signal: SIGIO, which ends a process that does not expect it, unless
  // another is named. SIGURG is ignored by default.
  if (::fcntl(descriptor, F_SETSIG, SIGURG) != 0)
    return last_error();
  if (::fcntl(descriptor, F_SETLEASE, F_RDLCK) != 0) {
    if (errno == EAGAIN)
      return true;
    return last_error();
  }
  (void)::fcntl(descriptor, F_SETLEASE, F_UNLCK);
  return false;
}

} // namespace muster
