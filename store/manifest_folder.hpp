#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/manifest_leftovers.hpp"
#include "muster/store/manifest_options.hpp"
#include "muster/store/manifest_outcome.hpp"
#include "muster/store/manifest_probe.hpp"

#include <string>
#include <string_view>

namespace muster {

/// The manifest file of one project directory, `.dork/agent.json`, as bytes.
///
/// 1. The file is whole at every instant and after every crash: what somebody
///    handed in here, or what somebody else wrote.
/// 2. Done means durable: it outlasts a power cut.
/// 3. Refused or failed means that nothing of it is in the file.
/// 4. No edit by another hand is lost: it stays in the file, or in a leftover
///    until the caller has recorded it.
/// 5. A project directory that is gone is never made again.
/// 6. Nothing outside `.dork` is read or changed, and in it nothing but
///    `agent.json`, what is set aside, and temporary files of ours.
///
/// Each call opens the project anew and stays in the directory it opened. One
/// change at a time for each project; hand edits may come at any moment.
class manifest_folder {
public:
  /// `project` is an absolute path.
  manifest_folder(const environment& env, std::string project, const manifest_folder_options& options = {})
      : env_(env), project_(std::move(project)), options_(options) {}

  [[nodiscard]] const std::string& project() const noexcept { return project_; }

  [[nodiscard]] manifest_probe probe() const;

  /// Durable replace: the file holds `bytes` if it held what was expected. The
  /// same bytes are written as well, which is how to make sure after an
  /// unknown outcome. `.dork` is made if need be, the mode of a file is kept.
  [[nodiscard]] manifest_outcome replace(const file_version& expected, std::string_view bytes);

  /// Removes the manifest if it is that version. None there is done as well.
  [[nodiscard]] manifest_outcome remove(const sha256_digest& expected);

  /// Renames the manifest to `agent.json.set-aside-<UTC time>-<n>`, which the
  /// outcome names, if it is that version; without one, whatever it is.
  [[nodiscard]] manifest_outcome set_aside(const file_version& expected);

  /// Undoes a replace: the file holds `previous` again (none: it is removed),
  /// if it holds what was `written`. If it holds `previous` already that is
  /// made durable, and done; by another replace, if an undo before this one did not
  /// end. A project that is gone has nothing to undo. What was written is removed
  /// from leftovers, too; it is not done before they are gone.
  [[nodiscard]] manifest_outcome restore(const sha256_digest& written, std::optional<std::string_view> previous);

  /// What interrupted changes have left. Not while one is under way.
  [[nodiscard]] expected<manifest_leftovers> leftovers() const;

  /// Removes a leftover that the caller has recorded, if it is still the same.
  [[nodiscard]] expected<void> forget(const manifest_leftover& recorded);
  [[nodiscard]] expected<void> set_leftover_aside(const manifest_leftover& read);

private:
  manifest_outcome put_back(const sha256_digest& written, std::optional<std::string_view> previous);
  [[nodiscard]] expected<bool> was_undone(const sha256_digest& written) const;
  [[nodiscard]] expected<void> drop_leftovers_of(const sha256_digest& written,
                                                 std::optional<std::string_view> previous);
  manifest_outcome confirm();

  environment env_;
  std::string project_;
  manifest_folder_options options_;
};

} // namespace muster
