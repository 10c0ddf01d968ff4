#pragma once

#include "muster/store/dork_directory.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/manifest_options.hpp"
#include "muster/store/manifest_outcome.hpp"

#include <string>
#include <string_view>

namespace muster {

/// Takes a manifest away from its name, for good or set aside. The file is
/// renamed first and looked at then, so that a hand edit in the same instant is
/// noticed; it is put back, unless there is a newer one by then. Nothing is
/// ever overwritten.
class manifest_removal {
public:
  /// `options` and `project` must outlive it.
  manifest_removal(const environment& env, const manifest_folder_options& options, std::string_view project);

  /// Removes the manifest if it is that version. None there is done as well.
  manifest_outcome remove(const sha256_digest& expected);

  /// Gives the manifest another name in `.dork`: if it is that version or,
  /// without one, whatever lies there, be it unreadable or no file at all.
  manifest_outcome set_aside(const file_version& expected);

private:
  /// Opens the directories and checks the precondition; false if over.
  bool begin(const file_version& expected);
  bool find_anything();
  bool find_version(const sha256_digest& expected);
  /// Moves the manifest to a name that is free; false if over.
  bool take(std::string_view to);
  bool take_to_free_name();
  rename_answer rename_without_replacing(std::string_view from, std::string_view to);
  /// Puts back what was taken if it is not that version; false if over.
  bool check_taken(std::string_view name, const file_version& expected);
  /// Syncs the directory; puts back what was taken if that fails.
  bool make_durable(const std::string& name);
  void put_back(std::string_view name, manifest_probe taken);
  bool end(failure why);
  bool end_absent();
  void sync();

  disk& files_;
  clock_source& clock_;
  entropy& random_;
  const manifest_folder_options& options_;
  std::string_view project_path_;
  dork_directory dork_;
  std::uint64_t inode_ = 0;
  manifest_outcome outcome_;
};

} // namespace muster
