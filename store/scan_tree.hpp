#pragma once

#include "muster/messages/scan_messages.hpp"
#include "muster/store/environment.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

struct scan_tree_options {
  /// How far below the root projects are looked for.
  unsigned depth = 2;
  /// Directories that are remembered, and their bytes; of all roots together.
  std::size_t directories = 262144;
  std::size_t bytes = std::size_t{64} * 1024 * 1024;
  /// Entries of one directory that are looked at.
  std::size_t entries = 1048576;
  /// A page ends with the first of these.
  std::size_t page_directories = 1024;
  std::size_t page_found = 512;
  std::chrono::nanoseconds page_time = std::chrono::milliseconds{100};
  /// Problems that a page lists.
  std::size_t problems = 64;
  /// A directory changed so shortly before it was listed is listed again.
  std::chrono::nanoseconds racy_window = std::chrono::seconds{2};
};

/// What is remembered of one scan root, so that a walk in which nothing has
/// changed lists nothing:
///
///   a directory above the deepest level   its own stat
///   a directory that is not settled       and a stat of its manifest
///
/// 1. A directory is listed when it was not, or its inode, mtime or ctime is
///    another, or it had changed so shortly before that another change could
///    look the same.
/// 2. Only a listing that was read whole, ENOENT, ENOTDIR and another type of
///    file make it forget a directory. Any other error is a problem of that
///    directory, and what is known below it stands.
/// 3. Nothing is followed but the root itself, and other file systems below it
///    are left alone.
/// 4. Losing it costs a listing of everything.
class scan_tree {
public:
  /// `root` is absolute, without slashes at its end.
  explicit scan_tree(std::string root) : root_(std::move(root)) {}

  /// What may be added to it.
  struct room {
    std::size_t directories = 0;
    std::size_t bytes = 0;
  };

  /// One page, from the root or from where the last one ended.
  root_walked walk(const environment& env, const scan_tree_options& options, room left, const std::string& from);

  /// The project is not to be found again until it is unsettled.
  void settle(std::string_view path);
  /// Nor is it settled any more, nor anything below it.
  void unsettle(std::string_view path);
  void unsettle_all();

  [[nodiscard]] std::size_t directories() const noexcept { return nodes_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
  friend class scan_page;

  /// Where a directory lies below the root: names with a zero byte between
  /// them, so that what is below one directory stands behind it in one piece.
  using key = std::string;

  struct node {
    std::uint64_t inode = 0;
    std::chrono::nanoseconds mtime{0};
    std::chrono::nanoseconds ctime{0};
    bool listed = false; ///< and what is above tells whether that still holds
    bool settled = false;
  };
  using nodes = std::map<key, node>;

  [[nodiscard]] std::string path_of(const key& which) const;
  /// The key of the root is empty, and so is that of what is not below it.
  [[nodiscard]] key key_of(std::string_view path) const;
  nodes::iterator behind(const key& which);
  /// With all below it; what comes then.
  nodes::iterator forget(const key& which);
  nodes::iterator enter(const key& which);

  std::string root_;
  std::uint64_t device_ = 0;
  std::vector<std::string> mounts_; ///< below the root, as of the walk's beginning
  nodes nodes_;
  std::size_t bytes_ = 0;
};

} // namespace muster
