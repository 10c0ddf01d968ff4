#include "tests/support/real_lane.hpp"

#include "tests/support/test_scale.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

namespace muster::test {

namespace {

constexpr std::array<fault_mode, 10> modes{{{"kill-before", 0},
                                            {"kill-after", 0},
                                            {"errno", EIO},
                                            {"errno", ENOSPC},
                                            {"errno", EACCES},
                                            {"errno", EMFILE},
                                            {"errno-ever", EIO},
                                            {"errno-ever", ENOSPC},
                                            {"errno-ever", EROFS},
                                            {"short", 0}}};

std::string fired_file(const real_muster& world) {
  return world.scratch() + "/fired";
}

constexpr const char* canary_bytes = "of somebody else";
constexpr const char* bystander = "bystander";

// A world with the operation's preparations, put back before each run.
class lane_world {
public:
  explicit lane_world(const real_operation& operation) : operation_(operation) {
    std::filesystem::create_directories(world_.root() + "/canary/.dork");
    put_bytes(world_.root() + "/canary/.dork/agent.json.bak", canary_bytes);
    world_.make_project(bystander);
    world_.must({"register", world_.project(bystander), "--name", bystander, "--runtime", "codex"});
    operation_.prepare(world_);
    bystander_bytes_ = *bytes_of(world_.manifest(bystander));
    commits_ = commits();
    world_.save();
  }

  /// One run with the n-th changing call failing; false if there is none.
  bool run_once(const fault_mode& mode, std::size_t nth, lane_counts& counts) {
    world_.restore();
    where_ = std::string{" ["} + operation_.name + ", change " + std::to_string(nth) + ": " + mode.name + " " +
             std::to_string(mode.error) + "]";
    const auto faulted = world_.run(command(), fault_at(world_, mode, nth));
    ++counts.runs;
    counts.killed += faulted.signal == SIGKILL ? 1 : 0;
    ++counts.exits[faulted.exit];
    findings_.clear();
    judge(faulted);
    repeat();
    examine(counts.runs);
    for (const auto& one : findings_)
      if (counts.findings.size() < 40)
        counts.findings.insert(one + where_ + " exit " + std::to_string(faulted.exit) + ": " + faulted.text);
    return fault_fired(world_);
  }

private:
  [[nodiscard]] std::vector<std::string> command() const {
    auto result = operation_.command(world_);
    if (operation_.takes_request_id)
      result.insert(result.begin(), {"--request-id", "lane-1"});
    return result;
  }

  std::size_t commits() {
    const auto log = world_.run({"log", "--limit", "1000"});
    expect(log.exit == 0, "the log cannot be read: " + log.text);
    const auto* all = member(log.document, "commits").if_array();
    return all ? all->size() : 0;
  }

  void expect(bool holds, const std::string& what) {
    if (!holds)
      findings_.push_back(what);
  }

  // What the next command, any command, makes of it.
  void judge(const real_answer& faulted) {
    const auto known = std::array{0, 1, 4, 7, 8, 10};
    expect(faulted.signal == SIGKILL || (faulted.signal == 0 && std::ranges::count(known, faulted.exit) == 1),
           "it ended with exit " + std::to_string(faulted.exit) + ", signal " + std::to_string(faulted.signal));
    const auto seen = operation_.look(world_);
    expect(seen.how != standing::torn, "torn: " + seen.why);
    if (faulted.exit == 0)
      expect(seen.how == standing::after || !operation_.promises(faulted), "answered as done and not done");
    else if (faulted.signal == 0 && faulted.exit != 10)
      expect(seen.how == standing::before, "answered as not done and done");
    for (const auto& left : leftovers_below(world_.root()))
      findings_.push_back("left over: " + left);
  }

  // A client that heard no, or nothing, asks again.
  void repeat() {
    const auto again = world_.run(command());
    expect(again.exit == 0, "the same request again ended with " + std::to_string(again.exit) + ": " + again.text);
    const auto seen = operation_.look(world_);
    expect(seen.how == standing::after, "after the same request again it is not done: " + seen.why);
    expect(commits() == commits_ + operation_.commits, "the change is not there exactly once");
  }

  void examine(std::size_t run) {
    const auto doctor = world_.run({"doctor"});
    expect(doctor.exit == 0 && member(doctor.document, "ok") == boost::json::value(true), "doctor: " + doctor.text);
    // Of each, every fifth in the gate: it repeats most of what doctor does.
    if (run % 5 == 0 || test_scale(1) > 1) {
      const auto verified = world_.run({"rebuild", "--verify"});
      expect(verified.exit == 0 && member(verified.document, "identical") == boost::json::value(true),
             "rebuild --verify: " + verified.text);
    }
    expect(bytes_of(world_.root() + "/canary/.dork/agent.json.bak") == canary_bytes, "the canary changed");
    expect(bytes_of(world_.manifest(bystander)) == bystander_bytes_, "the bystander's manifest changed");
  }

  const real_operation& operation_;
  real_muster world_;
  std::string bystander_bytes_;
  std::size_t commits_ = 0;
  std::string where_;
  std::vector<std::string> findings_;
};

} // namespace

std::span<const fault_mode> fault_modes() {
  return modes;
}

std::vector<std::string> fault_at(const real_muster& world, const fault_mode& mode, std::size_t nth) {
  std::filesystem::remove(fired_file(world));
  return {"LD_PRELOAD=" + program("libfault_shim.so"),
          "MUSTER_FAULT_ROOT=" + world.root(),
          "MUSTER_FAULT_COUNT=changes",
          "MUSTER_FAULT_MODE=" + std::string{mode.name},
          "MUSTER_FAULT_AT=" + std::to_string(nth),
          "MUSTER_FAULT_ERRNO=" + std::to_string(mode.error),
          "MUSTER_FAULT_FIRED=" + fired_file(world)};
}

bool fault_fired(const real_muster& world) {
  return std::filesystem::exists(fired_file(world));
}

rotation every_seventh() {
  const char* given = std::getenv("MUSTER_TEST_SEED");
  const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  const std::size_t stride = test_scale(1) > 1 ? 1 : 7;
  return {seed, stride, 1 + seed % stride};
}

std::string to_string(const rotation& chosen) {
  return "every " + std::to_string(chosen.stride) + ". change, MUSTER_TEST_SEED=" + std::to_string(chosen.seed);
}

void run_lane(const real_operation& operation, std::size_t first, std::size_t stride, lane_counts& counts) {
  lane_world world{operation};
  for (const auto& mode : modes) {
    auto nth = first;
    while (world.run_once(mode, nth, counts))
      nth += stride;
  }
}

void print_lane(const char* suite, const char* what, const lane_counts& counts) {
  std::printf("lane %s: %s: %zu runs, %zu killed", suite, what, counts.runs, counts.killed);
  for (const auto& [exit, times] : counts.exits)
    if (exit >= 0)
      std::printf(", exit %d: %zu", exit, times);
  std::printf(", %zu findings\n", counts.findings.size());
  for (const auto& finding : counts.findings)
    std::printf("  %s\n", finding.c_str());
}

} // namespace muster::test
