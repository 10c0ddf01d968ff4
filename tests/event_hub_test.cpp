#define CAF_SUITE event_hub_test

#include "tests/support/hub_world.hpp"

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(event_hub_tests, hub_world)

CAF_TEST(nothing is watched before somebody listens and after all have ended) {
  start();
  CAF_CHECK_EQUAL(script->watches, 0u);
  const auto who = subscribed();
  CAF_CHECK_EQUAL(script->watches, 1u);
  CAF_CHECK(get<events_unsubscribed>(hub, unsubscribe_events{who.actor}));
  CAF_CHECK_EQUAL(script->unwatches, 1u);
  add("one");
  CAF_CHECK(who.heard->events.empty());
  CAF_CHECK(get<events_unsubscribed>(hub, unsubscribe_events{who.actor}));
}

CAF_TEST([MC47] every listener hears everything in order from its subscription on) {
  start();
  const auto first = subscribed();
  add("one");
  const auto second = subscribed();
  add("two");
  add("three");
  CAF_CHECK_EQUAL(first.heard->text(), "registered one, registered two, registered three");
  CAF_CHECK_EQUAL(second.heard->text(), "registered two, registered three");
  CAF_CHECK_EQUAL(first.heard->events.back().number, 4u);
  CAF_CHECK_EQUAL(second.heard->events.front().number, 3u);
}

CAF_TEST(a listener has one message at a time and catches up after its answer) {
  start();
  const auto slow = subscribed();
  const auto quick = subscribed();
  slow.heard->holds = true;
  for (const auto* agent : {"a", "b", "c", "d"})
    add(agent);
  CAF_CHECK_EQUAL(slow.heard->events.size(), 1u);
  CAF_CHECK_EQUAL(quick.heard->events.size(), 4u);
  slow.heard->let_go();
  sched.run();
  CAF_CHECK_EQUAL(slow.heard->batches, (std::vector<std::size_t>{0, 1, 3}));
  CAF_CHECK_EQUAL(slow.heard->text(), quick.heard->text());
}

CAF_TEST(a message has no more events than the listener wants) {
  start();
  const auto who = listener();
  CAF_REQUIRE(subscribe(who, {}, 2));
  roster_changed all = change_of({});
  for (const auto* agent : {"a", "b", "c", "d", "e"})
    all.agents.push_back({agent_id{agent}, {row(agent)}, {here, 1}});
  change(all);
  CAF_CHECK_EQUAL(who.heard->batches, (std::vector<std::size_t>{0, 2, 2, 1}));
}

CAF_TEST(a listener that is slower than the log is long is told what it has missed) {
  options.kept = 3;
  start();
  const auto slow = subscribed();
  slow.heard->holds = true;
  for (const auto* agent : {"a", "b", "c", "d", "e", "f"})
    add(agent);
  slow.heard->let_go();
  sched.run();
  CAF_CHECK_EQUAL(slow.heard->missed, (std::vector<events_missed>{{3, 4}}));
  CAF_CHECK_EQUAL(slow.heard->text(), "registered a");
  CAF_CHECK_EQUAL(slow.heard->rosters, 2u);
  CAF_CHECK_EQUAL(slow.heard->roster.size(), 6u);
  add("g");
  CAF_CHECK_EQUAL(slow.heard->text(), "registered a, registered g");
}

CAF_TEST(a listener that wants no roster goes on with what the log still has) {
  options.kept = 3;
  start();
  const auto slow = listener();
  subscribe_events asked;
  asked.listener = slow.actor;
  asked.with_roster = false;
  CAF_REQUIRE(get<events_subscribed>(hub, asked));
  CAF_CHECK(slow.heard->batches.empty());
  slow.heard->holds = true;
  for (const auto* agent : {"a", "b", "c", "d", "e", "f"})
    add(agent);
  slow.heard->let_go();
  sched.run();
  CAF_CHECK_EQUAL(slow.heard->missed, (std::vector<events_missed>{{3, 4}}));
  CAF_CHECK_EQUAL(slow.heard->text(), "registered a, registered d, registered e, registered f");
  CAF_CHECK_EQUAL(slow.heard->rosters, 0u);
}

CAF_TEST(a subscription begins with the whole roster and events follow on it) {
  start();
  add("one");
  const auto who = subscribed();
  CAF_CHECK_EQUAL(who.heard->roster.size(), 1u);
  CAF_CHECK(who.heard->events.empty());
  add("two");
  CAF_CHECK_EQUAL(who.heard->roster.size(), 2u);
  CAF_CHECK_EQUAL(who.heard->rosters, 1u);
  CAF_CHECK_EQUAL(who.heard->logs.size(), 1u);
}

