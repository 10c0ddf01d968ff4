#define CAF_SUITE manifest_folder_crash_fault

#include "tests/support/manifest_world.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <set>

using namespace muster;
using namespace muster::test;

namespace {

constexpr std::uint64_t crash_seed = 20'261;

struct totals {
  std::size_t points = 0;
  std::size_t states = 0;
  std::size_t recoveries_cut = 0;
  std::set<std::string> findings;

  void add(const std::vector<std::string>& found, const std::string& where) {
    for (const auto& one : found)
      if (findings.size() < 20)
        findings.insert(one + " [" + where + "]");
  }
};

void settle_and_judge(arranged& run, totals& sums, const std::string& where) {
  std::vector<std::string> findings;
  if (!recover(run.world.view(), run.oracles.size(), run.oracles))
    findings.emplace_back("the recovery fails");
  judge(run, findings);
  sums.add(findings, where);
  ++sums.states;
}

// The process of the recovery is killed at each of its calls, and another
// recovers; what the first had recorded stays recorded.
void cut_recovery(const arranged& crashed, totals& sums, const std::string& where) {
  for (std::uint64_t nth = 1;; nth += stride()) {
    auto run = crashed;
    run.world.files.set_plan(
        fault_plan{fault_rule{.what = {fault::kind::kill_before}, .nth = nth, .operations = calls_but_close}});
    bool killed = false;
    try {
      recover(run.world.view(), run.oracles.size(), run.oracles);
    } catch (const process_killed&) {
      killed = true;
    }
    run.world.files.set_plan({});
    if (!killed)
      return;
    ++sums.recoveries_cut;
    auto restarted = run;
    restarted.world.restart_process();
    settle_and_judge(restarted, sums, where + ", recovery killed at " + std::to_string(nth));
    run.world.power_cycle({});
    settle_and_judge(run, sums, where + ", recovery cut at " + std::to_string(nth));
  }
}

// Every way in which the disk may come back, each different tree once.
void crash_in_each_state(const arranged& stopped, bool with_recoveries, totals& sums, const std::string& where) {
  auto killed = stopped;
  killed.world.restart_process();
  if (with_recoveries)
    cut_recovery(killed, sums, where + ", process killed");
  settle_and_judge(killed, sums, where + ", process killed");
  crash_states states{stopped.world.files.pending(), full_scale() ? 1024U : 64U, crash_seed};
  std::set<std::uint64_t> seen;
  for (crash_choice choice; states.next(choice);) {
    auto run = stopped;
    run.world.power_cycle(choice);
    if (!seen.insert(run.world.files.fingerprint()).second)
      continue;
    settle_and_judge(run, sums, where + ", power cut");
  }
}

// Ends the process before the first, second, ... call, and after the last.
void crash_at_each_call(const manifest_operation& operation, totals& sums, const std::string& name) {
  const arranged start{operation};
  for (std::uint64_t nth = 1;; nth += stride()) {
    auto run = start;
    run.world.files.set_plan(
        fault_plan{fault_rule{.what = {fault::kind::kill_before}, .nth = nth, .operations = calls_but_close}});
    bool killed = false;
    try {
      tell(run.oracles, operation.run(run.world.view()));
    } catch (const process_killed&) {
      killed = true;
      if (operation.written_down)
        for (const auto& bytes : *operation.written_down)
          run.oracles[0].recorded(bytes);
    }
    run.world.files.set_plan({});
    ++sums.points;
    const bool with_recoveries =
        full_scale() || (operation.volume.model == crash_model::weak_posix && operation.volume.can_exchange);
    crash_in_each_state(run, with_recoveries, sums, name + ", call " + std::to_string(nth));
    if (!killed)
      return;
  }
}

// Every operation on one kind of file system, cut so that no test takes long.
void crash_all(const char* what, crash_model model, bool can_exchange) {
  totals sums;
  for (const auto& each : all_manifest_operations()) {
    if (each.projects > 3 && !can_exchange && !full_scale())
      continue;
    auto operation = each;
    operation.volume.model = model;
    operation.volume.can_exchange = can_exchange;
    crash_at_each_call(operation, sums, each.name);
  }
  std::printf("lane manifest_folder_crash_fault: %s: seed %llu, %zu crash points, %zu recoveries cut, "
              "%zu states judged, %zu findings\n",
              what, static_cast<unsigned long long>(crash_seed), sums.points, sums.recoveries_cut, sums.states,
              sums.findings.size());
  for (const auto& finding : sums.findings)
    std::printf("  %s\n", finding.c_str());
  CAF_CHECK(sums.findings.empty());
  CAF_CHECK(sums.states * stride() > 500);
}

} // namespace

CAF_TEST([GP16] is whole and settled after a crash at any call in any state that POSIX allows) {
  crash_all("weak", crash_model::weak_posix, true);
}

CAF_TEST(is whole and settled after a crash at any call of an ordered file system) {
  crash_all("ordered", crash_model::ordered, true);
}

CAF_TEST(is whole and settled after a crash where names cannot be exchanged) {
  crash_all("weak, no exchange", crash_model::weak_posix, false);
  crash_all("ordered, no exchange", crash_model::ordered, false);
}
