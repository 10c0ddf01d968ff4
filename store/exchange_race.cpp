#include "muster/store/exchange_race.hpp"

#include "muster/store/manifest_place.hpp"
#include "muster/store/manifest_replacement.hpp"

#include <cerrno>

namespace muster {

namespace {

std::optional<file_status> status_in(const manifest_probe& found) {
  if (const auto* present = std::get_if<manifest_present>(&found))
    return present->status;
  const auto* unreadable = std::get_if<manifest_unreadable>(&found);
  return unreadable ? unreadable->status : std::nullopt;
}

// A rename changes the rest.
bool is_same_file(const file_status& a, const file_status& b) noexcept {
  return a.inode == b.inode && a.size == b.size && a.mtime == b.mtime;
}

} // namespace

bool is_undisturbed(const manifest_probe& found, const file_version& version) noexcept {
  const auto* present = std::get_if<manifest_present>(&found);
  return is_version(found, version) && !(present && present->being_written);
}

void exchange_race::turn_back(manifest_probe taken, manifest_outcome& outcome) {
  content placed{.hash = ours_.hash, .inode = ours_.status.inode, .status = ours_.status};
  auto newest = witness(std::move(taken), outcome);
  for (unsigned round = 0; round < options_.races; ++round) {
    if (!exchange(newest, outcome))
      return;
    auto found = read_taken();
    if (is(found, placed) || std::holds_alternative<manifest_absent>(found))
      return finish(placed, "that edit stands", outcome);
    // Of what cannot even be seen nobody can say that it is a hand's, nor under which name ours is.
    if (const auto* unseen = std::get_if<manifest_unreadable>(&found); unseen && !unseen->status) {
      outcome.error =
          unknown_failure("look at what was put back", dork_.shown(manifest_name), os_error{unseen->why.system_errno});
      return keep(witness(std::move(found), outcome), outcome);
    }
    placed = newest;
    newest = witness(std::move(found), outcome);
  }
  finish(newest, "edits came faster than they could be put back, the newest is kept beside it", outcome);
}

// What cannot be read would pass for a hand edit, and the one that stands would
// be taken away for it.
manifest_probe exchange_race::read_taken() const {
  auto found = dork_.read(temporary_name_, writer_check::yes);
  for (unsigned i = 1; i < options_.reads && std::holds_alternative<manifest_unreadable>(found); ++i)
    found = dork_.read(temporary_name_, writer_check::yes);
  return found;
}

exchange_race::content exchange_race::witness(manifest_probe found, manifest_outcome& outcome) const {
  content result{.witness = outcome.witnessed.size(), .status = status_in(found)};
  if (const auto* present = std::get_if<manifest_present>(&found))
    result.hash = present->hash;
  result.inode = result.status ? result.status->inode : dork_.inode_of(temporary_name_);
  outcome.witnessed.push_back({std::move(found), {}});
  return result;
}

// What could be read at one time and not at the other is the same if nothing else
// has changed of the file.
bool exchange_race::is(const manifest_probe& found, const content& expected) noexcept {
  const auto* present = std::get_if<manifest_present>(&found);
  if (present && expected.hash)
    return is_undisturbed(found, expected.hash);
  const auto status = status_in(found);
  if (!status || (present && present->being_written))
    return false;
  if (expected.status)
    return is_same_file(*status, *expected.status);
  return !present && expected.inode != 0 && status->inode == expected.inode;
}

bool exchange_race::exchange(const content& taken, manifest_outcome& outcome) {
  const auto answer = dork_.rename(temporary_name_, manifest_name, rename_mode::exchange, taken.inode);
  if (answer.what == rename_answer::effect::done) {
    if (synced_)
      synced_ = dork_.sync();
    return true;
  }
  if (answer.what == rename_answer::effect::none && answer.why.code == ENOENT) {
    // Who deleted the file saw nothing newer than what is kept here.
    finish(taken, "it was deleted since and stays so", outcome);
    return false;
  }
  keep(taken, outcome);
  outcome.error = unknown_failure("put a hand edit back", dork_.shown(manifest_name), answer.why);
  return false;
}

void exchange_race::finish(const content& taken, std::string_view what_stands, manifest_outcome& outcome) {
  if (!synced_) {
    keep(taken, outcome);
    outcome.error = unknown_failure("sync the directory", dork_.shown(manifest_name), synced_.error());
    return;
  }
  // What came back after a power cut would pass for a hand edit.
  if (taken.witness || !dork_.remove_durably(temporary_name_))
    keep(taken, outcome);
  outcome.error = raced_failure(dork_.shown(manifest_name), what_stands);
}

void exchange_race::keep(const content& taken, manifest_outcome& outcome) const {
  if (taken.witness)
    outcome.witnessed[*taken.witness].leftover = temporary_name_;
  outcome.left.push_back(temporary_name_);
}

} // namespace muster
