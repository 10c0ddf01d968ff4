#define CAF_SUITE relay_cli

#include "tests/support/daemon_process.hpp"
#include "tests/support/muster_command.hpp"
#include "tests/support/raw_client.hpp"

#include "muster/store/json.hpp"

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
  fixture() {
    for (const std::string name : {"atlas", "scout"}) {
      std::filesystem::create_directory(place.path() + "/" + name);
      CAF_REQUIRE(muster({"register", place.path() + "/" + name, "--name", name, "--namespace", "x"}).exit == 0);
    }
    std::filesystem::create_directory(place.path() + "/loner");
    CAF_REQUIRE(muster({"register", place.path() + "/loner", "--name", "loner", "--namespace", "y"}).exit == 0);
  }

  std::string said(std::vector<std::string> arguments) const {
    const auto answer = muster(std::move(arguments));
    CAF_CHECK_EQUAL(answer.exit, 0);
    return answer.out;
  }
  std::unique_ptr<daemon_process> serve() const {
    auto daemon = std::make_unique<daemon_process>(line({"serve"}), place.path() + "/said");
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    const auto answers = [this] {
      raw_client client(data);
      return client.connected() && client.send(post("list", "{}")) && status_of(client.answer()) == 200;
    };
    while (!answers() && std::chrono::steady_clock::now() < give_up)
      std::this_thread::yield();
    return daemon;
  }
  /// Sent, read, acknowledged and gone; the same with and without a daemon.
  void talk() const {
    const auto sent =
        muster::json::document::parse(said({"relay", "send", "atlas", "good \"day\"", "--from", "scout", "--json"}));
    CAF_REQUIRE(sent.has_value());
    CAF_CHECK(sent->root().find("delivered").as_bool());
    CAF_CHECK(!sent->root().find("held").as_bool());
    const auto id = sent->root().find("messageId").as_string();
    CAF_CHECK_EQUAL(sent->root().size(), 3u);
    const auto shown = said({"relay", "inbox", "atlas"});
    CAF_CHECK(shown.starts_with(id + "  from relay.agent.x."));
    CAF_CHECK(shown.find("\n  good \"day\"\n") != std::string::npos);
    const auto read = muster::json::document::parse(said({"relay", "inbox", "atlas", "--ack", "--json"}));
    CAF_REQUIRE(read && read->root().find("messages").size() == 1);
    const auto message = *read->root().find("messages").begin();
    CAF_CHECK_EQUAL(message.find("payload").as_string(), "good \"day\"");
    CAF_CHECK(message.find("read").as_bool());
    CAF_CHECK_EQUAL(said({"relay", "inbox", "atlas"}), "no mail\n");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(relay_commands, fixture)

CAF_TEST(mail is sent and read and acknowledged by commands that come and go) {
  talk();
}

CAF_TEST(mail is sent and read and acknowledged through a daemon and is there without it) {
  {
    const auto daemon = serve();
    talk();
    CAF_CHECK_EQUAL(muster({"relay", "send", "atlas", "later"}).exit, 0);
    daemon->signal(SIGTERM);
    CAF_CHECK_EQUAL(daemon->wait(), 0);
  }
  CAF_CHECK(said({"relay", "inbox", "atlas", "--ack"}).find("from relay.human.console") != std::string::npos);
}

CAF_TEST(a sender reaches nobody outside its namespace and is told the rule) {
  const auto refused = muster({"relay", "send", "loner", "hello", "--from", "scout"});
  CAF_CHECK_EQUAL(refused.exit, 4);
  CAF_CHECK(refused.err.find("Access denied: relay.agent.x.") != std::string::npos);
  CAF_CHECK_EQUAL(said({"relay", "inbox", "loner"}), "no mail\n");
  CAF_CHECK_EQUAL(muster({"relay", "send", "loner", "hello"}).exit, 0);
  CAF_CHECK_EQUAL(muster({"relay", "send", "nobody", "hello"}).exit, 3);
  CAF_CHECK_EQUAL(muster({"relay", "send", "loner", "hello", "--from", ""}).exit, 4);
}

CAF_TEST(the budget of a sender is one for commands that come and go and for a daemon) {
  CAF_REQUIRE_EQUAL(muster({"update", "scout", "--set", R"(budget={"maxHopsPerMessage":5,"maxCallsPerHour":3})"}).exit,
                    0);
  const std::vector<std::string> line{"relay", "send", "atlas", "hello", "--from", "scout"};
  CAF_CHECK_EQUAL(muster(line).exit, 0);
  CAF_CHECK_EQUAL(muster(line).exit, 0);
  {
    const auto daemon = serve();
    CAF_CHECK_EQUAL(muster(line).exit, 0);
    CAF_CHECK_EQUAL(muster(line).exit, 4);
    daemon->signal(SIGKILL);
    (void)daemon->wait();
  }
  const auto refused = muster(line);
  CAF_CHECK_EQUAL(refused.exit, 4);
  CAF_CHECK(refused.err.find("budget.maxCallsPerHour") != std::string::npos);
  CAF_CHECK_EQUAL(muster({"relay", "send", "atlas", "hello"}).exit, 0);
}

CAF_TEST(a request that is repeated is one message) {
  const std::vector<std::string> line{"relay", "send", "atlas", "once", "--request-id", "r-1", "--json"};
  const auto first = said(line);
  CAF_CHECK_EQUAL(said(line), first);
  const auto other = muster({"relay", "send", "atlas", "twice", "--request-id", "r-1"});
  CAF_CHECK_EQUAL(other.exit, 4);
}

CAF_TEST(endpoints and the dead are listed) {
  CAF_CHECK_EQUAL(muster({"relay", "send", "atlas", "hello"}).exit, 0);
  const auto endpoints = said({"relay", "endpoints"});
  CAF_CHECK(endpoints.find("relay.agent.x.") != std::string::npos &&
            endpoints.find("relay.agent.y.") != std::string::npos);
  const auto listed = muster::json::document::parse(said({"relay", "endpoints", "--json"}));
  CAF_REQUIRE(listed && listed->root().find("endpoints").size() == 3);
  CAF_CHECK_EQUAL(said({"relay", "dead"}), "no dead letters\n");
  CAF_CHECK_EQUAL(muster({"unregister", "atlas"}).exit, 0);
}

CAF_TEST(without a relay every command about it says so) {
  CAF_CHECK_EQUAL(muster({"config", "set", "relay", "none"}).exit, 0);
  for (const std::vector<std::string>& each : {std::vector<std::string>{"relay", "endpoints"},
                                               {"relay", "send", "atlas", "hello"},
                                               {"relay", "inbox", "atlas"},
                                               {"relay", "dead"}}) {
    const auto refused = muster(each);
    CAF_CHECK_EQUAL(refused.exit, 4);
    CAF_CHECK(refused.err.find("config set relay strict") != std::string::npos);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
