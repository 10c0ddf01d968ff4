#include "muster/store/simulated_vfs.hpp"

#include "muster/store/simulated_vfs_file.hpp"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace muster {

namespace {

constexpr int max_path = 4096;

const environment& over(sqlite3_vfs* vfs) noexcept {
  return *static_cast<const environment*>(vfs->pAppData);
}

open_how how_to_open(int flags) noexcept {
  return {.access =
              (flags & SQLITE_OPEN_READWRITE) != 0 ? open_how::access_mode::read_write : open_how::access_mode::read,
          .create = (flags & SQLITE_OPEN_CREATE) != 0,
          .exclusive = (flags & SQLITE_OPEN_EXCLUSIVE) != 0,
          .mode = 0600};
}

int open_at(sqlite3_vfs* vfs, const char* path, sqlite3_file* base, int flags, int* flags_out) {
  auto& file = *new (base) simulated_vfs_file{};
  return shielded(SQLITE_CANTOPEN, [&] {
    // Without a name it is a temporary file, which our connections keep in memory.
    if (!path)
      return SQLITE_CANTOPEN;
    auto& files = over(vfs).files;
    auto opened = files.open(no_handle, path, how_to_open(flags));
    if (!opened)
      return opened.error().code == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN;
    const int journals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
    file = {.base = {&simulated_vfs_file_methods()},
            .files = &files,
            .open = *opened,
            .path = path,
            .sync_directory = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & journals) != 0,
            .locked = false,
            .lock_level = SQLITE_LOCK_NONE};
    if (flags_out)
      *flags_out = flags;
    return SQLITE_OK;
  });
}

int delete_at(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  return shielded(SQLITE_IOERR_DELETE, [&] {
    auto& files = over(vfs).files;
    if (auto gone = files.unlink(no_handle, path, unlink_kind::file); !gone)
      return gone.error().code == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
    if (sync_directory != 0 && !sync_directory_of(files, path))
      return SQLITE_IOERR_DIR_FSYNC;
    return SQLITE_OK;
  });
}

int access_at(sqlite3_vfs* vfs, const char* path, int, int* result) {
  return shielded(SQLITE_IOERR_ACCESS, [&] {
    auto status = over(vfs).files.status(no_handle, path, true);
    if (!status && status.error().code != ENOENT && status.error().code != ENOTDIR)
      return SQLITE_IOERR_ACCESS;
    *result = status ? 1 : 0;
    return SQLITE_OK;
  });
}

int full_path_of(sqlite3_vfs*, const char* path, int size, char* into) {
  const auto length = std::strlen(path);
  if (path[0] != '/' || length >= static_cast<std::size_t>(size))
    return SQLITE_CANTOPEN;
  std::memcpy(into, path, length + 1);
  return SQLITE_OK;
}

int fill_with_chance(sqlite3_vfs* vfs, int size, char* into) {
  over(vfs).random.fill(std::as_writable_bytes(std::span(into, static_cast<std::size_t>(size))));
  return size;
}

// Time does not pass by waiting for it.
int wait_for(sqlite3_vfs*, int microseconds) {
  return microseconds;
}

int tell_time(sqlite3_vfs* vfs, double* julian_days) {
  constexpr double unix_epoch = 2440587.5;
  constexpr double milliseconds_a_day = 86'400'000.0;
  *julian_days = unix_epoch + static_cast<double>(over(vfs).clock.wall().count()) / milliseconds_a_day;
  return SQLITE_OK;
}

int tell_last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

} // namespace

simulated_vfs::simulated_vfs(const environment& over) : over_(over) {
  static std::atomic<unsigned> made{0};
  name_ = "muster-simulated-" + std::to_string(++made);
  registered_ = std::make_unique<sqlite3_vfs>(sqlite3_vfs{
      .iVersion = 1,
      .szOsFile = sizeof(simulated_vfs_file),
      .mxPathname = max_path,
      .pNext = nullptr,
      .zName = name_.c_str(),
      .pAppData = &over_,
      .xOpen = &open_at,
      .xDelete = &delete_at,
      .xAccess = &access_at,
      .xFullPathname = &full_path_of,
      .xDlOpen = nullptr,
      .xDlError = nullptr,
      .xDlSym = nullptr,
      .xDlClose = nullptr,
      .xRandomness = &fill_with_chance,
      .xSleep = &wait_for,
      .xCurrentTime = &tell_time,
      .xGetLastError = &tell_last_error,
      .xCurrentTimeInt64 = nullptr,
      .xSetSystemCall = nullptr,
      .xGetSystemCall = nullptr,
      .xNextSystemCall = nullptr,
  });
  if (::sqlite3_vfs_register(registered_.get(), 0) != SQLITE_OK) {
    std::fputs("muster: SQLite takes no further VFS\n", stderr);
    std::abort();
  }
}

simulated_vfs::~simulated_vfs() {
  ::sqlite3_vfs_unregister(registered_.get());
}

environment simulated_vfs::view() const noexcept {
  auto result = over_;
  result.sqlite_vfs = name_.c_str();
  return result;
}

} // namespace muster
