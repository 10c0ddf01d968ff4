#pragma once

#include "muster/actors/rate_window.hpp"
#include "muster/actors/relay_rules.hpp"
#include "muster/actors/relay_table.hpp"
#include "muster/messages/mail_messages.hpp"
#include "muster/store/call_log.hpp"
#include "muster/store/mail_file.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster {

/// Messages within a minute, of senders whose subject begins so.
struct rate_limit {
  std::string prefix;
  std::uint32_t per_minute = 100;
};

struct mail_delivery_options {
  mail_limits mail = {};
  /// How long a message may wait if its sender does not say, and at most.
  std::chrono::milliseconds time_to_live = std::chrono::hours{24 * 7};
  std::chrono::milliseconds longest_life = std::chrono::hours{24 * 30};
  /// The longest prefix counts.
  std::vector<rate_limit> rates = {{"", 100}, {"relay.agent.", 2000}, {"relay.human.", 2000}};
  std::size_t senders = 16384; ///< that are counted
  std::uint32_t most_hops = 32;
};

/// What there is to know when somebody wants to send.
struct delivery_facts {
  access_verdict verdict;
  std::optional<held_endpoint> target;
  std::optional<mail_item> cause; ///< as the sender's mailbox has it
  bool mailbox_full = false;
  bool checked = false; ///< `check` has found nothing
  std::chrono::milliseconds wall{0};
  std::chrono::nanoseconds boot{0};
};

/// Whether a message is taken. Event in, what-to-do out.
///
/// 1. What is refused is told to the sender and is nowhere else.
/// 2. Whether there is such an endpoint is told only to whom it may reach.
/// 3. What answers a message has less left than that: fewer hops, no more time.
/// 4. A message never comes back to somebody it went through, except as a direct
///    answer.
class mail_delivery {
public:
  explicit mail_delivery(const mail_delivery_options& options = {}) : options_(options) {}

  /// Counts what was sent before this process began, the oldest first.
  void recall(const std::vector<sender_calls>& sent, std::chrono::milliseconds wall, std::chrono::nanoseconds boot);
  /// The message as it will lie in the mailbox, without its id; counted for the
  /// sender from now on, an agent in whatever namespace it sends.
  expected<mail_item> admit(const relay_send& what, const delivery_facts& facts);
  /// Whether the text of a message could be one at all.
  [[nodiscard]] expected<void> check(const relay_send& what) const;

private:
  struct counters {
    rate_window minute{std::chrono::minutes{1}};
    rate_window hour{std::chrono::hours{1}};
  };
  [[nodiscard]] expected<void> check_rate(const relay_send& what, std::chrono::nanoseconds now);
  [[nodiscard]] expected<void> pass_on(const relay_send& what, const delivery_facts& facts, mail_item& made) const;
  [[nodiscard]] std::uint32_t per_minute(const std::string& sender) const;
  [[nodiscard]] counters* counters_of(const std::string& subject, std::chrono::nanoseconds now);

  mail_delivery_options options_;
  std::map<std::string, counters> senders_; ///< as `sender_of` tells them apart
};

} // namespace muster
