#include "muster/store/scan_lister.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/git_checkout.hpp"
#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_probe.hpp"
#include "muster/store/mount_points.hpp"
#include "muster/store/project_description.hpp"
#include "muster/store/scan_names.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

namespace muster {

namespace {

constexpr std::string_view dork = ".dork";

/// What says that there is no such directory: another has come to stand there,
/// or a link.
bool is_absence(os_error why) noexcept {
  return why.code == ENOENT || why.code == ENOTDIR || why.code == ELOOP;
}

failure too_many_entries(const std::string& path) {
  return {
      failure_kind::failed, "directory-too-large",
      "the directory has more entries than a scan looks at, and the rest was left out; scan what lies in it by itself",
      path, "list the directory"};
}

} // namespace

directories_listed scan_lister::list(const list_directories& asked) {
  directories_listed answer;
  answer.batch = asked.batch;
  asked.pulse->batch = asked.batch;
  index_ = 0;
  for (const auto& group : *asked.groups) {
    std::string_view names = group.names;
    for (std::uint32_t i = 0; i < group.count; ++i, ++index_) {
      asked.pulse->index = index_;
      const auto end = std::min(names.find('\0'), names.size());
      list_one(asked, group.parent, names.substr(0, end), answer);
      names.remove_prefix(std::min(end + 1, names.size()));
    }
  }
  return answer;
}

void scan_lister::list_one(const list_directories& asked, std::string_view parent, std::string_view name,
                           directories_listed& answer) {
  auto& result = answer.each.emplace_back();
  path_.assign(parent);
  if (!parent.empty())
    path_ += '/';
  path_ += name;
  const auto shown = [&] { return joined(asked.terms->roots()[asked.root], path_); };
  auto opened = open_one(asked, path_);
  beat(asked);
  if (!opened) {
    // A root is what somebody has named.
    result.how = is_absence(opened.error()) && !path_.empty() ? listing_outcome::vanished : listing_outcome::unreadable;
    if (result.how == listing_outcome::unreadable)
      tell(false, disk_failure("list the directory", shown(), opened.error()), answer);
    return;
  }
  const auto directory = path_.empty() ? roots_.at(asked.root).directory.get() : opened->get();
  const auto status = uninterrupted([&] { return env_.files.status(directory); });
  beat(asked);
  if (!status) {
    result.how = listing_outcome::unreadable;
    return tell(false, disk_failure("look at the directory", shown(), status.error()), answer);
  }
  result.device = status->device;
  result.inode = status->inode;
  if (!asked.terms->follow_mounts() && status->device != roots_.at(asked.root).device) {
    result.how = listing_outcome::mount;
    return;
  }
  read_one(asked, directory, path_, answer);
}

/// Of a root nothing: it stays open.
os_result<open_file> scan_lister::open_one(const list_directories& asked, const std::string& path) {
  auto at = roots_.find(asked.root);
  if (at == roots_.end()) {
    const auto& root = asked.terms->roots()[asked.root];
    const auto opened = uninterrupted([&] { return env_.files.open(no_handle, root, {.directory = true}); });
    if (!opened)
      return opened.error();
    open_file directory(env_.files, *opened);
    const auto status = uninterrupted([&] { return env_.files.status(*opened); });
    if (!status)
      return status.error();
    at = roots_.emplace(asked.root, opened_root{std::move(directory), status->device}).first;
  }
  if (path.empty())
    return open_file{};
  const open_how how{.directory = true, .no_follow = true, .beneath = true};
  const auto opened = uninterrupted([&] { return env_.files.open(at->second.directory.get(), path, how); });
  if (!opened)
    return opened.error();
  return open_file(env_.files, *opened);
}

void scan_lister::read_one(const list_directories& asked, handle directory, const std::string& path,
                           directories_listed& answer) {
  const auto& root = asked.terms->roots()[asked.root];
  sight seen;
  names_.clear();
  count_ = 0;
  auto& result = answer.each.back();
  if (const auto read = read_entries(asked, directory, seen); !read) {
    result.how = listing_outcome::partly;
    tell(false, disk_failure("list the directory", joined(root, path), read.error()), answer);
  } else if (seen.is_cut) {
    result.how = listing_outcome::partly;
    tell(false, too_many_entries(joined(root, path)), answer);
  }
  sort_names(result);
  if (path.empty() && !asked.terms->follow_mounts())
    answer.mounts = find_mounts_below(env_.files, root);
  if (seen.has_dork || seen.markers.any())
    look_closer(asked, directory, path, seen, answer);
  if (seen.failed)
    tell(false, disk_failure("look for markers in the directory", joined(root, path), *seen.failed), answer);
}

os_result<void> scan_lister::read_entries(const list_directories& asked, handle directory, sight& seen) {
  const auto& limits = asked.terms->limits();
  const auto& markers = asked.terms->markers();
  for (std::size_t entries = 0;;) {
    const auto size = uninterrupted([&] { return env_.files.read_entries(directory, buffer_); });
    beat(asked);
    if (!size)
      return size.error();
    if (*size == 0)
      return {};
    listing_reader reader{std::span(buffer_).first(*size)};
    for (directory_entry entry; reader.next(entry);) {
      if (++entries > limits.entries || names_.size() >= limits.name_bytes) {
        seen.is_cut = true;
        return {};
      }
      if (entry.name.empty())
        continue;
      const bool is_marker = markers.knows(entry.name);
      if (is_marker || entry.type == file_type::directory || entry.type == file_type::unknown || entry.name == dork)
        take_entry(directory, entry, asked.deepest, seen);
      if (is_marker) {
        auto type = entry.type;
        if (type == file_type::symlink || type == file_type::unknown)
          type = type_behind(directory, entry.name, seen);
        markers.note(entry.name, type, seen.markers);
      }
    }
  }
}

/// What a link leads to; unknown if that cannot be told.
file_type scan_lister::type_behind(handle directory, std::string_view name, sight& seen) {
  const auto found = uninterrupted([&] { return env_.files.status(directory, name, true); });
  if (!found && !is_absence(found.error()))
    seen.failed = found.error();
  return found ? found->type : file_type::unknown;
}

void scan_lister::take_entry(handle directory, directory_entry entry, bool deepest, sight& seen) {
  seen.has_dork = seen.has_dork || entry.name == dork;
  if (deepest || !is_scanned_name(entry.name))
    return;
  if (entry.type == file_type::unknown) {
    const auto found = uninterrupted([&] { return env_.files.status(directory, entry.name, false); });
    entry.type = found ? found->type : is_absence(found.error()) ? file_type::unknown : file_type::directory;
  }
  if (entry.type != file_type::directory)
    return;
  names_ += entry.name;
  names_ += '\0';
  ++count_;
}

void scan_lister::sort_names(listed_directory& into) {
  into.count = count_;
  if (count_ == 0)
    return;
  sorted_.clear();
  for (std::string_view rest = names_; !rest.empty();) {
    const auto size = rest.find('\0') + 1;
    sorted_.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  std::ranges::sort(sorted_);
  into.names.reserve(names_.size());
  for (const auto name : sorted_)
    into.names += name;
}

void scan_lister::look_closer(const list_directories& asked, handle directory, const std::string& path, sight& seen,
                              directories_listed& answer) {
  const auto look = [&](const std::string& inner) {
    beat(asked);
    return type_behind(directory, inner, seen);
  };
  directory_match found;
  found.index = index_;
  found.strategy = asked.terms->markers().match(seen.markers, look);
  if (!found.strategy && !seen.has_dork)
    return;
  const auto whole = joined(asked.terms->roots()[asked.root], path);
  found.known = asked.terms->placed_at(whole);
  if (!found.known && seen.has_dork && probe(asked, whole, found, answer)) {
    if (!found.agent.empty())
      answer.matches.push_back(std::move(found));
    return;
  }
  if (!found.known && !found.strategy)
    return;
  if (!found.known)
    found.description = describe(directory, asked.terms->strategies()[*found.strategy]);
  answer.matches.push_back(std::move(found));
}

bool scan_lister::probe(const list_directories& asked, const std::string& path, directory_match& found,
                        directories_listed& answer) {
  auto probed = probe_manifest(env_.files, manifests_, path);
  beat(asked);
  if (std::holds_alternative<manifest_absent>(probed))
    return false;
  if (const auto* unreadable = std::get_if<manifest_unreadable>(&probed)) {
    tell(true, unreadable->why, answer);
    return true;
  }
  auto& present = std::get<manifest_present>(probed);
  const auto document = manifest_document::read(std::move(present.bytes));
  if (!document) {
    tell(true,
         {failure_kind::refused, "manifest-invalid",
          document.error().message + "; `muster manifest check` lists all that is wrong", path},
         answer);
    return true;
  }
  found.agent = agent_id{document->fields().id};
  found.name = document->fields().name;
  found.modified = present.status.mtime;
  found.git = find_checkout(env_.files, path, asked.terms->roots()[asked.root]);
  beat(asked);
  return true;
}

std::string scan_lister::describe(handle directory, const project_strategy& strategy) {
  for (const auto& name : strategy.described_by) {
    const auto opened = uninterrupted([&] { return env_.files.open(directory, name, {}); });
    if (!opened)
      continue;
    const open_file file(env_.files, *opened);
    const auto status = env_.files.status(*opened);
    if (!status || status->type != file_type::regular)
      continue;
    if (const auto text = read_full(env_.files, *opened, 0, description_bytes))
      return describe_project(*text);
  }
  return {};
}

void scan_lister::tell(bool of_manifest, failure why, directories_listed& answer) {
  answer.problems.push_back({index_, of_manifest, std::move(why)});
}

} // namespace muster
