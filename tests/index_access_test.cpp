#define CAF_SUITE index_access_test

#include "tests/support/keeper_world.hpp"

#include "muster/actors/index_keeper.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>

using namespace muster;
using namespace muster::test;

namespace {

using words = std::vector<std::string>;

constexpr auto allow = rule_action::allow;
constexpr auto deny = rule_action::deny;

struct world : keeper_world {
  index_keeper keeper{here.env(), index_fixture::directory, feeds(), own(), {}};

  world() { CAF_REQUIRE(keeper.open()); }

  commit fold(std::vector<op> ops) {
    auto made = make(std::move(ops));
    CAF_REQUIRE(take_one(keeper, folding(made)));
    return made;
  }
  void add(const std::string& id, const std::string& space, bool admitted = true, bool system = false) {
    std::vector<op> ops{put(id, "name", "\"agent-" + id + "\""),
                        place_put{agent_id{id}, own(), "/p/" + id, "/p", space, admitted}};
    if (system)
      ops.push_back(put(id, "isSystem", "true"));
    fold(std::move(ops));
  }
  /// One agent in each of three namespaces.
  void add_three() {
    add("1", "alpha");
    add("2", "beta");
    add("3", "gamma");
  }
  commit say(const std::string& source, const std::string& target, std::optional<rule_action> action) {
    const auto known = keeper.answer(find_rule{source, target}).value();
    if (action)
      return fold({rule_put{source, target, *action, known.saw}});
    return fold({rule_drop{source, target, known.saw}});
  }
  void apply(const settings& now) { CAF_REQUIRE(keeper.answer(apply_settings{now})); }

