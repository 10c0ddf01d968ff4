#pragma once

#include "muster/store/fold_records.hpp"

#include <map>
#include <set>

namespace muster {

/// A head with everything spelled out.
struct candidate {
  commit_id id;
  stamp at;
  head_origin origin = head_origin::put;
  std::optional<std::string> value; ///< nothing: removed
  std::string by;                   ///< of a resolution
  friend bool operator==(const candidate&, const candidate&) = default;
};

/// Concurrent ops on one key that do not mean the same. Derived alike by every
/// fold that holds the same ops; gone when one head is left or all mean the
/// same.
struct conflict {
  std::string id; ///< 32 hex digits, made of the key and the candidates' commits
  std::variant<field_key, rule_key> key;
  std::vector<candidate> candidates; ///< all heads, the winner first, then by falling rank
  /// A policy must leave it alone: one of the candidates is a policy's choice.
  [[nodiscard]] bool has_policy_choice() const noexcept;
  friend bool operator==(const conflict&, const conflict&) = default;
};

struct field_view {
  std::string name;
  candidate winner;
  bool contested = false;
  friend bool operator==(const field_view&, const field_view&) = default;
};

struct placement_view {
  commit_id id; ///< of the put; its instance is the owner
  stamp at;
  placement value;
  friend bool operator==(const placement_view&, const placement_view&) = default;
};

/// Under which name an agent is known in a namespace; the name as its meaning.
struct name_claim {
  std::string namespace_name;
  std::string name;
  friend auto operator<=>(const name_claim&, const name_claim&) = default;
};

/// Two or more agents claim one name in one namespace.
struct name_clash {
  name_claim claim;
  std::vector<agent_id> others; ///< sorted
  friend bool operator==(const name_clash&, const name_clash&) = default;
};

/// What a fold says about one agent.
struct agent_view {
  bool exists = false;                    ///< it has a live placement
  std::vector<field_view> fields;         ///< by name; removed ones too
  std::vector<placement_view> placements; ///< the live ones, by owner
  std::vector<conflict> conflicts;        ///< by field
  /// For each instance the latest commit that touched the agent's fields or
  /// its own placement; by instance.
  std::vector<commit_id> history_head;
  std::vector<name_claim> names; ///< one for each namespace it lives in; none without a name
  friend bool operator==(const agent_view&, const agent_view&) = default;
};

/// All heads, the winner first.
[[nodiscard]] std::vector<candidate> candidates_of(const shared_register& of, const register_judge& judge);

/// The conflict on a key, if its heads do not all mean the same.
[[nodiscard]] std::optional<conflict> conflict_of(const std::variant<field_key, rule_key>& key,
                                                  const shared_register& of, const register_judge& judge);

/// `allow`, `deny` or nothing: what holds between two namespaces.
[[nodiscard]] std::optional<rule_action> action_of(const shared_register& rule, const instance_table& instances);

[[nodiscard]] agent_view view_agent(const agent_id& id, const agent_record& record, const instance_table& instances,
                                    meaning_function meaning);

/// Who claims which name.
class name_holders {
public:
  void enter(const agent_id& agent, const agent_view& view);
  /// Those that `agent` takes part in, by claim.
  [[nodiscard]] std::vector<name_clash> clashes_of(const agent_id& agent, const agent_view& view) const;
  [[nodiscard]] const std::map<name_claim, std::set<agent_id>>& all() const noexcept { return holders_; }

private:
  std::map<name_claim, std::set<agent_id>> holders_;
};

} // namespace muster
