#include "muster/store/manifest_leftovers.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/dork_directory.hpp"
#include "muster/store/exchange_race.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/manifest_place.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace muster {

namespace {

struct leftover_directory {
  dork_directory dork; ///< not open if there is none
  bool project_gone = false;
};

expected<leftover_directory> open_leftover_directory(disk& files, const manifest_folder_options& options,
                                                     std::string_view project_path) {
  leftover_directory result{{files, options, project_path}, false};
  auto project = open_project(files, project_path, directory_use::look);
  result.project_gone = project.absent;
  if (project.absent)
    return result;
  if (project.why)
    return std::move(*project.why);
  auto dork = open_dork(files, project.directory.get(), project_path);
  if (dork.absent)
    return result;
  if (dork.why)
    return std::move(*dork.why);
  if (const auto held = result.dork.hold(std::move(dork.directory)); !held)
    return disk_failure("look at the directory", dork_path(project_path), held.error());
  return result;
}

struct name_list {
  std::vector<std::string> names = {};
  bool more = false;
};

expected<name_list> temporary_names(disk& files, const manifest_folder_options& options, handle dork,
                                    std::string_view project) {
  name_list result;
  std::array<std::byte, 16384> buffer;
  for (std::size_t seen = 0;;) {
    const auto size = uninterrupted([&] { return files.read_entries(dork, buffer); });
    if (!size)
      return disk_failure("list the directory", dork_path(project), size.error());
    if (*size == 0)
      return result;
    listing_reader listing{std::span{buffer}.first(*size)};
    for (directory_entry entry; listing.next(entry); ++seen) {
      result.more = result.more || seen >= options.entries;
      if (!is_temporary_name(entry.name) || result.more)
        continue;
      result.more = result.names.size() >= options.leftovers;
      if (!result.more)
        result.names.emplace_back(entry.name);
    }
    if (result.more)
      return result;
  }
}

} // namespace

expected<manifest_leftovers> list_leftovers(disk& files, const manifest_folder_options& options,
                                            std::string_view project) {
  const auto opened = open_leftover_directory(files, options, project);
  if (!opened)
    return opened.error();
  manifest_leftovers result;
  result.project_gone = opened->project_gone;
  const auto& dork = opened->dork;
  if (!dork)
    return result;
  auto listed = temporary_names(files, options, dork.get(), project);
  if (!listed)
    return listed.error();
  result.more = listed->more;
  std::sort(listed->names.begin(), listed->names.end());
  for (auto& name : listed->names) {
    auto content = dork.read(name, writer_check::yes);
    if (!std::holds_alternative<manifest_absent>(content))
      result.found.push_back({std::move(name), std::move(content)});
  }
  return result;
}

namespace {

/// The `.dork` in which it is; not open where there is nothing left to do.
expected<leftover_directory> open_at_recorded(disk& files, const manifest_folder_options& options,
                                              std::string_view project, const manifest_leftover& recorded) {
  auto opened = open_leftover_directory(files, options, project);
  if (!opened)
    return opened;
  if (opened->project_gone)
    return failure{failure_kind::failed, "project-away",
                   dork_path(project) + " is away with its project, so nothing in it can be removed; tried again later",
                   dork_path(project), "forget a leftover"};
  auto& dork = opened->dork;
  if (!dork)
    return opened;
  const auto shown = dork.shown(recorded.name);
  const auto* content = std::get_if<manifest_present>(&recorded.content);
  if (!content || !is_temporary_name(recorded.name))
    return failure{failure_kind::refused, "leftover-not-recorded",
                   shown + " was not read, so it is not removed; look at it and remove it by hand", shown,
                   "forget a leftover"};
  const auto found = dork.read(recorded.name, writer_check::yes);
  if (std::holds_alternative<manifest_absent>(found))
    return leftover_directory{{files, options, project}, false};
  if (const auto* unreadable = std::get_if<manifest_unreadable>(&found))
    return unreadable->why;
  if (!is_undisturbed(found, content->hash))
    return failure{failure_kind::refused, "leftover-changed",
                   shown + " is not what was recorded any more; list the leftovers again", shown, "forget a leftover"};
  return opened;
}

failure leftover_stays(const std::string& shown) {
  return {failure_kind::failed, "leftover-stays", shown + " cannot be removed; try again later", shown,
          "forget a leftover"};
}

} // namespace

expected<void> remove_leftover(disk& files, const manifest_folder_options& options, std::string_view project,
                               const manifest_leftover& recorded) {
  auto opened = open_at_recorded(files, options, project, recorded);
  if (!opened)
    return opened.error();
  auto& dork = opened->dork;
  // Durably: by the time a power cut could bring it back nobody may know any
  // more whose it was.
  if (dork && !dork.remove_durably(recorded.name))
    return leftover_stays(dork.shown(recorded.name));
  return {};
}

expected<void> set_leftover_aside(const environment& env, const manifest_folder_options& options,
                                  std::string_view project, const manifest_leftover& read) {
  auto opened = open_at_recorded(env.files, options, project, read);
  if (!opened)
    return opened.error();
  auto& dork = opened->dork;
  if (!dork)
    return {};
  const auto now = env.clock.wall();
  for (unsigned n = 1; n <= options.set_aside_names; ++n) {
    const auto done = uninterrupted([&] {
      return env.files.rename(dork.get(), read.name, dork.get(), set_aside_name(now, n), rename_mode::no_replace);
    });
    if (!done && done.error().code == EEXIST)
      continue;
    if (!done || !dork.sync())
      return leftover_stays(dork.shown(read.name));
    return {};
  }
  return leftover_stays(dork.shown(read.name));
}

} // namespace muster
