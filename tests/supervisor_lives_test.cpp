#define CAF_SUITE supervisor_lives_test

#include "tests/support/muster_world.hpp"
#include "tests/support/worker_taps.hpp"

#include "muster/actors/relay.hpp"
#include "muster/store/full_io.hpp"
#include "muster/supervisor/supervisor.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <map>

namespace muster::test {

namespace {

using namespace std::chrono_literals;

/// Knows every actor of a muster by a name, so that it can be killed.
struct mortal_world : muster_world {
  mortal_world() {
    options.adjust = [this](worker_sources& sources) {
      ++lives;
      name(sources.journal, "journal");
      name(sources.files, "files");
      name(sources.feed, "feed");
      name(sources.index, "index");
      name(sources.bridge, "bridge");
      sources.reconciler = [this, real = sources.reconciler](const supervisor_actor& by, const workers& all) {
        known["supervisor"] = caf::actor_cast<caf::actor>(by);
        return real(by, all);
      };
    };
  }
  ~mortal_world() override { known.clear(); }

  template <class Actor>
  void name(std::function<Actor()>& source, const std::string& as) {
    source = [this, as, real = source] {
      auto made = real();
      known[as] = caf::actor_cast<caf::actor>(made);
      ++starts;
      return made;
    };
  }

  void end(const std::string& which) {
    caf::anon_send_exit(known.at(which), caf::exit_reason::kill);
    sched.run();
  }

