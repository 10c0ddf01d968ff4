#define CAF_SUITE reconciler_test

#include "muster/actors/reconciler.hpp"

#include "tests/support/actor_fixture.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

/// What the neighbours do, and what they were asked.
struct script {
  std::vector<place_to_look_at> places;
  std::map<std::string, manifest_sight> changed; ///< by project
  std::map<std::string, place_observed> taken;   ///< by project; else synced
  std::map<std::string, failure> refused;        ///< by project
  bool list_fails = false;
  bool look_fails = false;
  bool hold = false; ///< observations wait
  std::size_t left = 0;
  scan_roots_listed roots;

  std::size_t lists = 0;
  std::vector<std::size_t> looks; ///< the size of each
  std::vector<std::string> observed;
  std::size_t most_at_once = 0;
  std::size_t settled = 0;
  std::vector<caf::typed_response_promise<place_observed>> held;
  bool hold_settling = false;
  std::vector<caf::typed_response_promise<owed_settled>> settling;
};
using script_ptr = std::shared_ptr<script>;

failure broken(std::string_view code, failure_kind kind = failure_kind::failed) {
  return {kind, code, "it is broken"};
}

/// Of what nobody asks here.
template <class Result, class Message>
auto unexpected() {
  return [](const Message&) -> caf::result<Result> { return to_error(broken("unexpected")); };
}

index_actor::behavior_type index_double(index_actor::pointer, script_ptr what) {
  return {
      unexpected<row_staged, stage_row>(),
      unexpected<row_unstaged, unstage_row>(),
      unexpected<commit_folded, fold_commit>(),
      unexpected<held_recorded, record_held>(),
      unexpected<agent_found, find_agent>(),
      unexpected<path_found, find_path>(),
      unexpected<agent_resolved, resolve_agent>(),
      unexpected<agent_described, describe_agent>(),
      unexpected<agents_listed, list_agents>(),
      unexpected<heartbeat_noted, note_heartbeat>(),
      unexpected<observation_noted, note_observation>(),
      [what](const list_places&) -> caf::result<places_listed> {
        ++what->lists;
        if (what->list_fails)
          return to_error(broken("index-broken"));
        return places_listed{what->places};
      },
      [what](const list_scan_roots&) -> caf::result<scan_roots_listed> { return what->roots; },
      unexpected<paths_sifted, sift_paths>(),
      unexpected<namespace_found, find_namespace>(),
      unexpected<copies_noted, note_copies>(),
      unexpected<endpoints_listed, list_endpoints>(),
      unexpected<index_dumped, dump_index>(),
      unexpected<index_rebuilt, rebuild_index>(),
      unexpected<findings_told, examine_index>(),
      unexpected<settings_applied, apply_settings>(),
      unexpected<agents_counted, count_agents>(),
  };
}

file_store_actor::behavior_type files_double(file_store_actor::pointer, script_ptr what) {
  return {
      unexpected<manifest_read, read_manifest>(),
      unexpected<manifest_changed, write_manifest>(),
      unexpected<manifest_changed, restore_manifest>(),
      unexpected<manifest_changed, retire_manifest>(),
      [what](const look_at_places& asked) -> caf::result<places_looked_at> {
        what->looks.push_back(asked.places.size());
        if (what->look_fails && what->looks.size() == 1)
          return to_error(broken("store-broken"));
        places_looked_at answer;
        for (std::size_t i = 0; i < asked.places.size(); ++i)
          if (const auto at = what->changed.find(asked.places[i].project); at != what->changed.end())
            answer.changed.push_back({i, at->second});
          else
            ++answer.unchanged;
        return answer;
      },
      unexpected<leftovers_found, find_leftovers>(),
      unexpected<leftover_forgotten, forget_leftover>(),
      unexpected<root_walked, walk_root>(),
  };
}

/// Answers what the reconciler asks, what it holds when it is told to.
caf::behavior supervisor_double(caf::event_based_actor* self, script_ptr what) {
  return {
      [self, what](const observe_place& asked) -> caf::result<place_observed> {
        what->observed.push_back(asked.project);
        if (const auto at = what->refused.find(asked.project); at != what->refused.end())
          return to_error(at->second);
        if (what->hold) {
          auto promise = self->make_response_promise<place_observed>();
          what->held.push_back(promise);
          what->most_at_once = std::max(what->most_at_once, what->held.size());
          return promise;
        }
        const auto at = what->taken.find(asked.project);
        return at == what->taken.end() ? place_observed{observation::synced, {}} : at->second;
      },
      [self, what](const settle_owed&) -> caf::result<owed_settled> {
        ++what->settled;
        if (what->hold_settling) {
          what->settling.push_back(self->make_response_promise<owed_settled>());
          return what->settling.back();
        }
        return owed_settled{0, what->left};
      },
      [what](const report_when_done&) {
        for (auto& each : std::exchange(what->held, {}))
          each.deliver(place_observed{observation::synced, {}});
        for (auto& each : std::exchange(what->settling, {}))
          each.deliver(owed_settled{});
      },
  };
}

