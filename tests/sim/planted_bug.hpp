#pragma once

#include "tests/sim/actor_driver.hpp"
#include "tests/sim/troubled_machine.hpp"
#include "tests/support/forwarding_disk.hpp"

#include "muster/messages/interfaces.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace muster::sim {

/// Mistakes that are put between muster and its world, or between its actors,
/// each of which the simulator must find. Nothing of them is in muster itself.
enum class planted_bug : std::uint8_t {
  none,
  // A disk that does less than it says.
  no_file_sync,        ///< of manifests and their temporary files
  no_directory_sync,   ///< of `.dork` and projects
  no_feed_sync,        ///< an acknowledgement before the commit is durable
  no_journal_sync,     ///< an intent that a power cut takes
  failed_sync_is_done, ///< a failed sync is believed to have worked
  unreadable_is_absent,
  temp_file_stays, ///< temporary files are not removed
  // Actors that do less than they answer, or more.
  undo_deletes,         ///< instead of restoring
  undo_without_compare, ///< takes a hand edit away
  undo_skipped,
  write_without_compare, ///< over a hand edit
  retire_without_compare,
  no_fence,           ///< commands of an earlier life are obeyed
  journal_skipped,    ///< no intent
  fold_forgotten,     ///< the index has not folded what it says it has
  relay_drop_skipped, ///< endpoints stay
  request_id_ignored,
  time_out_lost,    ///< a request whose answer is lost waits for ever
  absence_unproved, ///< a volume that is away is taken for a file that is gone
  grace_too_short,  ///< absence counts many times over
  change_untold,    ///< the index does not say that agents have changed
  denial_unheeded,  ///< nobody is told that a path is denied
  denial_dropped,   ///< a denial is answered and not in its commit
  // Mail.
  no_mail_sync,      ///< a message is acknowledged before it is durable
  namespace_unasked, ///< on delivery a sender counts for what it was, whatever its namespace is now
  ack_forgotten,     ///< what is acknowledged stays
  letter_id_ignored, ///< a message that is sent again is another one
};
inline constexpr std::size_t planted_bugs = 27;

[[nodiscard]] std::string_view to_string(planted_bug bug) noexcept;

/// The files of a machine, with a bug between them and muster.
class planted_disk final : public test::forwarding_disk {
public:
  planted_disk(disk& real, planted_bug bug) : forwarding_disk(real), bug_(bug) {}

  os_result<handle> open(handle directory, std::string_view path, const open_how& how) override;
  os_result<void> close(handle file) override {
    paths_.erase(file);
    return real_.close(file);
  }
  using forwarding_disk::status;
  os_result<file_status> status(handle directory, std::string_view path, bool follow) override;
  os_result<void> sync(handle file) override;
  os_result<void> sync_filesystem(handle file) override;
  os_result<void> unlink(handle directory, std::string_view path, unlink_kind kind) override;

private:
  [[nodiscard]] bool skips_sync(handle file);
  [[nodiscard]] std::string full_path(handle directory, std::string_view path) const;
  [[nodiscard]] bool hides(const std::string& path, os_error why) const;

  planted_bug bug_;
  std::map<handle, std::string> paths_; ///< as they were opened
};

/// What becomes of a message because of a bug: it goes on, perhaps changed, or
/// somebody has answered in the receiver's place.
class planted_mail {
public:
  planted_mail(troubled_machine& machine, planted_bug bug) : machine_(machine), bug_(bug) {}

  /// True: it is dealt with, and must not be delivered.
  [[nodiscard]] bool deals_with(const mail& what, caf::mailbox_element& content);

private:
  [[nodiscard]] bool answers_instead(const mail& what, caf::mailbox_element& content);
  void changes(const mail& what, caf::mailbox_element& content);
  [[nodiscard]] file_version version_of(const std::string& project);
  void renew_life(epoch& life);

  troubled_machine& machine_;
  planted_bug bug_;
  epoch newest_;
  std::map<std::string, std::string> first_subjects_; ///< of senders
};

} // namespace muster::sim
