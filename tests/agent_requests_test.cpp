#define CAF_SUITE agent_requests_test

#include "tests/support/service_double.hpp"

#include "muster/runner/user_path.hpp"
#include "muster/store/data_directory.hpp"
#include "muster/store/ulid.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdlib>

using namespace muster;
using namespace muster::test;

namespace {

constexpr auto placed =
    R"({"agent":"01JC8Z5Q0000000000000000AB","path":"/p/atlas","namespace":"p","subject":"s","contentHash":"9f",)"
    R"("adopted":false,"version":"abcdefghij@12"})";

struct fixture {
  service_double there;

  fixture() {
    for (const auto* each : {"register", "update", "revert", "move"})
      there.answers.insert_or_assign(each, std::string(placed));
    there.answers.insert_or_assign("unregister", std::string(R"({"removed":"01JC"})"));
    there.answers.insert_or_assign("heartbeat",
                                   std::string(R"({"id":"01JC","lastSeenAt":"2026-11-20T10:00:00.000Z"})"));
    there.answers.insert_or_assign("list", std::string(R"({"agents":[{"id":"01JC","name":"atlas"}]})"));
  }

  // The request of a line that asks one thing, with --request-id r1.
  std::string request(std::vector<std::string> line) {
    there.asked.clear();
    line.insert(line.begin(), {"--request-id", "r1"});
    const auto done = there.run(line);
    if (!done.result)
      return std::string(done.result.error().code);
    return there.asked.size() == 1 ? there.asked[0].operation + " " + there.asked[0].request : "asked otherwise";
  }

  expected<answer> result(const std::vector<std::string>& line) { return there.run(line).result; }

