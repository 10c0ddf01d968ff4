#define CAF_SUITE reconciler_test

#include "tests/support/reconciler_fixture.hpp"

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(reconciler_tests, reconciler_fixture)

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

CAF_TEST(asks only so much of the supervisor at once and looks one page further meanwhile) {
  start({.batch = 20, .in_flight = 4});
  add(60, true);
  what->hold = true;
  const auto report = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  CAF_CHECK_EQUAL(what->held.size(), 4u);
  CAF_CHECK_EQUAL(what->looks.size(), 2u);
  let_go();
  CAF_CHECK_EQUAL(what->most_at_once, 4u);
  CAF_CHECK_EQUAL(what->looks.size(), 3u);
  CAF_REQUIRE(*report);
  CAF_CHECK_EQUAL((*report)->value().synced, 60u);
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

CAF_TEST(looks for leftovers at first everywhere and then where one is back that was gone) {
  add(3, false);
  CAF_REQUIRE(sweep());
  CAF_CHECK_EQUAL(what->tidied.size(), 3u);
  for (const std::size_t gone : {0, 1})
    what->places[gone].gone = absence::no_project;
  what->changed["/p1"] = manifest_bytes{};
  what->tidied.clear();
  CAF_REQUIRE(sweep());
  CAF_CHECK(what->tidied == std::vector<std::string>{"/p1"});
  what->places[1].gone = absence::none;
  what->tidied.clear();
  CAF_REQUIRE(sweep());
  CAF_CHECK(what->tidied.empty());
}

CAF_TEST(looks for leftovers where no directory was at first once there is one) {
  add(3, false);
  what->places[0].gone = absence::no_project;
  what->changed["/p1"] = no_manifest{true};
  CAF_REQUIRE(sweep());
  CAF_CHECK(what->tidied == std::vector<std::string>{"/p2"});
  what->tidied.clear();
  CAF_REQUIRE(sweep());
  CAF_CHECK(what->tidied.empty());
  // A command has seen both before this sweep does.
  what->places[0].gone = absence::none;
  what->changed.clear();
  CAF_REQUIRE(sweep());
  CAF_CHECK((what->tidied == std::vector<std::string>{"/p0", "/p1"}));
  what->tidied.clear();
  CAF_REQUIRE(sweep());
  CAF_CHECK(what->tidied.empty());
}

CAF_TEST(looks for leftovers again where the directory went away before the search) {
  add(2, false);
  what->away.insert("/p1");
  for (int i = 0; i < 2; ++i) {
    what->tidied.clear();
    CAF_REQUIRE(sweep());
    CAF_CHECK_EQUAL(std::ranges::count(what->tidied, "/p1"), 1);
  }
  what->away.clear();
  what->tidied.clear();
  CAF_REQUIRE(sweep());
  CAF_CHECK(what->tidied == std::vector<std::string>{"/p1"});
  what->tidied.clear();
  CAF_REQUIRE(sweep());
  CAF_CHECK(what->tidied.empty());
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

CAF_TEST(lists the next page and looks at it while too much waits and at no other) {
  start({.batch = 10, .in_flight = 4});
  add(35, true);
  what->hold = true;
  const auto report = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  CAF_CHECK_EQUAL(what->pages.size(), 2u);
  CAF_CHECK_EQUAL(what->looks.size(), 2u);
  let_go();
  CAF_REQUIRE(*report);
  CAF_CHECK_EQUAL((*report)->value().synced, 35u);
}

CAF_TEST(fails for a page that is missing when the one before is settled) {
  start({.batch = 10});
  add(15, true);
  what->hold = true;
  const auto report = ask_later<sweep_report>(subject, sweep_now{});
  what->last_list_fails = true;
  sched.run();
  CAF_CHECK_EQUAL(what->pages.size(), 2u);
  CAF_CHECK(!*report);
  let_go();
  CAF_CHECK_EQUAL(code_of(report), "index-broken");
  CAF_CHECK_EQUAL(what->observed.size(), 10u);
}

CAF_TEST(hands over what is news on many pages together) {
  start({.batch = 10, .in_flight = 4});
  add(60, false);
  // The first looks for leftovers, too.
  CAF_REQUIRE(sweep());
  what->looks.clear();
  for (const std::size_t each : {3, 17, 25, 34, 41, 58})
    what->changed["/p" + std::to_string(each)] = no_manifest{};
  what->hold = true;
  const auto report = ask_later<sweep_report>(subject, sweep_now{});
  sched.run();
  // All pages were looked at while the first four are taken.
  CAF_CHECK((what->observed == std::vector<std::string>{"/p3", "/p17", "/p25", "/p34"}));
  CAF_CHECK_EQUAL(what->looks.size(), 6u);
  let_go();
  CAF_REQUIRE(*report);
  CAF_CHECK_EQUAL((*report)->value().synced, 6u);
  CAF_CHECK_EQUAL((*report)->value().unchanged, 54u);
  CAF_CHECK_EQUAL(what->most_at_once, 4u);
}

CAF_TEST(hands over nothing before there is enough or every page was looked at) {
  start({.batch = 10, .in_flight = 8});
  add(60, false);
  CAF_REQUIRE(sweep());
  what->looks.clear();
  what->changed["/p1"] = no_manifest{};
  CAF_REQUIRE(sweep());
  CAF_CHECK_EQUAL(what->looks_before_news, 6u);
  for (const std::size_t each : {13, 14, 25})
    what->changed["/p" + std::to_string(each)] = no_manifest{};
  what->observed.clear();
  what->looks.clear();
  CAF_REQUIRE(sweep());
  CAF_CHECK(what->looks_before_news >= 3 && what->looks_before_news < 6);
  CAF_CHECK_EQUAL(what->observed.size(), 4u);
}

CAF_TEST(fills no group up one by one) {
  start({.batch = 20, .in_flight = 4});
  add(9, true);
  what->hold = true;
  const auto report = ask_later<sweep_report>(subject, sweep_now{});
  const auto answer_one = [&] {
    auto others = std::exchange(what->held, {what->held.front()});
    others.erase(others.begin());
    tell_from_outside(supervisor, report_when_done{});
    sched.run();
    std::ranges::move(others, std::back_inserter(what->held));
  };
  sched.run();
  CAF_CHECK_EQUAL(what->observed.size(), 4u);
  answer_one();
  CAF_CHECK_EQUAL(what->observed.size(), 4u);
  answer_one();
  CAF_CHECK_EQUAL(what->observed.size(), 6u);
  let_go();
  CAF_REQUIRE(*report);
  CAF_CHECK_EQUAL((*report)->value().synced, 9u);
}

CAF_TEST(asks for pages and looks at each) {
  start({.batch = 10});
  add(25, true);
  CAF_REQUIRE(sweep());
  CAF_CHECK_EQUAL(what->lists, 1u);
  CAF_CHECK(what->pages == (std::vector<std::size_t>{10, 10, 10}));
  CAF_CHECK(what->looks == (std::vector<std::size_t>{10, 10, 5}));
  CAF_CHECK_EQUAL(what->observed.size(), 25u);
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
