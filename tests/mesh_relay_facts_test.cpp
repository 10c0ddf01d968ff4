#define CAF_SUITE mesh_relay_facts_test

#include "tests/support/hearing_listener.hpp"
#include "tests/support/mesh_facts.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

/// Mail through a whole muster, and its relay fact by fact (docs/conformance-mesh.md).
namespace muster::test {

namespace {

using namespace std::chrono_literals;

/// With the embedded relay.
struct mail_world : mesh_world {
  mail_world() { options.relay = relay_actor{}; }

  agent_placed agent_in(const std::string& space, const std::string& name) {
    auto asked = registration(project(name), name);
    asked.namespace_name = space;
    return added(name, asked);
  }
  expected<message_sent> send(const std::string& from, const std::string& to, const std::string& text = "hello",
                              const message_id& cause = {}) {
    send_message asked;
    asked.from.selector = from;
    asked.to = to;
    asked.payload = quoted(text);
    asked.cause = cause;
    return ask_for<message_sent>(asked);
  }
  std::string sent(const std::string& from, const std::string& to) {
    const auto how = send(from, to);
    if (!how)
      return std::string{how.error().code};
    return how->held ? "held" : "delivered";
  }
  std::vector<mail_item> inbox(const std::string& whose) {
    auto read = ask_for<mail_read>(read_mail{{whose, {}}, {}, 50});
    return read ? std::move(read->messages) : std::vector<mail_item>{};
  }
  std::size_t acknowledge(const std::string& whose, const std::vector<message_id>& which) {
    const auto done = ask_for<mail_acknowledged>(acknowledge_mail{{whose, {}}, which});
    return done ? done->gone : 99;
  }
  std::string subject_of_agent(const std::string& selector) {
    const auto shown = ask_for<agent_shown>(show_agent{selector});
    return shown && shown->endpoint ? shown->endpoint->subject : "";
  }
  std::vector<listed_mailbox> mailboxes() {
    auto listed = ask_for<mailboxes_listed>(list_mailboxes{});
    return listed ? std::move(listed->mailboxes) : std::vector<listed_mailbox>{};
  }
  /// With all that was not saved, but for the directories that the world is made of.
  void lose_power() {
    machine.files.aside([](disk& files) {
      for (const auto* each : {"/", "/home"}) {
        const auto at = files.open(no_handle, each, {.directory = true});
        CAF_REQUIRE(at && files.sync(*at));
        (void)files.close(*at);
      }
    });
    kill();
    machine.power_cycle({});
    start();
  }
  bool has_mail_folder(const std::string& subject) { return machine.files.exists("/home/data/relay/" + subject); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(mail_tests, mail_world)

CAF_TEST([IA01][IA02][IA04][IA05] a subject is of the namespace and the id wherever it is asked for) {
  start();
  machine.files.put_directory("/home/src");
  machine.files.put_directory("/home/src/team");
  auto asked = registration(project("src/team/nested"), "nested");
  asked.scan_root = "/home/src";
  const auto nested = added("nested", asked);
  const auto named = agent_in("club", "named");
  CAF_CHECK_EQUAL(nested.subject, "relay.agent.team." + nested.agent.text);
  CAF_CHECK_EQUAL(named.subject, "relay.agent.club." + named.agent.text);
  for (const auto& each : {nested, named})
    for (const auto& selector : {each.agent.text, each.path})
      CAF_CHECK_EQUAL(subject_of_agent(selector), each.subject);
}

CAF_TEST([IA03][IA06] who is not there has no subject) {
  start();
  (void)agent_in("club", "named");
  for (const auto* nobody : {"/home/nowhere", "01ARZ3NDEKTSV4RRFFQ69G5FAV"}) {
    CAF_CHECK_EQUAL(subject_of_agent(nobody), "");
    CAF_CHECK(send("", nobody).error().kind == failure_kind::not_found);
  }
}

CAF_TEST([IA08] agents of one namespace reach each other and a refusal names both and the rule) {
  start();
  const auto one = agent_in("x", "one");
  const auto two = agent_in("x", "two");
  const auto other = agent_in("y", "other");
  CAF_CHECK_EQUAL(sent("one", "two"), "delivered");
  CAF_CHECK_EQUAL(sent("two", "one"), "delivered");
  const auto refused = send("one", "other");
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().kind == failure_kind::refused);
  CAF_CHECK(refused.error().message.starts_with("Access denied: " + one.subject + " -> " + other.subject +
                                                " by the rule relay.agent.x.* -> relay.agent.> (priority 10)"));
  CAF_CHECK(inbox("other").empty());
  CAF_CHECK_EQUAL(sent("", "other"), "delivered");
  CAF_CHECK_EQUAL(inbox("other").front().from, console_subject);
}

CAF_TEST([GP23] unread mail goes with its agent to another namespace and through a crash) {
  start();
  const auto one = agent_in("x", "one");
  (void)agent_in("x", "two");
  const auto first = send("two", "one", "first");
  const auto second = send("two", "one", "second");
  CAF_REQUIRE(first && second);
  CAF_REQUIRE(ask_for<mail_read>(read_mail{{"one", {}}, {}, 1}));
  CAF_REQUIRE(updated(one.agent, {{"namespace", quoted("y")}}));
  CAF_CHECK_EQUAL(subject_of_agent("one"), "relay.agent.y." + one.agent.text);
  const auto moved = inbox("one");
  CAF_REQUIRE(moved.size() == 2);
  CAF_CHECK(moved[0].id == first->id && moved[0].read && moved[1].id == second->id && !moved[1].read);
  CAF_CHECK(!has_mail_folder(one.subject));
  lose_power();
  CAF_CHECK_EQUAL(inbox("one").size(), 2u);
  CAF_CHECK_EQUAL(acknowledge("one", {first->id, second->id}), 2u);
  CAF_CHECK(inbox("one").empty());
  lose_power();
  CAF_CHECK(inbox("one").empty());
}

CAF_TEST(mail that lay under a namespace an agent has left without the relay hearing of it is found) {
  start();
  const auto one = agent_in("x", "one");
  CAF_REQUIRE(send("", "one", "first"));
  CAF_REQUIRE(updated(one.agent, {{"namespace", quoted("y")}}));
  kill();
  // As if the process had ended between the commit and the move of the mailbox.
  rename("/home/data/relay/relay.agent.y." + one.agent.text, "/home/data/relay/" + one.subject);
  machine.restart_process();
  start();
  CAF_CHECK_EQUAL(inbox("one").size(), 1u);
  CAF_CHECK(!has_mail_folder(one.subject));
}

CAF_TEST(whatever call fails in a change of the namespace the mail stays with its agent) {
  start();
  const auto one = agent_in("x", "one");
  CAF_REQUIRE(send("", "one", "first"));
  std::size_t refused = 0;
  std::size_t wrong = 0;
  std::uint64_t nth = 0;
  bool fired = true;
  while (fired) {
    const auto to = subject_of_agent("one") == one.subject ? "y" : "x";
    machine.files.set_plan(fault_plan{fault_rule{{fault::kind::error, 5}, ++nth}});
    refused += !updated(one.agent, {{"namespace", quoted(to)}});
    fired = machine.files.plan().fired() > 0;
    machine.files.set_plan({});
    (void)ask_for<sweep_report>(sweep_now{});
    (void)ask_for<sweep_report>(sweep_now{});
    wrong += inbox("one").size() != 1;
  }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK(refused > 0);
  std::printf("lane mesh_relay_facts_test: a change of the namespace with %zu calls failing, %zu refused\n",
              static_cast<std::size_t>(nth - 1), refused);
}

CAF_TEST(mail to an agent that is away is held and told when it is back) {
  start();
  const auto one = agent_in("x", "one");
  rename(one.path, "/home/elsewhere");
  (void)sweep();
  CAF_CHECK_EQUAL(sent("", "one"), "held");
  rename("/home/elsewhere", one.path);
  (void)sweep();
  CAF_CHECK_EQUAL(sent("", "one"), "delivered");
  CAF_CHECK_EQUAL(inbox("one").size(), 2u);
}

CAF_TEST(the mail of an agent that is unregistered is among the dead for a day) {
  start();
  (void)agent_in("x", "one");
  const auto id = send("", "one", "late");
  CAF_REQUIRE(id);
  CAF_REQUIRE(removed("one"));
  const auto dead = ask_for<dead_letters_listed>(list_dead_letters{10});
  CAF_REQUIRE(dead && dead->letters.size() == 1);
  CAF_CHECK(dead->letters.front().message.id == id->id);
  CAF_CHECK_EQUAL(dead->letters.front().reason, "endpoint-removed");
  machine.clock.advance(25h);
  pass(6min);
  CAF_CHECK_EQUAL(ask_for<dead_letters_listed>(list_dead_letters{10})->total, 0u);
}

CAF_TEST(after a start every agent has its endpoint before the first message is taken) {
  start();
  for (int i = 0; i < 30; ++i)
    (void)agent_in("x", "agent-" + std::to_string(i));
  kill();
  machine.restart_process();
  start();
  CAF_CHECK_EQUAL(sent("agent-3", "agent-29"), "delivered");
  CAF_CHECK_EQUAL(mailboxes().size(), 30u);
}

CAF_TEST(a command that comes and goes has the endpoints for its message too) {
  start();
  (void)agent_in("x", "one");
  (void)agent_in("x", "two");
  kill();
  machine.restart_process();
  options.supervisor.asserts_relay = false;
  start();
  CAF_CHECK_EQUAL(sent("one", "two"), "delivered");
  CAF_CHECK_EQUAL(inbox("two").size(), 1u);
}

CAF_TEST(the manifest of a sender bounds what it sends and what that sets off) {
  start();
  const auto one = agent_in("x", "one");
  (void)agent_in("x", "two");
  CAF_REQUIRE(updated(one.agent, {{"budget", R"({"maxHopsPerMessage":1,"maxCallsPerHour":2})"}}));
  const auto first = send("one", "two");
  CAF_REQUIRE(first);
  const auto answer = send("two", "one", "answer", first->id);
  CAF_CHECK(!answer && answer.error().code == "hop-limit");
  CAF_CHECK_EQUAL(sent("one", "two"), "delivered");
  CAF_CHECK_EQUAL(sent("one", "two"), "budget-exhausted");
  CAF_CHECK_EQUAL(sent("two", "one"), "delivered");
}

CAF_TEST(a port speaks for its agent and for nobody else) {
  start();
  const auto one = agent_in("x", "one");
  (void)agent_in("x", "two");
  const auto opened = ask_for<mail_port_opened>(open_mail_port{"one"});
  CAF_REQUIRE(opened && opened->agent == one.agent);
  const auto port = keep(opened->port);
  send_message asked;
  asked.to = "two";
  asked.payload = quoted("hello");
  CAF_REQUIRE(get<message_sent>(port, asked));
  CAF_CHECK_EQUAL(inbox("two").front().from, one.subject);
  asked.from.selector = "two";
  CAF_CHECK_EQUAL(get<message_sent>(port, asked).error().code, "not-the-owner");
  asked.from = {{}, agent_id{"two"}};
  CAF_CHECK_EQUAL(get<message_sent>(port, asked).error().code, "not-the-owner");
  CAF_CHECK_EQUAL(get<mail_read>(port, read_mail{{"two", {}}, {}, 5}).error().code, "not-the-owner");
  CAF_REQUIRE(send("two", "one"));
  CAF_CHECK_EQUAL(get<mail_read>(port, read_mail{})->messages.size(), 1u);
  // Whoever takes the id for a name gets nothing of it.
  CAF_REQUIRE(removed("one"));
  auto impostor = registration(project("impostor"), one.agent.text);
  impostor.namespace_name = "x";
  CAF_REQUIRE(ask_for<agent_placed>(impostor));
  asked.from = {};
  CAF_CHECK_EQUAL(get<message_sent>(port, asked).error().code, "agent-not-here");
}

CAF_TEST(a host is told of mail wherever the agent goes and not of a silent one) {
  start();
  const auto one = agent_in("x", "one");
  const auto told = std::make_shared<std::vector<mail_waiting>>();
  const auto listener = keep(mail_listener_actor{sys.spawn([told]() -> mail_listener_actor::behavior_type {
    return {[told](const mail_waiting& what) { told->push_back(what); }};
  })});
  CAF_REQUIRE(ask_for<mail_watched>(watch_mail{{"one", {}}, listener}));
  CAF_REQUIRE(send("", "one"));
  CAF_REQUIRE(told->size() == 1);
  CAF_CHECK_EQUAL(told->front().subject, one.subject);
  CAF_REQUIRE(updated(one.agent, {{"namespace", quoted("y")}}));
  CAF_CHECK_EQUAL(told->back().subject, "relay.agent.y." + one.agent.text);
  (void)inbox("one");
  const auto before = told->size();
  CAF_REQUIRE(updated(one.agent, {{"behavior", R"({"responseMode":"silent"})"}}));
  CAF_REQUIRE(send("", "one"));
  CAF_CHECK_EQUAL(told->size(), before);
  CAF_CHECK_EQUAL(inbox("one").size(), 2u);
}

CAF_TEST(a message is told to those who listen and shows that its sender is alive) {
  start();
  const auto one = agent_in("club", "one");
  const auto two = agent_in("club", "two");
  const auto heard = std::make_shared<hearing>();
  const auto listener = keep(event_listener{sys.spawn(listener_double, heard)});
  CAF_REQUIRE(ask_for<events_subscribed>(subscribe_events{listener}));
  const auto sent = send("one", "two");
  CAF_REQUIRE(sent);
  const auto told = std::ranges::find(heard->events, event_kind::mail, &lifecycle_event::what);
  CAF_REQUIRE(told != heard->events.end());
  CAF_CHECK_EQUAL(told->row.id.text, two.agent.text);
  CAF_CHECK_EQUAL(told->mail->message, sent->id.text);
  CAF_CHECK_EQUAL(told->mail->from, one.subject);
  CAF_CHECK(ask_for<agent_shown>(show_agent{"one"})->agent.row.health == agent_health::active);
  CAF_CHECK(ask_for<agent_shown>(show_agent{"two"})->agent.row.health == agent_health::stale);
}

CAF_TEST(without a relay there is no mail and that is said) {
  options.supervisor.now.relay = relay_mode::none;
  start();
  (void)agent_in("x", "one");
  CAF_CHECK_EQUAL(sent("", "one"), "no-relay");
  CAF_CHECK(mailboxes().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(bridge_facts, mesh_world)

CAF_TEST([RB01][RB03][RB05][RB07][RB08][RB09][RB23] an agent brings its endpoint and the two rules of its namespace) {
  start();
  auto asked = registration(project("one"), "one");
  asked.namespace_name = "my-ns";
  const auto placed = added("one", asked);
  CAF_CHECK_EQUAL(placed.subject, "relay.agent.my-ns." + placed.agent.text);
  CAF_CHECK(subjects() == std::set{placed.subject});
  const std::set<std::string> rules{"allow relay.agent.my-ns.* relay.agent.my-ns.* 100",
                                    "deny relay.agent.my-ns.* relay.agent.> 10"};
  CAF_CHECK(rules_of("my-ns") == rules);
  CAF_CHECK_EQUAL(held_by_relay().rules.size(), 2u);
}

CAF_TEST([RB02][RB24] without a namespace the name of the directory is in the subject) {
  start();
  const auto placed = added("one");
  CAF_CHECK_EQUAL(placed.subject, "relay.agent.one." + placed.agent.text);
  CAF_CHECK(subjects() == std::set{placed.subject});
}

CAF_TEST([RB06] an endpoint that is there already is no failure and its rules are asserted) {
  start();
  const auto placed = added("one");
  const auto before = held_by_relay();
  begin_anew();
  (void)sweep();
  CAF_CHECK(subjects() == std::set{placed.subject});
  CAF_CHECK_EQUAL(held_by_relay().rules.size(), before.rules.size());
}

CAF_TEST([RB10][RB11][RB12][RB14][RB19] without a relay none is asked and everything else works) {
  options.supervisor.now.relay = relay_mode::none;
  start();
  const auto placed = added("one");
  CAF_CHECK(held_by_relay().endpoints.empty() && held_by_relay().rules.empty());
  CAF_CHECK(removed(placed.agent.text));
  CAF_CHECK(roster().empty());
}

CAF_TEST([RB13] an agent that is unregistered has no endpoint) {
  start();
  const auto placed = added("one");
  CAF_REQUIRE(removed(placed.agent.text));
  CAF_CHECK(held_by_relay().endpoints.empty());
}

CAF_TEST([RB15][RB17][RB18] the rules of a namespace go with its last agent) {
  start();
  const auto placed = added("one");
  CAF_REQUIRE(removed(placed.agent.text));
  CAF_CHECK(held_by_relay().rules.empty());
}

CAF_TEST([RB25][RB26] a namespace named as a runtime gets another name in the subject and any other stays) {
  start();
  auto asked = registration(project("one"), "one");
  asked.namespace_name = "claude-code";
  CAF_CHECK_EQUAL(added("one", asked).namespace_name, "claude-code-ns");
  asked = registration(project("two"), "two");
  asked.namespace_name = "cursor";
  CAF_CHECK_EQUAL(added("two", asked).namespace_name, "cursor");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
