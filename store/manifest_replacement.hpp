#pragma once

#include "muster/store/dork_directory.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/manifest_options.hpp"
#include "muster/store/manifest_outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// One durable replace, cut where a batch syncs many at once:
///
///   prepare, sync_temporary, publish, sync_published, settle
///
/// 1. A step that ends the replace answers false; then only `take_outcome` is
///    left to call. A replace that ends before `publish` leaves nothing.
/// 2. The manifest is whole at every instant, in memory and on the disk.
/// 3. What the exchange took away is removed only when it is what was expected,
///    no writer has it open, and the exchange is durable.
class manifest_replacement {
public:
  /// `options`, `project` and `bytes` must outlive it.
  manifest_replacement(const environment& env, const manifest_folder_options& options, std::string_view project,
                       file_version expected, std::string_view bytes);

  /// What is replaced was never committed: it is removed durably, or it could
  /// come back after a power cut and pass for somebody's edit.
  void undoes() noexcept { undoes_ = true; }

  /// Checks the precondition and writes the temporary file.
  bool prepare();

  /// Makes the temporary file durable, and for a first manifest `.dork` too.
  [[nodiscard]] os_result<void> sync_temporary();
  /// What that, or a sync of the whole file system in its stead, has answered.
  bool temporary_synced(const os_result<void>& answer);
  /// Closes all handles but that of `.dork`; then `sync_temporary` is no more.
  void close_temporary();

  /// Gives the bytes the manifest's name.
  bool publish();

  /// Makes the name durable.
  [[nodiscard]] os_result<void> sync_published() { return dork_.sync(); }
  /// What that, or a sync of the whole file system in its stead, has answered.
  void published_synced(const os_result<void>& answer);

  /// Looks at what was taken away, and turns the exchange back if that was a
  /// hand edit.
  void settle();

  [[nodiscard]] bool over() const noexcept { return over_; }
  /// The device and the handle of `.dork`, once prepared.
  [[nodiscard]] std::uint64_t device() const noexcept { return dork_.status().device; }
  [[nodiscard]] handle directory() const noexcept { return dork_.get(); }
  [[nodiscard]] manifest_outcome take_outcome();

private:
  bool open_directories();
  bool open_new_dork();
  bool hold_dork(open_file directory);
  bool check_precondition();
  bool write_temporary();
  os_result<void> fill_temporary();
  bool publish_refused(const rename_answer& answer);
  bool publish_weaker();
  bool lost_race(manifest_probe found);
  void turn_back(manifest_probe taken);
  void take_back(manifest_probe taken);
  bool take_first_back();
  bool end(failure why);
  bool end_unknown(std::string_view step, os_error why);
  void drop_temporary();
  void drop_new_dork();

  disk& files_;
  const manifest_folder_options& options_;
  std::uint32_t umask_;
  std::string_view project_path_;
  file_version expected_;
  std::string_view bytes_;
  sha256_digest hash_;

  open_file project_;
  dork_directory dork_;
  open_file temporary_;
  std::string temporary_name_;
  file_status temporary_status_;
  std::uint32_t mode_ = 0;
  std::optional<std::uint32_t> owner_; ///< of the file to be replaced
  bool dork_is_new_ = false;
  bool undoes_ = false;
  bool exchanged_ = false;
  bool over_ = false;
  os_result<void> synced_;
  manifest_outcome outcome_;
};

/// "manifest-changed": the file does not hold what was expected.
[[nodiscard]] failure changed_failure(std::string_view shown);
/// "manifest-owner": what we write would be ours, and the file is somebody else's.
[[nodiscard]] failure owner_failure(std::string_view shown, std::uint32_t owner, std::uint32_t ours);
/// "manifest-raced": a hand edit came in between, and `what_stands`.
[[nodiscard]] failure raced_failure(std::string_view shown, std::string_view what_stands);
/// "manifest-outcome-unknown": `step` failed after the change took effect.
[[nodiscard]] failure unknown_failure(std::string_view step, std::string_view shown, os_error why);
/// "manifest-directory-moving": the same, and the change was taken back.
[[nodiscard]] failure moved_away_failure(std::string_view shown);
/// "manifest-directory-moved": the path leads to another directory by now.
[[nodiscard]] failure moved_failure(std::string_view shown);

} // namespace muster
