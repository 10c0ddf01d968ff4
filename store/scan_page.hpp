#pragma once

#include "muster/store/scan_tree.hpp"

namespace muster {

/// One page of a walk under way.
class scan_page {
public:
  scan_page(scan_tree& tree, const environment& env, const scan_tree_options& options, scan_tree::room left)
      : tree_(tree), env_(env), options_(options), left_(left) {}

  root_walked walk(const std::string& from);

private:
  using key = scan_tree::key;
  using node = scan_tree::node;
  using iterator = scan_tree::nodes::iterator;

  /// Looks at one directory; what comes next.
  iterator visit(iterator at);
  /// Whether the directory is there to be looked at; if not, `next` is what comes
  /// instead of anything below it.
  bool look_at(iterator at, iterator& next);
  void list(iterator at, const file_status& seen);
  /// False if the listing could not be read to its end.
  bool read_names(handle directory, const key& which, std::vector<std::string>& names);
  void take_names(const key& which, const std::vector<std::string>& names, bool whole);
  void add(const key& child);
  void look_for_manifest(iterator at);
  [[nodiscard]] bool is_ours(const std::string& path);
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool is_deepest(const key& which) const;
  void problem(std::string_view step, const std::string& path, os_error why);

  scan_tree& tree_;
  environment env_;
  const scan_tree_options& options_;
  scan_tree::room left_;
  std::chrono::nanoseconds began_{0};
  std::size_t visited_ = 0;
  bool had_problem_ = false; ///< at the directory that is looked at
  root_walked result_;
};

} // namespace muster
