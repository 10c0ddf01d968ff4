#pragma once

#include "muster/actors/mail_delivery.hpp"
#include "muster/actors/relay_table.hpp"
#include "muster/messages/mail_messages.hpp"
#include "muster/store/call_log.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/mail_store.hpp"
#include "muster/store/ulid.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace muster {

struct post_office_options {
  mail_delivery_options delivery = {};
  mail_store_options store = {};
  std::size_t page = 100; ///< messages in one answer
  std::size_t page_bytes = std::size_t{4} * 1024 * 1024;
  std::size_t acked_at_once = 1000;
  /// Mailboxes looked at in one go.
  std::size_t tidied_at_once = 256;
};

/// The mail of the embedded relay: what is sent and acknowledged gathers until a
/// flush makes it durable. Knows the disk and no actors.
///
/// 1. What is answered as taken is durable, and a request repeated makes no second
///    message while that is in the mailbox, and for a day after.
/// 2. Nothing passes that `mail_delivery` and the rules do not allow.
/// 3. Whoever reads, acknowledges, or changes an endpoint does so behind a flush.
class post_office {
public:
  /// `table` outlives it.
  post_office(const environment& env, std::string home, const relay_table& table, const post_office_options& options);

  /// Either the answer, or its number at the next flush.
  template <class Answer>
  struct entered {
    std::optional<Answer> now;
    std::size_t number = 0;
  };
  expected<entered<relay_sent>> send(const relay_send& what);
  expected<entered<relay_acked>> acknowledge(const relay_ack& what);
  [[nodiscard]] std::size_t gathered() const noexcept { return store_.gathered(); }
  /// What gathers has to be flushed before that mailbox is used: it may move there.
  [[nodiscard]] bool gathers_elsewhere(const std::string& subject) const;

  struct flushed {
    std::vector<expected<relay_sent>> sends;
    std::vector<expected<relay_acked>> acks;
    std::vector<mail_waiting> news; ///< somebody may want to be told
  };
  [[nodiscard]] flushed flush();
  /// A flush was cut short: nobody knows what of it was done.
  void forget_gathered();

  [[nodiscard]] expected<relay_inbox> read(const relay_read_inbox& what);
  [[nodiscard]] expected<relay_dead> dead(std::size_t limit);
  [[nodiscard]] expected<relay_mail_counted> count();
  /// What lies unread behind an open endpoint.
  [[nodiscard]] std::optional<mail_waiting> waiting(const std::string& subject);

  /// The table says that there is such an endpoint.
  void endpoint_put(const std::string& subject, const agent_id& agent);
  /// It says that there is none; its mail is the heir's, or dead.
  void endpoint_dropped(const relay_drop_endpoint& statement);
  /// What has lived too long dies.
  void tidy();
  [[nodiscard]] bool is_idle() const noexcept { return store_.is_idle(); }

private:
  struct staged {
    relay_sent answer;
    mail_waiting news;
    std::string payload; ///< its key, if there is a request
    bool wakes = true;
  };

  [[nodiscard]] std::optional<entered<relay_sent>> made_before(const relay_send& what, const std::string& key);
  [[nodiscard]] expected<std::optional<entered<relay_sent>>> repeated(const relay_send& what, const std::string& key,
                                                                      mailbox* box);
  [[nodiscard]] std::optional<mail_item> cause_of(const relay_send& what);
  [[nodiscard]] bool is_open(const std::string& subject) const;
  void recall_calls(const delivery_facts& facts);

  environment env_;
  const relay_table& table_;
  post_office_options options_;
  mail_delivery delivery_;
  mail_store store_;
  call_log calls_;
  bool calls_recalled_ = false;
  ulid_generator ids_;
  std::vector<staged> staged_;
  /// By the subject and the key of the request.
  std::map<std::pair<std::string, std::string>, std::size_t> staged_keys_;
  std::map<std::string, std::size_t> staged_by_box_;
};

} // namespace muster
