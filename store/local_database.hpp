#pragma once

#include "muster/store/sqlite_connection.hpp"

#include <span>

namespace muster {

/// How the local database of the version before becomes one of `version`.
struct local_step {
  std::int64_t version = 0;
  /// Runs in a transaction of its own, with its stamp.
  sqlite_result<void> (*run)(sqlite_connection& on) = nullptr;
};

/// The steps that this muster ships: from an empty file to what it uses.
[[nodiscard]] std::span<const local_step> shipped_local_steps() noexcept;

/// What this machine observed or keeps to itself. It cannot be made again, but
/// everything in it can be lost: what is lost delays a removal, repeats an
/// answer's work or shows a conflict once more.
///
/// L1  Each commit is on disk when it is done.
/// L2  `user_version` counts the steps that were taken. A crash leaves the file
///     before a step or after it.
/// L3  A file of a later version is refused (`release_mismatch`
///     "local-newer") and not changed.
/// L4  A file that is damaged or not ours is set aside and begun anew, and that
///     is told. An error of the disk is a failure and sets nothing aside.
class local_database {
public:
  /// `audit`: whether to read the structure of the whole file first. `none` is
  /// for the very file that was closed here (closed_files.hpp).
  enum class audit : std::uint8_t { whole, none };
  [[nodiscard]] static expected<local_database> open(const environment& env, const std::string& path,
                                                     std::span<const local_step> steps = shipped_local_steps(),
                                                     audit how = audit::whole);

  /// Closes now; an error says that the next opening has to finish the log.
  expected<void> close();

  /// For the classes that own a table each.
  [[nodiscard]] sqlite_connection& connection() noexcept { return connection_; }

  /// Why it was begun anew, in a sentence; empty if it was not.
  [[nodiscard]] const std::string& begun_anew() const noexcept { return begun_anew_; }

private:
  explicit local_database(sqlite_connection connection) : connection_(std::move(connection)) {}

  sqlite_connection connection_;
  std::string begun_anew_;
};

} // namespace muster
