#define CAF_SUITE api_test

#include "muster/runner/api.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/feed_samples.hpp"
#include "tests/support/muster_stand_in.hpp"

#include "muster/runner/failure_document.hpp"
#include "muster/store/json_write.hpp"

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

struct fixture : actor_fixture {
  std::shared_ptr<stand_in_script> script = std::make_shared<stand_in_script>();
  muster_actor stand_in = keep(sys.spawn<muster_stand_in>(script));
  simulated_environment machine;
  api_host host{stand_in, "/data", std::make_shared<config_keeper>(machine.view(), "/data"), [](settings&) {},
                io_threads::shared};

  fixture() { machine.files.put_directory("/data"); }
  ~fixture() override { host.muster = nullptr; }

  /// The document of the answer, or that of the failure.
  std::string call(std::string_view name, std::string request) {
    const auto told = std::make_shared<std::vector<std::string>>();
    call_operation(sys, host, *find_operation(name), std::move(request), [told](expected<std::string> answer) {
      told->push_back(answer ? *answer : failure_document(answer.error(), {}));
    });
    sched.run();
    return told->size() == 1 ? told->front() : "answered " + std::to_string(told->size()) + " times";
  }
  /// The code of what is wrong with a request, of kind `kind`.
  std::string refusal(std::string_view name, std::string request) {
    const auto before = script->asked();
    const auto why = read_failure_document(call(name, std::move(request)));
    if (!why)
      return "done";
    return std::string(to_string(why->kind)) + " " + std::string(why->code) +
           (script->asked() == before ? "" : ", and asked");
  }
};

instance_id instance(char c) {
  return instance_id(std::string(51, c) + "a");
}

sha256_digest digest(unsigned char fill) {
  sha256_digest result;
  result.fill(std::byte{fill});
  return result;
}

std::string times(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i)
    result += text;
  return result;
}

agent_placed placed() {
  return {agent_id("01A"),    "/home/ann/atlas", "projects", "relay.agent.projects.01A", digest(0xab), true,
          {instance('b'), 12}};
}

