#include "muster/store/scan_page.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/git_checkout.hpp"
#include "muster/store/manifest_place.hpp"
#include "muster/store/scan_names.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

namespace muster {

namespace {

/// What proves that a directory is not there.
bool is_absence(os_error why) noexcept {
  return why.code == ENOENT || why.code == ENOTDIR;
}

} // namespace

root_walked scan_page::walk(const std::string& from) {
  began_ = env_.clock.boot();
  auto at = from.empty() ? tree_.enter({}) : tree_.nodes_.lower_bound(from);
  while (at != tree_.nodes_.end()) {
    if (is_full()) {
      result_.next = at->first;
      break;
    }
    ++visited_;
    at = visit(at);
  }
  return std::move(result_);
}

scan_page::iterator scan_page::visit(iterator at) {
  had_problem_ = false;
  // What is deepest came from a listing and is looked at if there is a manifest.
  if (iterator next; !is_deepest(at->first) && !look_at(at, next))
    return next;
  if (!at->second.settled)
    look_for_manifest(at);
  return std::next(at);
}

bool scan_page::look_at(iterator at, iterator& next) {
  const auto which = at->first;
  const auto path = tree_.path_of(which);
  const bool is_root = which.empty();
  if (std::ranges::binary_search(tree_.mounts_, path)) {
    next = tree_.behind(which);
    return false;
  }
  const auto seen = uninterrupted([&] { return env_.files.status(no_handle, path, is_root); });
  const bool absent = seen ? seen->type != file_type::directory : is_absence(seen.error());
  if (absent) {
    result_.gone = is_root;
    next = is_root ? tree_.nodes_.end() : tree_.forget(which);
    return false;
  }
  if (!seen)
    problem("look at the directory", path, seen.error());
  else if (is_root && std::exchange(tree_.device_, seen->device) != seen->device)
    for (auto& [other, known] : tree_.nodes_)
      known.listed = false;
  if (!seen || seen->device != tree_.device_) {
    next = tree_.behind(which);
    return false;
  }
  const auto& known = at->second;
  if (!known.listed || known.inode != seen->inode || known.mtime != seen->mtime || known.ctime != seen->ctime)
    list(at, *seen);
  return true;
}

void scan_page::list(iterator at, const file_status& seen) {
  at->second.listed = false;
  const auto which = at->first;
  const auto path = tree_.path_of(which);
  const std::chrono::nanoseconds looked_at = env_.clock.wall();
  open_how how;
  how.directory = true;
  how.no_follow = !which.empty();
  const auto opened = uninterrupted([&] { return env_.files.open(no_handle, path, how); });
  if (!opened) {
    // Another has come to stand there meanwhile: the next walk tells.
    if (!is_absence(opened.error()) && opened.error().code != ELOOP)
      problem("list the directory", path, opened.error());
    return;
  }
  const open_file directory(env_.files, *opened);
  const auto status = env_.files.status(*opened);
  if (!status)
    return problem("list the directory", path, status.error());
  if (status->inode != seen.inode || status->device != seen.device)
    return;
  std::vector<std::string> names;
  const bool whole = read_names(*opened, which, names);
  const bool truncated = std::exchange(result_.truncated, false);
  take_names(which, names, whole);
  const bool is_racy = std::max(status->mtime, status->ctime) > looked_at - options_.racy_window;
  at->second.inode = status->inode;
  at->second.mtime = status->mtime;
  at->second.ctime = status->ctime;
  at->second.listed = whole && !is_racy && !result_.truncated;
  result_.truncated = result_.truncated || truncated;
}

bool scan_page::read_names(handle directory, const key& which, std::vector<std::string>& names) {
  std::array<std::byte, 32768> buffer;
  for (std::size_t looked_at = 0;;) {
    const auto size = uninterrupted([&] { return env_.files.read_entries(directory, buffer); });
    if (!size) {
      problem("list the directory", tree_.path_of(which), size.error());
      return false;
    }
    if (*size == 0)
      return true;
    listing_reader reader{std::span(buffer).first(*size)};
    for (directory_entry entry; reader.next(entry);) {
      if (++looked_at > options_.entries) {
        result_.truncated = true;
        return false;
      }
      if (!is_walked_name(entry.name))
        continue;
      auto type = entry.type;
      if (type == file_type::unknown) {
        const auto found = uninterrupted([&] { return env_.files.status(directory, entry.name, false); });
        // What cannot be told may be one that is known.
        type = found ? found->type : is_absence(found.error()) ? file_type::unknown : file_type::directory;
      }
      if (type == file_type::directory)
        names.emplace_back(entry.name);
    }
  }
}

void scan_page::take_names(const key& which, const std::vector<std::string>& names, bool whole) {
  auto sorted = names;
  std::ranges::sort(sorted);
  const auto prefix = which.empty() ? key() : which + '\0';
  const auto end = tree_.behind(which);
  for (auto at = which.empty() ? tree_.nodes_.upper_bound(which) : tree_.nodes_.lower_bound(prefix);
       whole && at != end;) {
    const auto name = at->first.substr(prefix.size(), at->first.find('\0', prefix.size()) - prefix.size());
    const auto child = prefix + name;
    at = std::ranges::binary_search(sorted, name) ? tree_.behind(child) : tree_.forget(child);
  }
  for (const auto& name : sorted)
    add(prefix + name);
}

void scan_page::add(const key& child) {
  if (tree_.nodes_.contains(child))
    return;
  if (tree_.nodes_.size() >= left_.directories || tree_.bytes_ + child.size() >= left_.bytes) {
    result_.truncated = true;
    return;
  }
  tree_.enter(child);
}

void scan_page::look_for_manifest(iterator at) {
  const auto path = tree_.path_of(at->first);
  const bool deepest = is_deepest(at->first);
  if (deepest && std::ranges::binary_search(tree_.mounts_, path))
    return;
  const auto found =
      uninterrupted([&] { return env_.files.status(no_handle, path_in_dork(path, manifest_name), false); });
  if (!found) {
    if (!is_absence(found.error()))
      problem("look for a manifest", path, found.error());
    return;
  }
  if (!deepest || is_ours(path))
    result_.found.push_back({path, find_checkout(env_.files, path, tree_.root_)});
}

/// A directory of the same file system, and no link to one.
bool scan_page::is_ours(const std::string& path) {
  const auto status = uninterrupted([&] { return env_.files.status(no_handle, path, false); });
  if (!status && !is_absence(status.error()))
    problem("look at the directory", path, status.error());
  return status && status->type == file_type::directory && status->device == tree_.device_;
}

bool scan_page::is_full() const {
  return visited_ >= options_.page_directories || result_.found.size() >= options_.page_found ||
         (visited_ > 0 && env_.clock.boot() - began_ >= options_.page_time);
}

bool scan_page::is_deepest(const key& which) const {
  const auto names = which.empty() ? 0 : 1 + std::ranges::count(which, '\0');
  return static_cast<unsigned>(names) >= options_.depth && !which.empty();
}

void scan_page::problem(std::string_view step, const std::string& path, os_error why) {
  if (std::exchange(had_problem_, true))
    return;
  if (result_.problems.size() < options_.problems)
    result_.problems.push_back(disk_failure(step, path, why));
  else
    ++result_.more_problems;
}

} // namespace muster
