#define CAF_SUITE real_init_fault

#include "tests/support/real_lane.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>

using namespace muster::test;

namespace {

// An interrupted beginning is begun again by the next `init`, with one identity
// in the end.
void begin_again(const real_muster& world, const real_answer& faulted, std::vector<std::string>& findings) {
  if (faulted.signal != SIGKILL && (faulted.signal != 0 || faulted.exit < 0 || faulted.exit > 10))
    findings.emplace_back("it ended with exit " + std::to_string(faulted.exit));
  const auto again = world.run({"init"});
  if (again.exit != 0)
    findings.push_back("init again: " + again.text);
  if (faulted.exit == 0 && text_of(again.document, "instance") != text_of(faulted.document, "instance"))
    findings.push_back("two identities: " + faulted.text + again.text);
  if (const auto doctor = world.run({"doctor"}); doctor.exit != 0)
    findings.push_back("doctor: " + doctor.text);
  if (const auto verified = world.run({"rebuild", "--verify"}); verified.exit != 0)
    findings.push_back("rebuild --verify: " + verified.text);
}

} // namespace

CAF_TEST(a data directory is begun in the end whatever change of the disk fails or kills) {
  const real_muster world;
  const auto chosen = every_seventh();
  lane_counts counts;
  for (const auto& mode : fault_modes()) {
    for (auto nth = chosen.first;; nth += chosen.stride) {
      std::filesystem::remove_all(world.data());
      const auto faulted = world.run({"init"}, fault_at(world, mode, nth));
      ++counts.runs;
      counts.killed += faulted.signal == SIGKILL ? 1 : 0;
      ++counts.exits[faulted.exit];
      const bool fired = fault_fired(world);
      std::vector<std::string> findings;
      begin_again(world, faulted, findings);
      for (const auto& one : findings)
        counts.findings.insert(one + " [change " + std::to_string(nth) + ": " + mode.name + " " +
                               std::to_string(mode.error) + ": " + faulted.text + "]");
      if (!fired)
        break;
    }
  }
  print_lane("real_init_fault", to_string(chosen).c_str(), counts);
  CAF_CHECK(counts.findings.empty());
  CAF_CHECK(counts.killed > 10);
}
