#define CAF_SUITE manifest_folder_editor_fault

#include "tests/support/hand_editor.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <set>

using namespace muster;
using namespace muster::test;

namespace {

constexpr std::uint64_t storm_seed = 4'711;

struct totals {
  std::size_t runs = 0;
  std::size_t edits = 0;
  std::size_t refused = 0;
  std::size_t done = 0;
  std::set<std::string> findings;

  void add(const std::vector<std::string>& found, const std::string& where) {
    for (const auto& one : found)
      if (findings.size() < 20)
        findings.insert(one + " [" + where + "]");
  }
  void report(const char* what) const {
    std::printf("lane manifest_folder_editor_fault: %s: %zu runs, %zu edits, %zu done, %zu refused, %zu findings\n",
                what, runs, edits, done, refused, findings.size());
    for (const auto& finding : findings)
      std::printf("  %s\n", finding.c_str());
  }
};

struct planned_edit {
  std::uint64_t call = 0;
  edit_kind kind = edit_kind::rename;
};

std::string text(edit_kind kind) {
  switch (kind) {
    case edit_kind::rename: return "rename";
    case edit_kind::in_place: return "in place";
    case edit_kind::remove: return "remove";
    case edit_kind::open: return "open";
    case edit_kind::write_opened: return "write what is open";
  }
  return {};
}

std::string text(const std::string& operation, const std::vector<planned_edit>& edits) {
  auto result = operation;
  for (const auto& edit : edits)
    result += ", " + text(edit.kind) + " at " + std::to_string(edit.call);
  return result;
}

// Runs an operation with edits at the given calls, and a crash before call
// `killed_at` (0: none). False if the last edit came after the operation.
bool run_with_edits(const manifest_operation& operation, const arranged& start, std::size_t project,
                    const std::vector<planned_edit>& edits, std::uint64_t killed_at, totals& sums) {
  auto run = start;
  const auto first_call = run.world.files.calls();
  hand_editor editor{run.oracles[project], project, [&](std::uint64_t call) -> std::optional<edit_kind> {
                       for (const auto& edit : edits)
                         if (edit.call + first_call == call)
                           return edit.kind;
                       return std::nullopt;
                     }};
  run.world.files.set_spectator(&editor);
  if (killed_at > 0)
    run.world.files.set_plan(
        fault_plan{fault_rule{.what = {fault::kind::kill_before}, .nth = killed_at, .operations = calls_but_close}});
  bool killed = false;
  try {
    const auto outcomes = operation.run(run.world.view());
    sums.done += outcomes[project].done() ? 1 : 0;
    sums.refused += outcomes[project].done() ? 0 : 1;
    tell(run.oracles, outcomes);
  } catch (const process_killed&) {
    killed = true;
  }
  const bool reached = run.world.files.calls() - first_call >= edits.back().call;
  run.world.files.set_plan({});
  run.world.files.set_spectator(nullptr);
  if (!killed) {
    editor.finish(run.world.files);
    // Of a hand that never rests the newest may end up in a leftover.
    if (edits.size() <= 2)
      run.oracles[project].undisturbed();
  }
  sums.edits += editor.edits();
  const auto where = text(operation.name, edits) + (killed ? ", killed at " + std::to_string(killed_at) : "");
  const auto conclude = [&](arranged& end, const std::string& how) {
    std::vector<std::string> findings;
    if (!recover(end.world.view(), end.oracles.size(), end.oracles))
      findings.emplace_back("the recovery fails");
    judge(end, findings);
    sums.add(findings, where + how);
    ++sums.runs;
  };
  if (killed) {
    auto all = run;
    all.world.power_cycle(crash_choice(all.world.files.pending().size(), {effect_fate::kind::kept}));
    conclude(all, ", all kept");
    auto none = run;
    none.world.power_cycle({});
    conclude(none, ", nothing kept");
    run.world.restart_process();
  }
  conclude(run, "");
  return killed_at == 0 ? reached : killed;
}

constexpr edit_kind moments[] = {edit_kind::rename, edit_kind::in_place, edit_kind::remove};

// Not where an edit belongs to no file of the operation.
bool is_edited(const manifest_operation& operation) {
  return operation.name != "clean-up";
}

} // namespace

CAF_TEST(loses no edit that comes before any call) {
  totals sums;
  for (const auto& operation : all_manifest_operations()) {
    if (!is_edited(operation))
      continue;
    const arranged start{operation};
    for (const auto project : std::set<std::size_t>{0, operation.projects - 1})
      for (const auto kind : moments)
        for (std::uint64_t call = 1; run_with_edits(operation, start, project, {{call, kind}}, 0, sums);
             call += stride()) {
        }
  }
  sums.report("one edit");
  CAF_CHECK(sums.findings.empty());
  CAF_CHECK(sums.refused > 10);
  CAF_CHECK(sums.done > 10);
}

CAF_TEST(loses no edit by a hand that keeps the file open) {
  totals sums;
  for (const auto& operation : all_manifest_operations()) {
    if (!is_edited(operation) || operation.projects > 3)
      continue;
    const arranged start{operation};
    for (std::uint64_t opened = 1;; opened += stride()) {
      bool reached = false;
      for (std::uint64_t written = opened + 1; run_with_edits(
               operation, start, 0, {{opened, edit_kind::open}, {written, edit_kind::write_opened}}, 0, sums);
           written += stride())
        reached = true;
      if (!reached)
        break;
    }
  }
  sums.report("kept open");
  CAF_CHECK(sums.findings.empty());
  CAF_CHECK(sums.refused > 10);
}

CAF_TEST(loses no edit when the machine goes down as well) {
  totals sums;
  for (const auto& operation : all_manifest_operations()) {
    if (!is_edited(operation) || operation.projects > 3)
      continue;
    const arranged start{operation};
    for (const auto kind : moments)
      for (std::uint64_t call = 1; run_with_edits(operation, start, 0, {{call, kind}}, 0, sums); call += stride())
        for (std::uint64_t killed = 1; run_with_edits(operation, start, 0, {{call, kind}}, killed, sums);
             killed += stride()) {
        }
  }
  sums.report("one edit and a crash");
  CAF_CHECK(sums.findings.empty());
}

CAF_TEST(loses none of two edits) {
  totals sums;
  for (const auto& operation : all_manifest_operations()) {
    if (!is_edited(operation) || operation.projects > 1)
      continue;
    const arranged start{operation};
    for (const auto first : moments)
      for (const auto second : moments)
        for (std::uint64_t call = 1;; call += stride()) {
          bool reached = false;
          for (std::uint64_t later = call + 1;
               run_with_edits(operation, start, 0, {{call, first}, {later, second}}, 0, sums); later += stride())
            reached = true;
          if (!reached)
            break;
        }
  }
  sums.report("two edits");
  CAF_CHECK(sums.findings.empty());
}

CAF_TEST(loses no edit of a hand that never rests) {
  totals sums;
  const auto operations = all_manifest_operations();
  splitmix chance{storm_seed};
  const std::size_t seeds = (full_scale() ? 200'000 : 20'000) / stride();
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    const auto& operation = operations[chance.below(operations.size() - 3)];
    std::vector<planned_edit> edits;
    const auto rate = 5 + chance.below(90);
    for (std::uint64_t call = 1; call < 80; ++call)
      if (chance.below(100) < rate)
        edits.push_back({call, static_cast<edit_kind>(chance.below(5))});
    if (edits.empty())
      continue;
    auto start = arranged{operation};
    run_with_edits(operation, start, 0, edits, 0, sums);
  }
  sums.report("storm");
  CAF_CHECK(sums.findings.empty());
}
