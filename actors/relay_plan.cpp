#include "muster/actors/relay_plan.hpp"

#include "muster/actors/relay_rules.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace muster {

namespace {

/// Rules of the highest priorities are ours if they are about one agent.
bool is_own_kind(const relay_put_rule& rule) noexcept {
  switch (rule.priority) {
    case rule_weight::own_namespace:
    case rule_weight::by_hand:
    case rule_weight::everybody_else: return true;
    case rule_weight::not_admitted:
    case rule_weight::system_agent:
      return rule.source.find_first_of("*>") == std::string::npos ||
             rule.target.find_first_of("*>") == std::string::npos;
    default: return false;
  }
}

/// The stages, each filled as calls are found.
class stage_builder {
public:
  void put(relay_put_rule rule) { add(rule.action == rule_action::deny ? 0 : 2, std::move(rule)); }
  void put(relay_put_endpoint endpoint) { add(3, std::move(endpoint)); }
  /// One that is open.
  void close(relay_put_endpoint endpoint) { add(1, std::move(endpoint)); }
  void drop(const relay_put_rule& rule, statement_version version) {
    add(rule.action == rule_action::allow ? 1 : 4, relay_drop_rule{version, rule.source, rule.target, rule.priority});
  }
  void drop(relay_drop_endpoint endpoint) { add(1, std::move(endpoint)); }

  [[nodiscard]] relay_stages take() {
    relay_stages result;
    for (auto& stage : stages_)
      if (!stage.empty())
        result.push_back(std::move(stage));
    return result;
  }

private:
  void add(std::size_t stage, relay_call call) { stages_[stage].push_back(std::move(call)); }

  std::array<std::vector<relay_call>, 5> stages_;
};

using rule_place = std::tuple<std::string, std::string, int>;

rule_place place_of(const relay_put_rule& rule) {
  return {rule.source, rule.target, rule.priority};
}

/// The endpoints that are desired, each found without a copy of its texts: a
/// comparison of all of them at each sweep shall take little memory.
class wanted_endpoints {
public:
  /// Of several with one subject and agent the last counts. `all` outlives this.
  explicit wanted_endpoints(const std::vector<desired_endpoint>& all) {
    wanted_.reserve(all.size());
    for (const auto& each : all)
      if (each.state != endpoint_state::gone) {
        wanted_.erase(&each);
        wanted_.insert(&each);
      }
  }

  [[nodiscard]] const desired_endpoint* find(const relay_put_endpoint& held) const {
    const auto found = wanted_.find(key{held.subject, held.agent.text});
    return found == wanted_.end() ? nullptr : *found;
  }
  void take_out(const desired_endpoint& which) { wanted_.erase(&which); }
  /// By subject and agent.
  [[nodiscard]] std::vector<const desired_endpoint*> left() const {
    std::vector<const desired_endpoint*> result(wanted_.begin(), wanted_.end());
    std::ranges::sort(result, {}, [](const auto* each) { return key_of(each); });
    return result;
  }

private:
  using key = std::pair<std::string_view, std::string_view>; ///< subject, agent
  static key key_of(const desired_endpoint* which) noexcept { return {which->endpoint.subject, which->agent.text}; }
  static key key_of(const key& which) noexcept { return which; }
  struct hash {
    using is_transparent = void;
    std::size_t operator()(const auto& which) const noexcept {
      const auto [subject, agent] = key_of(which);
      return std::hash<std::string_view>{}(subject) ^ std::hash<std::string_view>{}(agent);
    }
  };
  struct equal {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const noexcept { return key_of(a) == key_of(b); }
  };

  boost::unordered_flat_set<const desired_endpoint*, hash, equal> wanted_;
};

/// Where an agent is reached from now on, for the mail of an endpoint that goes.
/// Few do, so nothing is prepared before one has.
class heirs_of_agents {
public:
  /// `all` outlives this.
  explicit heirs_of_agents(const std::vector<desired_endpoint>& all) : all_(all) {}

