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
  std::vector<absent_place> to_remove;           ///< where the brake does not hold
  std::vector<absent_place> held_back;           ///< where it does, unless that is accepted
  std::vector<braked_device> braked;
  std::optional<std::chrono::nanoseconds> grace_left = std::chrono::hours{23};
  bool list_fails = false;
  bool note_fails = false;
  bool removals_fail = false;
  bool look_fails = false;
  bool hold = false; ///< observations wait
  std::size_t left = 0;

  std::size_t lists = 0; ///< of first pages
  std::vector<std::size_t> pages;
  std::vector<note_absences> noted;
  std::vector<list_removals> removals;
  std::vector<sweep_report> reports;
  std::vector<std::size_t> looks; ///< the size of each
  std::vector<std::string> observed;
  std::size_t most_at_once = 0;
  std::size_t settled = 0;
  std::vector<caf::typed_response_promise<place_observed>> held;
  bool hold_settling = false;
  std::vector<caf::typed_response_promise<owed_settled>> settling;

  [[nodiscard]] places_listed page(const list_places& asked) const {
    places_listed answer;
    answer.at.sweep = lists;
    auto next = std::ranges::find(places, asked.after, &place_to_look_at::agent);
    next = asked.after.empty() ? places.begin() : next + 1;
    for (; next != places.end() && answer.places.size() < asked.limit; ++next)
      answer.places.push_back(*next);
    answer.more = next != places.end();
    return answer;
  }
  [[nodiscard]] removals_listed due(const list_removals& asked) const {
    auto all = to_remove;
    if (asked.accepted)
      all.insert(all.end(), held_back.begin(), held_back.end());
    removals_listed answer;
    auto next = std::ranges::find(all, asked.after, &absent_place::agent);
    next = asked.after.empty() ? all.begin() : next + 1;
    for (; next != all.end() && answer.due.size() < asked.limit; ++next)
      answer.due.push_back(*next);
    answer.more = next != all.end();
    if (!asked.accepted)
      answer.braked = braked;
    return answer;
  }
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
      [what](const list_places& asked) -> caf::result<places_listed> {
        if (what->list_fails)
          return to_error(broken("index-broken"));
        what->lists += asked.after.empty() ? 1 : 0;
        what->pages.push_back(asked.limit);
        return what->page(asked);
      },
      [what](const note_absences& asked) -> caf::result<absences_noted> {
        what->noted.push_back(asked);
        if (what->note_fails)
          return to_error(broken("index-broken"));
        absences_noted answer;
        answer.grace_left.assign(asked.places.size(), what->grace_left);
        return answer;
      },
      [what](const list_removals& asked) -> caf::result<removals_listed> {
        what->removals.push_back(asked);
        if (what->removals_fail)
          return to_error(broken("index-broken"));
        return what->due(asked);
      },
      [what](const note_sweep& asked) -> caf::result<sweep_noted> {
        what->reports.push_back(asked.report);
        return sweep_noted{};
      },
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
          else if (asked.places[i].gone != absence::none)
            answer.absent.push_back(i);
          else
            ++answer.unchanged;
        return answer;
      },
      unexpected<head_read, read_head>(),
      unexpected<leftovers_found, find_leftovers>(),
      unexpected<leftover_forgotten, forget_leftover>(),
  };
}

