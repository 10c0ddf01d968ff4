#define CAF_SUITE agent_answers_test

#include "tests/support/scratch_directory.hpp"
#include "tests/support/service_double.hpp"

#include "muster/runner/shown_values.hpp"
#include "muster/runner/watch.hpp"

#include <caf/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

using namespace muster;
using namespace muster::test;

namespace {

struct fixture {
  service_double there;
  std::string home_before = std::getenv("HOME") ? std::getenv("HOME") : "";

  fixture() {
    ::setenv("HOME", "/home/ann", 1);
    there.world.clock.set_wall(*read_datetime("2026-11-20T10:00:00Z"));
  }
  ~fixture() { ::setenv("HOME", home_before.c_str(), 1); }

  std::string text(const std::string& operation, const std::string& document, const std::vector<std::string>& line) {
    there.answers.insert_or_assign(operation, document);
    const auto done = there.run(line);
    return done.result ? done.result->text : done.result.error().message;
  }
};

const std::string two_agents =
    R"({"agents":[{"id":"01JC8Z5Q0000000000000000AB","name":"日本","runtime":"codex","namespace":"lab",)"
    R"("path":"/home/ann/lab/j","status":"active","health":"active","lastSeenAt":"2026-11-20T09:58:00.000Z",)"
    R"("subject":"s","instance":"abcdefghijkl","problems":[]},)"
    R"({"id":"01JC8Z5Q0000000000000000AC","name":"atlas","runtime":"claude-code","namespace":"projects",)"
    R"("path":"/srv/atlas","status":"unreachable","health":"stale","lastSeenAt":null,"subject":"s",)"
    R"("instance":"abcdefghijkl","problems":[{"kind":"duplicate","message":"the same id lies in two places",)"
    R"("since":"2026-11-20T07:00:00.000Z","path":"/home/ann/copy"}]}]})";

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Standard output goes to a file while this lives.
class redirected {
public:
  explicit redirected(const std::string& path) : kept_(::dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::close(file);
  }
  redirected(const redirected&) = delete;
  redirected& operator=(const redirected&) = delete;
  ~redirected() {
    std::fflush(stdout);
    ::dup2(kept_, STDOUT_FILENO);
    ::close(kept_);
  }

private:
  int kept_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(agent_answers, fixture)

CAF_TEST(list aligns its columns and lists problems with since when and what comes next) {
  CAF_CHECK_EQUAL(
      text("list", two_agents, {"list"}),
      "NAME   ID                          RUNTIME      NAMESPACE  STATUS       HEALTH  SEEN       PATH\n"
      "日本   01JC8Z5Q0000000000000000AB  codex        lab        active       active  2 min ago  ~/lab/j\n"
      "atlas  01JC8Z5Q0000000000000000AC  claude-code  projects   unreachable  stale   never      /srv/atlas\n"
      "\n"
      "problems\n"
      "  atlas\n"
      "    duplicate, first seen 3 h ago: the same id lies in two places (~/copy); only the first place "
      "counts until the other one is gone or has an id of its own\n");
}

CAF_TEST(a problem that names its path is not followed by it again) {
  const auto shown =
      text("list",
           R"({"agents":[{"id":"01JC8Z5Q0000000000000000AB","name":"a","problems":[{"kind":"unreachable",)"
           R"("message":"the directory /srv/a is not there","path":"/srv/a"}]}]})",
           {"list"});
  CAF_CHECK(shown.find("the directory /srv/a is not there\n") != std::string::npos);
}

CAF_TEST(list shortens ids as far as they tell agents apart) {
  const auto shown = text("list",
                          R"({"agents":[{"id":"01JC8Z5Q0000000000000000AB","name":"a"},)"
                          R"({"id":"02JC8Z5Q0000000000000000AC","name":"b"}]})",
                          {"list"});
  CAF_CHECK_EQUAL(shown, "NAME  ID          SEEN\na     01JC8Z5Q00  never\nb     02JC8Z5Q00  never\n");
}

CAF_TEST(an empty list says what to do next) {
  CAF_CHECK_EQUAL(text("list", R"({"agents":[]})", {"list"}),
                  "no agents yet; register a project directory:\n"
                  "  muster register ~/projects/atlas --name atlas --runtime claude-code\n");
  CAF_CHECK_EQUAL(text("list", R"({"agents":[]})", {"list", "--runtime", "codex"}),
                  "no agent matches; 'muster list' shows all\n");
}

CAF_TEST(a change tells where the agent stands now) {
  const std::string placed =
      R"({"agent":"01JC8Z5Q0000000000000000AB","path":"/home/ann/atlas","namespace":"lab","subject":"relay.agent.lab.x",)"
      R"("contentHash":"9f","adopted":true,"version":"abcdefghijkl@12"})";
  CAF_CHECK_EQUAL(text("register", placed, {"register", "/home/ann/atlas"}),
                  "registered, with the manifest that was there:\n"
                  "  id         01JC8Z5Q0000000000000000AB\n"
                  "  path       ~/atlas\n"
                  "  namespace  lab\n"
                  "  subject    relay.agent.lab.x\n"
                  "  content    9f\n"
                  "  version    abcdefgh@12\n");
  CAF_CHECK_EQUAL(text("update", R"({"agent":"01JC","path":"/p"})", {"update", "atlas", "--unset", "persona"}),
                  "nothing had to be changed:\n  id    01JC\n  path  /p\n");
  CAF_CHECK_EQUAL(text("unregister", R"({"removed":"01JC"})", {"unregister", "atlas"}), "unregistered 01JC\n");
}

CAF_TEST(show groups what is known of an agent) {
  const auto shown = text(
      "show",
      R"({"agent":{"id":"01JC","name":"atlas","runtime":"codex","capabilities":["code","review"],"personaEnabled":true},)"
      R"("id":"01JC","name":"atlas","displayName":"Atlas","runtime":"codex","namespace":"lab","path":"/home/ann/atlas",)"
      R"("status":"active","health":"active","lastSeenAt":"2026-11-20T09:59:30.000Z","problems":[],)"
      R"("placements":[{"instance":"abcdefghijkl","path":"/home/ann/atlas","namespace":"lab","admitted":true,)"
      R"("version":"abcdefghijkl@3","here":true}],"relay":{"subject":"relay.agent.lab.01JC","namespace":"lab"},)"
      R"("rules":[{"source":"lab","target":"ops","action":"allow"}],"conflicts":[{"id":"c1","field":"description",)"
      R"("status":"open","winner":"abcdefghijkl@9","candidates":[{"version":"abcdefghijkl@9",)"
      R"("at":"2026-11-20T09:00:00.000Z","value":"one"},{"version":"zyxwvutsrq@4","at":"2026-11-20T08:00:00.000Z",)"
      R"("removed":true}]}],"contentHash":"9f","fileHash":null,"version":"abcdefghijkl@12",)"
      R"("versions":[{"instance":"abcdefghijkl","seq":12,"at":"2026-11-20T09:00:00.000Z",)"
      R"("ops":[{"agent.put":{"agent":"01JC","fields":[{"field":"name","set":"atlas"}]}}]}]})",
      {"show", "atlas", "--all-versions"});
  CAF_CHECK_EQUAL(shown, "atlas (Atlas)\n"
                         "  id         01JC\n"
                         "  status     active\n"
                         "  health     active, seen 30 s ago\n"
                         "  runtime    codex\n"
                         "  namespace  lab\n"
                         "  path       ~/atlas\n"
                         "\n"
                         "manifest\n"
                         "  capabilities    code, review\n"
                         "  personaEnabled  true\n"
                         "\n"
                         "placements\n"
                         "  INSTANCE  NAMESPACE  VERSION     ADMITTED  PATH\n"
                         "  here      lab        abcdefgh@3  yes       ~/atlas\n"
                         "\n"
                         "relay\n"
                         "  endpoint relay.agent.lab.01JC\n"
                         "  allow lab to ops\n"
                         "\n"
                         "conflicts\n"
                         "  description, open (c1)\n"
                         "    wins  abcdefgh@9, 1 h ago: one\n"
                         "    loses zyxwvuts@4, 2 h ago: removed\n"
                         "\n"
                         "history\n"
                         "  version  abcdefgh@12\n"
                         "  content  9f\n"
                         "  2026-11-20T09:00:00.000Z  abcdefgh@12  agent.put 01JC name\n");
}

CAF_TEST(status shows everything at a glance) {
  const auto shown = text(
      "status",
      R"({"instance":"abcdefghijkl","data":"/home/ann/.local/state/muster","release":1,"totalAgents":3,"activeCount":1,)"
      R"("inactiveCount":0,"staleCount":2,"unreachableCount":0,"byRuntime":{"codex":1,"claude-code":2},)"
      R"("byProject":{},"byNamespace":{"lab":3},"ops":{"held":12,"folded":12,"quarantined":0},"conflicts":{"open":1},)"
      R"("lastSweep":{"at":"2026-11-20T09:58:00.000Z","synced":1,"unchanged":2},"relay":"strict","peers":[],)"
      R"("feeds":[{"instance":"abcdefghijkl","seq":12}],"sagas":{"inFlight":0,"owing":1},"life":1,)"
      R"("problems":[{"severity":"warning","code":"permissions","path":"token","message":"can be read by others"}]})",
      {"status"});
  CAF_CHECK_EQUAL(shown, "agents      3: 1 active, 2 stale\n"
                         "runtimes    codex 1, claude-code 2\n"
                         "namespaces  lab 3\n"
                         "conflicts   1 open; 'muster list' and 'muster show AGENT' name them\n"
                         "last sweep  2 min ago: 1 synced, 2 unchanged\n"
                         "in flight   1 still owe something; sweeps try again\n"
                         "history     12 commits in 1 feed, all folded\n"
                         "relay       strict\n"
                         "peers       none\n"
                         "instance    abcdefghijkl-36b5\n"
                         "data        ~/.local/state/muster, release 1\n"
                         "\n"
                         "problems\n"
                         "  warning: token: can be read by others [permissions]\n");
}

CAF_TEST(a sweep tells its counters and its problems) {
  CAF_CHECK_EQUAL(text("sweep",
                       R"({"synced":1,"unchanged":3,"errors":0,"durationMs":40,"problems":[{"id":"01JC",)"
                       R"("path":"/home/ann/atlas","kind":"duplicate","message":"it lies twice"},)"
                       R"({"kind":"owed","message":"1 change is not ended yet"}]})",
                       {"sweep"}),
                  "swept in 40 ms: 1 synced, 3 unchanged\n  duplicate: ~/atlas: it lies twice\n"
                  "  owed: 1 change is not ended yet\n");
}

CAF_TEST(settings are shown with their defaults) {
  CAF_CHECK_EQUAL(text("config-list",
                       R"({"settings":[{"key":"sweep.interval","value":"10min","default":"5min"},)"
                       R"({"key":"system.allow","value":["a"],"default":[]}]})",
                       {"config", "list"}),
                  "KEY             VALUE  DEFAULT\nsweep.interval  10min  5min\nsystem.allow    [\"a\"]  []\n");
  CAF_CHECK_EQUAL(
      text("config-get", R"({"key":"relay","value":"strict","default":"strict"})", {"config", "get", "relay"}),
      "relay = strict (default)\n");
}

CAF_TEST(a watch prints each change once and ends with 0 when it is interrupted) {
  const scratch_directory place;
  const auto file = place.path() + "/out";
  auto env = there.world.view();
  command_context context{env, {.json = true}, "/data", {}};
  int looks = 0;
  {
    const redirected out(file);
    const auto ended = watch(
        context,
        [&looks]() -> expected<answer> {
          if (++looks == 3)
            return failure{failure_kind::busy, "data-held", "another process has it"};
          if (looks == 6)
            std::raise(SIGINT);
          return answer{"", looks < 5 ? "{\"n\":1}\n" : "{\"n\":2}\n"};
        },
        std::chrono::milliseconds{1});
    CAF_CHECK(ended && ended->exit == 0);
  }
  CAF_CHECK_EQUAL(looks, 6);
  CAF_CHECK_EQUAL(content_of(file), "{\"n\":1}\n{\"n\":2}\n");
}

CAF_TEST(a watch ends with the first failure and with one that waiting does not mend) {
  auto env = there.world.view();
  command_context context{env, {.quiet = true}, "/data", {}};
  const auto fails = [](failure_kind kind) {
    return [kind]() -> expected<answer> { return failure{kind, "some-code", "it is so"}; };
  };
  CAF_CHECK(!watch(context, fails(failure_kind::busy), std::chrono::milliseconds{1}));
  CAF_CHECK(!watch(context, fails(failure_kind::damaged), std::chrono::milliseconds{1}));
}

CAF_TEST_FIXTURE_SCOPE_END()
