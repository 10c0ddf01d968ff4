#pragma once

#include "tests/support/manifest_oracle.hpp"

#include "muster/store/manifest_batch.hpp"
#include "muster/store/manifest_folder.hpp"
#include "muster/store/manifest_place.hpp"
#include "muster/store/simulated_environment.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace muster::test {

/// A simulated machine with projects on it and files that nobody may touch.
class manifest_world : public simulated_environment {
public:
  explicit manifest_world(const volume_options& options = {});

  static std::string project(std::size_t index);
  static std::string manifest(std::size_t index);
  static std::string in_dork(std::size_t index, std::string_view name);

  void add_project(std::size_t index, const manifest_oracle::content& manifest, bool with_dork = true);
  /// Everything so far is on the disk for good; handles are counted from here.
  void settle();

  [[nodiscard]] manifest_oracle::content content_of(std::size_t index);
  /// The contents of set-aside files.
  [[nodiscard]] std::vector<std::string> set_aside_contents(std::size_t index);
  /// Names of temporary files of ours in `.dork`.
  [[nodiscard]] std::vector<std::string> temporary_names(std::size_t index);
  /// I16 and I7: appends what has changed beside the manifests, temporary files
  /// that are left, and handles that are.
  void judge_surroundings(std::size_t projects, std::vector<std::string>& findings);

private:
  [[nodiscard]] std::vector<std::string> names_in_dork(std::size_t index);

  std::vector<std::pair<std::string, std::string>> canaries_;
  std::size_t handles_ = 0;
};

/// What is left out is what the simulated disk cannot say: a close that fails
/// has closed all the same, and a process does not end in a destructor;
inline constexpr operation_set calls_but_close{
    disk_operation::open,         disk_operation::create,    disk_operation::status,
    disk_operation::filesystem,   disk_operation::read_link, disk_operation::read,
    disk_operation::write,        disk_operation::append,    disk_operation::truncate,
    disk_operation::change_mode,  disk_operation::sync,      disk_operation::sync_filesystem,
    disk_operation::rename,       disk_operation::unlink,    disk_operation::make_directory,
    disk_operation::read_entries, disk_operation::try_lock,  disk_operation::has_writers};

/// an open that fails has opened nothing.
inline constexpr operation_set calls_but_open{
    disk_operation::close,        disk_operation::create,    disk_operation::status,
    disk_operation::filesystem,   disk_operation::read_link, disk_operation::read,
    disk_operation::write,        disk_operation::append,    disk_operation::truncate,
    disk_operation::change_mode,  disk_operation::sync,      disk_operation::sync_filesystem,
    disk_operation::rename,       disk_operation::unlink,    disk_operation::make_directory,
    disk_operation::read_entries, disk_operation::try_lock,  disk_operation::has_writers};

/// One operation on manifests, as the fault loops run it.
struct manifest_operation {
  std::string name;
  std::size_t projects = 1;
  volume_options volume = {};
  /// Per project what is there and what shall be.
  std::function<manifest_oracle::content(std::size_t)> before;
  std::function<manifest_oracle::content(std::size_t)> wanted;
  bool with_dork = true;
  bool sets_aside = false;
  bool undoes = false; ///< it is repeated as it is
  /// Makes what else the operation needs.
  std::function<void(manifest_world&, std::vector<manifest_oracle>&)> arrange = {};
  std::function<std::vector<manifest_outcome>(const environment&)> run;
  /// What the caller wrote down of project 0 before the process ended, if it did.
  std::shared_ptr<std::vector<std::string>> written_down = {};
};

/// All of them: replace, first write, the same bytes again, remove, set aside,
/// undo, batches of either kind, clean-up, and on a file system that cannot
/// exchange names.
[[nodiscard]] std::vector<manifest_operation> all_manifest_operations();

/// The world before an operation, and an oracle for each project.
struct arranged {
  manifest_world world;
  std::vector<manifest_oracle> oracles;
  explicit arranged(const manifest_operation& operation);
};

[[nodiscard]] manifest_oracle::answer answer_of(const manifest_outcome& outcome);

/// Tells the oracles how it ended, and records what came by.
void tell(std::vector<manifest_oracle>& oracles, const std::vector<manifest_outcome>& outcomes);

/// What the start of a process does: reads the leftovers of all projects,
/// records them, and forgets them. False if a call failed.
bool recover(const environment& env, std::size_t projects, std::vector<manifest_oracle>& oracles);

/// Makes each manifest what it should have become, from whatever it is now, as
/// a caller does that repeats a request. False if that is refused.
bool repeat(const environment& env, const manifest_operation& operation);

/// Judges all projects after a recovery.
void judge(arranged& run, std::vector<std::string>& findings);

/// Twice the work and more when MUSTER_TEST_SCALE is full.
[[nodiscard]] bool full_scale();

/// Of the cases of a loop every so-manieth is run: each one, but under
/// sanitizers, which take ten times as long, only a sample.
[[nodiscard]] std::uint64_t stride();

} // namespace muster::test
