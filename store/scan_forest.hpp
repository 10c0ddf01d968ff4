#pragma once

#include "muster/store/scan_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace muster {

struct scan_forest_options {
  scan_tree_options tree;
  /// Roots that are remembered; one more, and the one that was not walked for
  /// longest is forgotten.
  std::size_t roots = 1024;
};

/// What is remembered of all scan roots of one device, within one bound.
class scan_forest {
public:
  explicit scan_forest(const scan_forest_options& options) : options_(options) {}

  root_walked walk(const environment& env, const walk_root& asked);

  [[nodiscard]] std::size_t directories() const noexcept;

private:
  struct planted {
    scan_tree tree;
    std::uint64_t walked = 0; ///< the later, the greater
  };

  scan_tree& tree_at(const std::string& root);

  scan_forest_options options_;
  std::map<std::string, planted> trees_;
  std::uint64_t walks_ = 0;
};

} // namespace muster
