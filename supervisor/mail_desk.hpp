#pragma once

#include "muster/messages/mail_messages.hpp"
#include "muster/supervisor/relay_assertion.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <functional>
#include <optional>
#include <string>

namespace muster {

/// What the relay has to know of a party beside its subject.
struct mail_address {
  agent_id agent; ///< empty: the console, or an endpoint of the host's
  std::string subject;
  mail_budget budget;
  bool silent = false; ///< `behavior.responseMode` says so
};

/// Mail through the relay, for hosts and the runner.
///
/// 1. Nothing is asked of the relay before it holds what the index says.
/// 2. A sender is an agent that lives here and is admitted, or the console.
/// 3. Which mailbox is an agent's is looked up for every request, so a change of
///    its namespace goes unnoticed.
class mail_desk {
public:
  mail_desk(supervisor_core& core, relay_assertion& relay) : core_(core), relay_(relay) {}

  template <class Answer>
  using told = std::function<void(expected<Answer>)>;

  void send(const send_message& asked, const told<message_sent>& then);
  void read(const read_mail& asked, const told<mail_read>& then);
  void acknowledge(const acknowledge_mail& asked, const told<mail_acknowledged>& then);
  void dead(const list_dead_letters& asked, const told<dead_letters_listed>& then);
  void mailboxes(const list_mailboxes& asked, const told<mailboxes_listed>& then);
  void watch(const watch_mail& asked, const told<mail_watched>& then);
  /// The agent that the port will be for.
  void port(const open_mail_port& asked, const told<mail_port_opened>& then);

private:
  void when_ready(const std::function<void(const expected<void>&)>& then);
  /// The agent of a party that is not the console, and its address.
  void find(const mail_party& whose, const told<mail_address>& then);
  void find_when_ready(const mail_party& whose, const told<mail_address>& then);
  void find_exact(const agent_id& agent, const told<mail_address>& then);
  void find_target(const std::string& to, const told<mail_address>& then);
  void find_sender(const mail_party& from, const told<mail_address>& then);
  void pass(const send_message& asked, const mail_address& from, const mail_address& to,
            const told<message_sent>& then);
  template <class Answer, class Request, class Then>
  void ask_relay(Request request, Then then);

  supervisor_core& core_;
  relay_assertion& relay_;
};

} // namespace muster
