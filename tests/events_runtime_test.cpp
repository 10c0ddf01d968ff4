#define CAF_SUITE events_runtime_test

#include "tests/support/hearing_listener.hpp"
#include "tests/support/mesh_facts.hpp"

#include <caf/test/unit_test.hpp>

/// What a whole muster tells those who listen.
namespace muster::test {

namespace {

using namespace std::chrono_literals;

struct events_world : mesh_world {
  events_world() {
    options.adjust = [this](worker_sources& sources) {
      sources.index = [this, real = sources.index] {
        auto made = real();
        index = caf::actor_cast<caf::actor>(made);
        return made;
      };
      sources.reconciler = [this, real = sources.reconciler](const supervisor_actor& by, const workers& all) {
        supervisor = caf::actor_cast<caf::actor>(by);
        return real(by, all);
      };
    };
  }
  ~events_world() override {
    index = nullptr;
    supervisor = nullptr;
  }

  void end(const caf::actor& which) {
    caf::anon_send_exit(which, caf::exit_reason::kill);
    sched.run();
  }
  /// Time for everybody, the clock of the machine too.
  void time_passes(std::chrono::seconds time) {
    for (; time > 0s; time -= 1s) {
      machine.clock.advance(1s);
      pass(1s);
    }
  }

  shared_hearing listen(std::optional<event_position> after = {}) {
    auto heard = std::make_shared<hearing>();
    listeners.push_back(keep(event_listener{sys.spawn(listener_double, heard)}));
    const auto began = ask_for<events_subscribed>(subscribe_events{listeners.back(), std::move(after)});
    if (!began)
      CAF_FAIL(began.error().message);
    position = began->at;
    return heard;
  }

  /// In how many rows the roster and what events tell of it differ.
  std::size_t differences(const hearing& heard) {
    auto told = heard.roster;
    std::size_t result = 0;
    list_agents everything;
    everything.all_instances = true;
    const auto all = ask_for<agents_listed>(everything);
    for (const auto& row : all->agents) {
      const auto known = told.extract({row.id, row.instance});
      result += known && known.mapped().path == row.path && known.mapped().name == row.name &&
                        known.mapped().status == row.status && known.mapped().health == row.health &&
                        known.mapped().namespace_name == row.namespace_name && known.mapped().subject == row.subject
                    ? 0
                    : 1;
    }
    return result + told.size();
  }