  [[nodiscard]] static std::string here() { return settled_path(*absolute_path(".")); }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(agent_requests, fixture)

CAF_TEST([GP18] register says all that was given and nothing else) {
  CAF_CHECK_EQUAL(request({"register", "/nowhere/atlas"}), R"(register {"path":"/nowhere/atlas","requestId":"r1"})");
  CAF_CHECK_EQUAL(request({"register", "/nowhere/atlas", "--name", "atlas", "--runtime", "codex", "--namespace", "lab",
                           "--description", "Does it", "--capability", "a", "--capability=b", "--display-name", "Atlas",
                           "--scan-root", "/nowhere", "--by", "ann"}),
                  R"(register {"path":"/nowhere/atlas","name":"atlas","displayName":"Atlas","runtime":"codex",)"
                  R"("namespace":"lab","description":"Does it","capabilities":["a","b"],"scanRoot":"/nowhere",)"
                  R"("by":"ann","requestId":"r1"})");
}

CAF_TEST(update says changes and capabilities in the order they were typed) {
  CAF_CHECK_EQUAL(request({"update", "atlas", "--set", "personaEnabled=false", "--unset", "persona", "--capability",
                           "+review", "--capability", "-code", "--if-hash", "9f"}),
                  R"(update {"agent":"atlas","ifHash":"9f","changes":[{"field":["personaEnabled"],"value":false},)"
                  R"({"field":["persona"]}],"addCapabilities":["review"],"removeCapabilities":["code"],)"
                  R"("requestId":"r1"})");
  CAF_CHECK_EQUAL(request({"update", "--set", "description=x", "atlas"}),
                  R"(update {"agent":"atlas","changes":[{"field":["description"],"value":"x"}],"requestId":"r1"})");
  CAF_CHECK_EQUAL(request({"update", "atlas", "--set=description=[a,b]"}),
                  R"(update {"agent":"atlas","changes":[{"field":["description"],"value":"[a,b]"}],"requestId":"r1"})");
  CAF_CHECK_EQUAL(request({"update", "atlas"}), "usage");
  CAF_CHECK_EQUAL(request({"update", "atlas", "--capability", "review"}), "no-capability");
}

CAF_TEST([GP18] the other changes say what they are about) {
  CAF_CHECK_EQUAL(request({"revert", "atlas", "abcdefgh@12"}),
                  R"(revert {"agent":"atlas","version":"abcdefgh@12","requestId":"r1"})");
  CAF_CHECK_EQUAL(request({"move", "atlas", "/nowhere/new/../there"}),
                  R"(move {"agent":"atlas","path":"/nowhere/there","requestId":"r1"})");
  CAF_CHECK_EQUAL(request({"unregister", "atlas", "--keep-manifest", "--everywhere"}),
                  R"(unregister {"agent":"atlas","keepManifest":true,"everywhere":true,"requestId":"r1"})");
  CAF_CHECK_EQUAL(request({"heartbeat", "atlas", "--event", "seen"}), R"(heartbeat {"agent":"atlas","event":"seen"})");
}

CAF_TEST(reads say what narrows them) {
  CAF_CHECK_EQUAL(request({"list"}), "list {}");
  CAF_CHECK_EQUAL(request({"list", "--runtime", "codex", "--capability", "c", "--namespace", "n", "--health", "stale",
                           "--all-instances"}),
                  R"(list {"runtime":"codex","capability":"c","namespace":"n","health":"stale","allInstances":true})");
}

CAF_TEST(an agent named like a command and one that begins with a dash can be asked for) {
  CAF_CHECK_EQUAL(request({"heartbeat", "list"}), R"(heartbeat {"agent":"list"})");
  CAF_CHECK_EQUAL(request({"heartbeat", "--", "-x"}), R"(heartbeat {"agent":"-x"})");
}

CAF_TEST(what looks like a path is made absolute and anything else is a name) {
  const auto home = std::string(std::getenv("HOME") ? std::getenv("HOME") : "");
  CAF_CHECK_EQUAL(request({"heartbeat", "."}), R"(heartbeat {"agent":")" + here() + R"("})");
  CAF_CHECK_EQUAL(request({"heartbeat", "./no/../such"}), R"(heartbeat {"agent":")" + here() + R"(/such"})");
  CAF_CHECK_EQUAL(request({"heartbeat", "no/such"}), R"(heartbeat {"agent":")" + here() + R"(/no/such"})");
  CAF_CHECK_EQUAL(request({"heartbeat", "~/no-such-project"}),
                  R"(heartbeat {"agent":")" + settled_path(home) + R"(/no-such-project"})");
  CAF_CHECK_EQUAL(request({"heartbeat", "atlas.two"}), R"(heartbeat {"agent":"atlas.two"})");
  CAF_CHECK_EQUAL(request({"heartbeat", "/nowhere/\xff"}), R"(heartbeat {"agent":"hex:2f6e6f77686572652fff"})");
  CAF_CHECK_EQUAL(request({"heartbeat", ""}), "agent-empty");
}

CAF_TEST(text that is no UTF-8 is refused and a path of such bytes is not) {
  for (const std::vector<std::string>& typed : {std::vector<std::string>{"register", "/p", "--name", "b\xff"},
                                                {"register", "/p", "--name", "b", "--description", "\xfe"},
                                                {"register", "/p", "--name", "b", "--capability", "a\xc3"},
                                                {"relay", "send", "atlas", "\xe9t\xe9"}})
    CAF_CHECK_EQUAL(request(typed), "not-utf-8");
  CAF_CHECK_EQUAL(there.reached, 0u);
}

CAF_TEST(a value that the grammar refuses never reaches the service) {
  const auto wrong = result({"list", "--runtime", "codx"});
  CAF_REQUIRE(!wrong);
  CAF_CHECK_EQUAL(exit_code(wrong.error().kind), 4);
  CAF_CHECK(contains(wrong.error().message, "did you mean 'codex'"));
  CAF_CHECK(!result({"register", "/p", "--runtime", "codx"}));
  CAF_CHECK(!result({"list", "--health", "healthy"}));
  CAF_CHECK_EQUAL(there.reached, 0u);
}

CAF_TEST(an empty value of an option is its value and not the next argument) {
  CAF_CHECK_EQUAL(request({"register", "--name=", "/nowhere/atlas"}),
                  R"(register {"path":"/nowhere/atlas","requestId":"r1"})");
  const auto wrong = result({"--request-id=", "list"});
  CAF_REQUIRE(!wrong);
  CAF_CHECK_EQUAL(exit_code(wrong.error().kind), 2);
}

CAF_TEST(a change without a request id gets one that an unknown outcome tells) {
  there.answers.insert_or_assign("register",
                                 failure{failure_kind::unknown_outcome, "daemon-lost", "the daemon is lost"});
  const auto done = there.run({"register", "/nowhere/atlas"});
  CAF_REQUIRE(!done.result);
  CAF_CHECK_EQUAL(exit_code(done.result.error().kind), 10);
  CAF_CHECK(is_ulid(done.style.request_id));
  CAF_CHECK(contains(done.result.error().message, "--request-id " + done.style.request_id));
  CAF_REQUIRE(there.asked.size() == 1);
  CAF_CHECK(contains(there.asked[0].request, done.style.request_id));
  CAF_CHECK(contains(failure_json(done.result.error(), done.style.request_id), "\"requestId\":\""));
}

CAF_TEST(reads and heartbeats have no request id) {
  for (const std::vector<std::string>& line : {std::vector<std::string>{"list"}, {"heartbeat", "atlas"}})
    CAF_CHECK(there.run(line).style.request_id.empty());
}

CAF_TEST(settings are asked for by key and their values go as they are typed) {
  there.answers.insert_or_assign("config-set", std::string(R"({"key":"relay","value":"none","default":"strict"})"));
  CAF_CHECK_EQUAL(request({"config", "set", "relay", "none"}),
                  R"(config-set {"key":"relay","value":"none","requestId":"r1"})");
  there.answers.insert_or_assign("config-get", failure{failure_kind::refused, "no-such-setting", "no such setting"});
  const auto wrong = result({"config", "get", "sweep.intervall"});
  CAF_REQUIRE(!wrong);
  CAF_CHECK(contains(wrong.error().message, "did you mean 'sweep.interval'"));
}

CAF_TEST(what a directory says by itself is asked of whoever holds it) {
  CAF_REQUIRE(result({"--data", "/data", "init"}));
  auto env = there.world.view();
  const auto held = data_directory::open(env, "/data", data_directory::presence::create);
  CAF_REQUIRE(held);
  const auto asks = [this](std::vector<std::string> line) {
    line.insert(line.begin(), {"--data", "/data"});
    return request(line);
  };
  there.answers.insert_or_assign("log", std::string(R"({"commits":[]})"));
  there.answers.insert_or_assign("dump", std::string(R"({"dump":"text"})"));
  there.answers.insert_or_assign("rebuild", std::string(R"({"ops":1,"durationMs":2,"dumpHash":"9f"})"));
  there.answers.insert_or_assign("doctor", std::string(R"({"ok":true,"findings":[]})"));
  there.answers.insert_or_assign("init", std::string(R"({"instance":"a","shown":"a","release":1,"data":"/data"})"));
  CAF_CHECK_EQUAL(asks({"log", "atlas", "--instance", "abc", "--since", "abc@1", "--limit", "5"}),
                  R"(log {"agent":"atlas","instance":"abc","since":"abc@1","limit":5})");
  CAF_CHECK_EQUAL(asks({"dump"}), "dump {}");
  CAF_CHECK_EQUAL(asks({"rebuild", "--verify"}), R"(rebuild {"verify":true})");
  CAF_CHECK_EQUAL(asks({"doctor"}), "doctor {}");
  CAF_CHECK_EQUAL(asks({"init"}), "init {}");
}

CAF_TEST(what a directory says by itself needs no service where nobody holds it) {
  CAF_CHECK(result({"--data", "/data", "init"}));
  for (const auto* each : {"log", "dump", "doctor"})
    CAF_CHECK(result({"--data", "/data", each}));
  // The simulated disk is none that the index could be written to.
  const auto rebuilt = result({"--data", "/data", "rebuild"});
  CAF_CHECK(!rebuilt && rebuilt.error().code == "index-not-written");
  CAF_CHECK_EQUAL(there.reached, 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