roster_row row() {
  roster_row result;
  result.id = agent_id("01A");
  result.name = "at\"las";
  result.runtime = "claude-code";
  result.namespace_name = "projects";
  result.path = "/home/ann/\xff";
  result.subject = "relay.agent.projects.01A";
  result.instance = instance('b');
  result.status = agent_status::manifest_missing;
  result.health = agent_health::inactive;
  result.capabilities = {"code", "\x1b[31m"};
  result.problems = {{"duplicate", "also at /x", 1'000ms, "/x"}, {"owed", "an undo", 0ms, {}}};
  return result;
}

roster_row row_of_atlas() {
  roster_row row;
  row.id = agent_id{"01A"};
  row.name = "atlas";
  row.runtime = "codex";
  row.namespace_name = "work";
  row.path = "/new";
  row.subject = "s";
  return row;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(operation_documents, fixture)

CAF_TEST(every operation is in the table once and is found by its name) {
  std::size_t found = 0;
  for (const auto& each : operations())
    found += find_operation(each.name) == &each && each.limit > 0s && each.begin != nullptr;
  CAF_CHECK_EQUAL(found, operations().size());
  CAF_CHECK(find_operation("") == nullptr);
  CAF_CHECK(find_operation("regist") == nullptr);
  CAF_CHECK(find_operation("zzz") == nullptr);
}

CAF_TEST(register takes every member and answers where the agent stands) {
  script->answer_with(placed());
  const auto answer =
      call("register", R"({"path":"/home/ann/atlas","name":"atlas","displayName":"Atlas","runtime":"codex",)"
                       R"("namespace":"n","description":"","capabilities":["a","b"],"scanRoot":"/home","by":"ann",)"
                       R"("requestId":"r1"})");
  CAF_CHECK_EQUAL(answer, R"({"agent":"01A","path":"/home/ann/atlas","namespace":"projects",)"
                          R"("subject":"relay.agent.projects.01A","contentHash":")" +
                              times("ab", 32) + R"(","adopted":true,"version":")" + instance('b').text + R"(@12"})");
  const auto asked = script->last<register_agent>();
  CAF_REQUIRE(asked.has_value());
  CAF_CHECK(asked->path == "/home/ann/atlas" && asked->name == "atlas" && asked->display_name == "Atlas");
  CAF_CHECK(asked->runtime == "codex" && asked->namespace_name == "n" && asked->description == "");
  CAF_CHECK(asked->capabilities == (std::vector<std::string>{"a", "b"}));
  CAF_CHECK(asked->scan_root == "/home" && asked->by == "ann" && asked->request.text == "r1");
  (void)call("register", R"({"path":"hex:2fff"})");
  CAF_CHECK(script->last<register_agent>()->path == "/\xff");
  CAF_CHECK(!script->last<register_agent>()->name);
}

CAF_TEST(events are read from a position and answered with the next) {
  events_read answer;
  answer.at = {"01LOG", 14};
  answer.missed = events_missed{3, 11};
  lifecycle_event moved;
  moved.number = 12;
  moved.what = event_kind::moved;
  moved.row = row_of_atlas();
  moved.path_before = "/old";
  moved.version = {instance('b'), 7};
  lifecycle_event rule;
  rule.number = 13;
  rule.what = event_kind::rule_changed;
  rule.rule = rule_told{"work", "lab", rule_action::deny};
  auto silent = moved;
  silent.number = 14;
  silent.what = event_kind::health_changed;
  silent.path_before.clear();
  silent.version = {};
  silent.health_before = agent_health::active;
  answer.events = {moved, rule, silent};
  script->answer_with(answer);
  const auto head = R"("id":"01A","name":"atlas","runtime":"codex","namespace":"work","path":"/new","status":"active",)"
                    R"("health":"stale","subject":"s","instance":"")";
  CAF_CHECK_EQUAL(call("events", R"({"after":"01LOG@2","limit":3,"waitMs":1000})"),
                  R"({"missed":{"first":3,"last":11},"events":[)"
                  R"({"number":12,"at":"1970-01-01T00:00:00.000Z","kind":"moved",)" +
                      std::string(head) + R"(,"pathBefore":"/old","version":")" + instance('b').text +
                      R"(@7"},)"
                      R"({"number":13,"at":"1970-01-01T00:00:00.000Z","kind":"rule-changed",)"
                      R"("rule":{"source":"work","target":"lab","action":"deny"}},)"
                      R"({"number":14,"at":"1970-01-01T00:00:00.000Z","kind":"health-changed",)" +
                      head + R"(,"healthBefore":"active"}],"at":"01LOG@14"})");
  const auto asked = script->last<read_events>();
  CAF_REQUIRE(asked && asked->after);
  CAF_CHECK(*asked->after == (event_position{"01LOG", 2}) && asked->limit == 3 && asked->wait == 1s);
  (void)call("events", "{}");
  CAF_CHECK(!script->last<read_events>()->after);
  CAF_CHECK_EQUAL(refusal("events", R"({"after":"nowhere"})"), "refused not-a-position");
  CAF_CHECK_EQUAL(refusal("events", R"({"after":"log@-1"})"), "refused not-a-position");
  CAF_CHECK_EQUAL(refusal("events", R"({"waitMs":60001})"), "refused member-range");
}

CAF_TEST(a version is left out when nothing was committed) {
  script->answer_with(agent_placed{});
  CAF_CHECK(call("move", R"({"agent":"a","path":"/b"})").find("version") == std::string::npos);
  CAF_CHECK(script->last<move_agent>()->selector == "a" && script->last<move_agent>()->path == "/b");
}

CAF_TEST(update carries values as the JSON they are and a removal without one) {
  script->answer_with(placed());
  (void)call("update", R"({"agent":"hex:2fff","changes":[{"field":["behavior","responseMode"],"value":{"a": 1.50}},)"
                       R"({"field":["icon"]},{"field":["x"],"value":null}],"addCapabilities":["c"],)"
                       R"("removeCapabilities":["d"],"ifHash":")" +
                           times("ab", 32) + R"(","requestId":"r"})");
  const auto asked = script->last<update_agent>();
  CAF_REQUIRE(asked.has_value() && asked->assignments.size() == 3);
  CAF_CHECK_EQUAL(asked->selector, "/\xff");
  CAF_CHECK(asked->assignments[0].path == (std::vector<std::string>{"behavior", "responseMode"}));
  CAF_CHECK(asked->assignments[0].value == R"({"a": 1.50})");
  CAF_CHECK(!asked->assignments[1].value);
  CAF_CHECK(asked->assignments[2].value == "null");
  CAF_CHECK(asked->add_capabilities == std::vector<std::string>{"c"});
  CAF_CHECK(asked->remove_capabilities == std::vector<std::string>{"d"});
  CAF_CHECK(asked->if_hash == times("ab", 32) && asked->request.text == "r");
}