  caf::actor index;
  caf::actor supervisor;
  event_position position;
  std::vector<event_listener> listeners;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(events_runtime, events_world)

CAF_TEST([RB20][RB21] a life of an agent is told event by event) {
  start();
  const auto heard = listen();
  const auto agent = added("work").agent;
  CAF_CHECK_EQUAL(heard->text(), "registered " + agent.text);
  CAF_REQUIRE(updated(agent, {{"persona", quoted("kind")}}));
  CAF_CHECK_EQUAL(heard->events.back().what, event_kind::updated);
  rename("/home/work", "/home/there");
  CAF_REQUIRE(ask_for<agent_placed>(move_agent{{}, agent.text, "/home/there"}));
  CAF_CHECK_EQUAL(heard->events.back().what, event_kind::moved);
  CAF_CHECK_EQUAL(heard->events.back().path_before, "/home/work");
  CAF_REQUIRE(ask_for<heartbeat_stamped>(stamp_heartbeat{agent.text, "hello"}));
  CAF_CHECK_EQUAL(heard->events.back().what, event_kind::health_changed);
  CAF_REQUIRE(removed(agent.text));
  CAF_CHECK_EQUAL(heard->events.back().what, event_kind::removed);
  CAF_CHECK_EQUAL(heard->events.size(), 5u);
  CAF_CHECK_EQUAL(differences(*heard), 0u);
}

CAF_TEST([MC46][MC47] listeners hear once of a removal with id and path when the path is free already) {
  start();
  const auto agent = added("work").agent;
  const auto first = listen();
  const auto second = listen();
  awaited<agent_placed> again;
  first->on_event = [&](const lifecycle_event& each) {
    if (each.what == event_kind::removed)
      again = ask_later<agent_placed>(muster, registration(each.row.path, "again"));
  };
  CAF_REQUIRE(removed(agent.text));
  pass(1s);
  for (const auto& each : {first, second}) {
    CAF_REQUIRE_EQUAL(each->events.size(), 2u);
    CAF_CHECK_EQUAL(each->events.front().what, event_kind::removed);
    CAF_CHECK_EQUAL(each->events.front().row.id.text, agent.text);
    CAF_CHECK_EQUAL(each->events.front().row.path, "/home/work");
  }
  CAF_REQUIRE(again);
  CAF_CHECK_EQUAL(code_of(again), "done");
}

CAF_TEST([MC49] of an unknown agent that is unregistered nobody hears) {
  start();
  const auto heard = listen();
  CAF_CHECK(!removed("nobody"));
  CAF_CHECK(heard->events.empty());
}

CAF_TEST([MC32][MC33][MC34] a sweep tells who is gone and who is back and nothing of reachability otherwise) {
  start();
  const auto agent = added("work").agent;
  const auto heard = listen();
  replace("/home/work", "\"work\"", "\"edited\"");
  (void)sweep();
  CAF_CHECK_EQUAL(heard->text(), "updated " + agent.text);
  rename("/home/work", "/home/.away");
  (void)sweep();
  (void)sweep();
  rename("/home/.away", "/home/work");
  (void)sweep();
  CAF_CHECK_EQUAL(heard->text(),
                  "updated " + agent.text + ", unreachable " + agent.text + ", resurrected " + agent.text);
  CAF_CHECK_EQUAL(differences(*heard), 0u);
}

CAF_TEST([MC50] a sweep that removes an agent tells its id and its path) {
  options.supervisor.now.sweep_grace = 1h;
  options.index.keeper.now_holds.sweep_grace = 1h;
  start();
  const auto agent = added("work").agent;
  const auto heard = listen();
  rename("/home/work", "/home/.away");
  std::size_t removed_by_sweeps = 0;
  for (int i = 0; i < 4; ++i) {
    removed_by_sweeps += sweep().removed;
    machine.clock.advance(40min);
  }
  CAF_CHECK_EQUAL(removed_by_sweeps, 1u);
  CAF_CHECK_EQUAL(heard->text(), "unreachable " + agent.text + ", removed " + agent.text);
  CAF_CHECK_EQUAL(heard->events.back().row.path, "/home/work");
}

CAF_TEST(concurrent requests are told in one order to everybody) {
  start();
  const auto first = listen();
  const auto second = listen();
  std::vector<awaited<agent_placed>> answers;
  for (int i = 0; i < 24; ++i) {
    const auto name = "p" + std::to_string(i);
    answers.push_back(ask_later<agent_placed>(muster, registration(project(name), name)));
  }
  sched.run();
  pass(1s);
  std::size_t out_of_order = 0;
  for (std::size_t i = 0; i < first->events.size(); ++i) {
    const auto& each = first->events[i];
    out_of_order += each.number == i + 2 && (i == 0 || each.version.seq > first->events[i - 1].version.seq) ? 0 : 1;
  }
  CAF_CHECK_EQUAL(first->events.size(), 24u);
  CAF_CHECK_EQUAL(out_of_order, 0u);
  CAF_CHECK_EQUAL(first->text(), second->text());
  CAF_CHECK_EQUAL(differences(*first), 0u);
}

CAF_TEST(a listener that takes its time holds nobody up) {
  start();
  const auto slow = listen();
  slow->holds = true;
  const auto quick = listen();
  for (const auto* name : {"one", "two", "three"})
    (void)added(name);
  CAF_CHECK_EQUAL(slow->events.size(), 1u);
  CAF_CHECK_EQUAL(quick->events.size(), 3u);
  slow->let_go();
  pass(1s);
  CAF_CHECK_EQUAL(slow->text(), quick->text());
}

CAF_TEST(a subscription outlives supervisors and nothing that changed meanwhile is lost) {
  start();
  const auto heard = listen();
  (void)added("one");
  end(supervisor);
  const auto meanwhile = ask_later<agent_placed>(muster, registration(project("two"), "two"));
  time_passes(5s);
  (void)meanwhile;
  (void)added("three");
  CAF_CHECK(std::ranges::any_of(heard->events,
                                [](const auto& each) { return each.what == event_kind::restarted && each.life == 2; }));
  CAF_CHECK_EQUAL(differences(*heard), 0u);
}

CAF_TEST(an index that dies with what it has not told takes nothing along) {
  start();
  const auto heard = listen();
  for (int i = 0; i < 4; ++i) {
    const auto name = "p" + std::to_string(i);
    auto answer = ask_later<agent_placed>(muster, registration(project(name), name));
    for (int steps = 0; steps < 40 * (i + 1); ++steps)
      sched.try_run_once();
    end(index);
    time_passes(90s);
  }
  (void)added("last");
  CAF_CHECK_EQUAL(differences(*heard), 0u);
  for (std::size_t i = 0; i < heard->events.size(); ++i)
    CAF_CHECK_EQUAL(heard->events[i].number, i + 2);
}

CAF_TEST(health is told by the passing of time alone) {
  start();
  const auto agent = added("work").agent;
  CAF_REQUIRE(ask_for<heartbeat_stamped>(stamp_heartbeat{agent.text, "hello"}));
  const auto heard = listen();
  time_passes(6min);
  CAF_REQUIRE_EQUAL(heard->events.size(), 1u);
  CAF_CHECK(heard->events.back().row.health == agent_health::inactive);
  CAF_CHECK(row(agent).health == agent_health::inactive);
  time_passes(60min);
  CAF_REQUIRE_EQUAL(heard->events.size(), 2u);
  CAF_CHECK(heard->events.back().row.health == agent_health::stale);
}

CAF_TEST(after a new start a position is missed and the roster is to be read) {
  start();
  (void)listen();
  (void)added("one");
  const auto before = position;
  begin_anew();
  const auto heard = listen(before);
  CAF_CHECK(position.log != before.log);
  (void)added("two");
  CAF_CHECK_EQUAL(heard->rosters, 1u);
  CAF_CHECK_EQUAL(differences(*heard), 0u);
}

CAF_TEST([RB22] without listeners nothing is noted and nothing wakes up) {
  start();
  (void)added("one");
  time_passes(2min);
  const auto disk = machine.files.fingerprint();
  const auto timers = [this] { return sched.clock().schedule.size(); };
  const auto before = timers();
  auto heard = listen();
  CAF_REQUIRE(ask_for<events_unsubscribed>(unsubscribe_events{listeners.back()}));
  time_passes(2min);
  CAF_CHECK_EQUAL(timers(), before);
  CAF_CHECK_EQUAL(machine.files.fingerprint(), disk);
}

CAF_TEST(the end of muster is told) {
  start();
  const auto heard = listen();
  CAF_CHECK(stop());
  CAF_CHECK(heard->is_over);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
