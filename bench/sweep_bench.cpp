// Sweeps in which nothing has changed, of 1,000, 10,000 and 100,000 placements,
// beside a bare loop over the same calls of statx, in turns within one run; and
// what memory the agents take.
//   sweep_bench [AGENTS...]

#include "bench/placed_agents.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace muster;
using namespace muster::bench;

namespace {

constexpr int rounds = 9;

struct measured {
  double ours = 0; ///< microseconds for a sweep
  double bare = 0;
  double ours_cpu = 0;
  double bare_cpu = 0;
  double resident = 0; ///< bytes
};

double resident_bytes() {
  std::ifstream in("/proc/self/statm");
  double all = 0;
  double resident = 0;
  in >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void bare_sweep(const std::vector<std::string>& manifests) {
  for (const auto& each : manifests) {
    struct statx is {};
    must(::statx(AT_FDCWD, each.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &is) == 0, "statx");
  }
}

void expect_idle(const sweep_report& seen, std::size_t agents) {
  if (seen.unchanged != agents)
    stop("a sweep of " + std::to_string(agents) + " placements found only " + std::to_string(seen.unchanged) +
         " unchanged");
}

measured measure(const std::string& root, std::size_t agents) {
  measured result;
  bench_host host{root};
  // The first looks for what a crash has left; those after it are like others.
  host.sweep();
  expect_idle(host.sweep(), agents);
  result.resident = resident_bytes();
  std::vector<std::string> manifests;
  for (std::size_t i = 0; i < agents; ++i)
    manifests.push_back(root + "/" + placed_agents::name_of(i) + "/.dork/agent.json");
  std::vector<double> ours;
  std::vector<double> bare;
  std::vector<double> ours_cpu;
  std::vector<double> bare_cpu;
  for (int round = 0; round < rounds; ++round) {
    sweep_report seen;
    ours_cpu.push_back(cpu([&] { ours.push_back(timed([&] { seen = host.sweep(); })); }));
    bare_cpu.push_back(cpu([&] { bare.push_back(timed([&] { bare_sweep(manifests); })); }));
    expect_idle(seen, agents);
  }
  result.ours = median(ours);
  result.bare = median(bare);
  result.ours_cpu = median(ours_cpu);
  result.bare_cpu = median(bare_cpu);
  return result;
}

/// Each in a process of its own, so that the memory of one is not the other's.
template <class Work>
measured in_child(Work work) {
  int ends[2];
  must(::pipe2(ends, O_CLOEXEC) == 0, "pipe2");
  const auto child = ::fork();
  must(child >= 0, "fork");
  if (child == 0) {
    const measured result = work();
    must(::write(ends[1], &result, sizeof result) == sizeof result, "write");
    ::_exit(0);
  }
  ::close(ends[1]);
  measured result;
  const auto got = ::read(ends[0], &result, sizeof result);
  ::close(ends[0]);
  int status = 0;
  must(::waitpid(child, &status, 0) == child, "waitpid");
  if (status != 0 || got != sizeof result)
    stop("a measurement did not end well");
  return result;
}

measured measure_with(std::size_t agents) {
  const place where;
  (void)in_child([&] {
    placed_agents(where.path()).add(agents);
    return measured{};
  });
  return in_child([&] { return measure(where.path(), agents); });
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::size_t> sizes;
  for (int i = 1; i < argc; ++i)
    sizes.push_back(std::strtoull(argv[i], nullptr, 10));
  if (sizes.empty())
    sizes = {1'000, 10'000, 100'000};
  const auto base = measure_with(0).resident;
  std::vector<measured> all;
  for (const auto agents : sizes) {
    all.push_back(measure_with(agents));
    const auto& now = all.back();
    const auto each = static_cast<double>(agents);
    const auto what = std::to_string(agents) + " placements";
    print("idle sweep of " + what, now.ours / each, now.bare / each, "us each", "<= 2");
    print("CPU of an idle sweep of " + what, now.ours_cpu / each, now.bare_cpu / each, "us each", "");
    print("resident memory with " + what, (now.resident - base) / each, 2048, "B each",
          agents < 10'000 ? "" : "<= 1.0");
  }
  if (sizes.size() > 1) {
    const auto exponent = std::log(all.back().ours / all.front().ours) /
                          std::log(static_cast<double>(sizes.back()) / static_cast<double>(sizes.front()));
    print("exponent of an idle sweep", exponent, 1, "", "<= 1.05");
  }
}
