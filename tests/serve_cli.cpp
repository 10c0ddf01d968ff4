#define CAF_SUITE serve_cli

#include "tests/support/daemon_process.hpp"
#include "tests/support/muster_command.hpp"
#include "tests/support/raw_client.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

using namespace muster::test;
using namespace std::chrono_literals;

namespace {

struct fixture : muster_command {
  std::string said = place.path() + "/said";

  /// A daemon that answers.
  std::unique_ptr<daemon_process> serve(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), "serve");
    auto daemon = std::make_unique<daemon_process>(line(std::move(options)), said);
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (status_for("list", "{}") != 200 && std::chrono::steady_clock::now() < give_up)
      std::this_thread::yield();
    return daemon;
  }
  std::string ask(const std::string& operation, const std::string& request) const {
    raw_client client(data);
    return client.connected() && client.send(post(operation, request)) ? client.answer() : "";
  }
  int status_for(const std::string& operation, const std::string& request) const {
    return status_of(ask(operation, request));
  }
  bool has_socket() const { return ::access((data + "/muster.sock").c_str(), F_OK) == 0; }
  /// Every file with its size and when it was changed.
  std::string look() const { return run_process({"/usr/bin/find", data, "-printf", "%p %s %T@ %C@\n"}).out; }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(daemons, fixture)

CAF_TEST(a daemon says where it listens and ends in order when told to) {
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const auto daemon = serve();
    CAF_CHECK_EQUAL(status_for("status", "{}"), 200);
    CAF_CHECK(contains(content_of(said), "serving " + data + " on " + data + "/muster.sock\n"));
    daemon->signal(signal);
    CAF_CHECK_EQUAL(daemon->wait(), 0);
    CAF_CHECK(!has_socket());
  }
}

CAF_TEST(a daemon that was killed is replaced) {
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  const auto killed = serve();
  killed->signal(SIGKILL);
  CAF_CHECK_EQUAL(killed->wait(), -SIGKILL);
  CAF_CHECK(has_socket());
  const auto next = serve();
  CAF_CHECK_EQUAL(status_for("list", "{}"), 200);
  next->signal(SIGTERM);
  CAF_CHECK_EQUAL(next->wait(), 0);
}

CAF_TEST(a second daemon is refused and changes nothing) {
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  const auto first = serve();
  const auto before = look();
  const auto second = muster({"serve"});
  CAF_CHECK_EQUAL(second.exit, 8);
  CAF_CHECK(contains(second.err, "[data-held]"));
  CAF_CHECK_EQUAL(look(), before);
  CAF_CHECK_EQUAL(status_for("list", "{}"), 200);
}

CAF_TEST(a second daemon is refused where the lock was removed under the first) {
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  const auto first = serve();
  CAF_REQUIRE_EQUAL(::unlink((data + "/lock").c_str()), 0);
  const auto second = muster({"serve"});
  CAF_CHECK_EQUAL(second.exit, 8);
  CAF_CHECK(contains(second.err, "[data-held]"));
  CAF_CHECK_EQUAL(status_for("list", "{}"), 200);
}

CAF_TEST(a daemon whose data directory is moved or replaced ends) {
  const auto moved = data + "-moved";
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  for (const bool replaced : {false, true}) {
    const auto daemon = serve();
    CAF_REQUIRE_EQUAL(::rename(data.c_str(), moved.c_str()), 0);
    if (replaced)
      CAF_REQUIRE_EQUAL(::mkdir(data.c_str(), 0700), 0);
    CAF_CHECK_EQUAL(daemon->wait(), 1);
    std::filesystem::remove_all(data);
    CAF_REQUIRE_EQUAL(::rename(moved.c_str(), data.c_str()), 0);
  }
  const auto next = serve();
  CAF_CHECK_EQUAL(status_for("list", "{}"), 200);
}

CAF_TEST(damage under a daemon is told by every log and mended by no look) {
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  const auto project = place.path() + "/project";
  CAF_REQUIRE_EQUAL(::mkdir(project.c_str(), 0700), 0);
  CAF_REQUIRE_EQUAL(muster({"register", project, "--name", "atlas"}).exit, 0);
  const auto daemon = serve();
  const auto feeds = run_process({"/usr/bin/find", data + "/feeds", "-name", "*1.feed"}).out;
  std::fstream(feeds.substr(0, feeds.find('\n')), std::ios::in | std::ios::out).seekp(300).put('\xff');
  const auto list = [&] { return run_process({"/usr/bin/find", data + "/feeds", "-printf", "%p %s\n"}).out; };
  const auto before = list();
  const auto examined = muster({"doctor"});
  CAF_CHECK_EQUAL(examined.exit, 7);
  CAF_CHECK_EQUAL(list(), before);
  for (int i = 0; i < 2; ++i) {
    const auto told = muster({"log"});
    CAF_CHECK_EQUAL(told.exit, 7);
    CAF_CHECK(contains(told.err, "[feed-"));
    CAF_CHECK(contains(muster({"log", "--json"}).out, R"("problems":[{"severity":"damage")"));
  }
  daemon->signal(SIGTERM);
  CAF_CHECK_EQUAL(daemon->wait(), 0);
  CAF_CHECK(contains(muster({"log", "--json"}).out, R"("problems":[{"severity":"damage")"));
}

CAF_TEST(a data directory with a path of two hundred bytes is served) {
  data = place.path() + "/" + std::string(200, 'd');
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  const auto daemon = serve();
  CAF_CHECK_EQUAL(status_for("list", "{}"), 200);
}

CAF_TEST(settings changed at a daemon stand in the file and options outdo them) {
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  {
    const auto daemon = serve({"--relay", "none", "--sweep-every", "90"});
    CAF_CHECK(contains(ask("config-set", R"({"key":"health.active","value":"10min"})"), R"("value":"10min")"));
    CAF_CHECK_EQUAL(status_for("config-set", R"({"key":"health.active","value":"long"})"), 422);
    CAF_CHECK(contains(ask("status", "{}"), R"("relay":"none")"));
    daemon->signal(SIGTERM);
    CAF_CHECK_EQUAL(daemon->wait(), 0);
  }
  CAF_CHECK_EQUAL(content_of(data + "/config.json"), "{\n  \"health.active\": \"10min\"\n}\n");
}

CAF_TEST(bad options and damaged settings stop a start that has changed nothing) {
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  const auto before = look();
  CAF_CHECK_EQUAL(muster({"serve", "--relay", "maybe"}).exit, 4);
  CAF_CHECK_EQUAL(muster({"serve", "--sweep-every", "2d"}).exit, 4);
  CAF_CHECK_EQUAL(muster({"serve", "--listen", "127.0.0.1:1"}).exit, 2);
  CAF_CHECK_EQUAL(look(), before);
  std::ofstream(data + "/config.json") << "{\"relay\":\"none\",}";
  const auto answer = muster({"serve"});
  CAF_CHECK_EQUAL(answer.exit, 4);
  CAF_CHECK(contains(answer.err, "[config-invalid]"));
  CAF_CHECK(!has_socket());
}

CAF_TEST_FIXTURE_SCOPE_END()
