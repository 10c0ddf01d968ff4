#pragma once

#include "muster/messages/ids.hpp"
#include "muster/messages/op.hpp"
#include "muster/messages/roster.hpp"
#include "muster/messages/saga.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who may talk to whom: rules between namespaces, and what follows from them.
namespace muster {

/// In the place of a namespace: all of them. A rule has it on both sides, which
/// is the mesh-wide switch, or on neither.
inline constexpr std::string_view every_namespace = "*";

/// Of the rules that fit, the weightiest holds; of equal ones that which denies.
namespace rule_weight {
inline constexpr int not_admitted = 300;  ///< an agent that is not admitted reaches nobody
inline constexpr int system_agent = 200;  ///< one in `system.allow` reaches all, and all reach it
inline constexpr int own_namespace = 100; ///< the agents of a namespace reach each other
inline constexpr int by_hand = 50;        ///< between two namespaces, and the mesh-wide switch
inline constexpr int everybody_else = 10; ///< a namespace reaches nobody else
} // namespace rule_weight

/// What an agent may do beside what the rules of its namespace say.
enum class agent_reach : std::uint8_t {
  by_rules,
  none,       ///< it is not admitted
  everywhere, ///< it is a system agent
};

enum class rule_origin : std::uint8_t {
  by_default, ///< it comes with a namespace, or an agent, that is there
  by_hand,    ///< somebody made it
};

struct reach_rule {
  std::string source; ///< a namespace, or `*`
  std::string target;
  rule_action action = rule_action::deny;
  int priority = 0;
  rule_origin origin = rule_origin::by_default;
  /// It is about this agent alone, not about its whole namespace.
  agent_id agent = {};
  /// Of one made by hand: the commit, and when that was.
  commit_id made = {};
  stamp at = {};
  /// Instances disagree: the most restrictive of what they said holds.
  bool contested = false;
  /// Made by hand, and one of its namespaces has no agent here.
  bool without_agents = false;
  friend bool operator==(const reach_rule&, const reach_rule&) = default;
};

/// Agents of one namespace may reach those of the other, or may not, whatever
/// the mesh-wide switch says. Names are normalised. Refused: "rule-one-sided",
/// "rule-own-namespace", "namespace-…".
struct set_rule {
  request_id request;
  std::string source;
  std::string target;
  rule_action action = rule_action::deny;
};
/// What was said by hand about the two is said no more.
struct withdraw_rule {
  request_id request;
  std::string source;
  std::string target;
};
struct rule_changed {
  std::string source;
  std::string target;
  std::optional<rule_action> action; ///< nothing: withdrawn
  commit_id version;                 ///< seq 0: nothing had to be committed
  /// What the caller should know beside, a sentence each.
  std::vector<std::string> notes;
};

/// Every rule there is, the weightiest first.
struct list_rules {};
struct rules_listed {
  std::vector<reach_rule> rules;
  bool open_mesh = false; ///< the mesh-wide switch allows
};

/// Whom an agent may reach and who may reach it, of those that live here.
struct who_may_reach {
  std::string selector;
};
struct reach_row {
  agent_id id;
  std::string name;
  std::string display_name;
  std::string namespace_name;
  std::string path;
  agent_status status = agent_status::active;
  /// What holds in each direction, and the rule that says so, as its place in
  /// `reach_described::rules`; nothing: no rule fits, so nothing passes.
  bool reaches = false;
  std::optional<std::size_t> reaches_by;
  bool reached = false;
  std::optional<std::size_t> reached_by;
};
struct reach_described {
  agent_id id;
  std::string name;
  std::string namespace_name;
  agent_status status = agent_status::active;
  std::vector<reach_row> others; ///< by namespace, then name
  std::vector<reach_rule> rules; ///< those that made an answer, the weightiest first
};

/// Namespaces, their agents and rules, as a namespace sees them: its own and
/// those that its agents may reach. `*`, or nothing, sees all.
struct show_topology {
  std::string namespace_name;
};
struct topology_namespace {
  std::string name;
  std::vector<roster_row> agents; ///< the newest first
};
struct topology_described {
  std::string caller;                         ///< the namespace that looks, or `*`
  std::vector<topology_namespace> namespaces; ///< in the order of their newest agents
  std::vector<reach_rule> rules;
  bool open_mesh = false;
  /// That rules name and where no agent lives here; sorted.
  std::vector<std::string> without_agents;
};

// -- to the index -------------------------------------------------------------

/// What is known of the rule between two namespaces: what a saga needs.
struct find_rule {
  std::string source;
  std::string target;
};
struct rule_found {
  std::optional<rule_action> action; ///< that holds
  bool contested = false;
  saw_vector saw;                 ///< of a change made now
  commit_id version;              ///< of what holds; seq 0: nobody has said anything
  bool has_source_agents = false; ///< some live here
  bool has_target_agents = false;
};

} // namespace muster
