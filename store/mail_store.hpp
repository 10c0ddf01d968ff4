#pragma once

#include "muster/store/mailbox.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster {

struct mail_store_options {
  mailbox_options box;
  std::size_t mailboxes = 100'000;
  /// Mailboxes that keep a directory open.
  std::size_t open = 64;
  /// So many messages of a batch share two syncs of the file system.
  std::size_t sync_together = 4;
  std::chrono::milliseconds keep_dead = std::chrono::hours{24};
  std::chrono::milliseconds keep_done = std::chrono::hours{24};
};

/// All mailboxes of a data directory, below `relay`.
///
/// 1. Changes gather; `flush` makes all of them durable and tells of each what
///    became of it. One that fails stops no other.
/// 2. Mail is its agent's, under whichever of its subjects it lies: whoever opens
///    a mailbox of that agent finds it there, also while it has two of them or the
///    one where it lies is no endpoint any more.
/// 3. A mailbox is read when it is needed for the first time. One that is empty
///    takes no directory in the end.
class mail_store {
public:
  static constexpr std::string_view folder = "relay";

  /// `home` is the data directory, absolute.
  mail_store(const environment& env, std::string home, const mail_store_options& options)
      : env_(env), home_(std::move(home)), options_(options) {}

  /// The mailbox of a subject, read, with all mail of the agent but what gathers
  /// elsewhere. Good until the next call of `open`.
  expected<mailbox*> open(const std::string& subject, const agent_id& agent);
  /// The subject is an endpoint of that agent: its mail stays there.
  void claim(const std::string& subject, const agent_id& agent);
  /// It is no endpoint any more; its mail waits for whoever opens a mailbox of
  /// that agent.
  void disown(const std::string& subject, const agent_id& agent);
  /// All mail of a subject is dead.
  expected<void> bury_all(const std::string& subject, std::string_view reason);

  // -- what gathers --
  /// Both number what gathers, from 0.
  std::size_t send(const std::string& subject, mail_item what);
  std::size_t acknowledge(const std::string& subject, std::vector<message_id> which);
  [[nodiscard]] std::size_t gathered() const noexcept { return sends_.size() + acks_.size(); }
  /// For another mailbox of that agent something gathers.
  [[nodiscard]] bool gathers_elsewhere(const std::string& subject, const agent_id& agent) const;
  /// Of what was in another mailbox of it something could not be taken over yet.
  [[nodiscard]] bool has_mail_elsewhere(const agent_id& agent) const;
  /// So a request that is not known may have been made there. What stays away holds nobody up for
  /// long, as in a mailbox.
  [[nodiscard]] bool doubts_requests_to(const agent_id& agent);
  /// Of each by its number: done, not done, or (unknown_outcome) nobody can tell.
  struct outcomes {
    std::vector<expected<void>> sends;
    std::vector<expected<std::size_t>> acks; ///< how many were there
  };
  [[nodiscard]] outcomes flush();

  // -- what is looked at --
  /// Directories in which there may be mail.
  [[nodiscard]] expected<std::vector<std::string>> names();
  [[nodiscard]] expected<mailbox*> by_name(const std::string& name);
  /// The newest first.
  [[nodiscard]] expected<std::vector<dead_letter>> dead(std::size_t limit, std::size_t& total);
  /// What has lived too long dies, what is dead for long goes, and so do
  /// mailboxes that are empty. `at_once` mailboxes, the next ones at the next call.
  expected<void> tidy(std::size_t at_once);
  /// There is nothing to tidy.
  [[nodiscard]] bool is_idle() const noexcept { return boxes_.empty(); }
  /// Somebody has had mail.
  [[nodiscard]] expected<bool> is_there();
  /// There may be mail for that subject, or elsewhere for its agent.
  [[nodiscard]] expected<bool> has(const std::string& subject, const agent_id& agent);

private:
  struct staged_send {
    std::string name;
    mail_item what;
    std::optional<failure> why = {};
    bool named = false;    ///< it may have its name
    std::size_t bytes = 0; ///< of its file
  };
  struct staged_ack {
    std::string name;
    std::vector<message_id> which;
    std::vector<message_id> gone = {};
    std::size_t were_there = 0; ///< of these
    std::optional<failure> why = {};
  };
  struct placed_box {
    std::unique_ptr<mailbox> box;
    std::uint64_t used = 0;
  };

  enum class presence : bool { looked_at, made };
  expected<void> start(presence wanted);
  [[nodiscard]] agent_id owner_of(const std::string& name);
  expected<mailbox*> take_in(const std::string& name);
  void adopt(mailbox& into, const agent_id& agent);
  void take_over_all(std::set<std::string>& names, mailbox& into);
  [[nodiscard]] bool gathers(const std::string& name) const;
  void note_left(const mailbox& by);
  /// A power cut could bring it back to another mailbox, where it was before.
  [[nodiscard]] bool could_come_back(const message_id& id, const std::string& lies_in) const;
  void forget(const std::string& name);
  void rest_others(const mailbox* but);
  [[nodiscard]] mailbox& at(const std::string& name) { return *boxes_.at(name).box; }

  void write_sends(bool together);
  void publish_sends();
  void remove_acked();
  void sync_each();
  os_result<void> sync_all();
  void doubt_all();
  void take_back(mailbox& box, const failure& why);

  environment env_;
  std::string home_;
  mail_store_options options_;
  open_file relay_;
  bool started_ = false;
  bool missing_ = false;                    ///< nobody has had mail yet
  std::map<std::string, agent_id> claimed_; ///< before it was started
  /// By the directory's name; sorted, so that chance has no part in it.
  std::map<std::string, placed_box> boxes_;
  /// Names of those that are nobody's endpoint, by the agent whose mail it is.
  std::map<agent_id, std::set<std::string>> orphans_;
  std::map<agent_id, std::chrono::milliseconds> elsewhere_since_; ///< who has mail elsewhere
  /// Names of those that are named for an agent, by that agent.
  std::map<agent_id, std::set<std::string>> named_;
  /// Names of those from which messages have gone, which is not saved.
  std::set<std::string> left_;
  std::uint64_t uses_ = 0;
  std::string tidied_; ///< the last
  std::vector<staged_send> sends_;
  std::vector<staged_ack> acks_;
};

} // namespace muster
