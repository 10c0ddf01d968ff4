#define CAF_SUITE sweep_removals_test

#include "tests/support/reconciler_fixture.hpp"

using namespace muster;
using namespace muster::test;

CAF_TEST_FIXTURE_SCOPE(sweep_removals_tests, reconciler_fixture)

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
  for (std::size_t i : {0, 1})
    CAF_CHECK(report->problems[i].message.find("in 23 h if it stays away") != std::string::npos);
  CAF_CHECK_EQUAL(report->problems[2].kind, "displaced");
  CAF_CHECK(report->problems[2].message.find("removed") == std::string::npos);
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

CAF_TEST(tells of one that it removes that it is gone and no more that it will be) {
  add(2, false);
  for (auto& place : what->places)
    place.gone = absence::no_project;
  what->to_remove = {{what->places[0].agent, what->places[0].project}};
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->removed, 1u);
  CAF_REQUIRE_EQUAL(report->problems.size(), 2u);
  CAF_CHECK_EQUAL(report->problems[0].kind, "removed");
  CAF_CHECK(report->problems[0].message.find("stays away") == std::string::npos);
  CAF_CHECK_EQUAL(report->problems[1].kind, "unreachable");
}

CAF_TEST([RC12] names a removal that fails and goes on to the others) {
  what->to_remove = {{agent_id{"a"}, "/a"}, {agent_id{"b"}, "/b"}, {agent_id{"c"}, "/c"}};
  what->refused["/a"] = broken("disk-broken");
  const auto report = sweep();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(what->observed.size(), 3u);
  CAF_CHECK_EQUAL(report->removed, 2u);
  CAF_CHECK_EQUAL(report->errors, 1u);
  CAF_REQUIRE_EQUAL(report->problems.size(), 1u);
  CAF_CHECK_EQUAL(report->problems.front().agent.text, "a");
  CAF_CHECK_EQUAL(report->problems.front().path, "/a");
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

CAF_TEST_FIXTURE_SCOPE_END()
