#define CAF_SUITE manifest_folder_shim_test

#include "tests/support/manifest_lab.hpp"
#include "tests/support/manifest_oracle.hpp"
#include "tests/support/run_process.hpp"

#include "muster/store/manifest_folder.hpp"
#include "muster/store/manifest_place.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <set>
#include <sstream>

using namespace muster;
using namespace muster::test;

namespace {

constexpr std::string_view our_leftover = ".agent-0b8c9a55-4d2e-8f1a-9d6b-2a1f00c0ffee.tmp";

struct driven_operation {
  const char* name;
  const char* command;
  std::size_t projects;
  bool with_dork;
  const char* before; ///< null: no file
  const char* wanted; ///< null: no file
};

constexpr driven_operation operations[] = {
    {"replace", "replace", 1, true, "old-", "new-"},
    {"first write", "first", 1, true, nullptr, "new-"},
    {"first write without .dork", "first", 1, false, nullptr, "new-"},
    {"remove", "remove", 1, true, "old-", nullptr},
    {"set aside", "set-aside", 1, true, "old-", nullptr},
    {"undo", "undo", 1, true, "new-", "old-"},
    {"batch of 2", "batch", 2, true, "old-", "new-"},
    {"batch of 8", "batch", 8, true, "old-", "new-"},
    {"clean-up", "clean-up", 1, true, "old-", "old-"},
};

struct shim_mode {
  const char* name;
  int error;
};

constexpr shim_mode modes[] = {{"kill-before", 0},  {"kill-after", 0},      {"errno", EIO},        {"errno", ENOSPC},
                               {"errno", EACCES},   {"errno", EMFILE},      {"errno", EINTR},      {"errno", EROFS},
                               {"errno-ever", EIO}, {"errno-ever", ENOSPC}, {"errno-ever", EROFS}, {"short", 0}};

manifest_oracle::content content(const char* which, std::size_t index) {
  return which ? manifest_oracle::content{which + std::to_string(index)} : std::nullopt;
}

std::string in_dork(std::size_t index, std::string_view name) {
  return "p" + std::to_string(index) + "/.dork/" + std::string{name};
}

struct totals {
  std::size_t runs = 0;
  std::size_t killed = 0;
  std::size_t done = 0;
  std::size_t refused = 0;
  std::size_t unknown = 0;
  std::set<std::string> findings;
};

void arrange(const manifest_lab& lab, const driven_operation& operation) {
  for (std::size_t index = 0; index < operation.projects; ++index) {
    const auto project = "p" + std::to_string(index);
    lab.make_directory(project);
    lab.put(project + "/README.md", "readme");
    if (!operation.with_dork)
      continue;
    lab.make_directory(project + "/.dork");
    lab.put(in_dork(index, "SOUL.md"), "soul");
    if (const auto bytes = content(operation.before, index))
      lab.put(in_dork(index, manifest_name), *bytes);
  }
}

// Reads what the driver printed: records, and one answer for each project.
void listen(const process_result& result, std::vector<manifest_oracle>& oracles, totals& sums) {
  std::istringstream lines{result.out};
  std::size_t answered = 0;
  for (std::string word, rest; lines >> word;) {
    if (word == "recorded") {
      lines >> std::ws;
      std::getline(lines, rest);
      oracles[0].recorded(rest);
      continue;
    }
    if (word != "done")
      lines >> rest;
    if (answered == oracles.size())
      break;
    using answer = manifest_oracle::answer;
    const auto how = word == "done" ? answer::done : word == "unknown" ? answer::unknown : answer::nothing_happened;
    oracles[answered++].answered(how);
    sums.done += how == answer::done ? 1 : 0;
    sums.unknown += how == answer::unknown ? 1 : 0;
    sums.refused += how == answer::nothing_happened ? 1 : 0;
  }
}

void judge(const manifest_lab& lab, const driven_operation& operation, std::vector<manifest_oracle>& oracles,
           std::vector<std::string>& findings) {
  if (lab.get("canary") != "of somebody else")
    findings.emplace_back("I16: the canary changed");
  for (std::size_t index = 0; index < operation.projects; ++index) {
    manifest_folder folder{lab.env, lab.path("p" + std::to_string(index))};
    const auto leftovers = folder.leftovers();
    if (!leftovers) {
      findings.push_back("the recovery fails: " + leftovers.error().message);
      continue;
    }
    for (const auto& one : leftovers->found) {
      if (const auto* present = std::get_if<manifest_present>(&one.content))
        oracles[index].recorded(present->bytes);
      if (const auto forgotten = folder.forget(one); !forgotten)
        findings.push_back("the recovery fails: " + forgotten.error().message);
    }
    std::vector<std::string> aside;
    for (const auto& name : lab.status("p" + std::to_string(index) + "/.dork")
                                ? lab.names("p" + std::to_string(index) + "/.dork")
                                : std::vector<std::string>{}) {
      if (name.starts_with("agent.json.set-aside-"))
        aside.push_back(lab.get(in_dork(index, name)).value_or(""));
      else if (name != manifest_name && name != "SOUL.md")
        findings.push_back("I7: left: " + name);
    }
    if (operation.with_dork && lab.get(in_dork(index, "SOUL.md")) != "soul")
      findings.emplace_back("I16: another file in .dork changed");
    if (lab.names("p" + std::to_string(index)).size() > 2)
      findings.emplace_back("I16: the project changed");
    oracles[index].set_aside(std::move(aside));
    oracles[index].judge(lab.get(in_dork(index, manifest_name)), findings);
  }
}

// One run of the driver with the n-th call failing; false if there is none.
bool run_once(const environment& env, const driven_operation& operation, const shim_mode& mode, std::size_t nth,
              totals& sums) {
  const scratch_folder scratch{scratch_folder::medium::memory};
  const manifest_lab lab{env, scratch.path() + "/below", "real"};
  lab.make_directory("");
  lab.put("canary", "of somebody else");
  arrange(lab, operation);
  std::vector<manifest_oracle> oracles;
  for (std::size_t index = 0; index < operation.projects; ++index) {
    oracles.emplace_back(content(operation.before, index), content(operation.wanted, index));
    if (operation.command == std::string_view{"set-aside"})
      oracles.back().must_set_aside();
  }
  if (operation.command == std::string_view{"clean-up"}) {
    lab.put(in_dork(0, our_leftover), "a hand edit in a leftover");
    oracles[0].hand_edit_elsewhere("a hand edit in a leftover");
  }
  const auto fired = scratch.path() + "/fired";
  const auto result = run_process(
      {program("folder_driver"), lab.root, operation.command, std::to_string(operation.projects)},
      {.environment = {"LD_PRELOAD=" + program("libfault_shim.so"), "MUSTER_FAULT_ROOT=" + lab.root,
                       "MUSTER_FAULT_MODE=" + std::string{mode.name}, "MUSTER_FAULT_AT=" + std::to_string(nth),
                       "MUSTER_FAULT_ERRNO=" + std::to_string(mode.error), "MUSTER_FAULT_FIRED=" + fired}});
  std::vector<std::string> findings;
  if (result.signal != 0 ? result.signal != SIGKILL : result.exit != 0)
    findings.push_back("I20: the driver ended with " + std::to_string(result.signal) + ", " + result.err);
  sums.killed += result.signal == SIGKILL ? 1 : 0;
  listen(result, oracles, sums);
  judge(lab, operation, oracles, findings);
  ++sums.runs;
  for (const auto& one : findings)
    if (sums.findings.size() < 20)
      sums.findings.insert(one + " [" + operation.name + ", call " + std::to_string(nth) + ": " + mode.name + " " +
                           std::to_string(mode.error) + "]");
  return env.files.status(no_handle, fired, false).has_value();
}

// Fails the first, second, ... call of some operations until none is left.
void enumerate(const char* what, std::span<const driven_operation> some) {
  real_environment machine;
  totals sums;
  for (const auto& operation : some)
    for (const auto& mode : modes) {
      // A batch of 8 has its calls eight times over.
      if (operation.projects > 2 && mode.error != 0 && mode.error != EIO)
        continue;
      std::size_t nth = 1;
      while (run_once(machine.view(), operation, mode, nth, sums))
        ++nth;
      CAF_CHECK(nth > 5);
    }
  std::printf("lane manifest_folder_shim_test: %s: %zu runs, %zu killed, %zu done, %zu refused, %zu unknown, "
              "%zu findings\n",
              what, sums.runs, sums.killed, sums.done, sums.refused, sums.unknown, sums.findings.size());
  for (const auto& finding : sums.findings)
    std::printf("  %s\n", finding.c_str());
  CAF_CHECK(sums.findings.empty());
  CAF_CHECK(sums.killed > 10);
}

} // namespace

CAF_TEST(keeps every promise when any call of a write fails or kills) {
  enumerate("writes", std::span{operations}.first(3));
}

CAF_TEST(keeps every promise when any call of a removal or an undo fails or kills) {
  enumerate("removals and undo", std::span{operations}.subspan(3, 3));
}

CAF_TEST(keeps every promise when any call of a small batch or a sweeping fails or kills) {
  enumerate("batch of 2", std::span{operations}.subspan(6, 1));
  enumerate("clean-up", std::span{operations}.subspan(8));
}

CAF_TEST(keeps every promise when any call of a batch synced together fails or kills) {
  enumerate("batch of 8", std::span{operations}.subspan(7, 1));
}
