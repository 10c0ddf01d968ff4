#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/mail_file.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

struct mailbox_options {
  mail_limits mail;
  std::size_t messages = 1000; ///< that are not acknowledged
  std::size_t bytes = std::size_t{64} * 1024 * 1024;
  std::size_t dead = 1000; ///< beyond it the oldest go
  std::size_t done = 1000; ///< requests remembered after their message was acknowledged; likewise
  /// For so long after a message came its request is expected to be repeated.
  std::chrono::milliseconds repeats = std::chrono::minutes{10};
};

/// A message of which the file is known.
struct mail_entry {
  bool read = false;
  std::size_t bytes = 0;
  std::chrono::milliseconds expires{0};
  std::string request; ///< its key; empty without an id
  std::string payload; ///< its key, if there is a request
  /// When that was tried first; the name of the record has it.
  std::chrono::milliseconds acknowledged{0};
};

/// What a mailbox knows of a request to send something.
struct known_request {
  message_id id;
  std::string payload; ///< its key
  bool acknowledged = false;
};

/// The mailbox of one subject: a directory with a file for each message, first in
/// `tmp`, then in `new`, in `cur` when it was read, in `failed` when it is dead. Of
/// one that was sent with a request id and acknowledged the name stays, in `done`.
///
/// 1. A message is taken when its file was synced in `tmp` and, after it got its
///    name in `new`, that directory was. What is in `tmp` at a start was never
///    taken, and goes.
/// 2. A message is acknowledged when its name is gone durably. Until then it may
///    come back with a crash; afterwards never. Its request is remembered from the
///    same instant on, for the name goes to `done` by the one rename.
/// 3. Reading and dying change names only, and a crash may undo that.
/// 4. A file that is none of ours is counted and left alone; one that is named as
///    ours and cannot be understood is dead. One that could not be read is looked
///    at again whenever the mailbox is opened.
///
/// Whoever uses it decides when to sync: one message by itself, or many together.
class mailbox {
public:
  /// `relay` is the directory above it and outlives it.
  mailbox(const environment& env, handle relay, std::string relay_path, std::string name,
          const mailbox_options& options);

  /// Reads what is there, once.
  expected<void> load();
  /// What is in memory is forgotten; the disk tells.
  void forget();
  /// Its handles are closed until it is used again.
  void rest();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::map<message_id, mail_entry>& messages() const noexcept { return messages_; }
  [[nodiscard]] std::optional<known_request> with_request(const std::string& key) const;
  /// One that came a moment ago is there and cannot be read, so a request that is not
  /// known may be its own. One that stays as it is holds nobody up for long.
  [[nodiscard]] bool doubts_requests() const;
  [[nodiscard]] const std::set<std::string>& dead() const noexcept { return dead_; } ///< file names
  [[nodiscard]] std::size_t problems() const noexcept { return problems_ + unseen_.size(); }
  [[nodiscard]] bool is_full() const noexcept;
  /// Nothing is in it, not even a dead letter or a request that is remembered.
  [[nodiscard]] bool is_empty() const noexcept {
    return messages_.empty() && dead_.empty() && done_.empty() && unseen_.empty();
  }

  enum class sync_now : bool { no, yes };
  /// Its directories are there; durably too, with `yes`.
  expected<void> make(sync_now when);
  /// How the sync of the whole file system went that followed `make(no)`.
  void made(bool durable);
  /// The message is in `tmp`, a file of so many bytes; durably, with `yes`.
  expected<std::size_t> write(const mail_item& what, sync_now when);
  /// It has its name.
  expected<void> publish(const message_id& id);
  /// All names are durable.
  expected<void> sync_new();
  /// It is taken: from now on it is told. Its file has so many bytes.
  void take(const mail_item& what, std::size_t bytes);
  /// It is neither in `tmp` nor in `new`; durably so, if the next `sync_new` says
  /// that it was done.
  expected<void> withdraw(const message_id& id);

  /// The message, which counts as read then; nothing if it cannot be read.
  [[nodiscard]] std::optional<mail_item> read(const message_id& id, bool mark);
  /// Whether there is something to acknowledge.
  [[nodiscard]] bool knows(const message_id& id) const {
    return messages_.contains(id) || undone_.contains(id) || unseen_.contains(id);
  }
  /// Whether a power cut could bring it here: what nobody knows may have been removed by a process
  /// whose sync failed.
  [[nodiscard]] bool may_come(const message_id& id) const;
  /// The name is gone; durably if `sync_removed` succeeds. Its request is
  /// remembered as of `now`.
  expected<void> remove(const message_id& id, std::chrono::milliseconds now);
  expected<void> sync_removed();
  /// A sync has failed that was of more than what it was asked for: what the system renamed before,
  /// here or in another mailbox, may not be so on the disk.
  void doubt() noexcept { doubtful_ = true; }
  [[nodiscard]] bool is_doubtful() const noexcept { return doubtful_; }
  /// It is told no more; how the sync went.
  void removed(const message_id& id, bool durable);