  /// Empty: nowhere.
  [[nodiscard]] std::string of(const agent_id& agent) {
    if (by_agent_.empty())
      for (const auto& each : all_)
        if (each.state != endpoint_state::gone)
          by_agent_[each.agent.text] = each.endpoint.subject;
    const auto found = by_agent_.find(agent.text);
    return found == by_agent_.end() ? std::string{} : std::string{found->second};
  }

private:
  const std::vector<desired_endpoint>& all_;
  boost::unordered_flat_map<std::string_view, std::string_view> by_agent_;
};

/// What changes under way have stated, or may have.
class under_way {
public:
  /// `rules`: of their namespaces and subjects. `endpoints` outlives this.
  under_way(const std::vector<endpoint_under_way>& endpoints, const std::vector<relay_put_rule>& rules) {
    for (const auto& each : endpoints)
      endpoints_.emplace(each.endpoint.subject, each.agent.text);
    for (const auto& each : rules)
      rules_.insert(place_of(each));
  }

  [[nodiscard]] bool has(const relay_put_endpoint& held) const {
    return endpoints_.contains({held.subject, held.agent.text});
  }
  [[nodiscard]] bool has(const relay_put_rule& held) const { return rules_.contains(place_of(held)); }

private:
  std::set<std::pair<std::string_view, std::string_view>> endpoints_; ///< subject, agent
  std::set<rule_place> rules_;
};

bool is_held(const desired_endpoint& wanted, const relay_put_endpoint& held) noexcept {
  return wanted.endpoint.namespace_name == held.namespace_name && (wanted.state == endpoint_state::open) == held.open;
}

relay_put_endpoint endpoint_of(statement_version version, const agent_id& agent, const endpoint_statement& endpoint,
                               endpoint_state state) {
  return {version, endpoint.subject, endpoint.namespace_name, agent, state == endpoint_state::open};
}

} // namespace

bool relay_plan::denies(const relay_call& call) noexcept {
  const auto* rule = std::get_if<relay_put_rule>(&call);
  return rule && rule->action == rule_action::deny;
}

std::string relay_plan::pattern(std::string_view name) const {
  return name == "*" ? prefix_ + ">" : std::string{prefix_}.append(name).append(".*");
}

std::vector<relay_put_rule> relay_plan::rules_of(std::string_view name, statement_version version) const {
  const auto own = pattern(name);
  std::vector<relay_put_rule> rules;
  rules.reserve(2);
  rules.push_back({version, own, pattern(every_namespace), rule_action::deny, rule_weight::everybody_else});
  rules.push_back({version, own, own, rule_action::allow, rule_weight::own_namespace});
  return rules;
}

std::vector<relay_put_rule> relay_plan::rules_of(const std::string& subject, agent_reach reach,
                                                 statement_version version) const {
  const auto all = pattern(every_namespace);
  switch (reach) {
    case agent_reach::by_rules: return {};
    case agent_reach::none: return {{version, subject, all, rule_action::deny, rule_weight::not_admitted}};
    case agent_reach::everywhere:
      return {{version, subject, all, rule_action::allow, rule_weight::system_agent},
              {version, all, subject, rule_action::allow, rule_weight::system_agent}};
  }
  return {};
}

std::vector<relay_put_rule> relay_plan::rules_of(const std::vector<endpoint_under_way>& changes,
                                                 statement_version version) const {
  std::vector<relay_put_rule> result;
  const auto add = [&](std::vector<relay_put_rule> rules) { std::ranges::move(rules, std::back_inserter(result)); };
  for (const auto& each : changes) {
    add(rules_of(each.endpoint.namespace_name, version));
    for (const auto reach : {agent_reach::none, agent_reach::everywhere})
      add(rules_of(each.endpoint.subject, reach, version));
  }
  return result;
}

relay_stages relay_plan::state(const state_endpoint& statement) const {
  stage_builder stages;
  const auto& [version, agent, endpoint, state, reach, reach_changes, heir] = statement;
  if (state == endpoint_state::gone) {
    stages.drop(relay_drop_endpoint{version, endpoint.subject, agent, heir});
    for (const auto& rule : rules_of(endpoint.subject, reach, version))
      stages.drop(rule, version);
    return stages.take();
  }
  for (auto& rule : rules_of(endpoint.subject, reach, version))
    stages.put(std::move(rule));
  for (const auto other : {agent_reach::none, agent_reach::everywhere})
    if (reach_changes && reach != other)
      for (const auto& rule : rules_of(endpoint.subject, other, version))
        stages.drop(rule, version);
  for (auto& rule : rules_of(endpoint.namespace_name, version))
    stages.put(std::move(rule));
  stages.put(endpoint_of(version, agent, endpoint, state));
  return stages.take();
}

