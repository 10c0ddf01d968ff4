#include "muster/store/manifest_replacement.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/exchange_race.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/manifest_place.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>
#include <cerrno>

namespace muster {

namespace {

constexpr std::uint32_t new_manifest_mode = 0644;
constexpr std::uint32_t new_dork_mode = 0755;
constexpr std::uint32_t permission_bits = 0777;

} // namespace

failure changed_failure(std::string_view shown) {
  return {failure_kind::refused, "manifest-changed",
          std::string{shown}.append(" does not hold what was expected; read it again and decide anew"),
          std::string{shown}, "check the manifest"};
}

failure owner_failure(std::string_view shown, std::uint32_t owner, std::uint32_t ours) {
  return {failure_kind::refused, "manifest-owner",
          std::string{shown}
              .append(" belongs to user ")
              .append(std::to_string(owner))
              .append(" and would belong to user ")
              .append(std::to_string(ours))
              .append(" if it were replaced; run muster as its owner, or change its owner"),
          std::string{shown}, "check the manifest"};
}

failure raced_failure(std::string_view shown, std::string_view what_stands) {
  return {failure_kind::refused, "manifest-raced",
          std::string{shown}
              .append(" was edited by somebody else at the same moment; ")
              .append(what_stands)
              .append("; read it again and decide anew"),
          std::string{shown}, "check what was replaced"};
}

failure unknown_failure(std::string_view step, std::string_view shown, os_error why) {
  auto result = disk_failure(step, shown, why);
  result.kind = failure_kind::unknown_outcome;
  result.code = "manifest-outcome-unknown";
  result.message.append("; the change may or may not outlast a power cut, repeat it to be sure");
  return result;
}

failure moved_failure(std::string_view shown) {
  return {
      failure_kind::unknown_outcome, "manifest-directory-moved",
      std::string{shown}.append(" was moved or replaced while its manifest was changed, so the change went with it; "
                                "see where it is now and repeat the change"),
      std::string{shown}, "look at the directory"};
}

failure moved_away_failure(std::string_view shown) {
  return {
      failure_kind::refused, "manifest-directory-moving",
      std::string{shown}.append(" was moved or replaced while its manifest was changed, so nothing was changed; see "
                                "where it is now and repeat the change"),
      std::string{shown}, "look at the directory"};
}

manifest_outcome manifest_replacement::take_outcome() {
  const auto is_ours = [this](const std::string& left) {
    return std::ranges::find(outcome_.witnessed, left, &witnessed_content::leftover) == outcome_.witnessed.end();
  };
  // A refusal is forgotten, and after a power cut the file would pass for a hand edit.
  if (outcome_.error && outcome_.error->kind == failure_kind::refused && std::ranges::any_of(outcome_.left, is_ours)) {
    outcome_.error->kind = failure_kind::failed;
    outcome_.error->message += "; a temporary file beside it could not be removed for good";
  }
  return std::move(outcome_);
}

manifest_replacement::manifest_replacement(const environment& env, const manifest_folder_options& options,
                                           std::string_view project, file_version expected, std::string_view bytes)
    : files_(env.files),
      options_(options),
      umask_(env.self.umask),
      project_path_(project),
      expected_(expected),
      bytes_(bytes),
      hash_(sha256::of(bytes)),
      dork_(env.files, options, project),
      temporary_name_(new_temporary_name(env.random)) {}

bool manifest_replacement::prepare() {
  if (bytes_.size() > options_.max_bytes)
    return end({failure_kind::refused, "manifest-too-large",
                "the new manifest for " + std::string{project_path_} + " has " + std::to_string(bytes_.size()) +
                    " bytes, more than a manifest may have (" + std::to_string(options_.max_bytes) +
                    "); make it smaller",
                dork_.shown(manifest_name), "check the manifest"});
  return open_directories() && check_precondition() && write_temporary();
}

bool manifest_replacement::open_directories() {
  // A first manifest makes `.dork` durable in the project, whoever made it: a
  // try before this one may have made it and failed to sync.
  const auto use = expected_ ? directory_use::look : directory_use::sync;
  auto project = open_project(files_, project_path_, use);
  if (project.why)
    return end(std::move(*project.why));
  project_ = std::move(project.directory);
  auto dork = open_dork(files_, project_.get(), project_path_);
  if (dork.why && dork.why->system_errno == ENOENT) {
    if (expected_)
      return end(changed_failure(dork_.shown(manifest_name)));
    return open_new_dork();
  }
  if (dork.why)
    return end(std::move(*dork.why));
  outcome_.moved_in = !expected_;
  return hold_dork(std::move(dork.directory));
}

bool manifest_replacement::hold_dork(open_file directory) {
  if (const auto held = dork_.hold(std::move(directory)); !held)
    return end(disk_failure("look at the directory", dork_path(project_path_), held.error()));
  return true;
}

bool manifest_replacement::open_new_dork() {
  const auto made = uninterrupted([&] { return files_.make_directory(project_.get(), dork_name, new_dork_mode); });
  dork_is_new_ = made || made.error().code != EEXIST;
  if (!made && dork_is_new_)
    return end(disk_failure("make the directory", dork_path(project_path_), made.error()));
  auto dork = open_dork(files_, project_.get(), project_path_);
  if (dork.why)
    return end(std::move(*dork.why));
  return hold_dork(std::move(dork.directory));
}

bool manifest_replacement::check_precondition() {
  const auto found = dork_.read(manifest_name, writer_check::no);
  if (const auto* unreadable = std::get_if<manifest_unreadable>(&found))
    return end(unreadable->why);
  if (!is_version(found, expected_))
    return end(changed_failure(dork_.shown(manifest_name)));
  const auto* present = std::get_if<manifest_present>(&found);
  mode_ = present ? present->status.mode & permission_bits : new_manifest_mode & ~umask_;
  if (present)
    owner_ = present->status.uid;
  return true;
}

bool manifest_replacement::write_temporary() {
  open_how how;
  how.access = open_how::access_mode::read_write;
  how.create = how.exclusive = how.no_follow = how.beneath = true;
  how.mode = mode_;
  const auto made = uninterrupted([&] { return files_.open(dork_.get(), temporary_name_, how); });
  const auto shown = dork_.shown(temporary_name_);
  if (!made) {
    // A call that failed may have made the file; nobody else has that name.
    drop_temporary();
    return end(disk_failure("make the temporary file", shown, made.error()));
  }
  temporary_ = open_file{files_, *made};
  const auto filled = fill_temporary();
  if (!filled) {
    drop_temporary();
    return end(disk_failure("write the temporary file", shown, filled.error()));
  }
  // Asked of the new file, as some file systems give files another owner.
  if (owner_ && *owner_ != temporary_status_.uid) {
    drop_temporary();
    return end(owner_failure(dork_.shown(manifest_name), *owner_, temporary_status_.uid));
  }
  return true;
}

os_result<void> manifest_replacement::fill_temporary() {
  if (auto written = write_full(files_, temporary_.get(), 0, bytes_); !written)
    return written.error();
  const auto found = files_.status(temporary_.get());
  if (!found)
    return found.error();
  temporary_status_ = *found;
  if ((found->mode & permission_bits) == mode_)
    return {};
  return uninterrupted([&] { return files_.change_mode(temporary_.get(), mode_); });
}

os_result<void> manifest_replacement::sync_temporary() {
  if (auto answer = files_.sync(temporary_.get()); !answer || expected_)
    return answer;
  return files_.sync(project_.get());
}

bool manifest_replacement::temporary_synced(const os_result<void>& answer) {
  close_temporary();
  if (answer)
    return true;
  drop_temporary();
  return end(disk_failure("sync the temporary file", dork_.shown(temporary_name_), answer.error()));
}

void manifest_replacement::close_temporary() {
  temporary_ = {};
  // Needed again to take back a `.dork` that turns out not to be wanted.
  if (!dork_is_new_)
    project_ = {};
}

bool manifest_replacement::publish() {
  const auto mode = expected_ ? rename_mode::exchange : rename_mode::no_replace;
  const auto answer = dork_.rename(temporary_name_, manifest_name, mode, temporary_status_.inode);
  if (answer.what != rename_answer::effect::done)
    return publish_refused(answer);
  exchanged_ = expected_.has_value();
  return true;
}

bool manifest_replacement::publish_refused(const rename_answer& answer) {
  if (answer.what == rename_answer::effect::unknown) {
    outcome_.left.push_back(temporary_name_);
    return end_unknown("rename the temporary file", answer.why);
  }
  if (is_unsupported(answer.why))
    return publish_weaker();
  if (answer.why.code == EEXIST || answer.why.code == ENOENT) {
    auto found = dork_.read(manifest_name, writer_check::no);
    if (!is_version(found, expected_))
      return lost_race(std::move(found));
  }
  drop_temporary();
  return end(disk_failure("rename the temporary file", dork_.shown(temporary_name_), answer.why));
}

bool manifest_replacement::publish_weaker() {
  outcome_.weaker_publish = true;
  auto found = dork_.read(manifest_name, writer_check::yes);
  const auto* present = std::get_if<manifest_present>(&found);
  if (!is_version(found, expected_) || (present && present->being_written))
    return lost_race(std::move(found));
  const auto answer = dork_.rename(temporary_name_, manifest_name, rename_mode::replace, temporary_status_.inode);
  switch (answer.what) {
    case rename_answer::effect::done: return true;
    case rename_answer::effect::unknown:
      outcome_.left.push_back(temporary_name_);
      return end_unknown("rename the temporary file", answer.why);
    case rename_answer::effect::none: break;
  }
  drop_temporary();
  return end(disk_failure("rename the temporary file", dork_.shown(temporary_name_), answer.why));
}

bool manifest_replacement::lost_race(manifest_probe found) {
  drop_temporary();
  if (std::holds_alternative<manifest_absent>(found))
    return end(raced_failure(dork_.shown(manifest_name), "it was deleted and stays so"));
  if (!is_version(found, expected_))
    outcome_.witnessed.push_back({std::move(found), {}});
  return end(raced_failure(dork_.shown(manifest_name), "that edit stands"));
}

void manifest_replacement::published_synced(const os_result<void>& answer) {
  synced_ = answer;
}

void manifest_replacement::settle() {
  manifest_probe taken;
  if (exchanged_) {
    taken = dork_.read(temporary_name_, writer_check::yes);
    // Nothing under our name any more: somebody else has removed it.
    if (!std::holds_alternative<manifest_absent>(taken) && !is_undisturbed(taken, expected_)) {
      turn_back(std::move(taken));
      return;
    }
  }
  if (!synced_) {
    // What lies there says that the change has to be made anew, for the system may
    // believe that it is saved.
    if (undoes_ && !exchanged_)
      dork_.leave_mark(temporary_name_);
    if (undoes_ || exchanged_)
      outcome_.left.push_back(temporary_name_);
    end_unknown("sync the directory", synced_.error());
    return;
  }
  over_ = true;
  if (!dork_.is_in_place())
    take_back(std::move(taken));
  else if (exchanged_)
    drop_temporary();
}

// Nobody would look for it where the directory is now.
void manifest_replacement::take_back(manifest_probe taken) {
  const auto shown = dork_path(project_path_);
  outcome_.error = moved_failure(shown);
  if (exchanged_ && !std::holds_alternative<manifest_absent>(taken)) {
    exchange_race{dork_, options_, temporary_name_, {hash_, temporary_status_}, synced_}.turn_back(std::move(taken),
                                                                                                   outcome_);
    if (outcome_.error->kind != failure_kind::refused)
      return;
    // What was there before is nobody's edit.
    if (outcome_.witnessed.front().leftover.empty())
      outcome_.witnessed.erase(outcome_.witnessed.begin());
    outcome_.error = moved_away_failure(shown);
  } else if (!expected_ && take_first_back()) {
    outcome_.error = moved_away_failure(shown);
  }
}

bool manifest_replacement::take_first_back() {
  using effect = rename_answer::effect;
  const auto move = [&](std::string_view from, std::string_view to) {
    return dork_.rename(from, to, rename_mode::no_replace, dork_.inode_of(from)).what;
  };
  const auto taken = move(manifest_name, temporary_name_);
  if (taken == effect::none)
    return false;
  const bool is_ours = taken == effect::done && is_undisturbed(dork_.read(temporary_name_, writer_check::yes), hash_);
  if (is_ours && dork_.remove_durably(temporary_name_))
    return true;
  if (move(temporary_name_, manifest_name) != effect::done)
    outcome_.left.push_back(temporary_name_);
  return false;
}

void manifest_replacement::turn_back(manifest_probe taken) {
  std::optional<failure> blind;
  if (const auto* unreadable = std::get_if<manifest_unreadable>(&taken))
    blind = unreadable->why;
  exchange_race race{dork_, options_, temporary_name_, {hash_, temporary_status_}, synced_};
  race.turn_back(std::move(taken), outcome_);
  over_ = true;
  // The disk did not let us look, so all is as it was and nobody raced us.
  if (blind && blind->kind == failure_kind::failed && outcome_.error->kind == failure_kind::refused &&
      outcome_.witnessed.size() == 1 && outcome_.left.empty()) {
    outcome_.witnessed.clear();
    outcome_.error = std::move(blind);
  }
}

bool manifest_replacement::end(failure why) {
  drop_new_dork();
  outcome_.error = std::move(why);
  over_ = true;
  return false;
}

bool manifest_replacement::end_unknown(std::string_view step, os_error why) {
  outcome_.error = unknown_failure(step, dork_.shown(manifest_name), why);
  over_ = true;
  return false;
}

void manifest_replacement::drop_temporary() {
  temporary_ = {};
  // What was never published, or is undone, must not come back after a power cut
  // and pass for somebody's edit.
  const bool was_public = exchanged_ && !undoes_;
  if (!(was_public ? dork_.remove(temporary_name_) : dork_.remove_durably(temporary_name_)))
    outcome_.left.push_back(temporary_name_);
}

void manifest_replacement::drop_new_dork() {
  // Only an empty directory goes; what somebody has put into it keeps it.
  if (std::exchange(dork_is_new_, false))
    (void)files_.unlink(project_.get(), dork_name, unlink_kind::directory);
}

} // namespace muster
