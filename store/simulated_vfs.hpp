#pragma once

#include "muster/store/environment.hpp"

#include <memory>
#include <string>

struct sqlite3_vfs;

namespace muster {

/// SQLite's view of the files, clock and chance of an environment, so that a
/// database lives, fails and crashes with the disk it lies on. (SQLite seeds its
/// generator once in a process, from whatever VFS is its default.)
///
/// 1. It offers no shared memory: a WAL works only for an exclusive lock.
/// 2. A sync of a journal that this process created syncs its directory too.
/// 3. What the disk throws (a killed process, a hung call) does not travel
///    through SQLite: the call fails with an I/O error.
///
/// Registered with SQLite under a name of its own while it lives; outlives the
/// connections that use it. Must not be made by two threads at once.
class simulated_vfs {
public:
  explicit simulated_vfs(const environment& over);
  ~simulated_vfs();
  simulated_vfs(const simulated_vfs&) = delete;
  simulated_vfs& operator=(const simulated_vfs&) = delete;

  /// The environment it was made over, with this as its way to databases.
  [[nodiscard]] environment view() const noexcept;

private:
  environment over_;
  std::string name_;
  std::unique_ptr<sqlite3_vfs> registered_;
};

} // namespace muster
