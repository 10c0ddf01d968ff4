#define CAF_SUITE gateway_test

#include "muster/runner/gateway.hpp"

#include "tests/support/muster_stand_in.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/scratch_directory.hpp"

#include "muster/runner/actor_host.hpp"
#include "muster/runner/gateway_client.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/store/splitmix.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct fixture {
  scratch_directory place;
  std::string data = place.path();
  real_environment world;
  environment env = world.view();
  actor_host host;
  std::shared_ptr<stand_in_script> script = std::make_shared<stand_in_script>();
  muster_actor stand_in = host.system().spawn<muster_stand_in>(script);
  std::optional<gateway> open_gateway;

  explicit fixture() { serve({}); }
  ~fixture() {
    open_gateway.reset();
    caf::anon_send_exit(stand_in, caf::exit_reason::kill);
  }

  void serve(const gateway_options& options) {
    open_gateway.reset();
    auto opened = gateway::open(
        host.system(), env, {stand_in, data, std::make_shared<config_keeper>(env, data), [](settings&) {}}, options);
    CAF_REQUIRE(opened.has_value());
    open_gateway.emplace(std::move(*opened));
  }
  /// The status that bytes are answered with, on a connection of their own.
  int status_for(std::string_view bytes) const {
    raw_client client(data);
    (void)client.send(bytes);
    return status_of(client.answer());
  }
  bool works() const { return status_for(post("list", "{}")) == 200; }
  /// Waits until the muster was asked so often.
  bool was_asked(std::size_t often) const {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (script->asked() < often && std::chrono::steady_clock::now() < give_up)
      std::this_thread::yield();
    return script->asked() >= often;
  }
};

std::string get(std::string_view target, std::string_view method = "GET") {
  return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: muster\r\n\r\n";
}

/// What a client of another user comes to, if we may become one.
enum class stranger : int { answered, turned_away, kept_out, not_possible };

