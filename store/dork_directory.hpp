#pragma once

#include "muster/store/environment.hpp"
#include "muster/store/manifest_options.hpp"
#include "muster/store/manifest_probe.hpp"

#include <string>
#include <string_view>

namespace muster {

/// What a rename did, looked up where its answer does not tell: a call that
/// fails may have taken effect.
struct rename_answer {
  enum class effect { done, none, unknown };
  effect what = effect::done;
  os_error why = {};
};

/// The open `.dork` of a project, with the calls that changes of a manifest are
/// made of. The directory stays the same one whatever happens to its path.
class dork_directory {
public:
  dork_directory(disk& files, const manifest_folder_options& options, std::string_view project)
      : files_(files), options_(options), project_(project) {}

  /// Takes the open directory over and learns which one it is.
  os_result<void> hold(open_file directory);
  [[nodiscard]] const file_status& status() const noexcept { return status_; }
  /// False if another directory, or none, is found under its path by now.
  [[nodiscard]] bool is_in_place() const;
  [[nodiscard]] handle get() const noexcept { return directory_.get(); }
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(directory_); }

  [[nodiscard]] manifest_probe read(std::string_view name, writer_check writers) const;
  /// Renames within the directory. `inode` is that of the file called `from`, 0
  /// if it is not known.
  rename_answer rename(std::string_view from, std::string_view to, rename_mode mode, std::uint64_t inode);
  /// Removes a file; true if the name is gone afterwards.
  bool remove(std::string_view name);
  /// Removes a file; true if no power cut brings it back. Where that cannot be
  /// said an empty file has the name, if possible.
  bool remove_durably(std::string_view name);
  /// Makes an empty file of that name, if possible: a change was made that the disk may not have, and
  /// whoever finds the file makes it anew.
  void leave_mark(std::string_view name);
  /// Makes the entries durable. After a failure nothing here is believed.
  os_result<void> sync();
  /// The inode of a name, 0 if it cannot be learnt.
  [[nodiscard]] std::uint64_t inode_of(std::string_view name) const;
  [[nodiscard]] std::string shown(std::string_view name) const;

private:
  disk& files_;
  const manifest_folder_options& options_;
  std::string_view project_;
  open_file directory_;
  file_status status_;
};

/// True for the errnos by which a file system says that it has no exchange or
/// no rename without replacing.
[[nodiscard]] bool is_unsupported(os_error why) noexcept;

} // namespace muster
