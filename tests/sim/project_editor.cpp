#include "tests/sim/project_editor.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <utility>

namespace muster::sim {

namespace {

std::string dork_of(std::size_t project) {
  return project_path(project) + "/.dork";
}

// Where nobody looks for a project that was moved.
std::string away_path(std::size_t project) {
  return std::string(place_out_of_sight) + project_path(project).substr(home_volume.size());
}

// An id as a person's own tool would mint it: the same length as ours.
std::string hand_made_id(std::uint64_t number) {
  char text[27];
  std::snprintf(text, sizeof text, "01HAND0000000000%010llu", static_cast<unsigned long long>(number));
  return text;
}

std::string new_manifest(std::size_t project, std::uint64_t number, bool shares) {
  const auto name_space = shares ? "\",\n  \"namespace\": \"" + std::string(shared_namespace) : std::string{};
  return "{\n  \"id\": \"" + hand_made_id(number) + "\",\n  \"name\": \"hand-made-" + std::to_string(project) +
         "\",\n  \"description\": \"written by hand " + token_of(number) + name_space +
         "\",\n  \"runtime\": \"codex\",\n  \"registeredAt\": \"2026-01-01T00:00:00.000Z\",\n  \"registeredBy\": "
         "\"hand\",\n"
         "  \"note\": \"carried " +
         token_of(number) + "\"\n}\n";
}

} // namespace

void project_editor::edit(const scenario_step& step) {
  if (machine_.is_broken())
    return;
  const auto project = static_cast<std::size_t>(step.a) % history_.projects();
  const auto other = static_cast<std::size_t>(step.b) % history_.projects();
  const auto what = std::string(to_string(step.what)) + " of step " + std::to_string(step.id);
  if (!can_edit(project))
    return;
  switch (step.what) {
    case verb::save: save(project, next_content(project, step.id), true, what); break;
    case verb::overwrite: overwrite(project, next_content(project, step.id), what); break;
    case verb::spoil: save(project, "{\"description\": \"cut " + token_of(step.id), true, what); break;
    case verb::remove: remove(project, what); break;
    case verb::restore: restore(project, what); break;
    case verb::checkout: check_out(step, project, what); break;
    case verb::switch_branch: check_out(step, project, what); break;
    case verb::copy:
      if (const auto bytes = read(project); bytes && project != other && can_edit(other)) {
        save(other, *bytes, true, what);
        history_.note_copied_into(other);
      }
      break;
    case verb::relocate: (void)relocate(project, other); break;
    default: break;
  }
}

// Git writes the files of the other branch first, and at last where HEAD is.
void project_editor::check_out(const scenario_step& step, std::size_t from, const std::string& what) {
  for (std::uint64_t i = 0; i < step.b; ++i) {
    const auto each = (from + i) % history_.projects();
    if (!can_edit(each))
      continue;
    if (chance_.one_in(2))
      restore(each, what);
    else if (const auto bytes = read(each))
      save(each, next_content(each, step.id * 1'000 + 500'000 + i), true, what);
    if (step.what == verb::switch_branch)
      machine_.aside([&](simulated_disk& files) {
        const auto git = project_path(each) + "/.git";
        if (!files.exists(git))
          files.make_directory(no_handle, git, 0755).value();
        write(files, git + "/HEAD", "ref: refs/heads/branch-" + std::to_string(step.c) + "\n");
        sync_directory(files, git);
        sync_directory(files, project_path(each));
      });
  }
}

bool project_editor::relocate(std::size_t from, std::size_t to) {
  if (machine_.is_broken() || !can_edit(from) || !can_edit(to))
    return false;
  return machine_.aside([&](simulated_disk& files) {
    const auto bytes = read(from);
    if (from == to || !bytes || files.exists(dork_of(to)))
      return false;
    files.rename(no_handle, dork_of(from), no_handle, dork_of(to), rename_mode::no_replace).value();
    sync_directory(files, project_path(from));
    sync_directory(files, project_path(to));
    const auto what = "moved from project " + std::to_string(from) + " to " + std::to_string(to);
    history_.edited(from, {}, true, what);
    history_.edited(to, bytes, true, what);
    if (history_.is_being_tried(from, gist_of(*bytes)))
      history_.may_be_taken_back(to, *bytes, what + " and taken back there");
    history_.note_moved_into(to, from);
    noted();
    return true;
  });
}

void project_editor::vanish(std::size_t from, std::uint64_t count) {
  if (machine_.is_broken() || machine_.is_away())
    return;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto project = (from + i) % history_.projects();
    if (!is_there(project))
      continue;
    const auto bytes = read(project);
    machine_.aside([&](simulated_disk& files) {
      files.rename(no_handle, project_path(project), no_handle, away_path(project), rename_mode::no_replace).value();
      sync_directory(files, std::string(home_volume));
      sync_directory(files, std::string(place_out_of_sight));
    });
    vanished_.emplace(project, bytes);
    history_.note_moved_away(project);
    if (bytes)
      history_.edited(project, {}, true, "moved away");
  }
  noted();
}

