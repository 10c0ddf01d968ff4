#include "muster/store/scan_forest.hpp"

#include <algorithm>

namespace muster {

root_walked scan_forest::walk(const environment& env, const walk_root& asked) {
  auto& tree = tree_at(asked.project);
  if (asked.afresh)
    tree.unsettle_all();
  for (const auto& each : asked.settled)
    tree.settle(each);
  for (const auto& each : asked.unsettled)
    tree.unsettle(each);
  if (!asked.from)
    return {};
  scan_tree::room left{options_.tree.directories, options_.tree.bytes};
  for (const auto& [root, other] : trees_)
    if (root != asked.project) {
      left.directories -= std::min(left.directories, other.tree.directories());
      left.bytes -= std::min(left.bytes, other.tree.bytes());
    }
  return tree.walk(env, options_.tree, left, *asked.from);
}

std::size_t scan_forest::directories() const noexcept {
  std::size_t count = 0;
  for (const auto& [root, each] : trees_)
    count += each.tree.directories();
  return count;
}

scan_tree& scan_forest::tree_at(const std::string& root) {
  auto found = trees_.find(root);
  if (found == trees_.end()) {
    if (trees_.size() >= options_.roots)
      trees_.erase(std::ranges::min_element(trees_, {}, [](const auto& each) { return each.second.walked; }));
    found = trees_.emplace(root, planted{scan_tree(root), 0}).first;
  }
  found->second.walked = ++walks_;
  return found->second.tree;
}

} // namespace muster