/// Between fork and its end the child only makes system calls.
stranger ask_as_another(const std::string& directory) {
  constexpr uid_t nobody = 65534;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (directory + "/muster.sock").copy(address.sun_path, sizeof address.sun_path - 1);
  const auto request = get("/v1/list");
  const auto child = ::fork();
  if (child == 0) {
    const auto end = [](stranger what) { ::_exit(static_cast<int>(what)); };
    if (::syscall(SYS_setresuid, nobody, nobody, nobody) != 0)
      end(stranger::not_possible);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      end(errno == EACCES ? stranger::kept_out : stranger::not_possible);
    char some[16];
    (void)::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
    end(::recv(socket, some, sizeof some, 0) > 0 ? stranger::answered : stranger::turned_away);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? static_cast<stranger>(WEXITSTATUS(status)) : stranger::not_possible;
}

/// Something in the daemon's place that says what it likes to the first who asks.
struct impostor {
  int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  std::thread thread;

  impostor(const std::string& directory, std::string says) {
    ::unlink((directory + "/muster.sock").c_str());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (directory + "/muster.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    CAF_REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    CAF_REQUIRE(::listen(socket, 8) == 0);
    // A client looks first whether anybody is there.
    thread = std::thread([this, says = std::move(says)] {
      const int probe = ::accept(socket, nullptr, nullptr);
      const int asks = ::accept(socket, nullptr, nullptr);
      char some[512];
      (void)!::recv(asks, some, sizeof some, 0);
      (void)!::send(asks, says.data(), says.size(), MSG_NOSIGNAL);
      ::close(asks);
      ::close(probe);
    });
  }
  ~impostor() {
    thread.join();
    ::close(socket);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(gateways, fixture)

CAF_TEST(operations are answered by POST and reads by GET on one connection) {
  script->answer_with(index_dumped{"x"});
  raw_client client(data);
  CAF_REQUIRE(client.send(post("dump", "{}", "Content-Type: Application/JSON; charset=utf-8\r\n")));
  const auto answer = client.answer();
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK_EQUAL(body_of(answer), R"({"dump":"x"})");
  CAF_CHECK(contains(answer, "Content-Type: application/json\r\n"));
  CAF_CHECK(contains(answer, "Muster-Release: 1\r\n"));
  CAF_REQUIRE(client.send(get("/v1/dump")));
  CAF_CHECK_EQUAL(body_of(client.answer()), R"({"dump":"x"})");
  CAF_REQUIRE(client.send("POST /v1/dump HTTP/1.0\r\n\r\n"));
  CAF_CHECK(client.rest().ends_with(R"({"dump":"x"})"));
  CAF_CHECK(client.ended());
}

CAF_TEST([GP19] only the user can reach the socket) {
  struct stat status {};
  CAF_REQUIRE(::stat((data + "/muster.sock").c_str(), &status) == 0);
  CAF_CHECK(S_ISSOCK(status.st_mode));
  CAF_CHECK_EQUAL(status.st_mode & 07777u, 0600u);
}

CAF_TEST(whoever comes as another user is turned away even where the socket is open to all) {
  if (::geteuid() != 0) {
    std::puts("lane gateway_test: not run: only root can come as another user");
    return;
  }
  const auto as_number = [](stranger what) { return static_cast<int>(what); };
  CAF_CHECK_EQUAL(as_number(ask_as_another(data)), as_number(stranger::kept_out));
  CAF_REQUIRE(::chmod(data.c_str(), 0755) == 0 && ::chmod((data + "/muster.sock").c_str(), 0666) == 0);
  CAF_CHECK_EQUAL(as_number(ask_as_another(data)), as_number(stranger::turned_away));
  CAF_CHECK(works());
}

CAF_TEST(a stale socket is replaced and one of a daemon that ended is gone) {
  open_gateway.reset();
  CAF_CHECK(::access((data + "/muster.sock").c_str(), F_OK) != 0);
  const auto is_nobody = [this] {
    const auto found = dial_daemon(env, data);
    return !found && found.error().kind == failure_kind::unreachable && found.error().code == "no-daemon";
  };
  CAF_CHECK(is_nobody());
  {
    const impostor killed(data, "");
    raw_client probe(data);
    raw_client asks(data);
    asks.finish();
    (void)asks.rest();
  }
  CAF_CHECK(::access((data + "/muster.sock").c_str(), F_OK) == 0);
  CAF_CHECK(is_nobody());
  serve({});
  CAF_CHECK(works());
}

CAF_TEST(a data directory with a path of two hundred bytes works) {
  data = place.path() + "/" + std::string(200, 'a');
  CAF_REQUIRE(::mkdir(data.c_str(), 0700) == 0);
  serve({});
  CAF_CHECK(works());
  const auto client = dial_daemon(env, data);
  CAF_REQUIRE(client.has_value());
  CAF_CHECK((*client)->call("list", "{}").has_value());
}

CAF_TEST(requests that are pipelined are answered in their order) {
  script->answer_with(index_dumped{"first"});
  raw_client client(data);
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += post("dump", "{}") + get("/v1/nothing") + post("list", "{}");
  CAF_REQUIRE(client.send(all));
  std::size_t wrong = 0;
  for (int i = 0; i < 50; ++i) {
    wrong += body_of(client.answer()) != R"({"dump":"first"})";
    wrong += status_of(client.answer()) != 404;
    wrong += body_of(client.answer()) != R"({"agents":[]})";
  }
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(a HEAD is told no and what comes behind it is answered) {
  raw_client client(data);
  CAF_REQUIRE(client.send(get("/v1/list", "HEAD") + post("list", "{}")));
  client.finish();
  const auto all = client.rest();
  CAF_CHECK_EQUAL(status_of(all), 405);
  CAF_CHECK(all.find("\r\nContent-Length: 0\r\n") == std::string::npos);
  const auto behind = body_of(all);
  CAF_CHECK_EQUAL(status_of(behind), 200);
  CAF_CHECK_EQUAL(body_of(behind), R"({"agents":[]})");
}

CAF_TEST(bad requests are answered with their status and the muster never hears of them) {
  const std::pair<int, std::string> samples[] = {
      {404, get("/")},
      {404, get("/v1/")},
      {404, get("/v1/list/")},
      {404, get("/v1/list?x=1")},
      {404, get("/v1/../v1/list")},
      {404, get("http://muster/v1/list")},
      {404, post("nothing", "{}")},
      {405, get("/v1/register")},
      {405, get("/v1/sweep")},
      {405, get("/v1/list", "DELETE")},
      {405, get("/v1/list", "OPTIONS")},
      {405, get("/v1/list", "FROBNICATE")},
      {400, "GET /v1/list HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"},
      {415, post("list", "{}", "Content-Type: text/plain\r\n")},
      {415, post("list", "{}", "Content-Type: application/jsonp\r\n")},
      {409, post("list", "{}", "Muster-Release: 2\r\n")},
      {400, "hello\r\n\r\n"},
      {400, "\x16\x03\x01\x02garbage\r\n\r\n"},
      {400, "GET /v1/list HTTP/9.9\r\n\r\n"},
      {400, "GET /v1/list HTTP/1.1\r\nno colon\r\n\r\n"},
      {400, "POST /v1/list HTTP/1.1\r\nContent-Length: -1\r\n\r\n"},
      {400, "POST /v1/list HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
      {400, "POST /v1/list HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
      {400, post("list", "garbage")},
      {400, post("list", "{\"runtmie\":\"x\"}")},
      {501, "POST /v1/list HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n{}"},
      {501, "POST /v1/list HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
      {431, "GET /v1/list HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n"},
      {431, "GET /" + std::string(100000, 'x')},
      {431, "POST /v1/list HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(200000, 'e')},
      {431, "POST /v1/list HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(200000, '0')},
      {413, "POST /v1/list HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n"},
      {413, "POST /v1/list HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n"},
      {413, post("list", std::string(4 * 1024 * 1024, ' '))},
      {413, "POST /v1/list HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" + std::string(0x100001, ' ')},
  };
  const auto before = script->asked();
  std::size_t wrong = 0;
  for (const auto& [status, bytes] : samples)
    if (const auto found = status_for(bytes); found != status) {
      ++wrong;
      CAF_MESSAGE(status << " expected, " << found << " found: " << bytes.substr(0, 60));
    }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_EQUAL(script->asked(), before);
  CAF_CHECK_EQUAL(status_for(post("list", std::string(1024 * 1024 - 2, ' ') + "{}")), 200);
  CAF_CHECK_EQUAL(status_for(get("/v1/list?x=1") + post("list", "{}")), 404);
}

CAF_TEST(a failure is answered with the status of its kind) {
  for (const auto& [kind, status] : {std::pair{failure_kind::failed, 500},
                                     {failure_kind::usage, 400},
                                     {failure_kind::not_found, 404},
                                     {failure_kind::refused, 422},
                                     {failure_kind::unreachable, 502},
                                     {failure_kind::release_mismatch, 409},
                                     {failure_kind::damaged, 500},
                                     {failure_kind::busy, 503},
                                     {failure_kind::unknown_outcome, 504}}) {
    script->fail_with(failure{kind, "some-code", "why"});
    CAF_CHECK_EQUAL(status_for(post("list", "{}")), status);
    const auto client = dial_daemon(env, data);
    CAF_REQUIRE(client.has_value());
    const auto answer = (*client)->call("list", "{}");
    CAF_CHECK(!answer && answer.error().kind == kind && answer.error().code == "some-code");
  }
}

CAF_TEST(slow and half requests and those who say nothing are hung up on) {
  serve({.patience = 100ms, .farewell = 100ms});
  for (const auto* bytes :
       {"", "P", "POST /v1/list HTTP/1.1\r\nConte", "POST /v1/list HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}"}) {
    raw_client client(data);
    CAF_REQUIRE(client.send(bytes));
    CAF_CHECK_EQUAL(client.rest(), "");
    CAF_CHECK(client.ended());
  }
  raw_client quick(data);
  CAF_REQUIRE(quick.send("POST /v1/list HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}"));
  quick.finish();
  CAF_CHECK_EQUAL(quick.rest(), "");
  raw_client stubborn(data);
  // Refused at its header, and does not listen.
  CAF_REQUIRE(stubborn.send("POST /v1/list HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"));
  CAF_CHECK_EQUAL(status_of(stubborn.rest()), 413);
  CAF_CHECK(works());
}

CAF_TEST(an answer that nobody waits for any more harms nobody) {
  script->hold_sweeps();
  for (std::size_t i = 1; i <= 8; ++i) {
    raw_client client(data);
    CAF_REQUIRE(client.send(post("sweep", "{}")));
    CAF_REQUIRE(was_asked(i));
    client.hang_up();
  }
  caf::anon_send_exit(stand_in, caf::exit_reason::kill);
  CAF_CHECK_EQUAL(status_for(post("list", "{}")), 504);
}

CAF_TEST(a client that goes while it is asking gives its place to another) {
  constexpr std::size_t most = 2;
  serve({.connections = most});
  script->hold_sweeps();
  for (std::size_t i = 1; i <= most; ++i) {
    raw_client client(data);
    CAF_REQUIRE(client.send(post("sweep", "{}")));
    CAF_REQUIRE(was_asked(i));
  }
  bool free_again = false;
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (!free_again && std::chrono::steady_clock::now() < give_up)
    free_again = works();
  CAF_REQUIRE(free_again);
  // As many again stay, for what the others asked for is still under way.
  const auto before = script->asked();
  const auto come_and_go = [&] { return raw_client(data).send(post("sweep", "{}")); };
  while (script->asked() < before + most && std::chrono::steady_clock::now() < give_up)
    (void)come_and_go();
  for (int i = 0; i < 100; ++i)
    (void)come_and_go();
  CAF_CHECK(!works());
  CAF_CHECK_EQUAL(script->asked(), before + most);
  // When that has ended all is as before.
  caf::anon_send_exit(stand_in, caf::exit_reason::kill);
  bool answers = false;
  while (!answers && std::chrono::steady_clock::now() < give_up)
    answers = status_for(post("list", "{}")) == 504;
  CAF_CHECK(answers);
}

CAF_TEST(of a hundred connections sixty four are answered and the others told to come back) {
  std::vector<raw_client> clients;
  for (int i = 0; i < 64; ++i) {
    clients.emplace_back(data);
    // So that the connection is taken before the next one comes.
    CAF_REQUIRE(clients.back().send(post("list", "{}")));
    CAF_REQUIRE_EQUAL(status_of(clients.back().answer()), 200);
  }
  std::size_t busy = 0;
  for (int i = 0; i < 36; ++i) {
    raw_client late(data);
    CAF_REQUIRE(late.send(post("list", "{}")));
    const auto answer = late.rest();
    busy += status_of(answer) == 503 && contains(answer, "too-many-connections");
  }
  CAF_CHECK_EQUAL(busy, 36u);
  std::size_t answered = 0;
  for (auto& each : clients)
    answered += each.send(post("list", "{}")) && status_of(each.answer()) == 200;
  CAF_CHECK_EQUAL(answered, 64u);
  clients.clear();
  bool free_again = false;
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (!free_again && std::chrono::steady_clock::now() < give_up)
    free_again = works();
  CAF_CHECK(free_again);
}

CAF_TEST(beyond those who are turned away a client is told to come back unread) {
  serve({.connections = 1});
  raw_client answered(data);
  CAF_REQUIRE(answered.send(post("list", "{}")) && status_of(answered.answer()) == 200);
  const raw_client waits(data); // to be turned away
  for (int i = 0; i < 20; ++i) {
    const auto told = dial_daemon(env, data).value()->call("sweep", "{}");
    CAF_CHECK(told.has_error() && told.error().kind == failure_kind::busy);
  }
}

CAF_TEST(a gateway that closes answers what is under way and takes nothing new) {
  script->hold_sweeps();
  raw_client busy(data);
  raw_client idle(data);
  CAF_REQUIRE(idle.send(post("list", "{}")));
  CAF_REQUIRE_EQUAL(status_of(idle.answer()), 200);
  CAF_REQUIRE(busy.send(post("sweep", "{}")));
  CAF_REQUIRE(was_asked(2));
  open_gateway->refuse_new();
  CAF_CHECK_EQUAL(idle.rest(), "");
  CAF_CHECK(idle.ended());
  CAF_CHECK(!raw_client(data).connected());
  caf::anon_send_exit(stand_in, caf::exit_reason::kill);
  const auto last = busy.rest();
  CAF_CHECK_EQUAL(status_of(last), 504);
  CAF_CHECK(contains(last, "Connection: close"));
  open_gateway->close(10s);
}

CAF_TEST(the client tells a lost change from a lost read) {
  script->hold_sweeps();
  const auto client = dial_daemon(env, data);
  CAF_REQUIRE(client.has_value());
  expected<std::string> answer = failure{failure_kind::failed, "", ""};
  std::thread asking([&] { answer = (*client)->call("sweep", "{}"); });
  CAF_CHECK(was_asked(1));
  open_gateway.reset();
  asking.join();
  CAF_CHECK(!answer && answer.error().kind == failure_kind::unknown_outcome && answer.error().code == "daemon-lost");
  const auto gone = (*client)->call("sweep", "{}");
  CAF_CHECK(!gone && gone.error().kind == failure_kind::unreachable && gone.error().code == "no-daemon");
  const auto unknown = (*client)->call("nothing", "{}");
  CAF_CHECK(!unknown && unknown.error().code == "no-such-operation");
}

CAF_TEST(the client believes nobody but a muster of its release) {
  const std::string header = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
  const std::tuple<std::string, const char*, const char*> samples[] = {
      {"", "daemon-lost", "daemon-lost"},
      {"HTTP/1.1 200 OK\r\nMuster-Release: 1\r\nContent-Length: 9\r\n\r\n{}", "daemon-lost", "daemon-lost"},
      {"garbage\r\n\r\n", "daemon-lost", "daemon-lost"},
      {header + "\r\n{}", "daemon-answer", "daemon-answer"},
      {header + "Muster-Release: 2\r\n\r\n{}", "daemon-answer", "daemon-answer"},
      {"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}", "daemon-answer", "daemon-answer"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(9000, 'x') + "\r\n\r\n", "daemon-lost", "daemon-lost"},
  };
  open_gateway.reset();
  std::size_t wrong = 0;
  for (const auto& [says, of_read, of_change] : samples)
    for (const bool change : {false, true}) {
      const impostor other(data, says);
      const auto client = dial_daemon(env, data);
      CAF_REQUIRE(client.has_value());
      const auto answer = (*client)->call(change ? "sweep" : "list", "{}");
      const auto kind = change ? failure_kind::unknown_outcome : failure_kind::unreachable;
      wrong += answer || answer.error().kind != kind || answer.error().code != (change ? of_change : of_read);
    }
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(noise of any kind leaves the gateway at work) {
  constexpr std::uint64_t seed = 20261120;
  splitmix random(seed);
  serve({.patience = 500ms, .farewell = 100ms});
  const std::string samples[] = {post("list", "{}"), get("/v1/status"), post("show", R"({"agent":"a"})"),
                                 "POST /v1/list HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"};
  std::size_t sent = 0;
  for (int i = 0; i < 1500; ++i) {
    auto bytes = samples[random.below(std::size(samples))];
    for (auto edits = random.below(6); edits > 0; --edits) {
      const auto at = random.below(bytes.size());
      switch (random.below(3)) {
        case 0: bytes[at] = static_cast<char>(random.below(256)); break;
        case 1: bytes.erase(at, 1 + random.below(8)); break;
        default: bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(64)));
      }
      if (bytes.empty())
        bytes = "x";
    }
    raw_client client(data);
    sent += client.connected() && client.send(bytes);
    client.finish();
    if (random.below(4) == 0)
      (void)client.answer();
  }
  CAF_CHECK(sent > 1000);
  CAF_CHECK(works());
  std::printf("lane gateway_test: %zu noisy connections, seed %llu\n", sent, static_cast<unsigned long long>(seed));
}

CAF_TEST_FIXTURE_SCOPE_END()
