#define CAF_SUITE real_kill_fault

#include "tests/support/child_process.hpp"
#include "tests/support/real_muster.hpp"
#include "tests/support/test_scale.hpp"

#include "muster/store/splitmix.hpp"

#include <boost/json/parse.hpp>
#include <caf/test/unit_test.hpp>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <thread>

using namespace muster::test;
using namespace std::chrono_literals;

namespace {

// What clients asked and heard, a line each, in a file that the daemon does not
// know: "heard request verb project text".
class ledger {
public:
  explicit ledger(std::string path) : path_(std::move(path)) {}

  void write(const std::string& line) {
    const std::scoped_lock guard{mutex_};
    std::ofstream(path_, std::ios::app) << line << '\n';
    acknowledged_ += line.starts_with("done ") ? 1 : 0;
    changed_.notify_all();
  }
  bool wait_for(std::size_t acknowledged) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, 60s, [&] { return acknowledged_ >= acknowledged; });
  }
  [[nodiscard]] std::size_t acknowledged() {
    const std::scoped_lock guard{mutex_};
    return acknowledged_;
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::ifstream in(path_);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);)
      all.push_back(line);
    return all;
  }

private:
  std::string path_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t acknowledged_ = 0;
};

struct request {
  std::string id;
  std::string verb;
  std::string project;
  std::string text;

  [[nodiscard]] std::vector<std::string> command(const real_muster& world) const {
    std::vector<std::string> words = {"--request-id", id, verb, world.project(project)};
    if (verb == "register")
      words.insert(words.end(), {"--name", project, "--runtime", "codex", "--description", text});
    if (verb == "update")
      words.insert(words.end(), {"--set", "description=" + text});
    return words;
  }
  [[nodiscard]] std::string line() const { return id + " " + verb + " " + project + " " + text; }
};

// One client: registers, updates and now and then removes projects of its own,
// until it does not get a yes.
void work(const real_muster& world, ledger& told, int round, int client, const std::atomic<bool>& stop) {
  for (int n = 0; !stop; ++n) {
    const auto project = "r" + std::to_string(round) + "c" + std::to_string(client) + "n" + std::to_string(n);
    world.make_project(project);
    int step = 0;
    for (const char* verb : {"register", "update", "update", "unregister"}) {
      if (verb == std::string_view{"unregister"} && n % 3 != 0)
        break;
      const request one{project + "s" + std::to_string(step), verb, project, "d" + std::to_string(step)};
      ++step;
      const auto answer = world.run(one.command(world));
      const bool unknown = answer.exit == 10 || answer.signal != 0;
      const bool no = answer.exit == 1 || answer.exit == 5 || answer.exit == 8;
      told.write((answer.exit == 0 ? "done "
                  : unknown        ? "unknown "
                  : no             ? "no "
                                   : "wrong ") +
                 one.line() + (answer.exit == 0 ? "" : " " + std::to_string(answer.exit)));
      if (answer.exit != 0 || stop)
        return;
    }
  }
}

struct world_state {
  std::map<std::string, std::string> descriptions; ///< of the projects that are registered
  std::set<std::string> gone;
  std::vector<request> unknown;
  std::size_t wrong = 0;
};

void apply(world_state& state, const request& one) {
  if (one.verb == "unregister") {
    state.descriptions.erase(one.project);
    state.gone.insert(one.project);
  } else {
    state.descriptions[one.project] = one.text;
  }
}

world_state expected(const ledger& told) {
  world_state state;
  for (const auto& line : told.lines()) {
    std::istringstream in{line};
    std::string heard;
    request one;
    in >> heard >> one.id >> one.verb >> one.project >> one.text;
    if (heard == "done")
      apply(state, one);
    else if (heard == "unknown")
      state.unknown.push_back(one);
    else if (heard == "wrong") {
      ++state.wrong;
      std::printf("  an answer that nobody should get: %s\n", line.c_str());
    }
  }
  return state;
}

std::size_t compare(const real_muster& world, const world_state& state) {
  std::size_t findings = 0;
  const auto note = [&findings](bool holds, const std::string& what) {
    if (!holds && ++findings < 20)
      std::printf("  %s\n", what.c_str());
  };
  const auto list = world.run({"list"});
  const auto* rows = member(list.document, "agents").if_array();
  note(rows && rows->size() == state.descriptions.size(), "other agents than were acknowledged: " + list.text);
  for (const auto& [project, description] : state.descriptions) {
    const auto& row = row_at(list.document, world.project(project));
    note(text_of(row, "status") == "active", "lost: " + project);
    boost::system::error_code wrong;
    const auto manifest = boost::json::parse(bytes_of(world.manifest(project)).value_or(""), wrong);
    note(!wrong && text_of(manifest, "description") == description && text_of(manifest, "id") == text_of(row, "id"),
         "another manifest than was acknowledged: " + project);
  }
  for (const auto& project : state.gone)
    note(!bytes_of(world.manifest(project)), "a manifest that was removed: " + project);
  note(leftovers_below(world.root()).empty(), "something is left over");
  note(world.run({"doctor"}).exit == 0, "doctor finds something");
  return findings;
}

} // namespace

CAF_TEST(what three clients were told stands after every kill of the daemon) {
  const real_muster world;
  world.must({"init"});
  ledger told{world.scratch() + "/expected"};
  const char* given = std::getenv("MUSTER_TEST_SEED");
  const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  muster::splitmix chance{seed};
  const int rounds = static_cast<int>(test_scale(6));
  std::size_t findings = 0;
  std::size_t settled = 0;
  for (int round = 0; round < rounds && findings == 0; ++round) {
    {
      child_process daemon{world.line({"serve"})};
      CAF_REQUIRE(wait_for_socket(world.data(), 30s));
      std::atomic<bool> stop = false;
      std::vector<std::jthread> clients;
      for (int client = 0; client < 3; ++client)
        clients.emplace_back([&, client] { work(world, told, round, client, stop); });
      CAF_CHECK(told.wait_for(told.acknowledged() + 1 + chance.below(60)));
      daemon.signal(SIGKILL);
      stop = true;
    }
    // Every other time it is a daemon that recovers, else a command.
    std::optional<child_process> next;
    if (round % 2 == 0) {
      next.emplace(world.line({"serve"}));
      CAF_REQUIRE(wait_for_socket(world.data(), 30s));
    }
    auto state = expected(told);
    for (const auto& one : state.unknown) {
      const auto again = world.run(one.command(world));
      findings += again.exit == 0 ? 0 : 1;
      if (again.exit != 0)
        std::printf("  cannot be settled: %s: %s\n", one.line().c_str(), again.text.c_str());
      told.write("done " + one.line());
      ++settled;
    }
    state = expected(told);
    findings += state.wrong + compare(world, state);
  }
  std::printf("lane real_kill_fault: %d kills, %zu requests acknowledged, %zu settled afterwards, %zu findings, "
              "MUSTER_TEST_SEED=%llu\n",
              rounds, told.acknowledged(), settled, findings, static_cast<unsigned long long>(seed));
  CAF_CHECK_EQUAL(findings, 0u);
  CAF_CHECK_EQUAL(world.run({"rebuild", "--verify"}).exit, 0);
}