relay_stages relay_plan::state(const state_rule& statement) const {
  stage_builder stages;
  relay_put_rule rule{statement.version, pattern(statement.source), pattern(statement.target), rule_action::deny,
                      rule_weight::by_hand};
  if (statement.action) {
    rule.action = *statement.action;
    stages.put(std::move(rule));
  } else
    stages.drop(rule, statement.version);
  return stages.take();
}

relay_stages relay_plan::retract(const retract_namespace& statement) const {
  stage_builder stages;
  for (const auto& rule : rules_of(statement.namespace_name, statement.version))
    stages.drop(rule, statement.version);
  return stages.take();
}

relay_stages relay_plan::compare(const compare_relay& desired, const relay_listed& held) const {
  stage_builder stages;
  wanted_endpoints endpoints(desired.endpoints);
  std::map<rule_place, relay_put_rule> rules;
  boost::unordered_flat_set<std::string_view> namespaces;
  for (const auto& each : desired.endpoints)
    if (each.state != endpoint_state::gone)
      for (auto& rule : rules_of(each.endpoint.subject, each.reach, desired.version))
        rules[place_of(rule)] = std::move(rule);
  for (const auto& each : desired.endpoints)
    if (const std::string_view name = each.endpoint.namespace_name;
        each.state != endpoint_state::gone && namespaces.insert(name).second)
      for (auto& rule : rules_of(name, desired.version))
        rules[place_of(rule)] = std::move(rule);
  for (const auto& rule : desired.rules) {
    relay_put_rule made{desired.version, pattern(rule.source), pattern(rule.target), rule.action, rule_weight::by_hand};
    rules[place_of(made)] = std::move(made);
  }
  heirs_of_agents heirs{desired.endpoints};
  const under_way changes{desired.under_way, rules_of(desired.under_way, desired.version)};
  for (const auto& endpoint : held.endpoints) {
    const auto* wanted = endpoints.find(endpoint);
    const bool newer = endpoint.version > desired.version;
    if (!wanted) {
      if (!newer && is_ours(endpoint.subject) && !changes.has(endpoint))
        stages.drop(relay_drop_endpoint{desired.version, endpoint.subject, endpoint.agent, heirs.of(endpoint.agent)});
    } else if (newer || is_held(*wanted, endpoint)) {
      endpoints.take_out(*wanted);
    } else if (endpoint.open && wanted->state == endpoint_state::closed) {
      stages.close(endpoint_of(desired.version, wanted->agent, wanted->endpoint, wanted->state));
      endpoints.take_out(*wanted);
    }
  }
  for (const auto& rule : held.rules) {
    const auto wanted = rules.find(place_of(rule));
    const bool newer = rule.version > desired.version;
    if (wanted == rules.end()) {
      if (!newer && is_ours(rule.source) && is_ours(rule.target) && is_own_kind(rule) && !changes.has(rule))
        stages.drop(rule, desired.version);
    } else if (newer || wanted->second.action == rule.action)
      rules.erase(wanted);
  }
  for (auto& [place, rule] : rules)
    stages.put(std::move(rule));
  for (const auto* each : endpoints.left())
    stages.put(endpoint_of(desired.version, each->agent, each->endpoint, each->state));
  return stages.take();
}

epoch relay_plan::latest_life(const relay_listed& held) const {
  epoch latest;
  for (const auto& endpoint : held.endpoints)
    if (is_ours(endpoint.subject))
      latest = std::max(latest, endpoint.version.life);
  for (const auto& rule : held.rules)
    if (is_ours(rule.source) && is_ours(rule.target) && is_own_kind(rule))
      latest = std::max(latest, rule.version.life);
  return latest;
}

} // namespace muster