  /// It is told no more.
  expected<void> bury(const message_id& id, std::string_view reason, std::chrono::milliseconds now);
  /// Durably, what was buried since the last time. What cannot be saved may come
  /// back, so there is something to acknowledge of it.
  expected<void> save_buried();
  [[nodiscard]] std::optional<mail_item> read_dead(const std::string& file);
  void purge_dead(std::chrono::milliseconds before);
  void purge_done(std::chrono::milliseconds before);

  /// All that `other` has is here, and `other` has nothing; durably. After a
  /// failure each message is in one of the two, or here and in what `other` has left.
  expected<void> take_over(mailbox& other);
  /// It has gone from here, removed or to another mailbox, and a power cut could bring it back.
  [[nodiscard]] bool has_left(const message_id& id) const { return left_.contains(id); }
  [[nodiscard]] bool has_left_any() const noexcept { return !left_.empty(); }
  /// An empty one has no directory any more, as far as that can be done.
  void vanish();

private:
  static constexpr std::array<std::string_view, 5> parts{"tmp", "new", "cur", "failed", "done"};
  [[nodiscard]] static std::string path_of(std::string_view sub, std::string_view file) {
    return std::string{sub}.append("/").append(file);
  }
  [[nodiscard]] static std::string path_of(std::string_view sub, const message_id& id) {
    return path_of(sub, mail_file_name(id));
  }
  [[nodiscard]] static bool is_gone(os_error why) noexcept;

  [[nodiscard]] failure refused(std::string_view step, std::string_view where, os_error why) const;
  [[nodiscard]] os_result<handle> directory();
  os_result<void> sync_directory(std::string_view sub);
  os_result<void> unlink_file(const std::string& path);
  os_result<void> move_files(mailbox& other);
  os_result<void> save_left();
  void unmake();
  bool load_messages(handle at, std::string_view sub, bool read);
  expected<void> clear_tmp(handle at);
  /// False if it cannot be read now.
  bool load_message(handle sub_directory, std::string_view sub, const message_id& id, bool read);
  void load_unseen();
  void load_dead(handle at);
  bool load_done(handle at);
  expected<void> make_done();
  [[nodiscard]] std::string record_of(const message_id& id, std::chrono::milliseconds now);
  void note_done(const std::string& record);
  [[nodiscard]] std::optional<mail_item> read_file_of(const std::string& path, const message_id& id);
  void note(const mail_item& what, bool read, std::size_t bytes);
  void drop(const message_id& id);

  environment env_;
  handle relay_;
  std::string relay_path_;
  std::string name_;
  mailbox_options options_;
  open_file directory_;
  bool loaded_ = false;
  bool there_ = false;           ///< its directories are
  bool fresh_ = false;           ///< we have made it, and nothing was in it since
  bool durable_ = false;         ///< its directories are saved
  bool in_doubt_ = false;        ///< saving them has failed
  bool keeps_directory_ = false; ///< the disk may have mail in it that the system has elsewhere
  bool doubtful_ = false;        ///< the disk may have names that the system has not, for a sync has failed
  std::map<message_id, mail_entry> messages_;
  std::map<std::string, message_id> requests_;
  std::set<std::string> dead_;
  std::map<message_id, std::string_view> unseen_; ///< in which directory what could not be read is
  std::set<std::string> done_;                    ///< file names
  std::map<std::string, std::string> asked_;      ///< of these, by request
  /// Removed, and the sync of that has failed; with the record.
  std::map<message_id, std::string> undone_;
  std::vector<message_id> buried_; ///< and not saved
  std::set<message_id> gone_;      ///< durably, some of the latest
  std::set<message_id> left_;      ///< that are here no more, and not saved
  bool has_done_ = false;          ///< the directory is saved
  bool records_unsaved_ = false;   ///< the next sync of what was removed is of them, too
  std::size_t bytes_ = 0;
  std::size_t problems_ = 0;
};

} // namespace muster
