#include "tests/sim/planted_bug.hpp"

#include "muster/store/sha256.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace muster::sim {

namespace {

bool is_project(std::string_view path) {
  return path.substr(0, home_volume.size()) == home_volume;
}

bool is_mail_path(std::string_view path) {
  return path.find("/relay") != std::string_view::npos;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// The one content of a message, to be changed; null if it is of another type.
template <class T>
T* content_of(caf::mailbox_element& element) {
  if (!element.payload.match_elements<T>())
    return nullptr;
  return &element.payload.get_mutable_as<T>(0);
}

template <class Answer>
void answer(const caf::mailbox_element& request, Answer content) {
  if (request.sender)
    request.sender->enqueue(nullptr, request.mid.response_id(), caf::make_message(std::move(content)), nullptr);
}

template <class Request, class Answer>
bool answered(const caf::mailbox_element& element, Answer content) {
  if (!element.payload.match_elements<Request>())
    return false;
  answer(element, std::move(content));
  return true;
}

bool is_time_out(const caf::mailbox_element& element) {
  return element.payload.match_elements<caf::error>() &&
         element.payload.get_as<caf::error>(0) == caf::sec::request_timeout;
}

} // namespace

std::string_view to_string(planted_bug bug) noexcept {
  constexpr std::array<std::string_view, planted_bugs + 1> names{"none",
                                                                 "manifests are not synced",
                                                                 "directories are not synced",
                                                                 "feeds are not synced",
                                                                 "the journal is not synced",
                                                                 "a failed sync is believed",
                                                                 "unreadable is taken for absent",
                                                                 "temporary files stay",
                                                                 "an undo deletes",
                                                                 "an undo does not compare",
                                                                 "an undo is skipped",
                                                                 "a write does not compare",
                                                                 "a removal does not compare",
                                                                 "an earlier life is obeyed",
                                                                 "nothing is journalled",
                                                                 "the index forgets a fold",
                                                                 "endpoints are not dropped",
                                                                 "request ids are ignored",
                                                                 "time-outs are lost",
                                                                 "an absence is not proved",
                                                                 "absence counts too much",
                                                                 "changes are not told",
                                                                 "denials are not heeded",
                                                                 "denials are not committed",
                                                                 "mail is not synced",
                                                                 "a change of namespace is not looked at",
                                                                 "acknowledgements are forgotten",
                                                                 "messages sent again are others"};
  return names[static_cast<std::size_t>(bug)];
}

std::string planted_disk::full_path(handle directory, std::string_view path) const {
  const auto above = paths_.find(directory);
  if (above == paths_.end() || (!path.empty() && path.front() == '/'))
    return std::string(path);
  return above->second + "/" + std::string(path);
}

// Nobody can tell apart what is not there and what cannot be looked at.
bool planted_disk::hides(const std::string& path, os_error why) const {
  return bug_ == planted_bug::unreadable_is_absent && is_project(path) && (why.code == EIO || why.code == EACCES);
}

os_result<handle> planted_disk::open(handle directory, std::string_view path, const open_how& how) {
  const auto full = full_path(directory, path);
  auto opened = real_.open(directory, path, how);
  if (opened)
    paths_[*opened] = full;
  else if (hides(full, opened.error()))
    return os_error{ENOENT};
  return opened;
}

os_result<file_status> planted_disk::status(handle directory, std::string_view path, bool follow) {
  auto found = real_.status(directory, path, follow);
  if (!found && hides(full_path(directory, path), found.error()))
    return os_error{ENOENT};
  return found;
}

bool planted_disk::skips_sync(handle file) {
  const auto opened = paths_.find(file);
  if (opened == paths_.end())
    return false;
  const auto& path = opened->second;
  switch (bug_) {
    case planted_bug::no_file_sync: return path.find("/.agent-") != std::string::npos;
    case planted_bug::no_directory_sync: return is_project(path) && path.find("/.agent-") == std::string::npos;
    case planted_bug::no_feed_sync: return ends_with(path, ".feed");
    case planted_bug::no_mail_sync: return is_mail_path(path);
    case planted_bug::no_journal_sync: return path.find("journal") != std::string::npos;
    default: return false;
  }
}

os_result<void> planted_disk::sync(handle file) {
  if (skips_sync(file))
    return {};
  auto done = real_.sync(file);
  if (!done && bug_ == planted_bug::failed_sync_is_done)
    return {};
  return done;
}

os_result<void> planted_disk::sync_filesystem(handle file) {
  const bool skipped = bug_ == planted_bug::no_file_sync || bug_ == planted_bug::no_directory_sync;
  const auto opened = paths_.find(file);
  if (skipped && opened != paths_.end() && is_project(opened->second))
    return {};
  if (bug_ == planted_bug::no_mail_sync && opened != paths_.end() && is_mail_path(opened->second))
    return {};
  auto done = real_.sync_filesystem(file);
  if (!done && bug_ == planted_bug::failed_sync_is_done)
    return {};
  return done;
}

os_result<void> planted_disk::unlink(handle directory, std::string_view path, unlink_kind kind) {
  if (bug_ == planted_bug::temp_file_stays && full_path(directory, path).find("/.agent-") != std::string::npos)
    return {};
  return real_.unlink(directory, path, kind);
}

bool planted_mail::deals_with(const mail& what, caf::mailbox_element& content) {
  if (bug_ == planted_bug::none)
    return false;
  if (answers_instead(what, content))
    return true;
  changes(what, content);
  return false;
}

bool planted_mail::answers_instead(const mail& what, caf::mailbox_element& content) {
  switch (bug_) {
    case planted_bug::undo_skipped:
      return what.to == "muster.file_store" && answered<restore_manifest>(content, manifest_changed{});
    case planted_bug::journal_skipped:
      return what.to == "muster.journal_keeper" && (answered<write_journal>(content, journal_written{}) ||
                                                    answered<write_intent>(content, journal_written{}));
    case planted_bug::fold_forgotten:
      return what.to == "muster.index" && answered<fold_commit>(content, commit_folded{});
    case planted_bug::relay_drop_skipped:
      return what.to == "muster.relay" && answered<relay_drop_endpoint>(content, relay_done{});
    case planted_bug::ack_forgotten: return what.to == "muster.relay" && answered<relay_ack>(content, relay_acked{1});
    case planted_bug::time_out_lost: return what.to == "muster.supervisor" && is_time_out(content);
    default: return false;
  }
}

void planted_mail::changes(const mail& what, caf::mailbox_element& content) {
  if (what.to == "muster.disk_worker") {
    if (auto* write = content_of<write_manifest>(content); write && bug_ == planted_bug::write_without_compare)
      write->expected = version_of(write->project);
    if (auto* retire = content_of<retire_manifest>(content); retire && bug_ == planted_bug::retire_without_compare)
      retire->expected = version_of(retire->project);
    if (auto* undo = content_of<restore_manifest>(content)) {
      if (bug_ == planted_bug::undo_deletes)
        undo->previous.reset();
      if (bug_ == planted_bug::undo_without_compare)
        undo->written = version_of(undo->project).value_or(undo->written);
    }
  }
  if (bug_ == planted_bug::absence_unproved) {
    if (auto* undo = content_of<restore_manifest>(content))
      undo->where.reset();
    if (auto* retire = content_of<retire_manifest>(content))
      retire->where.reset();
    if (auto* look = content_of<read_manifest>(content))
      look->where.reset();
  }
  if (bug_ == planted_bug::grace_too_short)
    if (auto* listed = content_of<places_listed>(content))
      listed->at.boot *= 50;
  if (bug_ == planted_bug::change_untold)
    if (auto* changed = content_of<roster_changed>(content))
      changed->agents.clear();
  if (bug_ == planted_bug::denial_unheeded)
    if (auto* found = content_of<path_found>(content))
      found->denied.reset();
  if (bug_ == planted_bug::denial_dropped)
    if (auto* append = content_of<append_commit>(content))
      std::erase_if(append->ops, [](const op& each) { return std::holds_alternative<deny_put>(each); });
  if (bug_ == planted_bug::no_fence) {
    if (auto* write = content_of<write_manifest>(content))
      renew_life(write->life);
    if (auto* undo = content_of<restore_manifest>(content))
      renew_life(undo->life);
    if (auto* retire = content_of<retire_manifest>(content))
      renew_life(retire->life);
    if (auto* append = content_of<append_commit>(content))
      renew_life(append->life);
    if (auto* row = content_of<stage_row>(content))
      renew_life(row->life);
  }
  if (auto* letter = what.to == "muster.relay" ? content_of<relay_send>(content) : nullptr) {
    if (bug_ == planted_bug::namespace_unasked)
      letter->from =
          first_subjects_.try_emplace(letter->from.substr(letter->from.rfind('.') + 1), letter->from).first->second;
    if (bug_ == planted_bug::letter_id_ignored)
      letter->request = {};
  }
  if (bug_ == planted_bug::request_id_ignored && what.to == "muster.supervisor") {
    if (auto* asked = content_of<register_agent>(content))
      asked->request = {};
    if (auto* asked = content_of<update_agent>(content))
      asked->request = {};
    if (auto* asked = content_of<unregister_agent>(content))
      asked->request = {};
  }
}

file_version planted_mail::version_of(const std::string& project) {
  const auto path = project + "/.dork/agent.json";
  return machine_.aside([&](simulated_disk& files) -> file_version {
    if (machine_.is_broken() || !files.exists(path))
      return {};
    return sha256::of(files.file_content(path));
  });
}

void planted_mail::renew_life(epoch& life) {
  newest_ = std::max(newest_, life);
  life = newest_;
}

} // namespace muster::sim