struct fixture : actor_fixture {
  script_ptr what = std::make_shared<script>();
  index_actor index = keep(index_actor{sys.spawn(index_double, what)});
  file_store_actor files = keep(file_store_actor{sys.spawn(files_double, what)});
  caf::actor supervisor = sys.spawn(supervisor_double, what);
  reconciler_actor subject;

  fixture() { start({}); }
  ~fixture() override {
    what->held.clear();
    what->settling.clear();
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    sched.run();
  }

  void start(const reconciler_options& options) {
    subject = keep(
        reconciler_actor{sys.spawn<reconciler>(index, files, caf::actor_cast<supervisor_actor>(supervisor), options)});
    sched.run();
  }

  void add(std::size_t places, bool changed) {
    for (std::size_t i = 0; i < places; ++i) {
      const auto n = std::to_string(what->places.size());
      what->places.push_back({agent_id{n}, "/p" + n, {}});
      if (changed)
        what->changed["/p" + n] = no_manifest{};
    }
  }

  void take(const std::string& project, observation seen) { what->taken[project] = {seen, {}}; }

  expected<sweep_report> sweep() { return get<sweep_report>(subject, sweep_now{}); }

  /// Answers what is held until nothing more is asked.
  void let_go() {
    while (!what->held.empty()) {
      tell_from_outside(supervisor, report_when_done{});
      sched.run();
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(reconciler_tests, fixture)

CAF_TEST(asks nothing of the supervisor where nothing has changed but to settle) {
  add(5, false);
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->unchanged, 5u);
  CAF_CHECK(what->observed.empty());
  CAF_CHECK_EQUAL(what->settled, 1u);
  CAF_CHECK(report->problems.empty());
}

CAF_TEST(sweeps what has no places) {
  CAF_REQUIRE(sweep());
  CAF_CHECK(what->looks.empty());
  CAF_CHECK_EQUAL(what->settled, 1u);
}

CAF_TEST(has every change taken and counts what became of it) {
  add(9, true);
  add(3, false);
  const std::vector<observation> all{observation::unchanged,  observation::synced,      observation::resurrected,
                                     observation::written,    observation::missing,     observation::invalid,
                                     observation::unreadable, observation::unreachable, observation::refused};
  for (std::size_t i = 0; i < all.size(); ++i)
    take("/p" + std::to_string(i), all[i]);
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(what->observed.size(), 9u);
  CAF_CHECK_EQUAL(report->unchanged, 4u);
  CAF_CHECK_EQUAL(report->synced, 2u);
  const auto ones = report->resurrected == 1 && report->missing == 1 && report->invalid == 1 &&
                    report->unreadable == 1 && report->unreachable == 1 && report->refused == 1;
  CAF_CHECK(ones);
  CAF_CHECK_EQUAL(report->errors, 0u);
  CAF_CHECK_EQUAL(report->problems.size(), 5u);
}

CAF_TEST(looks in batches of a bounded size) {
  start({.batch = 10});
  add(25, true);
  CAF_REQUIRE(sweep());
  CAF_CHECK_EQUAL(what->looks.size(), 3u);
  CAF_CHECK_EQUAL(what->looks.back(), 5u);
  CAF_CHECK_EQUAL(what->observed.size(), 25u);
}

CAF_TEST(asks only so much of the supervisor at once and looks no further meanwhile) {
  start({.batch = 20, .in_flight = 4});
  add(40, true);
  what->hold = true;
  const auto report = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  CAF_CHECK_EQUAL(what->held.size(), 4u);
  CAF_CHECK_EQUAL(what->looks.size(), 1u);
  let_go();
  CAF_CHECK_EQUAL(what->most_at_once, 4u);
  CAF_CHECK_EQUAL(what->looks.size(), 2u);
  CAF_REQUIRE(*report);
  CAF_CHECK_EQUAL((*report)->value().synced, 40u);
}

CAF_TEST(lets a second request join the sweep under way) {
  add(1, true);
  what->hold = true;
  const auto first = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  const auto second = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  let_go();
  CAF_CHECK_EQUAL(code_of(first), "done");
  CAF_CHECK_EQUAL(code_of(second), "done");
  CAF_CHECK_EQUAL(what->lists, 1u);
  what->hold = false;
  CAF_REQUIRE(sweep());
  CAF_CHECK_EQUAL(what->lists, 2u);
}

CAF_TEST(bounds those who wait) {
  start({.waiting = 2});
  add(1, true);
  what->hold = true;
  std::vector<awaited<sweep_report>> asked;
  for (int i = 0; i < 3; ++i) {
    asked.push_back(ask_later<sweep_report>(subject, sweep_now{}));
    sched.run();
  }
  CAF_CHECK_EQUAL(code_of(asked[2]), "sweep-waited-for");
  let_go();
  CAF_CHECK_EQUAL(code_of(asked[1]), "done");
}

CAF_TEST(goes on past a place that fails) {
  add(3, true);
  what->refused["/p0"] = broken("disk-broken");
  what->refused["/p1"] = broken("claims-taken", failure_kind::busy);
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->errors, 1u);
  CAF_CHECK_EQUAL(report->refused, 1u);
  CAF_CHECK_EQUAL(report->synced, 1u);
  CAF_CHECK_EQUAL(report->problems.size(), 2u);
  CAF_CHECK_EQUAL(report->problems.front().path, "/p0");
}

CAF_TEST(goes on past a batch that cannot be looked at) {
  start({.batch = 2});
  add(4, true);
  what->look_fails = true;
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->errors, 2u);
  CAF_CHECK_EQUAL(report->synced, 2u);
}

