#include "muster/store/simulated_disk.hpp"

#include <algorithm>
#include <cerrno>

namespace muster {

namespace {

constexpr std::size_t max_path = 4096;
constexpr std::size_t max_name = 255;
constexpr int max_links = 40;
constexpr std::uint32_t may_execute = 1;
constexpr std::uint32_t may_write = 2;

bool has_dots(std::string_view path) noexcept {
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (path.substr(0, end) == "..")
      return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

} // namespace

simulated_disk::node simulated_disk::enter(node file) const noexcept {
  for (bool moved = true; moved;) {
    moved = false;
    for (const auto& mounted : mounts_)
      if (mounted.at == file) {
        file = {mounted.volume, simulated_volume::root};
        moved = true;
      }
  }
  return file;
}

simulated_disk::node simulated_disk::parent_of(node directory) const noexcept {
  while (directory.inode == simulated_volume::root) {
    const auto found = std::ranges::find(mounts_, directory.volume, &mount_point::volume);
    if (found == mounts_.end())
      return directory;
    directory = found->at;
  }
  return enter({directory.volume, inode_of(directory).parent});
}

bool simulated_disk::is_mount_point(node file) const noexcept {
  return file.inode == simulated_volume::root &&
         std::ranges::find(mounts_, file.volume, &mount_point::volume) != mounts_.end();
}

os_result<void> simulated_disk::start(handle directory, std::string_view path, walk_rules rules, node& from) {
  if (path.size() >= max_path)
    return os_error{ENAMETOOLONG};
  if (path.find('\0') != std::string_view::npos)
    return os_error{EINVAL};
  if (path.empty())
    return os_error{ENOENT};
  if (rules.beneath && (path.front() == '/' || has_dots(path)))
    return os_error{EXDEV};
  if (path.front() == '/') {
    from = enter({0, simulated_volume::root});
    return {};
  }
  auto base = use(directory);
  if (!base)
    return base.error();
  from = (*base)->file;
  return {};
}

os_result<void> simulated_disk::may_search(node directory) const {
  const auto& volume = volumes_[directory.volume];
  if (volume.options.broken != 0)
    return os_error{volume.options.broken};
  if (volume.at(directory.inode).type != file_type::directory)
    return os_error{ENOTDIR};
  if (!may(directory, may_execute))
    return os_error{EACCES};
  return {};
}

os_result<void> simulated_disk::walk(handle directory, std::string_view path, walk_rules rules, place& found) {
  node here;
  if (auto started = start(directory, path, rules, here); !started)
    return started;
  auto rest = path;
  for (int links = 0;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
    if (auto fine = may_search(here); !fine)
      return fine;
    const auto end = std::min(rest.find('/'), rest.size());
    found.directory = here;
    found.name = rest.substr(0, end);
    rest.remove_prefix(end);
    const bool last = rest.find_first_not_of('/') == std::string_view::npos;
    if (found.name.size() > max_name)
      return os_error{ENAMETOOLONG};
    found.slash = last && !rest.empty();
    found.dots = found.name == "..";
    if (found.name.empty() || found.name == "." || found.dots) {
      here = found.dots ? parent_of(here) : here;
      found.target = here;
      found.name = {};
      if (last)
        return may_search(here);
      continue;
    }
    if (found.slash && rules.create)
      return os_error{EISDIR};
    found.target = {here.volume, volume_of(here).find(here.inode, found.name)};
    if (found.target.inode == 0)
      return last ? os_result<void>{} : os_error{ENOENT};
    found.target = enter(found.target);
    if (volume_of(found.target).options.broken != 0)
      return os_error{volume_of(found.target).options.broken};
    const auto type = inode_of(found.target).type;
    if (type == file_type::symlink && (!last || rules.follow || (found.slash && !rules.entry))) {
      if (rules.beneath || ++links > max_links)
        return os_error{ELOOP};
      const auto& target = *inode_of(found.target).bytes;
      // Built aside: `rest` may still point into what was expanded before.
      auto next = target + std::string(rest);
      if (next.size() >= max_path)
        return os_error{ENAMETOOLONG};
      if (target.starts_with('/'))
        here = enter({0, simulated_volume::root});
      found.expanded = std::move(next);
      rest = found.expanded;
      continue;
    }
    if (last)
      return found.slash && !rules.entry && type != file_type::directory ? os_error{ENOTDIR} : os_result<void>{};
    here = found.target;
  }
}

os_result<void> simulated_disk::may_change(const place& found) {
  if (volume_of(found.directory).options.read_only)
    return os_error{EROFS};
  if (!may(found.directory, may_write | may_execute))
    return os_error{EACCES};
  if (inode_of(found.directory).links == 0)
    return os_error{ENOENT};
  return {};
}

} // namespace muster