  std::map<std::string, caf::actor> known;
  std::size_t starts = 0;
  std::size_t lives = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervisor_lives, mortal_world)

CAF_TEST(a worker that dies is started again and nothing is lost) {
  start();
  for (const std::string which : {"journal", "files", "feed", "index", "bridge"}) {
    CAF_REQUIRE(place(project(which), which));
    const auto before = starts;
    end(which);
    pass(1s);
    CAF_CHECK_EQUAL(starts, before + 1);
    CAF_CHECK(place(project(which + "-after"), which + "-after"));
    // Deaths long ago do not count.
    pass(2min);
  }
  CAF_CHECK_EQUAL(roster().size(), 10u);
  CAF_CHECK_EQUAL(lives, 1u);
}

CAF_TEST(a request that meets no worker is busy and not unknown) {
  start();
  end("feed");
  const auto answer = ask_later<agent_placed>(muster, registration(project("work"), "first"));
  sched.run();
  CAF_REQUIRE(*answer);
  CAF_REQUIRE(!**answer);
  CAF_CHECK((*answer)->error().kind == failure_kind::busy);
  CAF_CHECK(!has_manifest("/home/work"));
}

CAF_TEST(five deaths in a minute end the muster with that error) {
  start();
  for (int i = 0; i < 5; ++i) {
    end("index");
    pass(6s);
  }
  CAF_CHECK_EQUAL(code_of(place(project("work"), "first")), "restarted-too-often");
  CAF_CHECK_EQUAL(code_of(ask_for<agents_listed>(list_agents{})), "restarted-too-often");
  CAF_CHECK(stop());
}

CAF_TEST(the death of a supervisor ends its workers and a new life begins) {
  start();
  const auto placed = place(project("work"), "first");
  CAF_REQUIRE(placed);
  const auto feed = known.at("feed");
  end("supervisor");
  pass(1s);
  CAF_CHECK(caf::actor_cast<caf::abstract_actor*>(feed)->getf(caf::abstract_actor::is_terminated_flag));
  CAF_CHECK_EQUAL(lives, 2u);
  CAF_CHECK_EQUAL(described().life, 2u);
  CAF_CHECK_EQUAL(roster().size(), 1u);
  CAF_CHECK(place(project("other"), "second"));
}

CAF_TEST(a request whose supervisor dies is unknown and its repetition is done once) {
  start();
  const auto answer = ask_later<agent_placed>(muster, registration(project("work"), "first", "r"));
  for (int i = 0; i < 40 && sched.try_run_once(); ++i)
    ;
  end("supervisor");
  CAF_REQUIRE(*answer);
  if (!**answer)
    CAF_CHECK((*answer)->error().kind == failure_kind::unknown_outcome);
  pass(1s);
  const auto again = place("/home/work", "first", "r");
  if (!again)
    CAF_FAIL(again.error().message);
  CAF_CHECK_EQUAL(ask_for<log_read>(show_log{})->commits.size(), 1u);
}

CAF_TEST(settings hold in the next life) {
  start();
  settings now;
  now.relay = relay_mode::none;
  CAF_REQUIRE(ask_for<settings_applied>(apply_settings{now}));
  end("supervisor");
  pass(1s);
  CAF_CHECK_EQUAL(described().relay, "none");
}

CAF_TEST(settings reach the feed store and whoever comes after it) {
  start();
  CAF_REQUIRE(place(project("one"), "one"));
  settings now;
  now.max_skew = 1h;
  CAF_REQUIRE(ask_for<settings_applied>(apply_settings{now}));
  machine.clock.jump_wall(-30min);
  CAF_CHECK(place(project("two"), "two"));
  end("feed");
  pass(1s);
  CAF_CHECK(place(project("three"), "three"));
  CAF_CHECK(described().feeds.problems.empty());
  now.max_skew = 1min;
  CAF_REQUIRE(ask_for<settings_applied>(apply_settings{now}));
  CAF_CHECK(place(project("four"), "four"));
  CAF_CHECK_EQUAL(described().feeds.problems.size(), 1u);
}

CAF_TEST(an agent is shown with the rules in effect for it) {
  const auto rules_of = [&] {
    const auto shown = ask_for<agent_shown>(show_agent{"/home/work", false}).value();
    std::vector<std::string> result;
    for (const auto& each : shown.rules)
      result.push_back((each.action == rule_action::allow ? "allow " : "deny ") + each.source + " " + each.target);
    return result;
  };
  start();
  CAF_REQUIRE(place(project("work"), "first"));
  CAF_CHECK_EQUAL(rules_of(), (std::vector<std::string>{"allow work work", "deny work *"}));
  settings now;
  now.relay = relay_mode::none;
  CAF_REQUIRE(ask_for<settings_applied>(apply_settings{now}));
  CAF_CHECK(rules_of().empty());
}

CAF_TEST(what a disk did not let go of is removed by a later sweep though its agent is gone) {
  const auto left = [&] {
    std::size_t result = 0;
    machine.files.aside([&](auto& files) {
      const auto dork = open_directory(files, no_handle, "/home/work/.dork");
      const auto names = list_names(files, dork->get(), 100).value();
      for (const auto& name : names)
        result += name.starts_with(".agent-") ? 1 : 0;
    });
    return result;
  };
  start();
  const auto placed = place(project("work"), "first");
  CAF_REQUIRE(placed);
  machine.files.set_plan(fault_plan(fault_rule{{fault::kind::error, EIO}, 1, {disk_operation::unlink}, true}));
  unregister_agent what;
  what.selector = placed->agent.text;
  CAF_CHECK(ask_for<agent_unregistered>(what));
  CAF_CHECK_EQUAL(left(), 1u);
  CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
  CAF_CHECK_EQUAL(left(), 1u);
  machine.files.set_plan({});
  CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
  CAF_CHECK_EQUAL(left(), 0u);
  CAF_CHECK(stop());
}

/// The bridge may take minutes with it, and sweeps come sooner.
CAF_TEST(a comparison whose answer is lost keeps the sweeps after it from none) {
  const auto board = std::make_shared<tap_board>();
  options.adjust = [this, board](worker_sources& sources) {
    sources.bridge = [this, board, real = sources.bridge] { return tap_bridge(sys, real(), board); };
  };
  start();
  const auto comparisons = [&] { return std::ranges::count(board->said, "compare_relay"); };
  const auto before = comparisons();
  board->rules.push_back({"compare_relay", 0, mishap::silent});
  CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
  CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
  CAF_CHECK_EQUAL(comparisons(), before + 1);
  pass(20s);
  CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
  CAF_CHECK_EQUAL(comparisons(), before + 2);
  // That the first one is given up then says nothing about what is so.
  for (int i = 0; i < 20; ++i)
    pass(10s);
  CAF_CHECK_EQUAL(described().relay, "strict");
}

/// Mail for the agent may be there as soon as the index has the commit, which may
/// come after the index was asked what the relay has to hold.
CAF_TEST(a comparison retires no endpoint that is stated for a commit the index lacks) {
  const auto relay_here = keep(relay_actor{sys.spawn<relay>()});
  const auto board = std::make_shared<tap_board>();
  board->lateness = 30s;
  options.relay = relay_here;
  tap_workers(options, sys, board);
  start();
  std::size_t agents = 0;
  for (const auto& [message, what] : {std::pair{"append_commit", mishap::slow}, {"fold_commit", mishap::failed}}) {
    board->rules.push_back({message, 0, what});
    const auto name = "agent-" + std::to_string(++agents);
    const auto placed = ask_later<agent_placed>(muster, registration(project(name), name));
    sched.run();
    const auto before = std::ranges::count(board->said, "compare_relay");
    const auto swept = ask_later<sweep_report>(muster, sweep_now{});
    sched.run();
    CAF_REQUIRE(*swept && **swept);
    CAF_CHECK_EQUAL(std::ranges::count(board->said, "compare_relay"), before + 1);
    CAF_CHECK_EQUAL(placed->has_value(), what == mishap::failed);
    CAF_CHECK_EQUAL(get<relay_listed>(relay_here, relay_list{})->endpoints.size(), agents);
    pass(board->lateness);
    pass(2s);
    CAF_CHECK(*placed && **placed);
    CAF_CHECK_EQUAL(get<relay_listed>(relay_here, relay_list{})->endpoints.size(), agents);
  }
  CAF_CHECK(stop());
}

CAF_TEST(a start waits no longer than its bound for a relay that is silent) {
  const auto silent = keep(relay_actor{sys.spawn([](relay_actor::pointer self) -> relay_actor::behavior_type {
    const auto kept = std::make_shared<std::vector<caf::response_promise>>();
    const auto park = [self, kept] {
      kept->push_back(self->make_response_promise());
      return kept->back();
    };
    return {[park](const relay_put_endpoint&) -> caf::result<relay_done> { return park(); },
            [park](const relay_drop_endpoint&) -> caf::result<relay_done> { return park(); },
            [park](const relay_put_rule&) -> caf::result<relay_done> { return park(); },
            [park](const relay_drop_rule&) -> caf::result<relay_done> { return park(); },
            [park](const relay_list&) -> caf::result<relay_listed> { return park(); },
            [park](const relay_send&) -> caf::result<relay_sent> { return park(); },
            [park](const relay_read_inbox&) -> caf::result<relay_inbox> { return park(); },
            [park](const relay_ack&) -> caf::result<relay_acked> { return park(); },
            [park](const relay_list_dead&) -> caf::result<relay_dead> { return park(); },
            [park](const relay_count_mail&) -> caf::result<relay_mail_counted> { return park(); },
            [park](const relay_subscribe&) -> caf::result<relay_done> { return park(); }};
  })});
  options.relay = silent;
  options.supervisor.now.relay = relay_mode::eventual;
  bool told = false;
  options.supervisor.started = [&told](const std::vector<finding>&) { told = true; };
  start();
  const auto listed = ask_later<agents_listed>(muster, list_agents{});
  const auto placed = ask_later<agent_placed>(muster, registration(project("other"), "other"));
  sched.run();
  CAF_CHECK(told);
  CAF_CHECK(*listed);
  CAF_CHECK(!*placed);
  CAF_CHECK(place(project("work"), "first"));
  CAF_CHECK(*placed);
  CAF_CHECK(described().relay.starts_with("eventual: "));
}

CAF_TEST(a muster that does not assert its relay states only what changes) {
  start();
  CAF_REQUIRE(place(project("work"), "first"));
  CAF_REQUIRE(stop());
  machine.restart_process();
  options.relay = keep(relay_actor{sys.spawn<relay>()});
  options.supervisor.asserts_relay = false;
  start();
  const auto endpoints = [&] { return get<relay_listed>(options.relay, relay_list{})->endpoints.size(); };
  CAF_CHECK_EQUAL(endpoints(), 0u);
  CAF_CHECK(place(project("other"), "other"));
  CAF_CHECK_EQUAL(endpoints(), 1u);
}

CAF_TEST(a journal that cannot be read refuses changes and lets reads through until it can) {
  start();
  CAF_REQUIRE(stop());
  machine.files.put_directory("/home/data/journal");
  machine.restart_process();
  start();
  const auto placed = place(project("work"), "first");
  CAF_CHECK_EQUAL(code_of(placed), "journal-unreadable");
  CAF_CHECK(placed.error().kind == failure_kind::failed);
  // It may have been done before, so this is no refusal.
  auto repeated = registration("/home/work", "first");
  repeated.request = request_id{"r-1"};
  const auto unsure = ask_for<agent_placed>(repeated);
  CAF_CHECK_EQUAL(code_of(unsure), "journal-unreadable");
  CAF_CHECK(unsure.has_error() && unsure.error().kind == failure_kind::busy);
  CAF_CHECK(ask_for<agents_listed>(list_agents{}));
  machine.files.aside(
      [](auto& files) { CAF_CHECK(files.unlink(no_handle, "/home/data/journal", unlink_kind::directory)); });
  pass(2s);
  CAF_CHECK(place("/home/work", "first"));
}

CAF_TEST(a sweep takes nothing before the journal is read) {
  start();
  CAF_REQUIRE(place(project("work"), "first"));
  CAF_REQUIRE(stop());
  // Nothing is open in it.
  machine.files.aside([](auto& files) { CAF_CHECK(files.unlink(no_handle, "/home/data/journal", unlink_kind::file)); });
  machine.files.put_directory("/home/data/journal");
  machine.restart_process();
  start();
  edit("/home/work", "first", "second");
  const auto early = ask_for<sweep_report>(sweep_now{});
  CAF_REQUIRE(early);
  CAF_REQUIRE_EQUAL(early->problems.size(), 1u);
  CAF_CHECK_EQUAL(early->problems.front().path, "/home/data/journal");
  CAF_CHECK_EQUAL(roster().front().name, "first");
  machine.files.aside(
      [](auto& files) { CAF_CHECK(files.unlink(no_handle, "/home/data/journal", unlink_kind::directory)); });
  pass(2s);
  CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
  CAF_CHECK_EQUAL(roster().front().name, "second");
}

CAF_TEST(too much at once is busy) {
  options.supervisor.sagas_in_flight = 4;
  start();
  std::vector<awaited<agent_placed>> answers;
  for (int i = 0; i < 8; ++i)
    answers.push_back(ask_later<agent_placed>(muster, registration(project("p" + std::to_string(i)), "a")));
  sched.run();
  std::size_t busy = 0;
  for (const auto& each : answers)
    busy += code_of(each) == "too-much-in-flight" ? 1 : 0;
  CAF_CHECK_EQUAL(busy, 4u);
  CAF_CHECK_EQUAL(roster().size(), 4u);
}

CAF_TEST(a stop undoes what has not come to its commit and answers) {
  start();
  const auto answer = ask_later<agent_placed>(muster, registration(project("work"), "first"));
  const auto stopped = ask_later<runtime_stopped>(muster, stop_runtime{});
  sched.run();
  pass(1s);
  CAF_REQUIRE(*stopped);
  CAF_CHECK(**stopped);
  CAF_REQUIRE(*answer);
  muster = muster_actor{};
  known.clear();
  machine.restart_process();
  start();
  CAF_CHECK_EQUAL(roster().size(), **answer ? 1u : 0u);
  CAF_CHECK_EQUAL(has_manifest("/home/work"), static_cast<bool>(**answer));
}

CAF_TEST(a stop answers a repetition as what it repeats) {
  const auto board = std::make_shared<tap_board>();
  board->rules = {{"append_commit", 0, mishap::slow, 1}};
  board->lateness = 1s;
  tap_workers(options, sys, board);
  start();
  const auto path = project("work");
  const auto answer = ask_later<agent_placed>(muster, registration(path, "first", "r"));
  sched.run();
  const auto again = ask_later<agent_placed>(muster, registration(path, "first", "r"));
  sched.run();
  CAF_REQUIRE(!*answer && !*again);
  const auto stopped = ask_later<runtime_stopped>(muster, stop_runtime{});
  sched.run();
  for (int i = 0; i < 5; ++i)
    pass(1s);
  CAF_REQUIRE(*stopped && *answer && *again);
  CAF_CHECK_EQUAL(code_of(answer), "done");
  CAF_CHECK_EQUAL(code_of(again), "done");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
