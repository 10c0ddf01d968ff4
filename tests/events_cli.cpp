#define CAF_SUITE events_cli

#include "tests/support/daemon_process.hpp"
#include "tests/support/muster_command.hpp"
#include "tests/support/raw_client.hpp"

#include <boost/json.hpp>
#include <caf/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

using namespace muster::test;
using namespace std::chrono_literals;

namespace {

struct fixture : muster_command {
  std::unique_ptr<daemon_process> daemon;

  std::string project(const char* name) const {
    auto path = place.path() + "/" + name;
    std::filesystem::create_directory(path);
    return path;
  }

  void serve() {
    daemon = std::make_unique<daemon_process>(line({"serve"}), place.path() + "/said");
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (status_of(ask("list", "{}")) != 200 && std::chrono::steady_clock::now() < give_up)
      std::this_thread::yield();
  }
  void stop() {
    daemon->signal(SIGTERM);
    CAF_CHECK_EQUAL(daemon->wait(), 0);
  }
  std::string ask(const std::string& operation, const std::string& request) const {
    raw_client client(data);
    return client.connected() && client.send(post(operation, request)) ? client.answer() : "";
  }

  /// Reads on, and waits for something; `kind id` of each event.
  std::string read_on(std::string& at, bool waits = true) const {
    const auto request =
        at.empty() ? std::string("{}") : R"({"after":")" + at + R"(","waitMs":)" + (waits ? "9000}" : "0}");
    boost::json::error_code failed;
    const auto body = body_of(ask("events", request));
    const auto read = boost::json::parse({body.data(), body.size()}, failed);
    if (failed || !read.is_object() || !read.as_object().contains("events"))
      return "no events: " + body;
    at = read.at("at").as_string().c_str();
    std::string result = read.as_object().contains("missed") ? "missed;" : "";
    for (const auto& each : read.at("events").as_array())
      result += std::string(each.at("kind").as_string()) + " " + std::string(each.at("name").as_string()) + " " +
                std::string(each.at("health").as_string()) + ";";
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(events, fixture)

CAF_TEST(whoever reads over the socket hears what commands do) {
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  serve();
  std::string at;
  CAF_CHECK_EQUAL(read_on(at), "");
  const auto atlas = project("atlas");
  CAF_REQUIRE_EQUAL(muster({"register", atlas, "--name", "atlas", "--runtime", "codex"}).exit, 0);
  CAF_CHECK_EQUAL(read_on(at), "registered atlas stale;");
  CAF_REQUIRE_EQUAL(muster({"heartbeat", "atlas", "--event", "hello"}).exit, 0);
  CAF_CHECK_EQUAL(read_on(at), "health-changed atlas active;");
  CAF_CHECK(muster({"show", "atlas"}).out.find("(hello)") != std::string::npos);
  CAF_REQUIRE_EQUAL(muster({"update", "atlas", "--set", "persona=kind"}).exit, 0);
  CAF_CHECK_EQUAL(read_on(at), "updated atlas active;");
  CAF_REQUIRE_EQUAL(muster({"unregister", "atlas"}).exit, 0);
  CAF_CHECK_EQUAL(read_on(at), "removed atlas active;");
  CAF_CHECK_EQUAL(read_on(at, false), "");
  stop();
}

CAF_TEST(health that changes by the passing of time and by a setting is heard) {
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  serve();
  CAF_REQUIRE_EQUAL(muster({"register", project("atlas"), "--name", "atlas", "--runtime", "codex"}).exit, 0);
  std::string at;
  (void)read_on(at);
  CAF_REQUIRE_EQUAL(muster({"heartbeat", "atlas"}).exit, 0);
  CAF_CHECK_EQUAL(read_on(at), "health-changed atlas active;");
  CAF_REQUIRE_EQUAL(muster({"config", "set", "health.active", "1s"}).exit, 0);
  CAF_CHECK_EQUAL(read_on(at), "health-changed atlas inactive;");
  CAF_REQUIRE_EQUAL(muster({"config", "set", "health.stale", "2s"}).exit, 0);
  CAF_CHECK_EQUAL(read_on(at), "health-changed atlas stale;");
  stop();
}

CAF_TEST(a position of an earlier daemon is told to have missed something) {
  CAF_REQUIRE_EQUAL(muster({"init"}).exit, 0);
  serve();
  std::string at;
  (void)read_on(at);
  CAF_REQUIRE_EQUAL(muster({"register", project("atlas"), "--name", "atlas", "--runtime", "codex"}).exit, 0);
  CAF_CHECK_EQUAL(read_on(at), "registered atlas stale;");
  stop();
  serve();
  CAF_CHECK_EQUAL(read_on(at), "missed;");
  CAF_REQUIRE_EQUAL(muster({"heartbeat", "atlas"}).exit, 0);
  CAF_CHECK_EQUAL(read_on(at), "health-changed atlas active;");
  stop();
}

CAF_TEST_FIXTURE_SCOPE_END()