CAF_TEST(fails only without a list of places) {
  what->list_fails = true;
  CAF_CHECK_EQUAL(code_of(sweep()), "index-broken");
  what->list_fails = false;
  CAF_CHECK_EQUAL(code_of(sweep()), "done");
}

CAF_TEST(waits for no place longer than its limit) {
  add(2, true);
  what->hold = true;
  const auto report = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  pass(91s);
  CAF_REQUIRE(*report);
  CAF_CHECK_EQUAL((*report)->value().errors, 2u);
  CAF_CHECK((*report)->value().took >= 90s);
  let_go();
}

CAF_TEST(ends a sweep that takes too long and drops what comes after) {
  start({.observe_limit = 10h, .sweep_limit = 5min});
  add(3, true);
  what->hold = true;
  const auto report = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  pass(301s);
  CAF_REQUIRE(*report);
  CAF_CHECK_EQUAL((*report)->value().problems.front().kind, "sweep");
  let_go();
  CAF_CHECK_EQUAL(what->settled, 0u);
  what->hold = false;
  const auto again = sweep();
  CAF_REQUIRE(again);
  CAF_CHECK_EQUAL(again->synced, 3u);
}

CAF_TEST(lets no late answer end a later sweep) {
  start({.settle_limit = 10h, .sweep_limit = 5min});
  what->hold_settling = true;
  const auto first = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  pass(301s);
  CAF_CHECK_EQUAL(code_of(first), "done");
  add(1, true);
  what->hold = true;
  what->hold_settling = false;
  const auto second = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  const auto late = std::exchange(what->held, {});
  tell_from_outside(supervisor, report_when_done{});
  sched.run();
  what->held = late;
  const auto third = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  CAF_CHECK_EQUAL(what->lists, 2u);
  let_go();
  CAF_CHECK_EQUAL(code_of(second), "done");
  CAF_CHECK_EQUAL(code_of(third), "done");
}

CAF_TEST(lists only so many problems) {
  start({.problems = 3});
  add(9, true);
  for (int i = 0; i < 9; ++i)
    take("/p" + std::to_string(i), observation::missing);
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->missing, 9u);
  CAF_CHECK_EQUAL(report->problems.size(), 3u);
}

CAF_TEST(tells what is still owed) {
  what->left = 2;
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->problems.front().kind, "owed");
}

CAF_TEST(keeps no supervisor alive and fails without one) {
  add(1, true);
  supervisor = sys.spawn(supervisor_double, what);
  CAF_CHECK_EQUAL(code_of(sweep()), "supervisor-gone");
}

CAF_TEST(ends its sweep when it ends) {
  add(1, true);
  what->hold = true;
  const auto report = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK(code_of(report) != "silence" && code_of(report) != "done");
}

CAF_TEST_FIXTURE_SCOPE_END()
