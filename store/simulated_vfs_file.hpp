#pragma once

#include "muster/store/environment.hpp"

#include <sqlite3.h>

namespace muster {

/// An open file as SQLite sees it. Made in memory that SQLite hands out, hence
/// the base in front and nothing that needs a destructor.
struct simulated_vfs_file {
  sqlite3_file base;
  disk* files;
  handle open;
  const char* path; ///< SQLite keeps it as long as the file is open
  bool sync_directory;
  bool locked;
  int lock_level;
};

/// What SQLite may do with an open file.
[[nodiscard]] const sqlite3_io_methods& simulated_vfs_file_methods() noexcept;

/// Runs a call of SQLite's against a disk that may throw.
template <class Body>
int shielded(int code_if_thrown, Body&& body) noexcept {
  try {
    return body();
  } catch (...) {
    return code_if_thrown;
  }
}

/// Makes the entries of the directory a path lies in durable.
[[nodiscard]] os_result<void> sync_directory_of(disk& files, std::string_view path);

} // namespace muster