  topology_described seen(const std::string& name = "*") { return keeper.answer(show_topology{name}).value(); }
  words names(const std::string& caller = "*") {
    words result;
    for (const auto& each : seen(caller).namespaces)
      result.push_back(each.name);
    std::ranges::sort(result);
    return result;
  }
  static words spelled(const std::vector<reach_rule>& rules, std::optional<rule_origin> origin = {}) {
    words result;
    for (const auto& rule : rules)
      if (!origin || rule.origin == *origin)
        result.push_back((rule.action == allow ? "+" : "-") + rule.source + " " + rule.target + " " +
                         std::to_string(rule.priority) + (rule.agent.empty() ? "" : " " + rule.agent.text));
    return result;
  }
  words rules(const std::string& caller = "*", std::optional<rule_origin> origin = {}) {
    return spelled(seen(caller).rules, origin);
  }
  /// Whom an agent may reach.
  words reached_from(const std::string& agent) {
    words result;
    for (const auto& each : keeper.answer(who_may_reach{agent}).value().others)
      if (each.reaches)
        result.push_back(each.id.text);
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(index_access_tests, world)

CAF_TEST([TP01][TP02][TP06][RI01][RI02][RI05] a namespace sees itself and everybody sees all) {
  add_three();
  add("4", "alpha");
  CAF_CHECK_EQUAL(names("beta"), words{"beta"});
  CAF_CHECK_EQUAL(seen("alpha").namespaces.front().agents.size(), 2u);
  CAF_CHECK_EQUAL(names(), (words{"alpha", "beta", "gamma"}));
  CAF_CHECK_EQUAL(names(""), (words{"alpha", "beta", "gamma"}));
  CAF_CHECK(names("nobody").empty());
  CAF_CHECK_EQUAL(names("Beta "), words{"beta"});
}

CAF_TEST([TP03][TP04][TP16][RI03][RI04] a namespace sees what it may reach as long as it may) {
  add_three();
  say("alpha", "beta", allow);
  CAF_CHECK_EQUAL(names("alpha"), (words{"alpha", "beta"}));
  CAF_CHECK_EQUAL(names("beta"), words{"beta"});
  CAF_CHECK_EQUAL(reached_from("1"), words{"2"});
  say("alpha", "beta", deny);
  CAF_CHECK_EQUAL(names("alpha"), words{"alpha"});
  CAF_CHECK(reached_from("1").empty());
  say("alpha", "beta", std::nullopt);
  CAF_CHECK_EQUAL(names("alpha"), words{"alpha"});
}

CAF_TEST([TP05] an agent in a view has its path and no scan root) {
  add("1", "alpha");
  const auto view = seen("alpha");
  const auto& agent = view.namespaces.front().agents.front();
  CAF_CHECK_EQUAL(agent.path, "/p/1");
  CAF_CHECK_EQUAL(agent.namespace_name, "alpha");
  CAF_CHECK_EQUAL(agent.name, "agent-1");
}

CAF_TEST([TP07][TP08][TP12][TP14] a view has the rules that touch what it sees) {
  add_three();
  say("alpha", "beta", allow);
  say("gamma", "alpha", deny);
  say("beta", "gamma", allow);
  CAF_CHECK_EQUAL(rules("*", rule_origin::by_hand), (words{"-gamma alpha 50", "+alpha beta 50", "+beta gamma 50"}));
  CAF_CHECK_EQUAL(rules("gamma"), (words{"+gamma gamma 100", "-gamma alpha 50", "+beta gamma 50", "-gamma * 10"}));
  CAF_CHECK_EQUAL(rules("alpha", rule_origin::by_default),
                  (words{"+alpha alpha 100", "+beta beta 100", "-alpha * 10", "-beta * 10"}));
}

CAF_TEST([TP09][TP10] each namespace has its two rules) {
  add_three();
  CAF_CHECK_EQUAL(rules(), (words{"+alpha alpha 100", "+beta beta 100", "+gamma gamma 100", "-alpha * 10", "-beta * 10",
                                  "-gamma * 10"}));
  for (const auto& rule : seen().rules)
    CAF_CHECK(rule.origin == rule_origin::by_default);
}

CAF_TEST([TP11] a system agent has two rules of its own if its id is allowed) {
  add("1", "alpha", true, true);
  add("2", "alpha");
  add("3", "beta", false, true);
  CAF_CHECK_EQUAL(rules("alpha").size(), 2u);
  settings now;
  now.system_allow = {"1", "3", "nobody"};
  apply(now);
  CAF_CHECK_EQUAL(rules("alpha"), (words{"+* alpha 200 1", "+alpha * 200 1", "+alpha alpha 100", "-alpha * 10"}));
  CAF_CHECK_EQUAL(reached_from("1"), (words{"2", "3"}));
  CAF_CHECK_EQUAL(reached_from("2"), words{"1"});
  CAF_CHECK(reached_from("3").empty());
  const auto told = keeper.answer(list_endpoints{}).value();
  std::string reaches;
  for (const auto& each : told.endpoints)
    reaches += each.agent.text + std::to_string(static_cast<int>(each.reach)) + " ";
  CAF_CHECK_EQUAL(reaches, "12 20 31 ");
}

CAF_TEST(an agent that is not admitted is seen and reaches nobody) {
  add("1", "alpha");
  add("2", "alpha", false);
  CAF_CHECK_EQUAL(seen("alpha").namespaces.front().agents.size(), 2u);
  CAF_CHECK(reached_from("2").empty());
  CAF_CHECK_EQUAL(rules("alpha").front(), "-alpha * 300 2");
  const auto why = keeper.answer(who_may_reach{"2"}).value();
  CAF_CHECK_EQUAL(why.rules[*why.others[0].reaches_by].priority, rule_weight::not_admitted);
}

CAF_TEST([TP13][TP20][TP22][TP40][TP41][TP42] without a relay a namespace sees itself and no rules come with it) {
  add_three();
  add("4", "alpha");
  settings now;
  now.relay = relay_mode::none;
  apply(now);
  CAF_CHECK(rules().empty());
  CAF_CHECK(rules("alpha").empty());
  CAF_CHECK_EQUAL(names("alpha"), words{"alpha"});
  CAF_CHECK_EQUAL(reached_from("1"), words{"4"});
}

CAF_TEST([TP15][TP17][TP18][RI07] an agent reaches those of its namespace but itself) {
  add_three();
  add("4", "alpha");
  CAF_CHECK_EQUAL(reached_from("1"), words{"4"});
  CAF_CHECK(reached_from("2").empty());
  CAF_CHECK(!keeper.answer(who_may_reach{"nobody"}));
  CAF_CHECK_EQUAL(keeper.answer(who_may_reach{"nobody"}).error().code, "no-agent");
}

CAF_TEST([TP28][TP29][TP32][TP33][TP34][TP35] the switch opens everything until it is withdrawn and pairs outlive it) {
  add_three();
  CAF_CHECK(!seen().open_mesh && !seen("alpha").open_mesh);
  say("alpha", "beta", allow);
  say("*", "*", allow);
  for (const auto* caller : {"*", "alpha", "gamma", "nobody"}) {
    CAF_CHECK(seen(caller).open_mesh);
    CAF_CHECK_EQUAL(names(caller), (words{"alpha", "beta", "gamma"}));
    const auto listed = rules(caller, rule_origin::by_hand);
    CAF_CHECK(std::ranges::find(listed, "+* * 50") != listed.end());
  }
  CAF_CHECK_EQUAL(reached_from("1"), (words{"2", "3"}));
  CAF_CHECK_EQUAL(reached_from("2"), (words{"1", "3"}));
  say("*", "*", std::nullopt);
  CAF_CHECK(!seen().open_mesh);
  CAF_CHECK_EQUAL(names("alpha"), (words{"alpha", "beta"}));
  CAF_CHECK_EQUAL(rules("*", rule_origin::by_hand), words{"+alpha beta 50"});
  say("*", "*", deny);
  CAF_CHECK_EQUAL(names("alpha"), words{"alpha"});
  CAF_CHECK_EQUAL(rules("gamma", rule_origin::by_hand), words{"-* * 50"});
}

CAF_TEST([NX01][NX05][TP24][RI06] what was made by hand is listed until it is withdrawn) {
  CAF_CHECK(keeper.answer(list_rules{}).value().rules.empty());
  add_three();
  const auto made = say("alpha", "beta", allow);
  say("beta", "alpha", allow);
  const auto spelling = [&] { return spelled(keeper.answer(list_rules{}).value().rules, rule_origin::by_hand); };
  CAF_CHECK_EQUAL(spelling(), (words{"+alpha beta 50", "+beta alpha 50"}));
  const auto listed = keeper.answer(list_rules{}).value();
  const auto rule = std::ranges::find(listed.rules, std::string("alpha"), [](const reach_rule& each) {
    return each.origin == rule_origin::by_hand ? each.source : std::string();
  });
  CAF_REQUIRE(rule != listed.rules.end());
  CAF_CHECK((rule->made == commit_id{made.instance, made.seq}));
  CAF_CHECK(rule->at == made.at);
  CAF_CHECK(!rule->contested && !rule->without_agents);
  say("alpha", "beta", std::nullopt);
  CAF_CHECK_EQUAL(spelling(), words{"+beta alpha 50"});
}

CAF_TEST(a rule outlives the agents of its namespaces and is told to be without) {
  add("1", "alpha");
  add("2", "beta");
  say("alpha", "beta", allow);
  CAF_CHECK(seen().without_agents.empty());
  fold({gone("2")});
  CAF_CHECK_EQUAL(rules(), (words{"+alpha alpha 100", "+alpha beta 50", "-alpha * 10"}));
  CAF_CHECK_EQUAL(seen().without_agents, words{"beta"});
  CAF_CHECK_EQUAL(seen("alpha").without_agents, words{"beta"});
  const auto found = keeper.answer(find_rule{"alpha", "beta"}).value();
  CAF_CHECK(found.has_source_agents && !found.has_target_agents);
  add("3", "beta");
  CAF_CHECK(seen().without_agents.empty());
}

CAF_TEST(a namespace has agents here as long as one lives here) {
  CAF_CHECK(!keeper.answer(find_namespace{"alpha", {}}).value().has_agents_here);
  add("1", "alpha");
  CAF_CHECK(keeper.answer(find_namespace{"alpha", {}}).value().has_agents_here);
  CAF_CHECK(!keeper.answer(find_namespace{"alpha", agent_id{"1"}}).value().has_agents_here);
  fold({gone("1")});
  CAF_CHECK(!keeper.answer(find_namespace{"alpha", {}}).value().has_agents_here);
}

CAF_TEST(each answer of who names its rule) {
  add_three();
  add("4", "alpha");
  say("alpha", "beta", allow);
  const auto told = keeper.answer(who_may_reach{"agent-1"}).value();
  CAF_CHECK_EQUAL(told.namespace_name, "alpha");
  std::string spelling;
  for (const auto& each : told.others) {
    CAF_REQUIRE(each.reaches_by && each.reached_by);
    const auto& out = told.rules.at(*each.reaches_by);
    const auto& in = told.rules.at(*each.reached_by);
    spelling += each.id.text + (each.reaches ? "+" : "-") + std::to_string(out.priority) + (each.reached ? "+" : "-") +
                std::to_string(in.priority) + in.source + " ";
  }
  CAF_CHECK_EQUAL(spelling, "4+100+100alpha 2+50-10beta 3-10-10gamma ");
  CAF_CHECK_EQUAL(told.rules.size(), 5u);
}

CAF_TEST_FIXTURE_SCOPE_END()
