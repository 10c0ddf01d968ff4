#define CAF_SUITE access_rules_test

#include "muster/store/access_rules.hpp"

#include "muster/actors/relay_plan.hpp"
#include "muster/actors/relay_table.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace muster;

namespace {

reach_rule said(const std::string& source, const std::string& target, rule_action action) {
  return {source, target, action, rule_weight::by_hand, rule_origin::by_hand};
}

constexpr auto allow = rule_action::allow;
constexpr auto deny = rule_action::deny;

std::string answer(const access_rules& rules, const access_party& from, const access_party& to) {
  const auto what = rules.decide(from, to);
  const auto why = access_rules::because(what, from, to);
  return std::string(what.allowed ? "yes " : "no ") + why.source + " " + why.target + " " +
         std::to_string(why.priority) + (why.agent.empty() ? "" : " " + why.agent.text);
}

std::string refusal(std::string_view source, std::string_view target) {
  const auto key = usable_rule(source, target, "deny");
  return key ? key->source + " " + key->target : std::string(key.error().code);
}

/// Whether a pattern of a relay takes in a subject.
bool fits(const std::string& pattern, const std::string& subject) {
  if (pattern.ends_with(">"))
    return subject.starts_with(pattern.substr(0, pattern.size() - 1));
  if (!pattern.ends_with("*"))
    return pattern == subject;
  const auto stem = pattern.substr(0, pattern.size() - 1);
  return subject.starts_with(stem) && subject.find('.', stem.size()) == std::string::npos;
}

/// What a relay makes of its rules: the weightiest that fits, a denial before an
/// allowance; without one nothing passes.
bool passes(const relay_listed& held, const std::string& from, const std::string& to) {
  int best = -1;
  bool allowed = false;
  for (const auto& rule : held.rules)
    if (fits(rule.source, from) && fits(rule.target, to)) {
      const bool allows = rule.action == allow;
      if (rule.priority > best || (rule.priority == best && !allows)) {
        best = rule.priority;
        allowed = allows;
      }
    }
  return allowed;
}

const access_party in_a{"a", "1"};
const access_party in_b{"b", "2"};

} // namespace

CAF_TEST(nothing passes between namespaces that nobody has allowed) {
  const access_rules rules({});
  CAF_CHECK_EQUAL(answer(rules, in_a, in_b), "no a * 10");
  CAF_CHECK_EQUAL(answer(rules, in_a, {"a", "3"}), "yes a a 100");
}

CAF_TEST([NX04] a rule goes one way) {
  const access_rules rules({said("a", "b", allow)});
  CAF_CHECK_EQUAL(answer(rules, in_a, in_b), "yes a b 50");
  CAF_CHECK_EQUAL(answer(rules, in_b, in_a), "no b * 10");
}

CAF_TEST([TP31] the switch outweighs what comes with a namespace and nothing else) {
  const access_rules open({said("*", "*", allow), said("a", "b", deny)});
  CAF_CHECK(open.open_mesh());
  CAF_CHECK_EQUAL(answer(open, in_b, in_a), "yes * * 50");
  CAF_CHECK_EQUAL(answer(open, in_a, in_b), "no a b 50");
  const access_rules shut({said("*", "*", deny), said("a", "b", allow)});
  CAF_CHECK(!shut.open_mesh());
  CAF_CHECK_EQUAL(answer(shut, in_a, in_b), "no * * 50");
  CAF_CHECK_EQUAL(answer(shut, in_a, {"a", "3"}), "yes a a 100");
  const access_party system{"b", "9", agent_reach::everywhere};
  CAF_CHECK_EQUAL(answer(shut, in_a, system), "yes * b 200 9");
  CAF_CHECK_EQUAL(answer(shut, system, in_a), "yes b * 200 9");
}

CAF_TEST(an agent that is not admitted reaches nobody) {
  const access_rules rules({said("*", "*", allow)});
  const access_party stranger{"a", "7", agent_reach::none};
  CAF_CHECK_EQUAL(answer(rules, stranger, {"a", "1"}), "no a * 300 7");
  CAF_CHECK_EQUAL(answer(rules, stranger, {"b", "9", agent_reach::everywhere}), "no a * 300 7");
  CAF_CHECK_EQUAL(answer(rules, {"a", "1"}, stranger), "yes a a 100");
}

