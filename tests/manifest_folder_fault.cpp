#define CAF_SUITE manifest_folder_fault

#include "tests/support/manifest_world.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <cstdio>
#include <functional>
#include <set>

using namespace muster;
using namespace muster::test;

namespace {

struct fault_mode {
  std::string name;
  fault what;
  bool persistent = false;
};

std::vector<fault_mode> all_fault_modes() {
  std::vector<fault_mode> all;
  const std::pair<const char*, int> errors[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EACCES", EACCES},
                                                {"EROFS", EROFS},   {"EMFILE", EMFILE}, {"EINTR", EINTR},
                                                {"EINVAL", EINVAL}, {"ESTALE", ESTALE}};
  for (const auto& [name, code] : errors) {
    all.push_back({name, {fault::kind::error, code}});
    all.push_back({std::string{name} + " for ever", {fault::kind::error, code}, true});
  }
  all.push_back({"short", {fault::kind::short_transfer}});
  all.push_back({"short for ever", {fault::kind::short_transfer}, true});
  all.push_back({"EIO but done", {fault::kind::error_but_done, EIO}});
  all.push_back({"EINTR but done", {fault::kind::error_but_done, EINTR}});
  all.push_back({"EIO but done for ever", {fault::kind::error_but_done, EIO}, true});
  all.push_back({"sync loses data", {fault::kind::sync_loses_data, EIO}});
  all.push_back({"sync loses data for ever", {fault::kind::sync_loses_data, EIO}, true});
  return all;
}

struct totals {
  std::size_t points = 0;
  std::size_t runs = 0;
  std::size_t done = 0;
  std::size_t refused = 0;
  std::size_t unknown = 0;
  std::set<std::string> findings;

