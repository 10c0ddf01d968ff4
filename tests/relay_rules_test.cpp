#define CAF_SUITE relay_rules_test

#include "muster/actors/relay_rules.hpp"

#include "muster/messages/access_messages.hpp"
#include "muster/store/splitmix.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace muster;

namespace {

constexpr auto allow = rule_action::allow;
constexpr auto deny = rule_action::deny;

std::string of(const std::string& name) {
  return "relay.agent." + name + ".*";
}

relay_rules with(const std::vector<access_rule>& rules) {
  relay_rules result;
  for (const auto& each : rules)
    CAF_CHECK(result.put(each).has_value());
  return result;
}

/// The rules of the oracle: all of them, one after the other.
access_verdict slow_verdict(const std::vector<access_rule>& rules, const std::string& from, const std::string& to) {
  const access_rule* best = nullptr;
  for (const auto& each : rules)
    if (subject_matches(each.source, from) && subject_matches(each.target, to) &&
        (!best || each.priority > best->priority || (each.priority == best->priority && each.action == deny)))
      best = &each;
  return {best && best->action == allow, best};
}

} // namespace

CAF_TEST(tells subjects from patterns) {
  for (const auto* good : {"a", "relay.agent.ns.1", "a/b.c", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p"})
    CAF_CHECK(is_subject(good));
  for (const auto* bad : {"", ".", "a.", ".a", "a..b", "a b", "a.*", "a.>", "a\x7f", "a\n", "x.\xc3\xa9",
                          "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q"})
    CAF_CHECK(!is_subject(bad));
  CAF_CHECK(!is_subject(std::string(1025, 'a')));
  for (const auto* good : {"*", ">", "a.*.b", "a.>", "*.*.*.*", "a"})
    CAF_CHECK(is_subject_pattern(good));
  for (const auto* bad : {"", "a.>.b", "a.b*", "a.>>", "*.*.*.*.*", "a.", "**"})
    CAF_CHECK(!is_subject_pattern(bad));
}

CAF_TEST(matches a star with one word and the rest with one or more) {
  CAF_CHECK(subject_matches("a.*.c", "a.b.c"));
  CAF_CHECK(!subject_matches("a.*.c", "a.b.b.c"));
  CAF_CHECK(!subject_matches("a.*", "a"));
  CAF_CHECK(subject_matches("a.>", "a.b"));
  CAF_CHECK(subject_matches("a.>", "a.b.c"));
  CAF_CHECK(!subject_matches("a.>", "a"));
  CAF_CHECK(subject_matches(">", "a"));
}

CAF_TEST(allows nothing that no rule grants) {
  const relay_rules rules;
  CAF_CHECK(!rules.verdict("relay.agent.a.1", "relay.agent.a.2").allowed);
  CAF_CHECK(rules.verdict("relay.agent.a.1", "relay.agent.a.2").by == nullptr);
}

CAF_TEST(has the highest priority decide and a deny among equals) {
  auto rules = with({{of("a"), "relay.agent.>", 10, deny}, {of("a"), of("a"), 100, allow}});
  CAF_CHECK(rules.verdict("relay.agent.a.1", "relay.agent.a.2").allowed);
  const auto refused = rules.verdict("relay.agent.a.1", "relay.agent.b.2");
  CAF_CHECK(!refused.allowed);
  CAF_REQUIRE(refused.by != nullptr);
  CAF_CHECK_EQUAL(refused.by->priority, 10);
  CAF_CHECK(rules.put({of("a"), of("b"), 50, allow}).has_value());
  CAF_CHECK(rules.verdict("relay.agent.a.1", "relay.agent.b.2").allowed);
  CAF_CHECK(!rules.verdict("relay.agent.b.2", "relay.agent.a.1").allowed);
  CAF_CHECK(rules.put({of("a"), "relay.agent.>", 50, deny}).has_value());
  CAF_CHECK(!rules.verdict("relay.agent.a.1", "relay.agent.b.2").allowed);
  CAF_CHECK(rules.verdict("relay.agent.a.1", "relay.agent.a.2").allowed);
}

CAF_TEST([IA07] a system agent reaches all and is reached by all while two namespaces do not reach each other) {
  const std::string system = "relay.agent.sys.root";
  const auto rules = with({{of("a"), "relay.agent.>", rule_weight::everybody_else, deny},
                           {of("a"), of("a"), rule_weight::own_namespace, allow},
                           {of("b"), "relay.agent.>", rule_weight::everybody_else, deny},
                           {of("b"), of("b"), rule_weight::own_namespace, allow},
                           {system, "relay.agent.>", rule_weight::system_agent, allow},
                           {"relay.agent.>", system, rule_weight::system_agent, allow}});
  CAF_CHECK(!rules.verdict("relay.agent.a.1", "relay.agent.b.2").allowed);
  CAF_CHECK(!rules.verdict("relay.agent.b.2", "relay.agent.a.1").allowed);
  CAF_CHECK(rules.verdict("relay.agent.a.1", "relay.agent.a.1").allowed);
  for (const std::string each : {"relay.agent.a.1", "relay.agent.b.2"}) {
    CAF_CHECK(rules.verdict(each, system).allowed);
    CAF_CHECK(rules.verdict(system, each).allowed);
  }
}

CAF_TEST([IA09] an allowed pair may be used one way and no more when it is taken back) {
  auto rules = with({{of("a"), "relay.agent.>", rule_weight::everybody_else, deny},
                     {of("b"), "relay.agent.>", rule_weight::everybody_else, deny},
                     {of("a"), of("b"), rule_weight::by_hand, allow}});
  CAF_CHECK(rules.verdict("relay.agent.a.1", "relay.agent.b.2").allowed);
  CAF_CHECK(!rules.verdict("relay.agent.b.2", "relay.agent.a.1").allowed);
  CAF_CHECK(rules.drop(of("a"), of("b"), rule_weight::by_hand));
  CAF_CHECK(!rules.verdict("relay.agent.a.1", "relay.agent.b.2").allowed);
}

CAF_TEST(replaces a rule in its place and forgets one that is dropped) {
  auto rules = with({{of("a"), of("b"), 50, allow}});
  CAF_CHECK(rules.put({of("a"), of("b"), 50, deny}).has_value());
  CAF_CHECK_EQUAL(rules.size(), 1u);
  CAF_CHECK(!rules.verdict("relay.agent.a.1", "relay.agent.b.2").allowed);
  CAF_CHECK(rules.drop(of("a"), of("b"), 50));
  CAF_CHECK(!rules.drop(of("a"), of("b"), 50));
  CAF_CHECK(rules.verdict("relay.agent.a.1", "relay.agent.b.2").by == nullptr);
}

CAF_TEST(refuses what is no pattern and more than its bound) {
  relay_rules rules{{.rules = 1, .subjects = {}, .matching = 64}};
  CAF_CHECK_EQUAL(rules.put({"a..b", "c", 1, allow}).error().code, "subject-invalid");
  CAF_CHECK(rules.put({"a", "b", 1, allow}).has_value());
  CAF_CHECK_EQUAL(rules.put({"a", "c", 1, allow}).error().code, "relay-full");
  CAF_CHECK(rules.put({"a", "b", 1, deny}).has_value());
}

CAF_TEST(allows nothing where more patterns match than anybody means) {
  relay_rules rules{{.rules = 100, .subjects = {}, .matching = 2}};
  CAF_CHECK(rules.put({"a.b", "c", 1, allow}).has_value());
  CAF_CHECK(rules.put({"a.*", "c", 1, allow}).has_value());
  CAF_CHECK(rules.verdict("a.b", "c").allowed);
  CAF_CHECK(rules.put({"a.>", "d", 1, allow}).has_value());
  CAF_CHECK(!rules.verdict("a.b", "c").allowed);
}

CAF_TEST(says who was denied whom and by which rule) {
  const auto rules = with({{of("a"), "relay.agent.>", 10, deny}});
  const auto text =
      access_denied("relay.agent.a.1", "relay.agent.b.2", rules.verdict("relay.agent.a.1", "relay.agent.b.2")).message;
  CAF_CHECK(text.starts_with("Access denied: relay.agent.a.1 -> relay.agent.b.2 by the rule relay.agent.a.* -> "
                             "relay.agent.> (priority 10)"));
}

CAF_TEST(agrees with a scan over all rules whatever is put and dropped) {
  const std::vector<std::string> words{"a", "b", "c", "*"};
  std::size_t wrong = 0;
  std::size_t asked = 0;
  constexpr std::uint64_t seeds = 60;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    splitmix random{seed};
    const auto draw = [&](std::size_t below) { return static_cast<std::size_t>(random.next() % below); };
    const auto text = [&](bool pattern) {
      std::string result;
      const auto count = 1 + draw(4);
      for (std::size_t i = 0; i < count; ++i)
        result += (i ? "." : "") + words[draw(pattern ? 4 : 3)];
      if (pattern && draw(4) == 0)
        result += ".>";
      return result;
    };
    relay_rules rules;
    std::vector<access_rule> held;
    for (int step = 0; step < 200; ++step) {
      if (!held.empty() && draw(3) == 0) {
        const auto which = draw(held.size());
        wrong += !rules.drop(held[which].source, held[which].target, held[which].priority);
        held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
      } else {
        const access_rule made{text(true), text(true), static_cast<int>(draw(3)), draw(2) ? allow : deny};
        wrong += !rules.put(made).has_value();
        std::erase_if(held, [&](const access_rule& each) {
          return each.source == made.source && each.target == made.target && each.priority == made.priority;
        });
        held.push_back(made);
      }
      for (int i = 0; i < 5; ++i, ++asked) {
        const auto from = text(false);
        const auto to = text(false);
        const auto fast = rules.verdict(from, to);
        const auto slow = slow_verdict(held, from, to);
        wrong += fast.allowed != slow.allowed || (fast.by == nullptr) != (slow.by == nullptr) ||
                 (fast.by && (fast.by->priority != slow.by->priority || fast.by->action != slow.by->action));
      }
    }
    wrong += rules.size() != held.size();
  }
  CAF_CHECK_EQUAL(wrong, 0u);
  std::printf("lane relay_rules_test: %zu verdicts, seeds 1 to %llu\n", asked, static_cast<unsigned long long>(seeds));
}
