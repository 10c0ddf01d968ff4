#pragma once

#include "muster/messages/ids.hpp"
#include "muster/messages/saga.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Mail between agents: what is said to a relay about it, and what hosts and the
/// runner ask of a muster. Listeners and ports, which are actors, stand in
/// interfaces.hpp.
namespace muster {

/// A ULID; given by the relay that took the message.
using message_id = text_id<struct message_tag>;

/// Who speaks where no agent is named: the owner, who reaches every agent.
inline constexpr std::string_view console_subject = "relay.human.console";

/// How far what an agent sets off may go; its manifest says (`budget`).
struct mail_budget {
  std::uint32_t hops = 5;             ///< of a message, and of all that answers it
  std::uint32_t calls_per_hour = 100; ///< messages of one sender
  friend bool operator==(const mail_budget&, const mail_budget&) = default;
};

/// A message as it lies in a mailbox.
struct mail_item {
  message_id id;
  std::string subject; ///< whose mailbox; of one that was moved, the new one
  agent_id agent;      ///< that the mailbox is of
  std::string from;    ///< the sender's subject
  std::string payload; ///< JSON text
  std::chrono::milliseconds sent{0};
  std::chrono::milliseconds expires{0};
  message_id cause;                ///< the message that this one answers; may be empty
  std::vector<std::string> before; ///< the senders of all it goes back to, the first one first
  std::uint32_t hops_left = 0;     ///< for what answers it
  request_id request;              ///< may be empty
  bool read = false;               ///< somebody has had it and not acknowledged it
  friend bool operator==(const mail_item&, const mail_item&) = default;
};

// -- what a relay understands; a host may supply one of its own -------------

/// From a sender whom the runtime has made sure of. The message is durable in a
/// mailbox when this is answered, or nothing of it is anywhere.
struct relay_send {
  std::string from;
  std::string to; ///< a subject without wildcards
  std::string payload;
  request_id request; ///< may be empty; repeated it is the same message, and for a day after that is acknowledged
  message_id cause;   ///< in the sender's mailbox, not acknowledged yet; may be empty
  mail_budget budget; ///< of the sender; nobody bounds the console's
  /// Nothing: as the relay likes. It takes less if that is too much.
  std::chrono::milliseconds time_to_live{0};
  bool wakes = true; ///< false: the receiver is silent, and nobody is told
};
struct relay_sent {
  message_id id;
  bool held = false;         ///< the endpoint is closed
  bool acknowledged = false; ///< it was sent before, and is not in the mailbox any more
};

/// A page of a mailbox, the oldest first. What is told counts as read.
struct relay_read_inbox {
  std::string subject;
  message_id after; ///< empty: from the beginning
  std::size_t limit = 50;
};
struct relay_inbox {
  std::vector<mail_item> messages;
  bool more = false;
};

/// Those messages are never told again. What is not there is acknowledged.
struct relay_ack {
  std::string subject;
  std::vector<message_id> messages;
};
struct relay_acked {
  std::size_t gone = 0; ///< that were there
};

/// What was taken and can be delivered no more; kept for a day.
struct relay_list_dead {
  std::size_t limit = 100;
};
struct dead_letter {
  mail_item message;
  std::string reason; ///< time-to-live, endpoint-removed, unreadable
  std::chrono::milliseconds at{0};
};
struct relay_dead {
  std::vector<dead_letter> letters; ///< the newest first
  std::size_t total = 0;
};

/// What waits in mailboxes.
struct relay_count_mail {};
struct counted_mailbox {
  std::string subject;
  std::size_t unread = 0;
  std::size_t read = 0;
};
struct relay_mail_counted {
  std::vector<counted_mailbox> mailboxes; ///< that are not empty, by subject
  std::size_t dead = 0;
  std::size_t problems = 0; ///< files in mailboxes that cannot be read or are none of ours
};

/// To a listener: there is mail. It is told once, and again when the mailbox was
/// read meanwhile.
struct mail_waiting {
  std::string subject;
  agent_id agent;
  message_id newest;
};

// -- what hosts and the runner ask of a muster ------------------------------

/// Whose mail: as somebody names an agent, or exactly. Neither: the console's.
struct mail_party {
  std::string selector;
  agent_id exact;
  [[nodiscard]] bool empty() const noexcept { return selector.empty() && exact.empty(); }
};

/// Sends a message to one agent. Only the owner, who holds the muster, may name
/// a sender; whoever has a port speaks for its agent.
struct send_message {
  request_id request;
  mail_party from;
  std::string to;      ///< a selector or a subject
  std::string payload; ///< JSON text
  message_id cause;
  std::chrono::milliseconds time_to_live{0};
};
struct message_sent {
  message_id id;
  agent_id to;
  bool delivered = false;
  bool held = false; ///< its agent is not active; it gets the message when it is
};

struct read_mail {
  mail_party whose;
  message_id after;
  std::size_t limit = 50;
};
struct mail_read {
  agent_id agent;
  std::vector<mail_item> messages; ///< the oldest first
  bool more = false;
};

struct acknowledge_mail {
  mail_party whose;
  std::vector<message_id> messages;
};
struct mail_acknowledged {
  agent_id agent;
  std::size_t gone = 0;
};

struct list_dead_letters {
  std::size_t limit = 100;
};
struct dead_letters_listed {
  std::vector<dead_letter> letters; ///< the newest first
  std::size_t total = 0;
};

/// The relay as it is: its endpoints and what waits there.
struct list_mailboxes {};
struct listed_mailbox {
  std::string subject;
  std::string namespace_name;
  agent_id agent;
  bool open = false;
  std::size_t unread = 0;
  std::size_t read = 0;
};
struct mailboxes_listed {
  std::vector<listed_mailbox> mailboxes; ///< by subject
  std::size_t dead = 0;
  std::size_t problems = 0;
};

/// A port that speaks for one agent, for a host to give to it.
struct open_mail_port {
  std::string selector;
};

struct mail_watched {};

} // namespace muster
