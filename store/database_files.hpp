#pragma once

#include "muster/store/environment.hpp"

#include <string>

/// A database as files: the file itself and what SQLite keeps beside it.
namespace muster {

/// How many of one database are kept aside; the oldest go first.
inline constexpr std::size_t max_set_aside = 4;

/// Renames a database (whatever lies at its path, with its -wal, -shm and
/// -journal) to `<path>.set-aside-<ms>` and syncs the directory. The new path.
[[nodiscard]] os_result<std::string> set_database_aside(const environment& env, const std::string& path);

/// Removes a database with all that is beside it, if it is there, and syncs the
/// directory.
[[nodiscard]] os_result<void> remove_database(const environment& env, const std::string& path);

/// Moves a database that is closed and has nothing beside it to `to`, where
/// none may be, durably.
[[nodiscard]] os_result<void> publish_database(const environment& env, const std::string& from, const std::string& to);

/// Whether something lies at its path or beside it, and how much of it.
enum class database_presence : std::uint8_t {
  none,
  remains, ///< nothing or an empty file at the path, something beside it
  empty,   ///< a file of no bytes and nothing else
  present,
};
[[nodiscard]] os_result<database_presence> look_at_database(const environment& env, const std::string& path);

} // namespace muster