CAF_TEST(revert and log complete the instance that was typed) {
  script->instances = {instance('b'), instance('c'), instance_id("bc" + std::string(49, 'b') + "a")};
  script->answer_with(placed());
  const auto reverted = [this](const std::string& version) {
    (void)call("revert", R"({"agent":"a","version":")" + version + "\"}");
    const auto asked = script->last<revert_agent>();
    return asked ? asked->version : commit_id{};
  };
  CAF_CHECK(reverted("bb@3") == (commit_id{instance('b'), 3}));
  CAF_CHECK(reverted("@4") == (commit_id{instance('b'), 4}));
  CAF_CHECK(reverted(instance('d').text + "@5") == (commit_id{instance('d'), 5}));
  CAF_CHECK_EQUAL(refusal("revert", R"({"agent":"a","version":"b@3"})"), "refused instance-ambiguous");
  CAF_CHECK_EQUAL(refusal("revert", R"({"agent":"a","version":"zz@3"})"), "not-found no-such-instance");
  (void)call("log", R"({"agent":"a","instance":"c","since":"cc@7","limit":3})");
  const auto asked = script->last<show_log>();
  CAF_REQUIRE(asked.has_value());
  CAF_CHECK(asked->selector == "a" && asked->instance == instance('c').text && asked->limit == 3);
  CAF_CHECK(asked->since == (commit_id{instance('c'), 7}));
  CAF_CHECK_EQUAL(refusal("log", R"({"instance":"zzz"})"), "not-found no-such-instance");
}

CAF_TEST(log answers commits with their ops as feeds spell them) {
  auto made = sample_commit("x");
  made.instance = instance('b');
  made.seq = 5;
  made.at = {1'000ull << 16};
  script->answer_with(log_read{{made}});
  const auto answer = call("log", "{}");
  CAF_CHECK(answer.starts_with(R"({"commits":[{"instance":")" + instance('b').text +
                               R"(","seq":5,"at":"1970-01-01T00:00:01.000Z","ops":[{"agent.put":{"agent":)"));
  CAF_CHECK_EQUAL(script->last<show_log>()->limit, 50u);
  script->answer_with(log_read{{}, {{"feed-line-cut", "it is cut", "feeds/a", true}}});
  CAF_CHECK_EQUAL(call("log", "{}"), R"({"commits":[],"problems":[{"severity":"damage","code":"feed-line-cut",)"
                                     R"("path":"feeds/a","message":"it is cut"}]})");
}

CAF_TEST(notes are told with an answer and left out without one) {
  script->answer_with(agent_unregistered{agent_id("01A"), {"one \x1b", "two"}});
  CAF_CHECK_EQUAL(call("unregister", R"({"agent":"a"})"), R"({"removed":"01A","notes":["one \u001b","two"]})");
  auto moved = placed();
  moved.notes = {"moved"};
  script->answer_with(moved);
  CAF_CHECK(call("move", R"({"agent":"a","path":"/p"})").ends_with(R"(,"notes":["moved"]})"));
}

CAF_TEST(denials and admissions answer their documents) {
  const known_denial denial{"/p/\xff", "", "ann", 1'500ms, "manual", {instance('b'), 3}};
  script->answer_with(path_denied{denial});
  const auto listed = R"({"denied":[{"path":"hex:2f702fff","reason":null,"by":"ann","at":"1970-01-01T00:00:01.500Z",)"
                      R"("strategy":"manual","version":")" +
                      instance('b').text + R"(@3"}]})";
  CAF_CHECK_EQUAL(call("deny", R"({"path":"hex:2f702fff","reason":"r","by":"b","strategy":"s","requestId":"i"})"),
                  listed);
  const auto asked = script->last<deny_path>();
  CAF_CHECK_EQUAL(asked->path, "/p/\xff");
  CAF_CHECK_EQUAL(asked->reason + asked->by + asked->strategy + asked->request.text, "rbsi");
  script->answer_with(denials_listed{{denial}});
  CAF_CHECK_EQUAL(call("denied", "{}"), listed);
  script->answer_with(path_undenied{"/p", true, {instance('b'), 4}});
  CAF_CHECK_EQUAL(call("undeny", R"({"path":"/p"})"),
                  R"({"denied":[],"path":"/p","wasDenied":true,"version":")" + instance('b').text + R"(@4"})");
  script->answer_with(agents_admitted{{placed()}, false});
  const auto one = call("admit", R"({"agent":"a"})");
  CAF_CHECK(one.starts_with(R"({"agent":"01A","path":"/home/ann/atlas")"));
  script->answer_with(agents_admitted{{placed()}, true});
  CAF_CHECK_EQUAL(call("admit", R"({"namespace":"n"})"), R"({"agents":[)" + one + R"(],"more":true})");
  CAF_CHECK_EQUAL(script->last<admit_agents>()->namespace_name, "n");
}

