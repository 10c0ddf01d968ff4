#pragma once

#include "muster/messages/access_messages.hpp"
#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"
#include "muster/messages/op.hpp"
#include "muster/messages/saga.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is said to the relay bridge, and by it to a relay.
namespace muster {

enum class endpoint_state : std::uint8_t {
  closed, ///< senders are told "not yet"
  open,
  gone,
};

/// "The endpoint of this agent is so, as of that version." Repeated, or
/// overtaken by a newer one, it changes nothing.
struct state_endpoint {
  statement_version version;
  agent_id agent;
  endpoint_statement endpoint; ///< of `gone`: what is retracted
  endpoint_state state = endpoint_state::closed;
  agent_reach reach = agent_reach::by_rules;
  /// It had another reach before, whose rules go.
  bool reach_changes = false;
  std::string heir = {}; ///< of `gone`: the subject that takes the mail over; empty: nobody does
};
struct endpoint_stated {};

/// "Between these two namespaces that holds, as of that version"; nothing: no rule.
struct state_rule {
  statement_version version;
  std::string source;
  std::string target;
  std::optional<rule_action> action;
};
struct rule_stated {};

/// "No agent of this namespace lives here, as of that version": its own rules go,
/// those made by hand stay.
struct retract_namespace {
  statement_version version;
  std::string namespace_name;
};
struct namespace_retracted {};

/// Everything the relay should hold of ours. What is missing or differs is
/// asserted, what is foreign below our own prefix is retired.
struct desired_endpoint {
  agent_id agent;
  endpoint_statement endpoint;
  endpoint_state state = endpoint_state::open;
  agent_reach reach = agent_reach::by_rules;
};
/// What a change has stated, or may have, before what is desired was read. Its
/// commit may come after that, and mail for the agent with it.
struct endpoint_under_way {
  agent_id agent;
  endpoint_statement endpoint;
};
struct compare_relay {
  /// Drawn before what is desired was read, so that a statement made meanwhile
  /// is newer than whatever this does.
  statement_version version;
  std::vector<desired_endpoint> endpoints;
  std::vector<rule_put> rules;
  /// Of these nothing is retired.
  std::vector<endpoint_under_way> under_way = {};
};
/// Of a comparison that has to be asked for anew: the relay has heard of a later
/// life, and what was stated since this one was asked for would be older than it.
inline constexpr std::string_view relay_ahead_code = "relay-ahead";
struct relay_compared {
  std::size_t asserted = 0;
  std::size_t retired = 0;
  /// What the relay refused to take; the rest was done.
  std::vector<failure> refused;
};

// -- what a relay understands; a host may supply one of its own -------------

struct relay_put_endpoint {
  statement_version version;
  std::string subject;
  std::string namespace_name;
  agent_id agent;
  bool open = false;
};
struct relay_drop_endpoint {
  statement_version version;
  std::string subject;
  agent_id agent;
  /// The subject of the same agent whose mailbox takes the mail over. Empty:
  /// nobody does, and what is there is dead.
  std::string heir = {};
};
struct relay_put_rule {
  statement_version version;
  std::string source;
  std::string target;
  rule_action action = rule_action::deny;
  int priority = 0;
};
struct relay_drop_rule {
  statement_version version;
  std::string source;
  std::string target;
  int priority = 0;
};
struct relay_done {
  /// Of a later life than the statement: what holds instead. Whoever speaks now
  /// has the data directory, so the life was given out by a process that could not
  /// note it.
  epoch newer = {};
};

struct relay_list {};
struct relay_listed {
  std::vector<relay_put_endpoint> endpoints;
  std::vector<relay_put_rule> rules;
};

} // namespace muster