CAF_TEST(a relay that was told the same answers the same for all pairs) {
  const relay_plan plan{"relay.agent."};
  const std::vector<std::string> names{"a", "b", "c"};
  const std::vector<agent_reach> reaches{agent_reach::by_rules, agent_reach::none, agent_reach::everywhere};
  std::size_t asked = 0;
  std::size_t wrong = 0;
  // What is said of a to b, of b to a, and of all: nothing, allow, deny.
  for (unsigned choice = 0; choice < 27; ++choice) {
    std::vector<reach_rule> by_hand;
    const auto add = [&](unsigned what, const char* source, const char* target) {
      if (what > 0)
        by_hand.push_back(said(source, target, what == 1 ? allow : deny));
    };
    add(choice % 3, "a", "b");
    add(choice / 3 % 3, "b", "a");
    add(choice / 9, "*", "*");
    compare_relay desired;
    desired.version = {epoch{1}, 1};
    std::vector<access_party> agents;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < names.size() * reaches.size() * 2; ++i)
      ids.push_back(std::to_string(i));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto& name = names[i % names.size()];
      agents.push_back({name, ids[i], reaches[i / names.size() % reaches.size()]});
      desired.endpoints.push_back(
          {agent_id{ids[i]}, {"relay.agent." + name + "." + ids[i], name}, endpoint_state::open, agents.back().reach});
    }
    for (const auto& rule : by_hand)
      desired.rules.push_back({rule.source, rule.target, rule.action, {}});
    relay_listed held;
    for (const auto& stage : plan.compare(desired, {}))
      for (const auto& call : stage)
        if (const auto* rule = std::get_if<relay_put_rule>(&call))
          held.rules.push_back(*rule);
    const access_rules rules(by_hand);
    for (std::size_t i = 0; i < agents.size(); ++i)
      for (std::size_t j = 0; j < agents.size(); ++j)
        if (i != j) {
          ++asked;
          wrong += rules.decide(agents[i], agents[j]).allowed !=
                   passes(held, desired.endpoints[i].endpoint.subject, desired.endpoints[j].endpoint.subject);
        }
  }
  CAF_CHECK_EQUAL(wrong, 0u);
  std::printf("lane access_rules_test: %zu pairs\n", asked);
}

CAF_TEST([TP39] refuses a rule with every namespace on one side only) {
  CAF_CHECK_EQUAL(refusal("*", "a"), "rule-one-sided");
  CAF_CHECK_EQUAL(refusal("a", "*"), "rule-one-sided");
  CAF_CHECK_EQUAL(refusal("*", "*"), "* *");
  const auto why = usable_rule("*", "a", "allow");
  CAF_CHECK(why.error().message.find("both sides of an access rule or neither") != std::string::npos);
  CAF_CHECK(why.error().message.find("muster access allow") != std::string::npos);
}

CAF_TEST(refuses a rule of a namespace with itself and a name that cannot be) {
  CAF_CHECK_EQUAL(refusal("a", "a"), "rule-own-namespace");
  CAF_CHECK_EQUAL(refusal("A", " a "), "rule-own-namespace");
  CAF_CHECK_EQUAL(refusal("", "a"), "namespace-empty");
  CAF_CHECK_EQUAL(refusal("a", "---"), "namespace-empty");
  CAF_CHECK_EQUAL(refusal("a", std::string(65, 'x')), "namespace-too-long");
  CAF_CHECK_EQUAL(refusal("My Lab", "codex"), "my-lab codex-ns");
}

CAF_TEST(the weightiest rule is listed first and what denies before what allows) {
  std::vector<reach_rule> rules{access_rules::outer_rule("a"), access_rules::inner_rule("a")};
  rules.push_back(said("a", "b", allow));
  rules.push_back(said("x", "y", deny));
  for (auto& each : access_rules::of_agent({"a", "7", agent_reach::none}))
    rules.push_back(each);
  sort_rules(rules);
  std::string order;
  for (const auto& rule : rules)
    order += rule.source + rule.target + std::to_string(rule.priority) + " ";
  CAF_CHECK_EQUAL(order, "a*300 aa100 xy50 ab50 a*10 ");
}
