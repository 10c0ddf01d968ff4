#pragma once

#include "muster/store/dork_directory.hpp"
#include "muster/store/manifest_options.hpp"
#include "muster/store/manifest_outcome.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace muster {

/// True if the probe found a file of that version which nobody is writing to.
[[nodiscard]] bool is_undisturbed(const manifest_probe& found, const file_version& version) noexcept;

/// What to do when an exchange of the manifest with a temporary file took away
/// something else than it should have: a hand edit.
///
/// Each round puts the newest content that was seen back in place and looks at
/// what that took away. If it is what the round before had put there, nobody
/// came in between and the newest stands. Else somebody did, and theirs is
/// newer still. Nothing that is not ours is ever removed. What cannot be seen at
/// all is nobody's edit: then the outcome is unknown.
class exchange_race {
public:
  /// What the exchange put in place.
  struct own_file {
    sha256_digest hash;
    file_status status;
  };

  /// `synced` says whether that exchange is durable; if not, nothing is removed
  /// at all.
  exchange_race(dork_directory& dork, const manifest_folder_options& options, const std::string& temporary_name,
                const own_file& ours, os_result<void> synced)
      : dork_(dork), options_(options), temporary_name_(temporary_name), ours_(ours), synced_(synced) {}

  /// `taken` is what lies under the temporary name.
  void turn_back(manifest_probe taken, manifest_outcome& outcome);

private:
  /// A content under one of the two names, ours or one that was witnessed.
  struct content {
    std::optional<std::size_t> witness = {}; ///< its place in the outcome; none if ours
    file_version hash = {};                  ///< none if unreadable
    std::uint64_t inode = 0;
    std::optional<file_status> status = {}; ///< where it could be learnt
  };

  [[nodiscard]] manifest_probe read_taken() const;
  content witness(manifest_probe found, manifest_outcome& outcome) const;
  /// False if the outcome is final.
  bool exchange(const content& taken, manifest_outcome& outcome);
  void finish(const content& taken, std::string_view what_stands, manifest_outcome& outcome);
  void keep(const content& taken, manifest_outcome& outcome) const;
  static bool is(const manifest_probe& found, const content& expected) noexcept;

  dork_directory& dork_;
  const manifest_folder_options& options_;
  const std::string& temporary_name_;
  own_file ours_;
  os_result<void> synced_;
};

} // namespace muster