/// Answers what the reconciler asks, what it holds when it is told to.
caf::behavior supervisor_double(caf::event_based_actor* self, script_ptr what) {
  return {
      [self, what](const observe_place& asked) -> caf::result<place_observed> {
        what->observed.push_back(asked.project);
        if (asked.due)
          return place_observed{observation::removed, {}, {}};
        if (const auto at = what->refused.find(asked.project); at != what->refused.end())
          return to_error(at->second);
        if (what->hold) {
          auto promise = self->make_response_promise<place_observed>();
          what->held.push_back(promise);
          what->most_at_once = std::max(what->most_at_once, what->held.size());
          return promise;
        }
        const auto at = what->taken.find(asked.project);
        return at == what->taken.end() ? place_observed{observation::synced, {}, {}} : at->second;
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
          each.deliver(place_observed{observation::synced, {}, {}});
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

  void take(const std::string& project, observation seen) { what->taken[project] = {seen, {}, {}}; }

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

CAF_TEST([GP11] lets a second request join the sweep under way) {
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

CAF_TEST(asks for pages and keeps no more than one of them) {
  start({.batch = 10});
  add(25, true);
  CAF_REQUIRE(sweep());
  CAF_CHECK_EQUAL(what->lists, 1u);
  CAF_CHECK(what->pages == (std::vector<std::size_t>{10, 10, 10}));
  CAF_CHECK(what->looks == (std::vector<std::size_t>{10, 10, 5}));
  CAF_CHECK_EQUAL(what->observed.size(), 25u);
}

CAF_TEST(notes those that are gone still in one message and asks nobody else about them) {
  add(4, false);
  what->places[0].gone = absence::no_manifest;
  what->places[1].gone = absence::no_project;
  what->places[2].gone = absence::displaced;
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK(what->observed.empty());
  CAF_REQUIRE_EQUAL(what->noted.size(), 1u);
  CAF_CHECK_EQUAL(what->noted.front().places.size(), 3u);
  CAF_CHECK_EQUAL(what->noted.front().at.sweep, 1u);
  const auto counted = report->missing == 1 && report->unreachable == 1 && report->refused == 1;
  CAF_CHECK(counted && report->unchanged == 1);
  CAF_REQUIRE_EQUAL(report->problems.size(), 3u);
  for (const auto& each : report->problems)
    CAF_CHECK(each.message.find("in 23 h if it stays away") != std::string::npos);
  CAF_CHECK_EQUAL(report->problems[2].kind, "displaced");
}

CAF_TEST(one that was found in between is not counted as gone) {
  add(1, false);
  what->places[0].gone = absence::no_project;
  what->grace_left.reset();
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->unreachable, 0u);
  CAF_CHECK_EQUAL(report->unchanged, 1u);
}

CAF_TEST(removes what is due after everything else and pages through it) {
  start({.batch = 2});
  add(3, true);
  for (int i = 0; i < 5; ++i)
    what->to_remove.push_back({agent_id{"due" + std::to_string(i)}, "/due" + std::to_string(i)});
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->removed, 5u);
  CAF_CHECK_EQUAL(what->removals.size(), 3u);
  CAF_REQUIRE_EQUAL(what->observed.size(), 8u);
  CAF_CHECK_EQUAL(what->observed[3], "/due0");
  CAF_CHECK_EQUAL(what->settled, 1u);
}

CAF_TEST(tells what is braked and removes it when that is accepted) {
  what->held_back = {{agent_id{"a"}, "/a"}};
  what->braked = {{std::uint64_t{0x801}, 12, 11, "/a"}};
  const auto braked = sweep();
  CAF_REQUIRE(braked);
  CAF_CHECK_EQUAL(braked->removed, 0u);
  CAF_REQUIRE_EQUAL(braked->problems.size(), 1u);
  CAF_CHECK_EQUAL(braked->problems.front().kind, "removals-braked");
  const auto accepted = get<sweep_report>(subject, sweep_now{true});
  CAF_REQUIRE(accepted);
  CAF_CHECK_EQUAL(accepted->removed, 1u);
  CAF_CHECK(accepted->problems.empty());
}

CAF_TEST(lets a request that accepts join before the removals and wait for the next sweep after) {
  add(1, true);
  what->held_back = {{agent_id{"a"}, "/a"}};
  what->hold = true;
  const auto first = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  const auto joining = ask_later<sweep_report>(subject, sweep_now{true});
  sched.run();
  let_go();
  CAF_REQUIRE(*first && *joining);
  CAF_CHECK_EQUAL((*joining)->value().removed, 1u);
  CAF_CHECK_EQUAL(what->lists, 1u);

  what->hold = false;
  what->hold_settling = true;
  const auto second = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  const auto late = ask_later<sweep_report>(subject, sweep_now{true});
  sched.run();
  CAF_CHECK_EQUAL(code_of(late), "silence");
  what->hold_settling = false;
  tell_from_outside(supervisor, report_when_done{});
  sched.run();
  CAF_REQUIRE(*second && *late);
  CAF_CHECK_EQUAL((*second)->value().removed, 0u);
  CAF_CHECK_EQUAL((*late)->value().removed, 1u);
  CAF_CHECK_EQUAL(what->lists, 3u);
}

CAF_TEST(removes nothing where it could not look everywhere unless that is accepted) {
  start({.batch = 1});
  add(2, false);
  what->to_remove = {{agent_id{"a"}, "/a"}};
  what->look_fails = true;
  const auto blind = sweep();
  CAF_REQUIRE(blind);
  CAF_CHECK_EQUAL(blind->removed, 0u);
  what->looks.clear();
  const auto accepted = get<sweep_report>(subject, sweep_now{true});
  CAF_REQUIRE(accepted);
  CAF_CHECK_EQUAL(accepted->removed, 1u);
}

CAF_TEST(goes on past an index that notes and lists nothing) {
  add(2, false);
  what->places[0].gone = absence::no_project;
  what->to_remove = {{agent_id{"a"}, "/a"}};
  what->note_fails = true;
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->errors, 1u);
  CAF_CHECK_EQUAL(report->removed, 0u);
  what->note_fails = false;
  what->removals_fail = true;
  const auto again = sweep();
  CAF_REQUIRE(again);
  CAF_CHECK_EQUAL(again->errors, 1u);
  CAF_CHECK_EQUAL(what->settled, 2u);
}

CAF_TEST(has each sweep remembered and none that failed) {
  add(1, false);
  CAF_REQUIRE(sweep());
  CAF_REQUIRE_EQUAL(what->reports.size(), 1u);
  CAF_CHECK_EQUAL(what->reports.front().unchanged, 1u);
  what->list_fails = true;
  CAF_CHECK(!sweep());
  CAF_CHECK_EQUAL(what->reports.size(), 1u);
}

CAF_TEST(is cancelled at once and begins anew) {
  add(3, true);
  what->hold = true;
  const auto report = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  tell_from_outside(subject, cancel_sweep{});
  sched.run();
  CAF_CHECK_EQUAL(code_of(report), "sweep-cancelled");
  let_go();
  CAF_CHECK_EQUAL(what->settled, 0u);
  CAF_CHECK(what->reports.empty());
  tell_from_outside(subject, cancel_sweep{});
  what->hold = false;
  const auto again = sweep();
  CAF_REQUIRE(again);
  CAF_CHECK_EQUAL(again->synced, 3u);
}

CAF_TEST_FIXTURE_SCOPE_END()
