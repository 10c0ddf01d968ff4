#pragma once

#include "muster/store/manifest_probe.hpp"

#include <optional>
#include <string>
#include <vector>

namespace muster {

/// A content that nobody had told us of and that a change came by: a hand
/// edit. It is in the file now, or in the leftover named here until the caller
/// has recorded it and forgets the leftover, or whoever wrote it has replaced
/// it since.
struct witnessed_content {
  manifest_probe content; ///< present or unreadable
  std::string leftover;   ///< a name in `.dork`, empty if it is not in one
};

/// How a change of a manifest ended.
///
/// - No error: done and durable.
/// - `refused`: nothing of ours is in the file or left beside it.
///   "manifest-changed": it did not hold what was expected. "manifest-raced": a
///   hand edit came in between and stands.
/// - `unknown_outcome`: it took effect and may not survive a power cut, or it
///   cannot be told whether it did. Probe, and make the change again.
/// - Any other kind: nothing happened, and `restore` looks for what is left.
struct manifest_outcome {
  std::optional<failure> error = {};
  /// In the order they were seen; the last is the newest.
  std::vector<witnessed_content> witnessed = {};
  /// Temporary files in `.dork` that could not be removed or must not be yet.
  /// `leftovers` finds them again after a crash.
  std::vector<std::string> left = {};
  /// A first manifest came into a `.dork` that was there: what an earlier agent
  /// or a power cut has left may lie in it, too.
  bool moved_in = false;
  /// The file system cannot exchange names (or rename without replacing): a
  /// hand edit in the instant of the rename would not have been noticed.
  bool weaker_publish = false;
  /// Of a removal or a restore: there was no file to take away (ENOENT, ENOTDIR), be it that
  /// the whole project is gone for now.
  bool was_absent = false;
  /// Of `set_aside`: the new name in `.dork`, empty if there was no file.
  std::string aside = {};

  [[nodiscard]] bool done() const noexcept { return !error; }
};

} // namespace muster
