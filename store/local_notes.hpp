#pragma once

#include "muster/store/held_versions.hpp"
#include "muster/store/local_database.hpp"
#include "muster/store/local_observed.hpp"
#include "muster/store/sweep_log.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace muster {

/// What was seen on this machine, in local.db, whatever happens to that file.
///
/// N1  A read that fails, or for which there is no file, finds nothing; what is
///     wrong is told by `problem` until it is mended.
/// N2  Writes gather in one transaction, which the first begins. After `commit`
///     says so all of them are on disk; after a failure none is, and the file
///     is opened anew by whoever comes next.
/// N3  Without a write `commit` writes nothing.
class local_notes {
public:
  /// Nothing is opened yet; `path` is absolute.
  local_notes(const environment& env, std::string path) : env_(env), path_(std::move(path)) {}

  /// Best effort. `how` as in `local_database::open`.
  void open(local_database::audit how);
  /// Closes in order; false if the file is not known to be whole afterwards.
  bool close();

  /// Changes whenever another file may answer.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  /// Opens the file if it is not; fails with `problem()`.
  expected<void> reachable();
  /// Reads the structure of the whole file.
  expected<void> audit();
  /// Why the file cannot be used, if so.
  [[nodiscard]] const std::optional<failure>& problem() const noexcept { return problem_; }
  /// Why it was begun anew, in a sentence; empty if it was not.
  [[nodiscard]] const std::string& begun_anew() const noexcept { return begun_anew_; }

  std::optional<observed_place> observed(const agent_id& agent, const std::string& path);
  held_versions held(const agent_id& agent, const std::string& path);
  std::optional<std::chrono::milliseconds> last_seen(const agent_id& agent);
  /// What the latest sign of life was called.
  std::string last_event(const agent_id& agent);
  std::optional<remembered_sweep> last_sweep();
  void
  each_observed(const std::function<void(std::string_view agent, std::string_view path, observed_place seen)>& take);
  void each_last_seen(const std::function<void(std::string_view agent, std::chrono::milliseconds at)>& take);

  /// Looks whether notes can be taken; they are in one transaction with what
  /// is read from here on, until `commit`.
  expected<void> begin();
  expected<void> put_observed(const agent_id& agent, const std::string& path, const observed_place& seen);
  expected<void> put_absence(const agent_id& agent, const std::string& path, const absence_count& absent);
  expected<void> put_sweep(const remembered_sweep& which);
  expected<void> put_held(const agent_id& agent, const std::string& path, const held_versions& what);
  expected<void> put_last_seen(const agent_id& agent, std::chrono::milliseconds at, const std::string& event);
  /// What is known of the agent anywhere but at `path` goes, once something is
  /// known there; all of it if that is empty.
  expected<void> keep_only(const agent_id& agent, const std::string& path);
  expected<void> commit();

private:
  bool ready();
  failure broken(const sqlite_error& why, std::string_view doing);
  template <class Result, class Read>
  Result read(Read&& work);
  template <class Write>
  expected<void> write(Write&& work);

  environment env_;
  std::string path_;
  std::optional<local_database> database_;
  std::optional<sqlite_transaction> transaction_; ///< goes before the database
  /// What befell writes that were not committed.
  std::optional<failure> lost_;
  std::optional<failure> problem_;
  std::string begun_anew_;
  std::uint64_t generation_ = 0;
};

} // namespace muster