CAF_TEST(unregister and heartbeat and sweep and rebuild answer their documents) {
  script->answer_with(agent_unregistered{agent_id("01A")});
  CAF_CHECK_EQUAL(call("unregister", R"({"agent":"a","keepManifest":true,"everywhere":false})"),
                  R"({"removed":"01A"})");
  CAF_CHECK(script->last<unregister_agent>()->keep_manifest && !script->last<unregister_agent>()->everywhere);
  script->answer_with(heartbeat_stamped{agent_id("01A"), 1'500ms});
  CAF_CHECK_EQUAL(call("heartbeat", R"({"agent":"a","event":"e"})"),
                  R"({"id":"01A","lastSeenAt":"1970-01-01T00:00:01.500Z"})");
  CAF_CHECK_EQUAL(script->last<stamp_heartbeat>()->event, "e");
  sweep_report report;
  report.synced = 1;
  report.errors = 2;
  report.took = 7ms;
  report.problems = {{agent_id(), "/x", "denied", "no"}};
  script->answer_with(report);
  CAF_CHECK_EQUAL(call("sweep", R"({"acceptRemovals":true})"),
                  R"({"synced":1,"unreachable":0,"removed":0,"resurrected":0,"discovered":0,"moved":0,"refused":0,)"
                  R"("invalid":0,"missing":0,"unreadable":0,"unchanged":0,"errors":2,"durationMs":7,)"
                  R"("problems":[{"path":"/x","kind":"denied","message":"no"}]})");
  CAF_CHECK(script->last<sweep_now>()->accept_removals);
  script->answer_with(index_rebuilt{5, 6ms, true, "ff"});
  CAF_CHECK_EQUAL(call("rebuild", R"({"verify":true})"),
                  R"({"ops":5,"durationMs":6,"identical":true,"dumpHash":"ff"})");
  script->answer_with(index_rebuilt{5, 6ms, std::nullopt, "ff"});
  CAF_CHECK_EQUAL(call("rebuild", "{}"), R"({"ops":5,"durationMs":6,"dumpHash":"ff"})");
  CAF_CHECK(!script->last<rebuild_index>()->verify);
}

CAF_TEST(list spells foreign bytes so that they can be printed and asked again) {
  script->answer_with(agents_listed{{row()}});
  CAF_CHECK_EQUAL(
      call("list", R"({"runtime":"r","capability":"c","namespace":"n","health":"stale","allInstances":true})"),
      R"({"agents":[{"id":"01A","name":"at\"las","runtime":"claude-code","namespace":"projects",)"
      R"("path":"hex:2f686f6d652f616e6e2fff","status":"manifest-missing","health":"inactive","lastSeenAt":null,)"
      R"("subject":"relay.agent.projects.01A","instance":")" +
          instance('b').text +
          R"(","problems":[{"kind":"duplicate","message":"also at /x","since":"1970-01-01T00:00:01.000Z","path":"/x"},)"
          R"({"kind":"owed","message":"an undo"}],)"
          R"("capabilities":["code","\u001b[31m"]}]})");
  const auto asked = script->last<list_agents>();
  CAF_CHECK(asked->runtime == "r" && asked->capability == "c" && asked->namespace_name == "n");
  CAF_CHECK(asked->health == "stale" && asked->all_instances);
}

CAF_TEST(show tells everything of one agent) {
  agent_shown shown;
  shown.agent.row = row();
  shown.agent.row.path = "/p";
  shown.agent.row.problems.clear();
  shown.agent.row.last_seen = 2'000ms;
  shown.agent.fields = {{"id", "\"01A\""}, {"budget", "{\"a\":1}"}};
  shown.agent.placements = {{instance('b'), {"/p", "/", "projects", true}, {instance('b'), 3}, true}};
  shown.agent.conflicts = {
      {"c1", "icon", {{{instance('b'), 3}, {}, "\"x\"", {}}, {{instance('c'), 4}, {}, {}, "human"}}}};
  shown.agent.content_hash = digest(1);
  shown.agent.version = {instance('b'), 3};
  shown.endpoint = endpoint_statement{"s", "projects"};
  shown.rules = {{"projects", "lab", rule_action::allow, {}}};
  script->answer_with(shown);
  const auto answer = call("show", R"({"agent":"a"})");
  const auto b = instance('b').text;
  CAF_CHECK_EQUAL(answer,
                  R"({"agent":{"id":"01A","budget":{"a":1}},"id":"01A","name":"at\"las","runtime":"claude-code",)"
                  R"("namespace":"projects","path":"/p","status":"manifest-missing","health":"inactive",)"
                  R"("lastSeenAt":"1970-01-01T00:00:02.000Z","subject":"relay.agent.projects.01A","instance":")" +
                      b + R"(","problems":[],"placements":[{"instance":")" + b +
                      R"(","path":"/p","scanRoot":"/","namespace":"projects","admitted":true,"version":")" + b +
                      R"(@3","here":true}],"relay":{"subject":"s","namespace":"projects"},)"
                      R"("rules":[{"source":"projects","target":"lab","action":"allow"}],)"
                      R"("conflicts":[{"id":"c1","key":"01A","field":"icon","status":"open","winner":")" +
                      b + R"(@3","candidates":[{"version":")" + b +
                      R"(@3","at":"1970-01-01T00:00:00.000Z","value":"x"},{"version":")" + instance('c').text +
                      R"(@4","at":"1970-01-01T00:00:00.000Z","by":"human","removed":true}]}],"contentHash":")" +
                      times("01", 32) + R"(","fileHash":null,"version":")" + b + R"(@3"})");
  CAF_CHECK(!script->last<show_agent>()->all_versions);
  CAF_CHECK(call("show", R"({"agent":"a","allVersions":true})").ends_with(R"("versions":[]})"));
}

