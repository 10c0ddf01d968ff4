#pragma once

#include "muster/messages/access_messages.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

/// One agent as the rules see it.
struct access_party {
  std::string_view namespace_name;
  std::string_view agent; ///< empty: any ordinary one of the namespace
  agent_reach reach = agent_reach::by_rules;
};

/// Who may reach whom, of agents that live here; what a relay is told
/// (relay_plan.hpp) comes to the same.
///
/// A1  The first of these that fits holds: an agent that is not admitted reaches
///     nobody; a system agent reaches all, and all reach it; agents of one
///     namespace reach each other; what was said by hand about the two
///     namespaces, or about all, where a denial outweighs an allowance; else
///     nobody is reached. So what nobody has allowed does not pass.
/// A2  Each answer names the rule that made it.
class access_rules {
public:
  /// Those made by hand, each pair once.
  explicit access_rules(std::vector<reach_rule> by_hand);
  access_rules(const access_rules&) = delete;
  access_rules& operator=(const access_rules&) = delete;

  struct verdict {
    bool allowed = false;
    int priority = 0;
    /// Of a rule made by hand, else null. Into this.
    const reach_rule* by_hand = nullptr;
  };
  [[nodiscard]] verdict decide(const access_party& from, const access_party& to) const;
  /// The rule that made an answer.
  [[nodiscard]] static reach_rule because(const verdict& what, const access_party& from, const access_party& to);

  /// Whether ordinary agents of the one may reach those of the other.
  [[nodiscard]] bool opens(std::string_view source, std::string_view target) const;
  /// The mesh-wide switch allows.
  [[nodiscard]] bool open_mesh() const noexcept { return switch_ && switch_->action == rule_action::allow; }
  [[nodiscard]] const std::vector<reach_rule>& by_hand() const noexcept { return by_hand_; }

  /// The two rules that come with a namespace where agents live: they reach each
  /// other, and nobody else.
  [[nodiscard]] static reach_rule inner_rule(std::string_view name);
  [[nodiscard]] static reach_rule outer_rule(std::string_view name);
  /// Those that come with one agent; none for an ordinary one.
  [[nodiscard]] static std::vector<reach_rule> of_agent(const access_party& agent);

private:
  using pair = std::pair<std::string_view, std::string_view>; ///< source, target

  std::vector<reach_rule> by_hand_;
  std::map<pair, const reach_rule*> pairs_; ///< into `by_hand_`
  const reach_rule* switch_ = nullptr;
};

/// The weightiest first; of equal ones what denies, then by source, target and agent.
void sort_rules(std::vector<reach_rule>& rules);

/// What can be said about two namespaces, with their normal names. Refused:
/// "rule-one-sided", "rule-own-namespace" and as `usable_namespace` refuses.
/// `verb` is the command's, for what to type instead.
[[nodiscard]] expected<rule_key> usable_rule(std::string_view source, std::string_view target, std::string_view verb);

} // namespace muster
