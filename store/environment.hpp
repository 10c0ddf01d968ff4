#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace muster {

/// The errno of a system call that failed. Made from an int and from nothing
/// that converts to one, so that a size or a bool returned as an `os_result` is
/// the value.
struct os_error {
  constexpr os_error() = default;
  template <std::same_as<int> Code>
  constexpr explicit os_error(Code errno_value) noexcept : code(errno_value) {}

  int code = 0;
  friend constexpr bool operator==(os_error, os_error) = default;
};

template <class T>
using os_result = boost::system::result<T, os_error>;

[[noreturn]] void throw_exception_from_error(os_error why, const boost::source_location& where);

/// An open file or directory of one `disk`.
enum class handle : int {};

/// Stands for "no directory": the path is absolute.
inline constexpr handle no_handle{-1};

enum class file_type : std::uint8_t { regular, directory, symlink, fifo, socket, char_device, block_device, unknown };

/// What statx tells of a file.
struct file_status {
  file_type type = file_type::unknown;
  std::uint32_t mode = 0; ///< permission bits only
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t links = 0;
  std::uint64_t size = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::chrono::nanoseconds mtime{0}; ///< since the epoch
  std::chrono::nanoseconds ctime{0}; ///< since the epoch
  friend bool operator==(const file_status&, const file_status&) = default;
};

/// What statfs tells of the file system a handle lies on.
struct filesystem_status {
  std::uint64_t type = 0; ///< the magic number
  std::uint64_t free_bytes = 0;
  bool read_only = false;
};

/// How a path is opened. Every open is close-on-exec, never blocks (a FIFO
/// opens at once) and never takes a controlling terminal.
struct open_how {
  enum class access_mode : std::uint8_t { read, read_write, append, path_only };
  access_mode access = access_mode::read;
  bool directory = false; ///< ENOTDIR unless it is one
  bool create = false;    ///< create a regular file with `mode`, less the umask
  bool exclusive = false; ///< with `create`: EEXIST if it is there
  bool truncate = false;  ///< needs a handle that may write
  /// A symbolic link at the end is refused with ELOOP (with `directory`:
  /// ENOTDIR); `path_only` opens the link itself.
  bool no_follow = false;
  /// A symbolic link at any component is ELOOP (but for `path_only` with
  /// `no_follow`, at the end), an absolute path or a ".." is EXDEV. Falls back
  /// to a walk where openat2 is missing.
  bool beneath = false;
  std::uint32_t mode = 0600;
};

enum class rename_mode : std::uint8_t {
  replace,    ///< what was at the target is gone
  no_replace, ///< EEXIST if the target is there
  exchange,   ///< both must be there and trade places
};

enum class unlink_kind : std::uint8_t { file, directory };

/// The file system, one function for one system call. Nothing here retries,
/// loops or hides an errno; EINTR and short transfers reach the caller.
/// Functions take a directory handle and a path relative to it, or `no_handle`
/// and an absolute path (EBADF otherwise). Paths are bytes without NUL (EINVAL
/// otherwise).
///
/// The real one may be called from several threads at once; the simulated one
/// belongs to one thread.
class disk {
public:
  virtual ~disk() = default;

  virtual os_result<handle> open(handle directory, std::string_view path, const open_how& how) = 0;
  /// The handle is gone whatever the answer.
  virtual os_result<void> close(handle file) = 0;

  /// Status of a path; `follow` decides about a symbolic link at its end.
  virtual os_result<file_status> status(handle directory, std::string_view path, bool follow) = 0;
  virtual os_result<file_status> status(handle file) = 0;
  virtual os_result<filesystem_status> filesystem(handle file) = 0;
  /// What a symbolic link says.
  virtual os_result<std::string> read_link(handle directory, std::string_view path) = 0;

  /// 0 means the end of the file.
  virtual os_result<std::size_t> read_at(handle file, std::uint64_t offset, std::span<std::byte> into) = 0;
  /// May write less than all of it. On a handle opened with
  /// `access_mode::append` Linux writes at the end, whatever the offset.
  virtual os_result<std::size_t> write_at(handle file, std::uint64_t offset, std::span<const std::byte> from) = 0;
  /// Writes at the end of a file opened with `access_mode::append`, and only
  /// of such a one.
  virtual os_result<std::size_t> append(handle file, std::span<const std::byte> from) = 0;
  virtual os_result<void> truncate(handle file, std::uint64_t size) = 0;
  virtual os_result<void> change_mode(handle file, std::uint32_t mode) = 0;

