#pragma once

#include "tests/sim/actor_driver.hpp"
#include "tests/sim/troubled_machine.hpp"

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
  // Mail.
  no_mail_sync,      ///< a message is acknowledged before it is durable
  namespace_unasked, ///< on delivery a sender counts for what it was, whatever its namespace is now
  ack_forgotten,     ///< what is acknowledged stays
  letter_id_ignored, ///< a message that is sent again is another one
};
inline constexpr std::size_t planted_bugs = 25;

[[nodiscard]] std::string_view to_string(planted_bug bug) noexcept;

/// The files of a machine, with a bug between them and muster.
class planted_disk final : public disk {
public:
  planted_disk(disk& real, planted_bug bug) : real_(real), bug_(bug) {}

  os_result<handle> open(handle directory, std::string_view path, const open_how& how) override;
  os_result<void> close(handle file) override {
    paths_.erase(file);
    return real_.close(file);
  }
  os_result<file_status> status(handle directory, std::string_view path, bool follow) override;
  os_result<file_status> status(handle file) override { return real_.status(file); }
  os_result<filesystem_status> filesystem(handle file) override { return real_.filesystem(file); }
  os_result<std::string> read_link(handle directory, std::string_view path) override {
    return real_.read_link(directory, path);
  }
  os_result<std::size_t> read_at(handle file, std::uint64_t offset, std::span<std::byte> into) override {
    return real_.read_at(file, offset, into);
  }
  os_result<std::size_t> write_at(handle file, std::uint64_t offset, std::span<const std::byte> from) override {
    return real_.write_at(file, offset, from);
  }
  os_result<std::size_t> append(handle file, std::span<const std::byte> from) override {
    return real_.append(file, from);
  }
  os_result<void> truncate(handle file, std::uint64_t size) override { return real_.truncate(file, size); }
  os_result<void> change_mode(handle file, std::uint32_t mode) override { return real_.change_mode(file, mode); }
  os_result<void> sync(handle file) override;
  os_result<void> sync_filesystem(handle file) override;
  os_result<void> rename(handle from_directory, std::string_view from, handle to_directory, std::string_view to,
                         rename_mode mode) override {
    return real_.rename(from_directory, from, to_directory, to, mode);
  }
  os_result<void> unlink(handle directory, std::string_view path, unlink_kind kind) override;
  os_result<void> make_directory(handle directory, std::string_view path, std::uint32_t mode) override {
    return real_.make_directory(directory, path, mode);
  }
  os_result<std::size_t> read_entries(handle directory, std::span<std::byte> into) override {
    return real_.read_entries(directory, into);
  }
  os_result<void> try_lock(handle file) override { return real_.try_lock(file); }
  os_result<bool> has_writers(handle file) override { return real_.has_writers(file); }

private:
  [[nodiscard]] bool skips_sync(handle file);
  [[nodiscard]] std::string full_path(handle directory, std::string_view path) const;
  [[nodiscard]] bool hides(const std::string& path, os_error why) const;

  disk& real_;
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
