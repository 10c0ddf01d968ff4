#include "muster/store/simulated_vfs_file.hpp"

#include <algorithm>
#include <cerrno>

namespace muster {

namespace {

// A disk that answers EINTR more often than this does not mean to work.
constexpr int max_interruptions = 100;

simulated_vfs_file& of(sqlite3_file* file) noexcept {
  return *reinterpret_cast<simulated_vfs_file*>(file);
}

int no_space_or(int code, int otherwise) noexcept {
  return code == ENOSPC || code == EDQUOT ? SQLITE_FULL : otherwise;
}

int close_file(sqlite3_file* base) {
  return shielded(SQLITE_IOERR_CLOSE, [&] {
    auto& file = of(base);
    return file.files->close(file.open) ? SQLITE_OK : SQLITE_IOERR_CLOSE;
  });
}

int read(sqlite3_file* base, void* into, int amount, sqlite3_int64 offset) {
  return shielded(SQLITE_IOERR_READ, [&] {
    auto& file = of(base);
    std::span rest(static_cast<std::byte*>(into), static_cast<std::size_t>(amount));
    auto at = static_cast<std::uint64_t>(offset);
    int interruptions = 0;
    while (!rest.empty()) {
      auto got = file.files->read_at(file.open, at, rest);
      if (!got && got.error().code == EINTR && ++interruptions < max_interruptions)
        continue;
      if (!got)
        return SQLITE_IOERR_READ;
      if (*got == 0)
        break;
      at += *got;
      rest = rest.subspan(*got);
    }
    std::fill(rest.begin(), rest.end(), std::byte{0});
    return rest.empty() ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  });
}

int write(sqlite3_file* base, const void* from, int amount, sqlite3_int64 offset) {
  return shielded(SQLITE_IOERR_WRITE, [&] {
    auto& file = of(base);
    std::span rest(static_cast<const std::byte*>(from), static_cast<std::size_t>(amount));
    auto at = static_cast<std::uint64_t>(offset);
    int interruptions = 0;
    while (!rest.empty()) {
      auto put = file.files->write_at(file.open, at, rest);
      if (!put && put.error().code == EINTR && ++interruptions < max_interruptions)
        continue;
      if (!put)
        return no_space_or(put.error().code, SQLITE_IOERR_WRITE);
      at += *put;
      rest = rest.subspan(*put);
    }
    return SQLITE_OK;
  });
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
  return shielded(SQLITE_IOERR_TRUNCATE, [&] {
    auto& file = of(base);
    return file.files->truncate(file.open, static_cast<std::uint64_t>(size)) ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
  });
}

int sync_file(sqlite3_file* base, int) {
  return shielded(SQLITE_IOERR_FSYNC, [&] {
    auto& file = of(base);
    if (!file.files->sync(file.open))
      return SQLITE_IOERR_FSYNC;
    if (file.sync_directory && !sync_directory_of(*file.files, file.path))
      return SQLITE_IOERR_DIR_FSYNC;
    file.sync_directory = false;
    return SQLITE_OK;
  });
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
  return shielded(SQLITE_IOERR_FSTAT, [&] {
    auto& file = of(base);
    auto status = file.files->status(file.open);
    *size = status ? static_cast<sqlite3_int64>(status->size) : 0;
    return status ? SQLITE_OK : SQLITE_IOERR_FSTAT;
  });
}

// One lock for all levels, held until the file is closed: our connections are
// exclusive, and the disk knows no other.
int lock_file(sqlite3_file* base, int level) {
  return shielded(SQLITE_IOERR_LOCK, [&] {
    auto& file = of(base);
    if (!file.locked) {
      auto taken = file.files->try_lock(file.open);
      if (!taken)
        return taken.error().code == EWOULDBLOCK ? SQLITE_BUSY : SQLITE_IOERR_LOCK;
      file.locked = true;
    }
    file.lock_level = std::max(file.lock_level, level);
    return SQLITE_OK;
  });
}

int unlock_file(sqlite3_file* base, int level) {
  of(base).lock_level = std::min(of(base).lock_level, level);
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* base, int* reserved) {
  *reserved = of(base).lock_level >= SQLITE_LOCK_RESERVED ? 1 : 0;
  return SQLITE_OK;
}

int has_moved(simulated_vfs_file& file, int& moved) {
  return shielded(SQLITE_IOERR_FSTAT, [&] {
    auto opened = file.files->status(file.open);
    if (!opened)
      return SQLITE_IOERR_FSTAT;
    auto there = file.files->status(no_handle, file.path, true);
    moved = !there || there->device != opened->device || there->inode != opened->inode ? 1 : 0;
    return SQLITE_OK;
  });
}

int control_file(sqlite3_file* base, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_HAS_MOVED)
    return has_moved(of(base), *static_cast<int*>(argument));
  return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) {
  return 512;
}

// Nothing is promised, so SQLite assumes the worst of a torn write.
int characteristics(sqlite3_file*) {
  return 0;
}

} // namespace

const sqlite3_io_methods& simulated_vfs_file_methods() noexcept {
  static constexpr sqlite3_io_methods methods{
      .iVersion = 1,
      .xClose = &close_file,
      .xRead = &read,
      .xWrite = &write,
      .xTruncate = &truncate_file,
      .xSync = &sync_file,
      .xFileSize = &file_size,
      .xLock = &lock_file,
      .xUnlock = &unlock_file,
      .xCheckReservedLock = &check_reserved_lock,
      .xFileControl = &control_file,
      .xSectorSize = &sector_size,
      .xDeviceCharacteristics = &characteristics,
      .xShmMap = nullptr,
      .xShmLock = nullptr,
      .xShmBarrier = nullptr,
      .xShmUnmap = nullptr,
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };
  return methods;
}

os_result<void> sync_directory_of(disk& files, std::string_view path) {
  const auto parent = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
  auto opened = files.open(no_handle, parent, {.directory = true});
  if (!opened)
    return opened.error();
  const open_file directory(files, *opened);
  return files.sync(directory.get());
}

} // namespace muster
