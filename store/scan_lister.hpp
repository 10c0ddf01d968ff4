#pragma once

#include "muster/messages/discovery_messages.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/manifest_options.hpp"
#include "muster/store/scan_terms.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// Reads directories for a scan, each with one listing: what lies below it, and
/// whether it is a project.
///
/// 1. Markers are seen in the listing itself; nothing more is asked of a
///    directory without any.
/// 2. Below a root no symbolic link is followed, and no other file system
///    entered but where the terms say so.
/// 3. Only regular files are read, of each no more than is needed. Nothing blocks
///    but what hangs in the kernel.
/// 4. Nothing fails a batch: what cannot be read is told with its directory.
class scan_lister {
public:
  explicit scan_lister(const environment& env) : env_(env), buffer_(buffer_size) {}

  [[nodiscard]] directories_listed list(const list_directories& asked);

private:
  static constexpr std::size_t buffer_size = std::size_t{256} * 1024;

  struct opened_root {
    open_file directory;
    std::uint64_t device = 0;
  };
  /// What was seen in the listing of one directory.
  struct sight {
    seen_markers markers;
    bool has_dork = false;
    bool is_cut = false;            ///< by a bound
    std::optional<os_error> failed; ///< of what had to be looked at besides
  };

  void list_one(const list_directories& asked, std::string_view parent, std::string_view name,
                directories_listed& answer);
  [[nodiscard]] os_result<open_file> open_one(const list_directories& asked, const std::string& path);
  void read_one(const list_directories& asked, handle directory, const std::string& path, directories_listed& answer);
  [[nodiscard]] os_result<void> read_entries(const list_directories& asked, handle directory, sight& seen);
  [[nodiscard]] file_type type_behind(handle directory, std::string_view name, sight& seen);
  void take_entry(handle directory, directory_entry entry, bool deepest, sight& seen);
  void look_closer(const list_directories& asked, handle directory, const std::string& path, sight& seen,
                   directories_listed& answer);
  /// False if there is provably no manifest.
  bool probe(const list_directories& asked, const std::string& path, directory_match& found,
             directories_listed& answer);
  [[nodiscard]] std::string describe(handle directory, const project_strategy& strategy);
  void sort_names(listed_directory& into);
  void tell(bool of_manifest, failure why, directories_listed& answer);
  void beat(const list_directories& asked) const noexcept { ++asked.pulse->steps; }

  environment env_;
  manifest_folder_options manifests_;
  std::vector<std::byte> buffer_;
  std::map<std::uint32_t, opened_root> roots_;
  std::uint32_t index_ = 0; ///< in the batch
  std::string path_;
  std::vector<std::string_view> sorted_;
  std::string names_; ///< of the directory that is read, as they come
  std::uint32_t count_ = 0;
};

} // namespace muster
