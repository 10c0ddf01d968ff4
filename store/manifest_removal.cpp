#include "muster/store/manifest_removal.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/exchange_race.hpp"
#include "muster/store/manifest_place.hpp"
#include "muster/store/manifest_replacement.hpp"

#include <cerrno>

namespace muster {

namespace {

using effect = rename_answer::effect;

} // namespace

manifest_removal::manifest_removal(const environment& env, const manifest_folder_options& options,
                                   std::string_view project)
    : files_(env.files),
      clock_(env.clock),
      random_(env.random),
      options_(options),
      project_path_(project),
      dork_(env.files, options, project) {}

manifest_outcome manifest_removal::remove(const sha256_digest& expected) {
  if (!begin(expected))
    return std::move(outcome_);
  const auto name = new_temporary_name(random_);
  if (!take(name) || !check_taken(name, expected) || !make_durable(name))
    return std::move(outcome_);
  // Durably, for nobody looks again at a project that is not registered.
  if (!dork_.remove_durably(name))
    outcome_.left.push_back(name);
  return std::move(outcome_);
}

manifest_outcome manifest_removal::set_aside(const file_version& expected) {
  if (!begin(expected) || !take_to_free_name())
    return std::move(outcome_);
  if ((expected && !check_taken(outcome_.aside, expected)) || !make_durable(outcome_.aside))
    outcome_.aside.clear();
  return std::move(outcome_);
}

bool manifest_removal::begin(const file_version& expected) {
  auto project = open_project(files_, project_path_, directory_use::look);
  if (project.absent)
    return end_absent();
  if (project.why)
    return end(std::move(*project.why));
  auto dork = open_dork(files_, project.directory.get(), project_path_);
  if (dork.absent)
    return end_absent();
  if (dork.why)
    return end(std::move(*dork.why));
  if (const auto held = dork_.hold(std::move(dork.directory)); !held)
    return end(disk_failure("look at the directory", dork_path(project_path_), held.error()));
  return expected ? find_version(*expected) : find_anything();
}

bool manifest_removal::find_version(const sha256_digest& expected) {
  const auto found = dork_.read(manifest_name, writer_check::no);
  if (const auto* unreadable = std::get_if<manifest_unreadable>(&found))
    return end(unreadable->why);
  const auto* present = std::get_if<manifest_present>(&found);
  if (!present) {
    // Gone already, perhaps by a call of ours whose sync failed.
    return end_absent();
  }
  if (present->hash != expected)
    return end(changed_failure(dork_.shown(manifest_name)));
  inode_ = present->status.inode;
  return true;
}

bool manifest_removal::find_anything() {
  const auto found = files_.status(dork_.get(), manifest_name, false);
  if (found) {
    inode_ = found->inode;
    return true;
  }
  if (found.error().code != ENOENT)
    return end(disk_failure("look at the manifest", dork_.shown(manifest_name), found.error()));
  return end_absent();
}

rename_answer manifest_removal::rename_without_replacing(std::string_view from, std::string_view to) {
  const auto answer = dork_.rename(from, to, rename_mode::no_replace, inode_);
  if (answer.what != effect::none || !is_unsupported(answer.why))
    return answer;
  outcome_.weaker_publish = true;
  const auto there = files_.status(dork_.get(), to, false);
  if (there)
    return {effect::none, os_error{EEXIST}};
  if (there.error().code != ENOENT)
    return {effect::none, there.error()};
  return dork_.rename(from, to, rename_mode::replace, inode_);
}

bool manifest_removal::take(std::string_view to) {
  const auto answer = rename_without_replacing(manifest_name, to);
  const auto shown = dork_.shown(manifest_name);
  switch (answer.what) {
    case effect::done: return true;
    case effect::unknown:
      outcome_.left.emplace_back(to);
      return end(unknown_failure("rename the manifest", shown, answer.why));
    case effect::none: break;
  }
  if (answer.why.code == ENOENT) {
    // Somebody else has taken it away: that is what was wanted.
    return end_absent();
  }
  return end(disk_failure("rename the manifest", shown, answer.why));
}

bool manifest_removal::take_to_free_name() {
  const auto now = clock_.wall();
  for (unsigned n = 1; n <= options_.set_aside_names; ++n) {
    auto name = set_aside_name(now, n);
    // Another look is cheaper than a failure that has to be told apart.
    if (files_.status(dork_.get(), name, false))
      continue;
    if (!take(name)) {
      if (!outcome_.error || outcome_.error->system_errno != EEXIST)
        return false;
      outcome_.error.reset();
      continue;
    }
    outcome_.aside = std::move(name);
    return true;
  }
  return end({failure_kind::failed, "manifest-no-name-left",
              "there is no free name left to set " + dork_.shown(manifest_name) +
                  " aside; remove older agent.json.set-aside files",
              dork_.shown(manifest_name), "set the manifest aside"});
}

bool manifest_removal::check_taken(std::string_view name, const file_version& expected) {
  auto taken = dork_.read(name, writer_check::yes);
  if (std::holds_alternative<manifest_absent>(taken) || is_undisturbed(taken, expected))
    return true;
  put_back(name, std::move(taken));
  return false;
}

void manifest_removal::put_back(std::string_view name, manifest_probe taken) {
  const auto shown = dork_.shown(manifest_name);
  inode_ = dork_.inode_of(name);
  std::optional<failure> blind;
  if (const auto* unreadable = std::get_if<manifest_unreadable>(&taken); unreadable)
    if (unreadable->why.kind == failure_kind::failed)
      blind = unreadable->why;
  outcome_.witnessed.push_back({std::move(taken), {}});
  const auto answer = rename_without_replacing(name, manifest_name);
  const bool newer = answer.what == effect::none && answer.why.code == EEXIST;
  if (answer.what != effect::done) {
    outcome_.witnessed.back().leftover = name;
    if (is_temporary_name(name))
      outcome_.left.emplace_back(name);
    if (!newer) {
      end(unknown_failure("put a hand edit back", shown, answer.why));
      return;
    }
  }
  sync();
  if (outcome_.error)
    return;
  // The disk did not let us look, so all is as it was and nobody raced us.
  if (blind && !newer) {
    outcome_.witnessed.clear();
    end(std::move(*blind));
  } else {
    end(raced_failure(shown, newer ? "a newer edit stands, this one is kept beside it" : "that edit stands"));
  }
}

bool manifest_removal::make_durable(const std::string& name) {
  const auto synced = dork_.sync();
  if (synced && dork_.is_in_place())
    return true;
  // Only a new rename makes sure when this is repeated: what a failed sync was
  // to save may count as saved from now on.
  if (rename_without_replacing(name, manifest_name).what != effect::done && is_temporary_name(name))
    outcome_.left.push_back(name);
  return end(synced ? moved_failure(dork_path(project_path_))
                    : unknown_failure("sync the directory", dork_.shown(manifest_name), synced.error()));
}

bool manifest_removal::end_absent() {
  outcome_.was_absent = true;
  if (dork_)
    sync();
  return false;
}

bool manifest_removal::end(failure why) {
  outcome_.error = std::move(why);
  return false;
}

void manifest_removal::sync() {
  if (const auto synced = dork_.sync(); !synced)
    end(unknown_failure("sync the directory", dork_.shown(manifest_name), synced.error()));
}

} // namespace muster
