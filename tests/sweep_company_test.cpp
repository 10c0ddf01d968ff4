#define CAF_SUITE sweep_company_test

#include "tests/support/muster_world.hpp"
#include "tests/support/worker_taps.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace muster::test {

namespace {

using namespace std::chrono_literals;

struct world : muster_world {
  world() {
    options.sweep.batch = 8;
    tap_workers(options, sys, board);
    board->listening = false;
  }

  /// So many are there, and swept.
  void settle(std::size_t agents) {
    start();
    for (std::size_t i = 0; i < agents; ++i) {
      const auto name = "a" + std::to_string(i);
      projects.push_back(project(name));
      CAF_REQUIRE(place(projects.back(), name));
    }
    machine.clock.advance(1min);
    CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
  }
  void edit_all() {
    for (const auto& each : projects)
      edit(each, "\"other\"", "\"codex\"");
    machine.clock.advance(1min);
  }
  sweep_report traced_sweep() {
    trace.clear();
    machine.files.set_trace(&trace);
    auto report = ask_for<sweep_report>(sweep_now{});
    machine.files.set_trace(nullptr);
    CAF_REQUIRE(report);
    return std::move(*report);
  }
  [[nodiscard]] std::size_t syncs_below(std::string_view what) const {
    return static_cast<std::size_t>(std::ranges::count_if(trace, [&](const traced_call& each) {
      return each.operation == disk_operation::sync && each.path.find(what) != std::string::npos;
    }));
  }
  [[nodiscard]] std::size_t times_said(std::string_view what) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(board->said, [&](const auto& each) { return each.starts_with(what); }));
  }

  std::shared_ptr<tap_board> board = std::make_shared<tap_board>();
  std::vector<std::string> projects;
  std::vector<traced_call> trace;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sweep_company_tests, world)

CAF_TEST(edits on many pages share their syncs) {
  settle(40);
  edit_all();
  const auto report = traced_sweep();
  CAF_CHECK_EQUAL(report.synced, 40u);
  CAF_CHECK(report.problems.empty());
  const auto rows = roster();
  CAF_CHECK(std::ranges::all_of(rows, [](const roster_row& each) { return each.runtime == "codex"; }));
  std::printf("lane sweep_company_test: 40 edits, %zu syncs of feeds, %zu of local.db\n", syncs_below("/feeds"),
              syncs_below("local.db"));
  CAF_CHECK(syncs_below("/feeds") <= 4);
  CAF_CHECK(syncs_below("local.db") <= 4);
}

// One thread has each wait for the mail of all others, so those that are as quick as each other share syncs
// without any company.
CAF_TEST(edits share their syncs with those that are read later) {
  settle(40);
  edit_all();
  board->listening = true;
  board->lateness = 10ms;
  std::size_t reads = 0;
  board->heard = [&](const std::string& what) {
    if (what == "read_manifest" && ++reads == 20)
      board->rules = {{what, 0, mishap::slow, 1}};
  };
  trace.clear();
  machine.files.set_trace(&trace);
  const auto report = ask_later<sweep_report>(muster, sweep_now{});
  sched.run();
  CAF_CHECK_EQUAL(times_said("append_commit"), 0u);
  pass(10ms);
  CAF_CHECK_EQUAL(times_said("append_commit"), 40u);
  for (int i = 0; i < 20 && !*report; ++i)
    pass(1s);
  machine.files.set_trace(nullptr);
  CAF_REQUIRE(*report);
  CAF_CHECK_EQUAL((*report)->value().synced, 40u);
  // The commits and their mark; what was seen, and the sweep.
  CAF_CHECK_EQUAL(syncs_below("/feeds"), 2u);
  CAF_CHECK_EQUAL(syncs_below("local.db"), 2u);
}

CAF_TEST(absences on many pages share their syncs) {
  settle(40);
  for (const auto& each : projects)
    machine.files.aside([&](auto& files) {
      CAF_REQUIRE(files.rename(no_handle, each, no_handle, each + "-away", rename_mode::no_replace));
    });
  const auto report = traced_sweep();
  CAF_CHECK_EQUAL(report.unreachable, 40u);
  CAF_CHECK(syncs_below("local.db") <= 4);
  CAF_CHECK_EQUAL(syncs_below("/feeds"), 0u);
}

CAF_TEST(nobody waits long for one of whom nothing is heard) {
  settle(3);
  edit_all();
  board->listening = true;
  board->rules = {{"read_manifest", 0, mishap::lost, 1}};
  const auto report = ask_later<sweep_report>(muster, sweep_now{});
  sched.run();
  CAF_CHECK_EQUAL(times_said("append_commit"), 0u);
  pass(21ms);
  CAF_CHECK_EQUAL(times_said("append_commit"), 2u);
  CAF_CHECK_EQUAL(times_said("note_observation"), 2u);
  CAF_CHECK(!*report);
  for (int i = 0; i < 20; ++i)
    pass(1s);
  CAF_REQUIRE(*report);
  CAF_CHECK_EQUAL((*report)->value().synced, 2u);
  CAF_CHECK_EQUAL((*report)->value().unreadable, 1u);
  const auto again = ask_for<sweep_report>(sweep_now{});
  CAF_REQUIRE(again);
  CAF_CHECK_EQUAL(again->synced, 1u);
}

CAF_TEST(one that fails holds up no other) {
  settle(4);
  edit_all();
  board->listening = true;
  board->rules = {{"append_commit", 0, mishap::refused, 1}};
  const auto report = ask_for<sweep_report>(sweep_now{});
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->synced, 3u);
  CAF_CHECK_EQUAL(report->errors, 1u);
  const auto again = ask_for<sweep_report>(sweep_now{});
  CAF_REQUIRE(again);
  CAF_CHECK_EQUAL(again->synced, 1u);
}

CAF_TEST(what a file holds is looked at again if it could not be recorded) {
  settle(2);
  // The same in other bytes.
  for (const auto& each : projects)
    edit(each, "\"other\"", " \"other\"");
  machine.clock.advance(1min);
  board->listening = true;
  board->rules = {{"record_held", 0, mishap::refused, 1}};
  const auto report = ask_for<sweep_report>(sweep_now{});
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->errors, 1u);
  CAF_CHECK_EQUAL(report->unchanged, 1u);
  const auto before = times_said("record_held");
  const auto again = ask_for<sweep_report>(sweep_now{});
  CAF_REQUIRE(again);
  CAF_CHECK_EQUAL(again->unchanged, 2u);
  CAF_CHECK_EQUAL(times_said("record_held"), before + 1);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
