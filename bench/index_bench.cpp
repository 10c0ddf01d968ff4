// What the index costs a process that comes and goes:
//   index_bench /DATA/DIRECTORY [AGENT]
// Opens it as a one-shot command does, describes one agent, closes; then lists
// all, and says what that takes and how much memory stays.

#include "muster/actors/index_keeper.hpp"
#include "muster/store/data_directory.hpp"
#include "muster/store/identity.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/store/release.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

using namespace muster;

namespace {

template <class T>
T value_or_stop(expected<T> what) {
  if (what)
    return std::move(*what);
  std::fprintf(stderr, "index_bench: %s\n", what.error().message.c_str());
  std::exit(exit_code(what.error().kind));
}

template <class Work>
void time(const char* what, Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  std::printf("%-32s %8.2f ms\n", what, took.count());
}

long resident_kib() {
  long pages = 0;
  long resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * 4;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argv[1][0] != '/') {
    std::fprintf(stderr, "usage: index_bench /ABSOLUTE/DIRECTORY [AGENT]\n");
    return exit_code(failure_kind::usage);
  }
  const agent_id agent{argc > 2 ? argv[2] : "agent-77"};
  real_environment world;
  const auto env = world.view();
  auto directory = value_or_stop(data_directory::open(env, argv[1], data_directory::presence::required));
  const auto self = value_or_stop(open_identity(env, directory.get(), current_release));
  const auto feeds = value_or_stop(directory.feeds());
  const auto keeper = [&] { return index_keeper(env, argv[1], feeds, self.record.id, {}); };
  for (int round = 0; round < 3; ++round) {
    auto one = keeper();
    time("open", [&] { (void)one.open().value(); });
    time("resolve and describe", [&] {
      const auto found = value_or_stop(one.answer(resolve_agent{agent.text}));
      (void)value_or_stop(one.answer(describe_agent{found.agent}));
    });
    time("close", [&] { one.close(); });
  }
  auto all = keeper();
  (void)all.open().value();
  const auto before = resident_kib();
  std::size_t agents = 0;
  time("list, the first time", [&] { (void)value_or_stop(all.answer(list_agents{})); });
  const auto after = resident_kib();
  time("list", [&] { agents = value_or_stop(all.answer(list_agents{})).agents.size(); });
  time("count", [&] { (void)value_or_stop(all.answer(count_agents{})); });
  std::printf("%zu agents, %ld KiB resident before the list and %ld after\n", agents, before, after);
  return 0;
}