CAF_TEST(status and doctor and dump and init answer their documents) {
  runtime_described what;
  what.agents.total = 3;
  what.agents.by_runtime = {{"codex", 3}};
  what.agents.conflicts = 1;
  what.feeds.own = instance('b');
  what.feeds.durable = {{instance('b'), 9}};
  what.feeds.problems = {"the clock jumped"};
  what.relay = "strict";
  what.problems = {{"index-differs", "fold it", "index.db", true}};
  script->answer_with(what);
  const auto b = instance('b').text;
  CAF_CHECK_EQUAL(
      call("status", "{}"),
      R"({"instance":")" + b +
          R"(","data":"/data","release":1,"totalAgents":3,"activeCount":0,"inactiveCount":0,"staleCount":0,)"
          R"("unreachableCount":0,"byRuntime":{"codex":3},"byProject":{},"byNamespace":{},)"
          R"("ops":{"held":0,"folded":0,"quarantined":0},"conflicts":{"open":1},"lastSweep":null,)"
          R"("relay":"strict","peers":[],"feeds":[{"instance":")" +
          b +
          R"(","seq":9}],"sagas":{"inFlight":0,"owing":0},"life":1,)"
          R"("problems":[{"severity":"damage","code":"index-differs","path":"index.db","message":"fold it"},)"
          R"({"severity":"warning","code":"feed-problem","message":"the clock jumped"}]})");
  what.last_sweep = sweep_report{};
  what.last_sweep_at = 3'000ms;
  script->answer_with(what);
  CAF_CHECK(call("status", "{}").find(R"("lastSweep":{"at":"1970-01-01T00:00:03.000Z","synced":0,)") !=
            std::string::npos);
  CAF_CHECK(call("init", "{}").starts_with(R"({"instance":")" + b + R"(","shown":")" + b + "-"));
  script->answer_with(findings_told{});
  CAF_CHECK_EQUAL(call("doctor", "{}"), R"({"ok":true,"findings":[]})");
  script->answer_with(findings_told{{{"seal", "bad", "feeds/x", true}}});
  CAF_CHECK_EQUAL(call("doctor", "{}"),
                  R"({"ok":false,"findings":[{"severity":"damage","code":"seal","path":"feeds/x","message":"bad"}]})");
  script->answer_with(index_dumped{"a \"b\"\n"});
  CAF_CHECK_EQUAL(call("dump", "{}"), R"({"dump":"a \"b\"\n"})");
}