CAF_TEST([MC35][MC48][MC52] a listener that fails keeps nobody from hearing) {
  start();
  const auto broken = subscribed();
  broken.heard->fails = true;
  const auto well = subscribed();
  add("one");
  add("two");
  CAF_CHECK_EQUAL(broken.heard->batches.size(), 2u); // the roster, and one event
  CAF_CHECK_EQUAL(well.heard->text(), "registered one, registered two");
}

CAF_TEST(a listener that ends is dropped and nothing is watched for it) {
  start();
  const auto who = subscribed();
  caf::anon_send_exit(who.actor, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(script->unwatches, 1u);
}

CAF_TEST(a listener that never answers is dropped and told so) {
  start();
  const auto silent = subscribed();
  silent.heard->holds = true;
  add("one");
  add("two");
  pass(options.listener_limit + 1s);
  CAF_CHECK(silent.heard->is_over);
  CAF_CHECK_EQUAL(silent.heard->text(), "registered one");
  CAF_CHECK_EQUAL(script->unwatches, 1u);
  silent.heard->let_go();
  sched.run();
  CAF_CHECK_EQUAL(silent.heard->text(), "registered one");
}

CAF_TEST(the end of the hub is told to those who listen) {
  start();
  const auto who = subscribed();
  caf::anon_send_exit(hub, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK(who.heard->is_over);
}

CAF_TEST(a subscription goes on where an earlier one ended) {
  start();
  const auto first = subscribed();
  add("one");
  const auto second = listener();
  const auto began = subscribe(second, event_position{subscribe(first)->at.log, 1});
  CAF_CHECK_EQUAL(began->at.number, 1u);
  CAF_CHECK_EQUAL(second.heard->text(), "registered one");
}

CAF_TEST(a position of an earlier process has missed something and begins with the roster) {
  start();
  const auto first = subscribed();
  add("one");
  add("two");
  const auto second = listener();
  CAF_REQUIRE(subscribe(second, event_position{"another", 77}));
  CAF_CHECK_EQUAL(second.heard->missed, (std::vector<events_missed>{{1, 1}}));
  CAF_CHECK_EQUAL(second.heard->text(), "");
  CAF_CHECK_EQUAL(second.heard->roster.size(), 2u);
}

CAF_TEST(subscribing twice is one subscription) {
  start();
  const auto who = subscribed();
  CAF_REQUIRE(subscribe(who));
  add("one");
  CAF_CHECK_EQUAL(who.heard->text(), "registered one");
}

CAF_TEST(there are no more listeners than the bound) {
  options.listeners = 1;
  start();
  const auto first = subscribed();
  const auto second = listener();
  CAF_CHECK_EQUAL(code_of(subscribe(second)), "too-many-listeners");
  CAF_CHECK(subscribe(first));
  CAF_CHECK_EQUAL(code_of(get<events_subscribed>(hub, subscribe_events{})), "no-listener");
}

CAF_TEST(what changed while an index was away is told after the next has begun) {
  start();
  add("one");
  const auto who = subscribed();
  end_index();
  script->rows = {row("two")};
  begin_index(false);
  CAF_CHECK_EQUAL(who.heard->text(), "removed one, registered two");
}

CAF_TEST(a new life is told before what changed meanwhile) {
  start();
  const auto who = subscribed();
  end_index();
  script->rows = {row("two")};
  begin_index();
  CAF_CHECK_EQUAL(who.heard->text(), "restarted, registered two");
  CAF_CHECK_EQUAL(who.heard->events.front().life, 2u);
}

CAF_TEST(a subscription waits for the index and is answered busy if there comes none) {
  hub = keep(event_hub_actor{sys.spawn<event_hub>(machine.view(), options)});
  const auto who = listener();
  const auto early = ask_later<events_subscribed>(hub, subscribe_events{who.actor});
  sched.run();
  CAF_CHECK_EQUAL(code_of(early), "silence");
  begin_index();
  CAF_CHECK_EQUAL(code_of(early), "done");
  end_index();
  const auto late = ask_later<events_subscribed>(hub, subscribe_events{listener().actor});
  pass(options.start_limit + 1s);
  CAF_CHECK_EQUAL(code_of(late), "restarting");
}

CAF_TEST(an index that does not answer is asked again) {
  script->is_silent = true;
  start();
  const auto who = listener();
  const auto answer = ask_later<events_subscribed>(hub, subscribe_events{who.actor});
  sched.run();
  CAF_CHECK_EQUAL(script->watches, 1u);
  script->is_silent = false;
  pass(options.question_limit + 1ms);
  pass(options.pause + 1ms);
  CAF_CHECK_EQUAL(script->watches, 2u);
  CAF_CHECK_EQUAL(code_of(answer), "done");
}

CAF_TEST(a change that overtakes the answer has the index asked again) {
  start();
  script->before_answer = [this] {
    script->before_answer = {};
    auto what = change_of({{agent_id{"one"}, {row("one")}, {here, 1}}});
    caf::anon_send(hub, std::move(what));
    script->rows = {row("one")};
  };
  const auto who = subscribed();
  CAF_CHECK_EQUAL(script->watches, 2u);
  CAF_CHECK_EQUAL(who.heard->text(), "");
  add("two");
  CAF_CHECK_EQUAL(who.heard->text(), "registered two");
}

CAF_TEST(what an earlier watch says is nothing) {
  start();
  const auto who = subscribed();
  auto old = change_of({{agent_id{"one"}, {row("one")}, {here, 1}}});
  old.watch -= 1;
  change(old);
  CAF_CHECK(who.heard->events.empty());
}

CAF_TEST(an index that has begun anew is read anew) {
  start();
  const auto who = subscribed();
  script->rows = {row("one")};
  auto anew = change_of({});
  anew.anew = true;
  change(anew);
  CAF_CHECK_EQUAL(script->watches, 2u);
  CAF_CHECK_EQUAL(who.heard->text(), "registered one");
}

CAF_TEST(health changes when a heartbeat comes and when none does) {
  start();
  add("one");
  const auto who = subscribed();
  beat("one");
  CAF_CHECK_EQUAL(who.heard->text(), "health-changed one");
  time_passes(299s);
  CAF_CHECK_EQUAL(who.heard->events.size(), 1u);
  time_passes(2s);
  CAF_REQUIRE_EQUAL(who.heard->events.size(), 2u);
  CAF_CHECK(who.heard->events.back().row.health == agent_health::inactive);
  time_passes(55min);
  CAF_REQUIRE_EQUAL(who.heard->events.size(), 3u);
  CAF_CHECK(who.heard->events.back().row.health == agent_health::stale);
}

CAF_TEST(a wall clock that is set makes health change within a nap) {
  start();
  add("one");
  const auto who = subscribed();
  beat("one");
  machine.clock.jump_wall(2h);
  time_passes(61s);
  CAF_REQUIRE_EQUAL(who.heard->events.size(), 2u);
  CAF_CHECK(who.heard->events.back().row.health == agent_health::stale);
}

CAF_TEST(a wall clock that is set back makes stale agents active again) {
  start();
  add("one");
  const auto who = subscribed();
  beat("one");
  machine.clock.jump_wall(24h);
  time_passes(61s);
  CAF_CHECK(who.heard->events.back().row.health == agent_health::stale);
  machine.clock.jump_wall(-24h);
  time_passes(61s);
  CAF_CHECK(who.heard->events.back().row.health == agent_health::active);
}

CAF_TEST(settings change health at once) {
  start();
  add("one");
  const auto who = subscribed();
  beat("one");
  machine.clock.advance(2min);
  settings now_holds;
  now_holds.health_active = 1min;
  CAF_REQUIRE(get<settings_applied>(hub, apply_settings{now_holds}));
  CAF_CHECK(who.heard->events.back().row.health == agent_health::inactive);
}

CAF_TEST(mail is told and shows that its sender is alive) {
  start();
  add("one");
  const auto who = subscribed();
  const auto send = [this] {
    caf::anon_send(
        hub, note_mail{agent_id{"one"}, agent_id{"two"}, {"m1", "relay.agent.work.one", "relay.agent.two", false}});
    sched.run();
  };
  send();
  CAF_CHECK_EQUAL(who.heard->text(), "mail one");
  CAF_CHECK_EQUAL(who.heard->events.back().mail->message, "m1");
  CAF_CHECK_EQUAL(who.heard->events.back().row.path, "/p/one");
  send();
  CAF_CHECK_EQUAL(script->heartbeats, (std::vector<std::string>{"two mail"}));
  machine.clock.advance(31s);
  send();
  CAF_CHECK_EQUAL(script->heartbeats.size(), 2u);
  CAF_CHECK_EQUAL(who.heard->text(), "mail one");
}

CAF_TEST(mail of an agent that has left has no row that a host would put into its roster) {
  start();
  add("one");
  const auto who = subscribed();
  caf::anon_send(hub, note_mail{agent_id{"gone"}, {}, {"m2", "relay.agent.work.gone", "relay.human.console", true}});
  sched.run();
  CAF_REQUIRE(!who.heard->events.empty() && who.heard->events.back().mail);
  CAF_CHECK(who.heard->events.back().row.id.empty());
}

CAF_TEST(mail is a sign of life while nobody listens) {
  start();
  caf::anon_send(hub, note_mail{agent_id{"one"}, agent_id{"two"}, {}});
  sched.run();
  CAF_CHECK_EQUAL(script->heartbeats.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
