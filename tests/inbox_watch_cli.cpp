#define CAF_SUITE inbox_watch_cli

#include "tests/support/child_process.hpp"
#include "tests/support/daemon_process.hpp"
#include "tests/support/muster_command.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace muster::test;
using namespace std::chrono_literals;

namespace {

/// Sits in a daemon's place: takes one request after the other, and answers when the test says so. Nothing waits
/// for longer than ten seconds.
class scripted_daemon {
public:
  explicit scripted_daemon(const std::string& directory) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (directory + "/muster.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    CAF_REQUIRE(::bind(listens_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    CAF_REQUIRE(::listen(listens_, 8) == 0);
  }
  scripted_daemon(const scripted_daemon&) = delete;
  scripted_daemon& operator=(const scripted_daemon&) = delete;
  ~scripted_daemon() {
    hang_up();
    ::close(listens_);
  }

  /// "OPERATION BODY" of the next one. Who connects and asks nothing only looks whether anybody is there.
  std::string next() {
    std::string text;
    while (text.empty() && comes(listens_)) {
      hang_up();
      asks_ = ::accept(listens_, nullptr, nullptr);
      text = request();
    }
    return text;
  }
  void answer(const std::string& body) {
    const auto text = "HTTP/1.1 200 OK\r\nMuster-Release: 1\r\nContent-Length: " + std::to_string(body.size()) +
                      "\r\nConnection: close\r\n\r\n" + body;
    CAF_CHECK_EQUAL(::send(asks_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// Whether the one who asked has gone without an answer.
  bool was_left() {
    char byte;
    return comes(asks_) && ::recv(asks_, &byte, 1, 0) == 0;
  }

private:
  static bool comes(int what) {
    pollfd waits{what, POLLIN, 0};
    return ::poll(&waits, 1, 10'000) == 1;
  }
  std::string request() const {
    std::string all;
    char some[4096];
    for (;;) {
      const auto head = all.find("\r\n\r\n");
      const auto length = all.find("Content-Length: ");
      if (head != std::string::npos && length != std::string::npos &&
          all.size() == head + 4 + std::stoul(all.substr(length + 16)))
        return all.substr(9, all.find(' ', 9) - 9) + " " + all.substr(head + 4);
      const auto got = comes(asks_) ? ::recv(asks_, some, sizeof some, 0) : 0;
      if (got <= 0)
        return {};
      all.append(some, static_cast<std::size_t>(got));
    }
  }
  void hang_up() {
    if (asks_ >= 0)
      ::close(asks_);
    asks_ = -1;
  }

  int listens_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int asks_ = -1;
};

struct fixture : muster_command {
  std::string shown = place.path() + "/shown";

  void add_agent() const {
    std::filesystem::create_directory(place.path() + "/atlas");
    CAF_REQUIRE_EQUAL(muster({"register", place.path() + "/atlas", "--name", "atlas"}).exit, 0);
  }
  std::string content() const {
    std::ifstream file(shown);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool shows(const std::string& part) const {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (content().find(part) == std::string::npos && std::chrono::steady_clock::now() < give_up)
      std::this_thread::yield();
    return content().find(part) != std::string::npos;
  }
  static void ends_when_interrupted(child_process& watch) {
    watch.signal(SIGINT);
    const auto ended = watch.wait(10s);
    CAF_REQUIRE(ended.has_value());
    CAF_CHECK_EQUAL(ended->exit, 0);
  }
};

std::string event(int number, const std::string& kind, const std::string& agent) {
  const auto text = std::to_string(number);
  return R"({"events":[{"number":)" + text + R"(,"kind":")" + kind + R"(","id":")" + agent + R"("}],"at":"LOG@)" +
         text + "\"}";
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(inbox_watches, fixture)

CAF_TEST(a watch asks once and waits within the daemon until mail of its agent comes) {
  std::filesystem::create_directory(data);
  scripted_daemon daemon(data);
  child_process watch(line({"relay", "inbox", "atlas", "--watch", "--json"}), {.out_file = shown});
  CAF_CHECK_EQUAL(daemon.next(), "events {}");
  daemon.answer(R"({"events":[],"at":"LOG@1"})");
  CAF_CHECK_EQUAL(daemon.next(), R"(relay-inbox {"agent":"atlas"})");
  const std::string empty = R"({"agent":"A","messages":[],"more":false})";
  daemon.answer(empty);
  CAF_CHECK_EQUAL(daemon.next(), R"(events {"after":"LOG@1","waitMs":60000})");
  // Nothing came, or something that is of no concern: it waits on, and does not look.
  daemon.answer(R"({"events":[],"at":"LOG@1"})");
  CAF_CHECK_EQUAL(daemon.next(), R"(events {"after":"LOG@1","waitMs":60000})");
  daemon.answer(event(2, "mail", "B"));
  CAF_CHECK_EQUAL(daemon.next(), R"(events {"after":"LOG@2","waitMs":60000})");
  daemon.answer(event(3, "health-changed", "A"));
  CAF_CHECK_EQUAL(daemon.next(), R"(events {"after":"LOG@3","waitMs":60000})");
  CAF_CHECK_EQUAL(content(), empty + "\n");
  daemon.answer(event(4, "mail", "A"));
  CAF_CHECK_EQUAL(daemon.next(), R"(relay-inbox {"agent":"atlas"})");
  const std::string full = R"({"agent":"A","messages":[{"id":"M"}],"more":false})";
  daemon.answer(full);
  CAF_CHECK_EQUAL(daemon.next(), R"(events {"after":"LOG@4","waitMs":60000})");
  CAF_CHECK_EQUAL(content(), empty + "\n" + full + "\n");
  // The daemon still owes that answer.
  ends_when_interrupted(watch);
  CAF_CHECK(daemon.was_left());
}

CAF_TEST(a watch that has missed events looks and what it acknowledges is asked for until there is no more) {
  std::filesystem::create_directory(data);
  scripted_daemon daemon(data);
  child_process watch(line({"relay", "inbox", "atlas", "--watch", "--ack", "--json"}), {.out_file = shown});
  CAF_CHECK_EQUAL(daemon.next(), "events {}");
  daemon.answer(R"({"events":[],"at":"LOG@1"})");
  CAF_CHECK_EQUAL(daemon.next(), R"(relay-inbox {"agent":"atlas"})");
  daemon.answer(R"({"agent":"A","messages":[{"id":"M"}],"more":true})");
  CAF_CHECK_EQUAL(daemon.next(), R"(relay-ack {"agent":"atlas","messages":["M"]})");
  daemon.answer(R"({"agent":"A","acknowledged":1})");
  CAF_CHECK_EQUAL(daemon.next(), R"(relay-inbox {"agent":"atlas"})");
  daemon.answer(R"({"agent":"A","messages":[{"id":"N"}],"more":false})");
  CAF_CHECK_EQUAL(daemon.next(), R"(relay-ack {"agent":"atlas","messages":["N"]})");
  daemon.answer(R"({"agent":"A","acknowledged":1})");
  CAF_CHECK_EQUAL(daemon.next(), R"(events {"after":"LOG@1","waitMs":60000})");
  const auto before = content();
  daemon.answer(R"({"missed":{"first":2,"last":9},"events":[],"at":"OTHER@9"})");
  CAF_CHECK_EQUAL(daemon.next(), R"(relay-inbox {"agent":"atlas"})");
  daemon.answer(R"({"agent":"A","messages":[],"more":false})");
  CAF_CHECK_EQUAL(daemon.next(), R"(events {"after":"OTHER@9","waitMs":60000})");
  // That nothing is left of what was acknowledged is no news.
  CAF_CHECK_EQUAL(content(), before);
  ends_when_interrupted(watch);
}

CAF_TEST(mail shows up in a watch beside a daemon) {
  add_agent();
  daemon_process daemon(line({"serve"}), place.path() + "/said");
  CAF_REQUIRE(wait_for_socket(data, 10s));
  child_process watch(line({"relay", "inbox", "atlas", "--watch"}), {.out_file = shown});
  CAF_REQUIRE(shows("no mail\n"));
  CAF_CHECK_EQUAL(muster({"relay", "send", "atlas", "the first"}).exit, 0);
  CAF_CHECK(shows("  the first\n"));
  CAF_CHECK_EQUAL(muster({"relay", "send", "atlas", "the second"}).exit, 0);
  CAF_CHECK(shows("  the second\n"));
  ends_when_interrupted(watch);
  daemon.signal(SIGTERM);
  CAF_CHECK_EQUAL(daemon.wait(), 0);
}

CAF_TEST(a watch keeps nobody out of a directory that no daemon serves) {
  add_agent();
  child_process watch(line({"relay", "inbox", "atlas", "--watch"}), {.out_file = shown});
  CAF_REQUIRE(shows("no mail\n"));
  CAF_CHECK_EQUAL(muster({"relay", "send", "atlas", "hello"}).exit, 0);
  CAF_CHECK(shows("  hello\n"));
  ends_when_interrupted(watch);
}

CAF_TEST_FIXTURE_SCOPE_END()