CAF_TEST(a setting that is set is written and applied as it holds here) {
  host.adjust = [](settings& now) { now.sweep_interval = 0ms; };
  CAF_CHECK_EQUAL(call("config-get", R"({"key":"sweep.interval"})"),
                  R"({"key":"sweep.interval","value":"5min","default":"5min"})");
  CAF_CHECK_EQUAL(call("config-set", R"({"key":"sweep.interval","value":"90s","requestId":"r"})"),
                  R"({"key":"sweep.interval","value":"1min30s","default":"5min"})");
  CAF_CHECK(script->last<apply_settings>()->now.sweep_interval == 0ms);
  CAF_CHECK(call("config-get", R"({"key":"sweep.interval"})").find("1min30s") != std::string::npos);
  CAF_CHECK(call("config-list", "{}").starts_with(R"({"settings":[{"key":"sweep.interval","value":"1min30s",)"));
  CAF_CHECK_EQUAL(refusal("config-set", R"({"key":"sweep.interval","value":"soon"})"), "refused setting-value");
  CAF_CHECK_EQUAL(refusal("config-set", R"({"key":"nothing","value":"x"})"), "not-found no-such-setting");
  CAF_CHECK_EQUAL(refusal("config-set", R"({"key":"health.active","value":"2h"})"), "refused setting-combination");
  CAF_CHECK_EQUAL(refusal("config-set", R"({"key":"relay"})"), "usage member-missing");
  CAF_CHECK_EQUAL(refusal("config-get", R"({"key":"nothing"})"), "not-found no-such-setting");
  script->fail_with(failure{failure_kind::busy, "too-busy", "busy"});
  CAF_CHECK_EQUAL(refusal("config-set", R"({"key":"relay","value":"none"})"),
                  "unknown-outcome settings-not-applied, and asked");
  machine.files.put_file("/data/config.json", "{");
  CAF_CHECK_EQUAL(refusal("config-list", "{}"), "refused config-invalid");
  CAF_CHECK_EQUAL(refusal("config-set", R"({"key":"relay","value":"none"})"), "refused config-invalid");
}

CAF_TEST(a failure keeps what it says from the actor to the document and back) {
  script->fail_with(
      failure{failure_kind::refused, "path-held", "held \x1b[1m by \xff", "/home/\xff", "upsert-row", "01A", 17});
  const auto document = call("register", R"({"path":"/x"})");
  CAF_CHECK_EQUAL(document, R"({"error":{"kind":"refused","code":"path-held","message":"held \u001b[1m by )"
                            "\xEF\xBF\xBD"
                            R"(","step":"upsert-row","path":"hex:2f686f6d652fff","id":"01A","systemErrno":17}})");
  const auto back = read_failure_document(document);
  CAF_REQUIRE(back.has_value());
  CAF_CHECK(back->kind == failure_kind::refused && back->code == "path-held" && back->step == "upsert-row");
  CAF_CHECK(back->path == "/home/\xff" && back->agent == "01A" && back->system_errno == 17);
  CAF_CHECK(lasting_code("path-held").data() == back->code.data());
  CAF_CHECK_EQUAL(lasting_code("Path Held"), "unknown-code");
  CAF_CHECK(!read_failure_document("{}"));
  CAF_CHECK(!read_failure_document("garbage"));
  CAF_CHECK(!read_failure_document(R"({"error":{"kind":"new","code":"x","message":"m"}})"));
}

CAF_TEST(a muster that is gone or silent leaves the outcome unknown) {
  caf::anon_send_exit(host.muster, caf::exit_reason::kill);
  sched.run();
  CAF_CHECK_EQUAL(refusal("register", R"({"path":"/x"})"), "unknown-outcome actor-silent");
  host.muster = keep(sys.spawn<muster_stand_in>(script));
  script->hold_sweeps();
  std::string told = "nothing";
  call_operation(sys, host, *find_operation("sweep"), "{}",
                 [&](const expected<std::string>& answer) { told = answer ? *answer : answer.error().code; });
  pass(899s);
  CAF_CHECK_EQUAL(told, "nothing");
  pass(2s);
  CAF_CHECK_EQUAL(told, "actor-silent");
}

