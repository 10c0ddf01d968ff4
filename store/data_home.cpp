#include "muster/store/data_home.hpp"

#include "muster/store/feed_folder.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/release_gate.hpp"

#include <cerrno>
#include <optional>
#include <utility>

namespace muster {

namespace {

constexpr int attempts = 3;

bool is_read_only(const failure& why) {
  return why.system_errno == EROFS || why.system_errno == EACCES || why.system_errno == EPERM;
}

bool concerns_mark(damage_kind kind) {
  return kind == damage_kind::mark_missing || kind == damage_kind::mark_unreadable;
}

// A disk that fails for an instant is asked again.
expected<recovered_feed> recover_patiently(const environment& env, handle feeds, const instance_id& instance,
                                           const std::optional<public_key>& key, const recovery_options& how) {
  for (int i = 1; i < attempts; ++i) {
    auto recovered = recover_feed(env, feeds, instance, key, how);
    if (recovered || recovered.error().kind != failure_kind::failed)
      return recovered;
  }
  return recover_feed(env, feeds, instance, key, how);
}

// Whether anything of its feed is there, as far as the disk tells. A mark was
// made before whoever began it went on.
bool has_begun(const environment& env, handle data, const instance_id& instance) {
  const auto feeds = open_directory(env.files, data, "feeds");
  if (!feeds)
    return feeds.error().code != ENOENT;
  const auto folder = feed_folder::open(env, feeds->get(), instance);
  if (!folder)
    return folder.error().kind != failure_kind::not_found;
  return !folder->segments().empty() || folder->has_mark_file();
}

} // namespace

expected<void> check_own_feed_is_there(const environment& env, handle data, const identity_record& self) {
  // Of one that replaced another the databases may be older than itself.
  if (!self.replaces.empty() || has_begun(env, data, self.id))
    return {};
  const auto feed = "feeds/" + self.id.text;
  for (const char* name : {"index.db", "local.db"})
    if (const auto status = env.files.status(data, name, false); status && status->size > 0)
      return failure{failure_kind::damaged, "feed-missing",
                     "the feed of this instance is gone from " + feed +
                         ", and nothing was changed: put it back from a backup of this very directory; without one, "
                         "move identity.key away, and muster goes on as another instance, with what the files say",
                     feed};
  return {};
}

expected<data_home> data_home::open(const environment& env, data_directory directory,
                                    const recovery_options& recovery) {
  if (auto passed = pass_release_gate(env, directory.get()); !passed)
    return passed.error();
  auto self = open_identity(env, directory.get(), current_release);
  if (!self)
    return self.error();
  if (self->done == identity_step::use)
    if (auto there = check_own_feed_is_there(env, directory.get(), self->record); !there)
      return there.error();
  data_home result(env, std::move(directory), std::move(*self), recovery);
  if (result.self_.done == identity_step::replace)
    result.notes_.emplace_back("this data directory was copied, restored or lost its key: it is now another instance, "
                               "with the history and without agents of its own; 'muster scan' and 'muster register' "
                               "take up those that live here");
  const auto feeds = result.directory_.feeds();
  if (!feeds)
    return feeds.error();
  result.feeds_ = *feeds;
  const bool may_fail = !result.self_.record.replaces.empty() || has_begun(env, result.directory_.get(), result.own());
  // Else an index that opens before the feed store has recovered a commit would
  // not know of it, and a sweep would take the same edit once more.
  result.own_feed_ = result.recover(result.own(), true);
  // A database beside no feed would say that it was taken away.
  if (!result.own_feed_ && !may_fail)
    return result.own_feed_.error();
  if (auto recovered = result.recover_foreign_feeds(); !recovered)
    return recovered.error();
  return result;
}

std::string data_home::path_of(std::string_view name) const {
  return directory_.path() + "/" + std::string(name);
}

// What was ours before a copy or a restored backup is foreign now and may have
// an end that its mark does not cover.
expected<void> data_home::recover_foreign_feeds() {
  const auto all = list_feeds(env_, feeds_);
  if (!all)
    return all.error();
  for (const auto& instance : *all)
    if (instance != own())
      if (auto recovered = recover(instance, false); !recovered)
        return recovered;
  return {};
}

expected<void> data_home::recover(const instance_id& instance, bool own) {
  auto recovered =
      recover_patiently(env_, feeds_, instance, own ? std::optional(self_.record.key) : std::nullopt, recovery_);
  if (!recovered && is_read_only(recovered.error())) {
    notes_.push_back("nothing can be written here; feeds/" + instance.text + " is read as it is");
    return {};
  }
  if (!recovered && own)
    return recovered.error();
  if (!recovered) // the source tells what can be read of it
    return {};
  for (const auto& name : recovered->cut)
    notes_.push_back("an unfinished end of feeds/" + instance.text + " was cut into " + name);
  for (const auto& damage : recovered->damages) {
    if (!recovery_.rebuild_mark || !concerns_mark(damage.kind)) {
      note_damage(instance, damage);
      continue;
    }
    notes_.push_back("the mark of feeds/" + instance.text + " was made anew: all that is valid, up to commit " +
                     std::to_string(recovered->mark.tip.seq) + ", was taken");
  }
  return {};
}

void data_home::note_damage(const instance_id& instance, const feed_damage& damage) {
  damaged_.insert(instance);
  notes_.push_back(damaged_feed(damage, "feeds/" + instance.text).message);
  if (concerns_mark(damage.kind))
    notes_.emplace_back(
        "if no other instance has that feed, 'muster rebuild --restore-marks' takes all that is valid in it");
}

} // namespace muster
