#pragma once

#include "muster/store/environment.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// Which database files are the very ones that were closed in order, so that
/// nobody has written to them since they were read whole. Kept in `closed` in
/// the data directory (docs/formats.md); losing it costs reading them whole.
///
/// A file is known by device, inode, size, mtime and ctime, and by the mark of
/// whoever understands it. No line is written for a file that was changed so
/// shortly before that another change could look the same, or that has a log.
class closed_files {
public:
  static constexpr std::string_view name = "closed";

  /// `directory` is absolute.
  closed_files(const environment& env, std::string directory) : env_(env), directory_(std::move(directory)) {}

  /// Whether the file is the very one that was closed, with this mark.
  [[nodiscard]] bool holds(std::string_view file, std::string_view mark) const;

  struct closed_file {
    std::string_view file;
    std::string_view mark;
  };
  /// Says of these files that they have just been closed, and of no others. Best
  /// effort; writes nothing if it is said already.
  void remember(const std::vector<closed_file>& files) const;

private:
  /// Empty if it cannot be told apart.
  [[nodiscard]] std::string line_of(const closed_file& which) const;
  [[nodiscard]] std::string text() const;

  environment env_;
  std::string directory_;
};

} // namespace muster
