#include "muster/store/scan_tree.hpp"

#include "muster/store/mount_points.hpp"
#include "muster/store/scan_page.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

constexpr char between = '\0';
constexpr char after_between = '\1';
/// Of a directory beside its name, about.
constexpr std::size_t node_bytes = 128;

std::size_t size_of(const std::string& which) noexcept {
  return which.size() + node_bytes;
}

} // namespace

root_walked scan_tree::walk(const environment& env, const scan_tree_options& options, room left,
                            const std::string& from) {
  if (from.empty())
    mounts_ = find_mounts_below(env.files, root_);
  return scan_page(*this, env, options, left).walk(from);
}

void scan_tree::settle(std::string_view path) {
  const auto which = key_of(path);
  if (which.empty() && path != root_)
    return;
  if (const auto found = nodes_.find(which); found != nodes_.end())
    found->second.settled = true;
}

void scan_tree::unsettle(std::string_view path) {
  const auto which = key_of(path);
  if (which.empty() && path != root_)
    return;
  for (auto at = nodes_.find(which), end = behind(which); at != nodes_.end() && at != end; ++at)
    at->second.settled = false;
}

void scan_tree::unsettle_all() {
  for (auto& [which, known] : nodes_)
    known.settled = false;
}

std::string scan_tree::path_of(const key& which) const {
  if (which.empty())
    return root_;
  std::string path = root_ == "/" ? std::string() : root_;
  path += '/';
  path += which;
  std::replace(path.end() - static_cast<std::ptrdiff_t>(which.size()), path.end(), between, '/');
  return path;
}

scan_tree::key scan_tree::key_of(std::string_view path) const {
  const std::string_view above = root_ == "/" ? std::string_view() : root_;
  if (path.size() <= above.size() + 1 || !path.starts_with(above) || path[above.size()] != '/')
    return {};
  key which(path.substr(above.size() + 1));
  std::replace(which.begin(), which.end(), '/', between);
  return which;
}

scan_tree::nodes::iterator scan_tree::behind(const key& which) {
  return which.empty() ? nodes_.end() : nodes_.lower_bound(which + after_between);
}

scan_tree::nodes::iterator scan_tree::forget(const key& which) {
  const auto end = behind(which);
  auto at = nodes_.lower_bound(which);
  while (at != end) {
    bytes_ -= size_of(at->first);
    at = nodes_.erase(at);
  }
  return at;
}

scan_tree::nodes::iterator scan_tree::enter(const key& which) {
  const auto [at, is_new] = nodes_.try_emplace(which);
  if (is_new)
    bytes_ += size_of(which);
  return at;
}

} // namespace muster
