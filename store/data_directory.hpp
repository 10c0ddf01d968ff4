#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"

#include <string>
#include <utility>

namespace muster {

/// The directory in which everything of one instance lies, open and locked.
///
/// 1. It is ours, and nobody else may write to it; what we make in it nobody
///    else may read.
/// 2. One process has it at a time, until the object goes.
class data_directory {
public:
  enum class presence : std::uint8_t {
    create,    ///< made, with its parents, if it is not there
    required,  ///< not_found unless a muster has been here
    looked_at, ///< likewise, and nothing is changed, not even for the lock
  };

  /// Fails with not_found "data-missing", refused "data-not-a-directory",
  /// "data-not-ours", "data-open-to-others", busy "data-held", or as the disk
  /// does. `path` is absolute.
  [[nodiscard]] static expected<data_directory> open(environment env, const std::string& path, presence wanted);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] handle get() const noexcept { return directory_.get(); }
  /// Its `feeds`, made by the first who asks.
  [[nodiscard]] expected<handle> feeds();

private:
  data_directory(environment env, std::string path, open_file directory)
      : env_(env), path_(std::move(path)), directory_(std::move(directory)) {}
  expected<void> lock(presence wanted);

  environment env_;
  std::string path_;
  open_file directory_;
  open_file lock_;
  open_file feeds_;
};

} // namespace muster
