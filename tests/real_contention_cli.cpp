#define CAF_SUITE real_contention_cli

#include "tests/support/child_process.hpp"
#include "tests/support/real_muster.hpp"

#include <boost/json/parse.hpp>
#include <caf/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

using namespace muster::test;
using namespace std::chrono_literals;

namespace {

struct fixture : real_muster {
  fixture() { must({"init"}); }

  std::unique_ptr<child_process> serve() const {
    auto daemon = std::make_unique<child_process>(line({"serve"}));
    CAF_REQUIRE(wait_for_socket(data(), 20s));
    return daemon;
  }

  // Starts them all before it waits for any.
  std::vector<process_result> all_at_once(const std::vector<std::vector<std::string>>& commands) const {
    std::vector<std::unique_ptr<child_process>> running;
    for (const auto& command : commands)
      running.push_back(std::make_unique<child_process>(line(command)));
    std::vector<process_result> results;
    for (const auto& each : running)
      results.push_back(each->wait(60s).value_or(process_result{}));
    return results;
  }

  std::size_t rows() const { return member(must({"list"}), "agents").as_array().size(); }

  // Twenty clients want one directory: it gets one id, and nobody is told
  // another.
  void fight_for_one_path() const {
    make_project("atlas");
    std::set<std::string> ids;
    std::map<int, int> exits;
    for (const auto& result : all_at_once(std::vector<std::vector<std::string>>(
             20, {"register", project("atlas"), "--name", "atlas", "--runtime", "codex"}))) {
      ++exits[result.exit];
      if (result.exit == 0)
        ids.insert(text_of(boost::json::parse(result.out), "agent"));
    }
    CAF_CHECK(exits[0] > 0);
    CAF_CHECK_EQUAL(exits[0] + exits[4] + exits[8], 20);
    CAF_CHECK_EQUAL(ids.size(), 1u);
    const auto list = must({"list"});
    CAF_CHECK_EQUAL(rows(), 1u);
    CAF_CHECK(ids.contains(text_of(row_at(list, project("atlas")), "id")));
    CAF_CHECK(ids.contains(text_of(boost::json::parse(*bytes_of(manifest("atlas"))), "id")));
    CAF_CHECK(leftovers_below(root()).empty());
  }

  void register_forty_paths() const {
    std::vector<std::vector<std::string>> commands;
    for (int n = 0; n < 40; ++n) {
      const auto name = "p" + std::to_string(n);
      make_project(name);
      commands.push_back({"register", project(name), "--name", name, "--runtime", "codex"});
    }
    std::set<std::string> ids;
    int refused = 0;
    for (const auto& result : all_at_once(commands)) {
      if (result.exit == 0)
        ids.insert(text_of(boost::json::parse(result.out), "agent"));
      else
        ++refused;
    }
    CAF_CHECK_EQUAL(refused, 0);
    CAF_CHECK_EQUAL(ids.size(), 40u);
    CAF_CHECK_EQUAL(rows(), 40u);
  }

  void nothing_is_wrong() const {
    CAF_CHECK_EQUAL(run({"doctor"}).exit, 0);
    CAF_CHECK_EQUAL(run({"rebuild", "--verify"}).exit, 0);
  }

  // Every file with its bytes.
  [[nodiscard]] std::map<std::string, std::string> content() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data()))
      if (entry.is_regular_file())
        all[entry.path()] = bytes_of(entry.path()).value_or("");
    return all;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(contention, fixture)

CAF_TEST(twenty registrations of one path at once without a daemon give it exactly one id) {
  fight_for_one_path();
  nothing_is_wrong();
}

CAF_TEST(twenty registrations of one path at once with a daemon give it exactly one id) {
  const auto daemon = serve();
  fight_for_one_path();
  nothing_is_wrong();
}

CAF_TEST(forty paths are registered at once without a daemon) {
  register_forty_paths();
  nothing_is_wrong();
}

CAF_TEST(forty paths are registered at once with a daemon) {
  const auto daemon = serve();
  register_forty_paths();
  nothing_is_wrong();
}

CAF_TEST(a second daemon of one directory is told so at once and changes nothing) {
  const auto daemon = serve();
  must({"sweep"}); // the one of the start is over, too
  const auto before = content();
  child_process second{line({"serve"})};
  const auto told = second.wait(1s);
  CAF_REQUIRE(told);
  CAF_CHECK_EQUAL(told->exit, 8);
  CAF_CHECK(content() == before);
  CAF_CHECK_EQUAL(run({"list"}).exit, 0);
}

CAF_TEST(a command waits for another that holds the directory) {
  make_project("atlas");
  const int lock = ::open((data() + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
  CAF_REQUIRE(lock >= 0 && ::flock(lock, LOCK_EX) == 0);
  child_process waiting{line({"register", project("atlas"), "--name", "atlas", "--runtime", "codex"})};
  CAF_CHECK(!waiting.wait(200ms));
  CAF_CHECK(!bytes_of(manifest("atlas")));
  ::close(lock);
  const auto done = waiting.wait(20s);
  CAF_REQUIRE(done);
  CAF_CHECK_EQUAL(done->exit, 0);
}

CAF_TEST(a daemon that is asked to end does so in order and leaves nothing open) {
  auto daemon = serve();
  register_forty_paths();
  daemon->signal(SIGTERM);
  const auto ended = daemon->wait(10s);
  CAF_REQUIRE(ended);
  CAF_CHECK_EQUAL(ended->exit, 0);
  CAF_CHECK(!std::filesystem::exists(data() + "/muster.sock"));
  CAF_CHECK_EQUAL(rows(), 40u);
  nothing_is_wrong();
}

CAF_TEST_FIXTURE_SCOPE_END()