  /// Makes a file's content and size, or a directory's entries, durable.
  virtual os_result<void> sync(handle file) = 0;
  /// Makes everything written so far to the file system of `file` durable.
  virtual os_result<void> sync_filesystem(handle file) = 0;

  virtual os_result<void> rename(handle from_directory, std::string_view from, handle to_directory, std::string_view to,
                                 rename_mode mode) = 0;
  virtual os_result<void> unlink(handle directory, std::string_view path, unlink_kind kind) = 0;
  virtual os_result<void> make_directory(handle directory, std::string_view path, std::uint32_t mode) = 0;

  /// The next entries of a directory opened for reading, as the kernel lays
  /// them out (`listing_reader` reads them); 0 at the end, EINVAL if not one
  /// fits.
  virtual os_result<std::size_t> read_entries(handle directory, std::span<std::byte> into) = 0;

  /// Takes the exclusive advisory lock of a file, or EWOULDBLOCK. It is held
  /// until the file is closed or the process ends.
  virtual os_result<void> try_lock(handle file) = 0;
  /// True if anybody, this process included, has the regular file open for
  /// writing. `file` must be open for reading. Where the file system cannot
  /// tell (EINVAL, EACCES, ...) that is the answer.
  virtual os_result<bool> has_writers(handle file) = 0;
};

/// One entry of a listing.
struct directory_entry {
  std::string_view name;
  std::uint64_t inode = 0;
  file_type type = file_type::unknown; ///< unknown: the file system does not say
};

/// Reads what `disk::read_entries` delivered, "." and ".." left out.
class listing_reader {
public:
  explicit listing_reader(std::span<const std::byte> listing) noexcept : rest_(listing) {}

  /// The next entry, or false at the end. The name points into the listing. A
  /// listing that is cut or inconsistent ends there.
  bool next(directory_entry& entry) noexcept;

private:
  std::span<const std::byte> rest_;
};

class clock_source {
public:
  virtual ~clock_source() = default;
  /// Milliseconds since the epoch; jumps when somebody sets the clock.
  virtual std::chrono::milliseconds wall() = 0;
  /// CLOCK_BOOTTIME: goes on during suspend, starts anew at each boot.
  virtual std::chrono::nanoseconds boot() = 0;
};

class entropy {
public:
  virtual ~entropy() = default;
  virtual void fill(std::span<std::byte> into) = 0;
};

/// Who this process is, read once at start.
struct process_identity {
  std::uint32_t pid = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t umask = 0022;
  std::string machine_id; ///< of /etc/machine-id; empty if there is none
  std::string boot_id;    ///< a new one at each boot
};

/// All that a part of muster may touch of the world. The values outlive
/// everything they were handed to.
struct environment {
  disk& files;
  clock_source& clock;
  entropy& random;
  const process_identity& self;
  /// The name under which SQLite knows the way to these files; null for its own
  /// way to the files of this machine.
  const char* sqlite_vfs = nullptr;
};

/// An open handle that closes itself.
class open_file {
public:
  open_file() = default;
  open_file(disk& owner, handle file) noexcept : owner_(&owner), file_(file) {}
  open_file(open_file&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), file_(other.file_) {}
  open_file& operator=(open_file&& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(file_, other.file_);
    return *this;
  }
  ~open_file() {
    if (owner_)
      (void)owner_->close(file_);
  }

  [[nodiscard]] handle get() const noexcept { return file_; }
  [[nodiscard]] explicit operator bool() const noexcept { return owner_ != nullptr; }

  /// Closes now and tells how that went.
  os_result<void> close() {
    if (auto* owner = std::exchange(owner_, nullptr))
      return owner->close(file_);
    return {};
  }

private:
  disk* owner_ = nullptr;
  handle file_ = no_handle;
};

} // namespace muster
