#include "muster/store/access_rules.hpp"

#include "muster/store/namespace_rules.hpp"

#include <algorithm>
#include <tuple>

namespace muster {

namespace {

reach_rule default_rule(std::string_view source, std::string_view target, rule_action action, int priority,
                        std::string_view agent = {}) {
  reach_rule rule;
  rule.source = source;
  rule.target = target;
  rule.action = action;
  rule.priority = priority;
  rule.agent = agent_id{std::string(agent)};
  return rule;
}

const reach_rule* stricter(const reach_rule* a, const reach_rule* b) noexcept {
  if (!a || !b)
    return a ? a : b;
  return b->action == rule_action::deny && a->action == rule_action::allow ? b : a;
}

failure refused(std::string_view code, std::string message) {
  return {failure_kind::refused, code, std::move(message)};
}

expected<std::string> usable_side(std::string_view text) {
  if (text == every_namespace)
    return std::string(text);
  if (auto name = usable_namespace(text))
    return name;
  if (normal_namespace(text).empty())
    return refused("namespace-empty", "a namespace has at least one letter from a to z or digit, and '" +
                                          std::string(text.substr(0, namespace_limit)) +
                                          "' has none; `muster topology` shows the namespaces there are");
  return refused("namespace-too-long", "a namespace has at most " + std::to_string(namespace_limit) +
                                           " characters; `muster topology` shows the namespaces there are");
}

} // namespace

access_rules::access_rules(std::vector<reach_rule> by_hand) : by_hand_(std::move(by_hand)) {
  for (const auto& rule : by_hand_) {
    if (rule.source == every_namespace && rule.target == every_namespace)
      switch_ = &rule;
    else
      pairs_.emplace(pair{rule.source, rule.target}, &rule);
  }
}

access_rules::verdict access_rules::decide(const access_party& from, const access_party& to) const {
  if (from.reach == agent_reach::none)
    return {false, rule_weight::not_admitted};
  if (from.reach == agent_reach::everywhere || to.reach == agent_reach::everywhere)
    return {true, rule_weight::system_agent};
  if (from.namespace_name == to.namespace_name)
    return {true, rule_weight::own_namespace};
  const auto between = pairs_.find({from.namespace_name, to.namespace_name});
  if (const auto* said = stricter(between == pairs_.end() ? nullptr : between->second, switch_))
    return {said->action == rule_action::allow, rule_weight::by_hand, said};
  return {false, rule_weight::everybody_else};
}

reach_rule access_rules::because(const verdict& what, const access_party& from, const access_party& to) {
  if (what.by_hand)
    return *what.by_hand;
  const auto& own = from.namespace_name;
  switch (what.priority) {
    case rule_weight::not_admitted:
      return default_rule(own, every_namespace, rule_action::deny, what.priority, from.agent);
    case rule_weight::system_agent:
      if (from.reach == agent_reach::everywhere)
        return default_rule(own, every_namespace, rule_action::allow, what.priority, from.agent);
      return default_rule(every_namespace, to.namespace_name, rule_action::allow, what.priority, to.agent);
    case rule_weight::own_namespace: return inner_rule(own);
    default: return outer_rule(own);
  }
}

bool access_rules::opens(std::string_view source, std::string_view target) const {
  return decide({source, {}}, {target, {}}).allowed;
}

reach_rule access_rules::inner_rule(std::string_view name) {
  return default_rule(name, name, rule_action::allow, rule_weight::own_namespace);
}

reach_rule access_rules::outer_rule(std::string_view name) {
  return default_rule(name, every_namespace, rule_action::deny, rule_weight::everybody_else);
}

std::vector<reach_rule> access_rules::of_agent(const access_party& agent) {
  const auto& name = agent.namespace_name;
  switch (agent.reach) {
    case agent_reach::by_rules: return {};
    case agent_reach::none:
      return {default_rule(name, every_namespace, rule_action::deny, rule_weight::not_admitted, agent.agent)};
    case agent_reach::everywhere:
      return {default_rule(name, every_namespace, rule_action::allow, rule_weight::system_agent, agent.agent),
              default_rule(every_namespace, name, rule_action::allow, rule_weight::system_agent, agent.agent)};
  }
  return {};
}

void sort_rules(std::vector<reach_rule>& rules) {
  const auto place = [](const reach_rule& rule) {
    return std::tuple(-rule.priority, rule.action == rule_action::deny ? 0 : 1, std::string_view(rule.source),
                      std::string_view(rule.target), std::string_view(rule.agent.text));
  };
  std::ranges::sort(rules, {}, place);
}

expected<rule_key> usable_rule(std::string_view source, std::string_view target, std::string_view verb) {
  const std::string typed = "`muster access " + std::string(verb);
  if ((source == every_namespace) != (target == every_namespace))
    return refused("rule-one-sided", "use '*' on both sides of an access rule or neither: " + typed +
                                         " '*' '*'` is about all namespaces, " + typed + " SRC DST` about two of them");
  auto from = usable_side(source);
  if (!from)
    return std::move(from).error();
  auto to = usable_side(target);
  if (!to)
    return std::move(to).error();
  if (*from == *to && *from != every_namespace)
    return refused("rule-own-namespace",
                   "the agents of '" + *from +
                       "' always reach each other, and no rule changes that: name two "
                       "namespaces, or move an agent with `muster update AGENT --set namespace=…`");
  return rule_key{std::move(*from), std::move(*to)};
}

} // namespace muster