CAF_TEST(what is no request is refused before the muster hears of it) {
  const std::pair<const char*, std::string> of_register[] = {
      {"", "usage request-json"},
      {"[]", "usage request-json"},
      {"{\"path\":\"/x\"} {}", "usage request-json"},
      {"{\"path\":\"/x\",\"path\":\"/y\"}", "usage request-json"},
      {"{}", "usage member-missing"},
      {"{\"path\":5}", "usage member-type"},
      {"{\"path\":null}", "usage member-type"},
      {"{\"path\":\"\"}", "refused path-empty"},
      {"{\"path\":\"x\"}", "refused path-relative"},
      {"{\"path\":\"hex:2f0\"}", "refused not-a-path"},
      {"{\"path\":\"hex:2F\"}", "refused not-a-path"},
      {"{\"path\":\"hex:2f00\"}", "refused not-a-path"},
      {"{\"path\":\"hex:78\"}", "refused path-relative"},
      {"{\"path\":\"/x\\u0000\"}", "refused member-zero-byte"},
      {"{\"path\":\"/x\",\"nmae\":\"a\"}", "usage member-unknown"},
      {"{\"path\":\"/x\",\"name\":[]}", "usage member-type"},
      {"{\"path\":\"/x\",\"capabilities\":\"a\"}", "usage member-type"},
      {"{\"path\":\"/x\",\"capabilities\":[1]}", "usage member-type"},
  };
  std::size_t wrong = 0;
  for (const auto& [request, expected_code] : of_register)
    if (const auto found = refusal("register", request); found != expected_code) {
      ++wrong;
      CAF_MESSAGE("register " << request << ": " << found);
    }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_EQUAL(refusal("register", "{\"path\":\"/" + std::string(4096, 'x') + "\"}"), "refused path-too-long");
  CAF_CHECK_EQUAL(refusal("register", "{\"path\":\"/x\",\"requestId\":\"" + std::string(257, 'x') + "\"}"),
                  "refused member-too-long");
  CAF_CHECK_EQUAL(refusal("register", "{\"path\":\"/x\",\"capabilities\":[" + times("\"a\",", 1000) + "\"a\"]}"),
                  "refused member-too-long");
  CAF_CHECK_EQUAL(refusal("register", times("[", 41) + times("]", 41)), "usage request-json");
  CAF_CHECK_EQUAL(refusal("register", "{\"path\":\"" + std::string(1024 * 1024, 'x') + "\"}"), "usage request-json");
  CAF_CHECK_EQUAL(refusal("unregister", R"({"agent":"a","everywhere":"true"})"), "usage member-type");
  CAF_CHECK_EQUAL(refusal("unregister", R"({"agent":""})"), "refused agent-empty");
  CAF_CHECK_EQUAL(refusal("update", R"({"agent":"a","changes":[1]})"), "usage member-type");
  CAF_CHECK_EQUAL(refusal("update", R"({"agent":"a","changes":[{"field":[],"value":1}]})"), "refused field-path");
  CAF_CHECK_EQUAL(refusal("update", R"({"agent":"a","changes":[{"field":["x"],"valeu":1}]})"), "usage member-unknown");
  CAF_CHECK_EQUAL(refusal("update", R"({"agent":"a","ifHash":"ab"})"), "refused not-a-hash");
  for (const auto* limit : {"0", "10001", "1.0", "-1", "1e2", "99999999999999999999"})
    CAF_CHECK_EQUAL(refusal("log", std::string("{\"limit\":") + limit + "}"), "refused member-range");
  for (const auto* version : {"", "abc", "abc@", "@", "@0", "@-1", "a@1x", "A@1", "a1@1", "@99999999999999999"})
    CAF_CHECK_EQUAL(refusal("revert", std::string(R"({"agent":"a","version":")") + version + "\"}"),
                    "refused not-a-version");
  CAF_CHECK_EQUAL(refusal("revert", R"({"agent":"a"})"), "usage member-missing");
}

CAF_TEST_FIXTURE_SCOPE_END()
