#define CAF_SUITE supervisor_access_test

#include "tests/support/mesh_facts.hpp"
#include "tests/support/worker_taps.hpp"

#include <caf/test/unit_test.hpp>

/// Rules from the command to the relay, and what becomes of them.
namespace muster::test {

namespace {

using words = std::set<std::string>;

constexpr auto allow = rule_action::allow;
constexpr auto deny = rule_action::deny;

struct access_world : mesh_world {
  expected<rule_changed> say(const std::string& source, const std::string& target, rule_action action,
                             const std::string& request = {}) {
    return ask_for<rule_changed>(set_rule{request_id{request}, source, target, action});
  }
  expected<rule_changed> withdraw(const std::string& source, const std::string& target,
                                  const std::string& request = {}) {
    return ask_for<rule_changed>(withdraw_rule{request_id{request}, source, target});
  }
  /// What the relay holds of what was said by hand.
  words said_to_relay() {
    words result;
    for (const auto& each : held_by_relay().rules)
      if (each.priority == rule_weight::by_hand)
        result.insert((each.action == deny ? "-" : "+") + each.source + " " + each.target);
    return result;
  }
  words said_by_index() {
    words result;
    for (const auto& each : ask_for<rules_listed>(list_rules{}).value().rules)
      if (each.origin == rule_origin::by_hand)
        result.insert((each.action == deny ? "-" : "+") + each.source + " " + each.target);
    return result;
  }
  agent_placed added_in(const std::string& name, const std::string& space) {
    auto asked = registration(project(name), name);
    asked.namespace_name = space;
    return added(name, asked);
  }
  expected<agent_placed> moved_to(const agent_id& agent, const std::string& space) {
    return updated(agent, {{"namespace", quoted(space)}});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervisor_access, access_world)

CAF_TEST([TP19][TP21][TP27] a rule is in the feed and the relay when it is answered) {
  start();
  CAF_REQUIRE(say("lab", "web", allow));
  CAF_CHECK_EQUAL(said_to_relay(), words{"+relay.agent.lab.* relay.agent.web.*"});
  CAF_CHECK_EQUAL(said_by_index(), words{"+lab web"});
  const auto commits = log();
  CAF_REQUIRE_EQUAL(commits.size(), 1u);
  CAF_CHECK(std::get<rule_put>(commits[0].ops.at(0)) == (rule_put{"lab", "web", allow, {}}));
  CAF_REQUIRE(say("lab", "web", deny));
  CAF_CHECK_EQUAL(said_to_relay(), words{"-relay.agent.lab.* relay.agent.web.*"});
  CAF_REQUIRE(withdraw("lab", "web"));
  CAF_CHECK(said_to_relay().empty() && said_by_index().empty());
}

CAF_TEST([TP30][TP36] the switch is told to the relay and again after a start) {
  start();
  CAF_REQUIRE(say("*", "*", allow));
  CAF_CHECK_EQUAL(said_to_relay(), words{"+relay.agent.> relay.agent.>"});
  CAF_REQUIRE(stop());
  give_relay();
  start();
  CAF_CHECK_EQUAL(said_to_relay(), words{"+relay.agent.> relay.agent.>"});
  CAF_REQUIRE(withdraw("*", "*"));
  CAF_CHECK(said_to_relay().empty());
}

CAF_TEST(names are normalised and what cannot be is refused before anything is written) {
  start();
  CAF_REQUIRE(say("My Lab", "Codex", allow));
  CAF_CHECK_EQUAL(said_by_index(), words{"+my-lab codex-ns"});
  const std::vector<std::tuple<std::string, std::string, std::string>> refused{{"a", "a", "rule-own-namespace"},
                                                                               {"*", "a", "rule-one-sided"},
                                                                               {"a", "*", "rule-one-sided"},
                                                                               {"", "a", "namespace-empty"}};
  for (const auto& [source, target, code] : refused) {
    for (const auto& answer : {say(source, target, deny), withdraw(source, target)}) {
      CAF_REQUIRE(!answer);
      CAF_CHECK(answer.error().kind == failure_kind::refused);
      CAF_CHECK_EQUAL(answer.error().code, code);
    }
  }
  CAF_CHECK_EQUAL(log().size(), 1u);
}

CAF_TEST(a repetition adds nothing and the same id for another rule is refused) {
  start();
  const auto first = say("lab", "web", allow, "r");
  CAF_REQUIRE(first);
  const auto again = say("lab", "web", allow, "r");
  CAF_REQUIRE(again);
  CAF_CHECK(again->version == first->version);
  CAF_CHECK(say("lab", "web", allow)->version == first->version);
  const auto other = say("lab", "web", deny, "r");
  CAF_REQUIRE(!other);
  CAF_CHECK(other.error().kind == failure_kind::refused);
  CAF_CHECK_EQUAL(log().size(), 1u);
  begin_anew();
  CAF_CHECK(say("lab", "web", allow, "r")->version == first->version);
  CAF_CHECK(!withdraw("lab", "web", "r"));
  CAF_CHECK_EQUAL(log().size(), 1u);
  CAF_CHECK_EQUAL(withdraw("web", "lab")->version.seq, 0u);
}

CAF_TEST(changes of one rule that come together are made one after the other) {
  start();
  std::vector<std::shared_ptr<std::optional<expected<rule_changed>>>> answers;
  for (int i = 0; i < 8; ++i)
    answers.push_back(ask_later<rule_changed>(muster, set_rule{{}, "lab", "web", i % 2 == 0 ? allow : deny}));
  sched.run();
  std::size_t done = 0;
  for (const auto& each : answers)
    done += *each && **each ? 1 : 0;
  CAF_CHECK_EQUAL(done, 8u);
  CAF_CHECK_EQUAL(said_by_index(), words{"-lab web"});
  CAF_CHECK_EQUAL(said_to_relay(), words{"-relay.agent.lab.* relay.agent.web.*"});
  for (const auto& each : ask_for<rules_listed>(list_rules{}).value().rules)
    CAF_CHECK(!each.contested);
}

CAF_TEST(the answer says where nobody lives and that the relay could not be told) {
  start();
  (void)added_in("app", "lab");
  const auto waiting = say("lab", "web", allow);
  CAF_REQUIRE(waiting);
  CAF_REQUIRE_EQUAL(waiting->notes.size(), 1u);
  CAF_CHECK(waiting->notes[0].find("'web'") != std::string::npos);
  end_relay();
  const auto untold = say("lab", "web", deny);
  CAF_REQUIRE(untold);
  CAF_CHECK(untold->notes.back().find("next sweep") != std::string::npos);
  CAF_CHECK_EQUAL(said_by_index(), words{"-lab web"});
}

CAF_TEST([MC19][LC01] the rules of a namespace go at once with its last agent and those made by hand stay) {
  start();
  const auto first = added_in("one", "lab").agent;
  const auto second = added_in("two", "lab").agent;
  CAF_REQUIRE(say("lab", "web", allow));
  CAF_CHECK_EQUAL(rules_of("lab").size(), 3u);
  CAF_REQUIRE(removed(first.text));
  CAF_CHECK_EQUAL(rules_of("lab").size(), 3u);
  CAF_REQUIRE(removed(second.text));
  CAF_CHECK_EQUAL(rules_of("lab"), words{"allow relay.agent.lab.* relay.agent.web.* 50"});
  CAF_CHECK_EQUAL(ask_for<topology_described>(show_topology{"*"})->without_agents,
                  (std::vector<std::string>{"lab", "web"}));
  (void)added_in("three", "lab");
  CAF_CHECK_EQUAL(rules_of("lab").size(), 3u);
}

CAF_TEST(a change of namespace takes endpoint and rules along at once) {
  start();
  const auto agent = added_in("one", "lab").agent;
  CAF_REQUIRE(moved_to(agent, "web"));
  CAF_CHECK(rules_of("lab").empty());
  CAF_CHECK_EQUAL(rules_of("web").size(), 2u);
  CAF_CHECK_EQUAL(subjects(), words{"relay.agent.web." + agent.text});
  CAF_REQUIRE(moved_to(agent, "lab"));
  CAF_CHECK(rules_of("web").empty());
  CAF_CHECK_EQUAL(rules_of("lab").size(), 2u);
}

CAF_TEST(who comes while the last one goes finds the rules of the namespace) {
  start();
  for (int i = 0; i < 6; ++i) {
    const auto leaving = added_in("old" + std::to_string(i), "lab").agent;
    auto asked = registration(project("new" + std::to_string(i)), "new" + std::to_string(i));
    asked.namespace_name = "lab";
    const auto gone = ask_later<agent_unregistered>(muster, unregister_agent{{}, leaving.text, false, false});
    // More and more of the removal is done when the other begins.
    for (int step = 0; step < i * 6; ++step)
      sched.run_once();
    const auto come = ask_later<agent_placed>(muster, asked);
    sched.run();
    CAF_REQUIRE(*gone && **gone && *come && **come);
    CAF_CHECK_EQUAL(rules_of("lab").size(), 2u);
    CAF_REQUIRE(removed((**come)->agent.text));
    CAF_CHECK(rules_of("lab").empty());
  }
}

CAF_TEST([TP11][RB04][RB16] a system agent reaches all as long as its id is allowed) {
  start();
  const auto agent = added_in("bot", "lab").agent;
  auto allowed = options.supervisor.now;
  allowed.system_allow = {agent.text};
  CAF_REQUIRE(ask_for<settings_applied>(apply_settings{allowed}));
  CAF_CHECK_EQUAL(rules_of("lab").size(), 2u);
  CAF_REQUIRE(updated(agent, {{"isSystem", "true"}}));
  const auto subject = "relay.agent.lab." + agent.text;
  CAF_CHECK(rules_of("lab").contains("allow " + subject + " relay.agent.> 200"));
  CAF_CHECK(rules_of("lab").contains("allow relay.agent.> " + subject + " 200"));
  CAF_REQUIRE(ask_for<settings_applied>(apply_settings{options.supervisor.now}));
  CAF_CHECK_EQUAL(rules_of("lab").size(), 2u);
}

CAF_TEST([TP23] the index and not the relay says what the rules are) {
  start();
  CAF_REQUIRE(say("lab", "web", allow));
  CAF_REQUIRE(get<relay_done>(
      options.relay, relay_put_rule{{epoch{1}, 1}, "relay.agent.x.*", "relay.agent.y.*", allow, rule_weight::by_hand}));
  CAF_CHECK_EQUAL(said_by_index(), words{"+lab web"});
  (void)sweep();
  CAF_CHECK_EQUAL(said_to_relay(), words{"+relay.agent.lab.* relay.agent.web.*"});
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

struct tapped_rules : access_world {
  tapped_rules() {
    tap_workers(options, sys, board);
    start();
    board->said.clear();
  }
  std::shared_ptr<tap_board> board = std::make_shared<tap_board>();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervisor_access_steps, tapped_rules)

CAF_TEST(a rule is committed and folded and then stated) {
  CAF_REQUIRE(say("lab", "web", allow));
  CAF_CHECK_EQUAL(board->changes(), (std::vector<std::string>{"append_commit", "fold_commit", "state_rule"}));
}

CAF_TEST(a registration that fails leaves no rules of its namespace) {
  board->rules.push_back({"append_commit", 0, mishap::failed, 1});
  auto asked = registration(project("one"), "one");
  asked.namespace_name = "lab";
  CAF_CHECK(!ask_for<agent_placed>(asked));
  CAF_CHECK(std::ranges::find(board->said, "retract_namespace") != board->said.end());
  CAF_CHECK(rules_of("lab").empty() && held_by_relay().endpoints.empty());
}

CAF_TEST(a commit that fails changes nothing and the same id may be tried again) {
  board->rules.push_back({"append_commit", 0, mishap::failed, 1});
  const auto failed = say("lab", "web", allow, "r");
  CAF_REQUIRE(!failed);
  CAF_CHECK_EQUAL(failed.error().step, "commit");
  CAF_CHECK(said_by_index().empty() && said_to_relay().empty());
  CAF_REQUIRE(say("lab", "web", allow, "r"));
  CAF_CHECK_EQUAL(said_by_index(), words{"+lab web"});
}

CAF_TEST(a relay that cannot be told of a rule does not undo it and the sweep tells it) {
  board->rules.push_back({"state_rule", 0, mishap::failed, 1});
  const auto done = say("lab", "web", deny);
  CAF_REQUIRE(done);
  CAF_CHECK(done->notes.back().find("next sweep") != std::string::npos);
  CAF_CHECK(said_to_relay().empty());
  (void)sweep();
  CAF_CHECK_EQUAL(said_to_relay(), words{"-relay.agent.lab.* relay.agent.web.*"});
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