  void add(const std::vector<std::string>& found, const std::string& where) {
    for (const auto& one : found)
      if (findings.size() < 20)
        findings.insert(one + " [" + where + "]");
  }
};

// After the answer: the process goes on, or the power goes with everything or
// nothing of what no sync has saved. Each time what was promised must hold.
void judge_aftermath(const arranged& after, totals& sums, const std::string& where) {
  for (const auto& [name, power_cut, keep] :
       {std::tuple{"goes on", false, false}, std::tuple{"power cut, nothing kept", true, false},
        std::tuple{"power cut, all kept", true, true}}) {
    auto run = after;
    if (power_cut) {
      crash_choice choice;
      if (keep)
        choice.resize(run.world.files.pending().size(), {effect_fate::kind::kept});
      run.world.power_cycle(choice);
    }
    std::vector<std::string> findings;
    if (!recover(run.world.view(), run.oracles.size(), run.oracles))
      findings.emplace_back("the recovery fails");
    judge(run, findings);
    sums.add(findings, where + ", then " + name);
    ++sums.runs;
  }
}

// A request that is repeated once the fault is gone is done, and durable.
void judge_repetition(const manifest_operation& operation, const arranged& after, totals& sums,
                      const std::string& where) {
  auto run = after;
  std::vector<std::string> findings;
  if (!recover(run.world.view(), operation.projects, run.oracles) || !repeat(run.world.view(), operation))
    findings.emplace_back("what failed cannot be repeated");
  run.world.power_cycle({});
  if (!recover(run.world.view(), operation.projects, run.oracles))
    findings.emplace_back("the recovery fails");
  for (std::size_t index = 0; index < operation.projects; ++index)
    if (run.world.content_of(index) != operation.wanted(index))
      findings.emplace_back("I1: what was repeated and acknowledged is lost");
  run.world.judge_surroundings(operation.projects, findings);
  sums.add(findings, where + ", repeated");
  ++sums.runs;
}

// So is an undo, which nobody repeats in another way, and before anybody looks at leftovers.
void judge_undo_again(const manifest_operation& operation, const arranged& after, totals& sums,
                      const std::string& where) {
  auto run = after;
  std::vector<std::string> findings;
  for (const auto& outcome : operation.run(run.world.view()))
    if (!outcome.done())
      findings.emplace_back("an undo that failed cannot be repeated");
  run.world.power_cycle({});
  if (run.world.content_of(0) != operation.wanted(0))
    findings.emplace_back("I1: what was undone comes back");
  if (!recover(run.world.view(), operation.projects, run.oracles))
    findings.emplace_back("the recovery fails");
  run.world.judge_surroundings(operation.projects, findings);
  sums.add(findings, where + ", undone again");
  ++sums.runs;
}

// Fails the first, second, ... call of an operation until none is left.
void fail_each_call(const manifest_operation& operation, const arranged& start, const fault_mode& mode, totals& sums) {
  for (std::uint64_t nth = 1;; nth += stride()) {
    auto run = start;
    run.world.files.set_plan(fault_plan{
        fault_rule{.what = mode.what,
                   .nth = nth,
                   .operations = mode.what.what == fault::kind::error_but_done ? calls_but_open : calls_but_close,
                   .persistent = mode.persistent}});
    const auto outcomes = operation.run(run.world.view());
    const auto fired = run.world.files.plan().fired();
    run.world.files.set_plan({});
    // The handle of a file that was made by a call that failed is nobody's.
    if (mode.what.what == fault::kind::error_but_done)
      run.world.restart_process();
    tell(run.oracles, outcomes);
    for (const auto& outcome : outcomes) {
      sums.done += outcome.done() ? 1 : 0;
      sums.unknown += answer_of(outcome) == manifest_oracle::answer::unknown ? 1 : 0;
      sums.refused += answer_of(outcome) == manifest_oracle::answer::nothing_happened ? 1 : 0;
    }
    const auto where = operation.name + ", call " + std::to_string(nth) + ": " + mode.name;
    judge_aftermath(run, sums, where);
    // Where every call fails and every sync loses what it should save, not even
    // the directory made for a first manifest can be taken back.
    if (!(mode.persistent && mode.what.what == fault::kind::sync_loses_data)) {
      judge_repetition(operation, run, sums, where);
      if (operation.undoes)
        judge_undo_again(operation, run, sums, where);
    }
    if (fired == 0)
      return;
    ++sums.points;
  }
}

// Every operation in every mode, cut so that no test takes long.
void fail_all(const char* what, const volume_options& volume, const std::function<bool(const fault_mode&)>& chosen) {
  totals sums;
  for (const auto& each : all_manifest_operations()) {
    auto operation = each;
    operation.volume = volume;
    const arranged start{operation};
    for (const auto& mode : all_fault_modes())
      if (chosen(mode))
        fail_each_call(operation, start, mode, sums);
  }
  std::printf("lane manifest_folder_fault: %s: %zu fault points, %zu aftermaths, %zu done, %zu refused, %zu unknown, "
              "%zu findings\n",
              what, sums.points, sums.runs, sums.done, sums.refused, sums.unknown, sums.findings.size());
  for (const auto& finding : sums.findings)
    std::printf("  %s\n", finding.c_str());
  CAF_CHECK(sums.findings.empty());
  CAF_CHECK(sums.points * stride() > 50);
}

bool is_once(const fault_mode& mode) {
  return !mode.persistent;
}

bool is_for_ever(const fault_mode& mode) {
  return mode.persistent;
}

} // namespace

CAF_TEST(keeps every promise when any one call fails in any way) {
  fail_all("once", {}, is_once);
}

CAF_TEST(keeps every promise when all calls fail from any one on) {
  fail_all("for ever", {}, is_for_ever);
}

CAF_TEST(keeps every promise where names cannot be exchanged and any one call fails) {
  fail_all("once, no exchange", {.can_exchange = false}, is_once);
}

CAF_TEST(keeps every promise where names cannot be exchanged and all calls fail from any one on) {
  fail_all("for ever, no exchange", {.can_exchange = false}, is_for_ever);
}

CAF_TEST(keeps every promise where a sync that fails takes the names of others along) {
  fail_all("once, ordered", {.model = crash_model::ordered},
           [](const fault_mode& mode) { return is_once(mode) && mode.what.what == fault::kind::sync_loses_data; });
}
