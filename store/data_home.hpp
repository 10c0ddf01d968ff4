#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/data_directory.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/feed_recovery.hpp"
#include "muster/store/identity.hpp"

#include <set>
#include <string>
#include <vector>

namespace muster {

/// Refused as damaged if this instance has had a feed, as its databases tell, and
/// there is none: begun anew, it would give numbers out twice. `self` is the
/// record of an identity that is in use.
[[nodiscard]] expected<void> check_own_feed_is_there(const environment& env, handle data, const identity_record& self);

/// A data directory that is ours to work in: locked, of our release, its
/// identity checked, and all feeds recovered before anybody reads them.
///
/// What people should know of that gathers in `notes`, a sentence each.
class data_home {
public:
  [[nodiscard]] static expected<data_home> open(const environment& env, data_directory directory,
                                                const recovery_options& recovery = {});

  [[nodiscard]] const data_directory& directory() const noexcept { return directory_; }
  [[nodiscard]] const identity& self() const noexcept { return self_; }
  [[nodiscard]] const instance_id& own() const noexcept { return self_.record.id; }
  /// The directory of the feeds; open as long as this.
  [[nodiscard]] handle feeds() const noexcept { return feeds_; }
  [[nodiscard]] std::string path_of(std::string_view name) const;

  /// Why our own feed could not be recovered, if so; the others are read as far
  /// as they go.
  [[nodiscard]] const expected<void>& own_feed() const noexcept { return own_feed_; }

  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }
  /// A feed is damaged.
  [[nodiscard]] bool damaged() const noexcept { return !damaged_.empty(); }
  /// This one is, and `notes` says so.
  [[nodiscard]] bool is_damaged(const instance_id& feed) const { return damaged_.contains(feed); }

private:
  data_home(const environment& env, data_directory directory, identity self, const recovery_options& recovery)
      : env_(env), directory_(std::move(directory)), self_(std::move(self)), recovery_(recovery) {}
  expected<void> recover_foreign_feeds();
  expected<void> recover(const instance_id& instance, bool own);
  void note_damage(const instance_id& instance, const feed_damage& damage);

  environment env_;
  data_directory directory_;
  identity self_;
  recovery_options recovery_;
  handle feeds_ = no_handle;
  expected<void> own_feed_;
  std::vector<std::string> notes_;
  std::set<instance_id> damaged_;
};

} // namespace muster