void project_editor::come_back() {
  if (machine_.is_broken() || machine_.is_away())
    return;
  for (const auto& [project, bytes] : std::exchange(vanished_, {})) {
    machine_.aside([&, project = project](simulated_disk& files) {
      files.rename(no_handle, away_path(project), no_handle, project_path(project), rename_mode::no_replace).value();
      sync_directory(files, std::string(home_volume));
      sync_directory(files, std::string(place_out_of_sight));
    });
    if (bytes)
      history_.moved_back(project, *bytes);
  }
  noted();
}

bool project_editor::is_there(std::size_t project) {
  return machine_.aside([&](simulated_disk& files) { return files.exists(project_path(project)); });
}

std::optional<std::string> project_editor::read(std::size_t project) {
  return machine_.aside([&](simulated_disk& files) -> std::optional<std::string> {
    const auto path = manifest_path(project);
    if (!files.exists(path))
      return {};
    return files.file_content(path);
  });
}

void project_editor::save(std::size_t project, const std::string& bytes, bool settles, const std::string& what) {
  machine_.aside([&](simulated_disk& files) {
    make_dork(files, project);
    const auto swap = dork_of(project) + "/agent.json.swp";
    write(files, swap, bytes);
    files.rename(no_handle, swap, no_handle, manifest_path(project), rename_mode::replace).value();
    sync_directory(files, dork_of(project));
  });
  history_.edited(project, bytes, settles, what);
  noted();
}

// Empties the file and writes it, so its bytes are never old and new mixed; a
// crash finds it saved.
void project_editor::overwrite(std::size_t project, const std::string& bytes, const std::string& what) {
  machine_.aside([&](simulated_disk& files) {
    make_dork(files, project);
    write(files, manifest_path(project), bytes);
    sync_directory(files, dork_of(project));
  });
  history_.edited(project, bytes, true, what);
  noted();
}

void project_editor::remove(std::size_t project, const std::string& what) {
  if (!read(project))
    return;
  machine_.aside([&](simulated_disk& files) {
    files.unlink(no_handle, manifest_path(project), unlink_kind::file).value();
    sync_directory(files, dork_of(project));
  });
  history_.edited(project, {}, true, what);
  noted();
}

// Muster may know the content as an older one, and then bring the file up to
// date again.
void project_editor::restore(std::size_t project, const std::string& what) {
  const auto& all = history_.contents(project);
  if (all.empty())
    return;
  const auto bytes = all[chance_.below(all.size())];
  save(project, bytes, false, what);
}

// What is there with another description, or a manifest of its own.
std::string project_editor::next_content(std::size_t project, std::uint64_t number) {
  const bool shares = shares_namespace_ && number % 3 == 0;
  const auto bytes = read(project);
  boost::json::error_code failed;
  auto value = boost::json::parse(bytes ? *bytes : std::string{}, failed);
  if (failed || !value.is_object() || !value.get_object().if_contains("id"))
    return new_manifest(project, number, shares);
  if (shares)
    value.get_object()["namespace"] = shared_namespace;
  value.get_object()["description"] = "edited by hand " + token_of(number);
  if (chance_.one_in(2))
    value.get_object()["note"] = "carried " + token_of(number);
  return boost::json::serialize(value) + "\n";
}

void project_editor::noted() {
  machine_.note_projects_touched();
  if (after_edit_)
    after_edit_();
}

void project_editor::make_dork(simulated_disk& files, std::size_t project) {
  if (!files.exists(dork_of(project)))
    files.make_directory(no_handle, dork_of(project), 0755).value();
  // Somebody else may have made it a moment ago.
  sync_directory(files, project_path(project));
}

void project_editor::write(simulated_disk& files, const std::string& path, const std::string& bytes) {
  const open_how how{.access = open_how::access_mode::read_write, .create = true, .truncate = true, .mode = 0644};
  const open_file file{files, files.open(no_handle, path, how).value()};
  files.write_at(file.get(), 0, std::as_bytes(std::span{bytes})).value();
  files.sync(file.get()).value();
}

void project_editor::sync_directory(simulated_disk& files, const std::string& path) {
  const open_file directory{files, files.open(no_handle, path, {.directory = true}).value()};
  files.sync(directory.get()).value();
}

} // namespace muster::sim
