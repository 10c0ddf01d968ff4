#define CAF_SUITE discovery_test

#include "tests/support/discovery_world.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>

namespace muster::test {

namespace {

/// Nobody may list one directory.
struct closed_door final : disk_spectator {
  void before(simulated_disk& files, const disk_call& call) override {
    if (call.operation == disk_operation::open && call.path == "/home/src/closed")
      files.set_plan(fault_plan(
          fault_rule{.what = {.what = fault::kind::error, .code = EACCES}, .operations = {disk_operation::open}}));
  }
};

struct started_world : discovery_world {
  started_world() { start(); }
};

using namespace std::chrono_literals;
using paths = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(discovery_tests, started_world)

CAF_TEST([MC02][MC57][MC59][RC18] discovers what lies below the managed home and below scan roots on record) {
  put("/home/agents/alpha", text_of(id_a, "alpha"));
  put("/home/src/team/beta", text_of(id_b, "beta"));
  auto report = sweep();
  CAF_CHECK_EQUAL(report.discovered, 1u);
  CAF_CHECK_EQUAL(row(id_a).path, "/home/agents/alpha");
  CAF_CHECK_EQUAL(row(id_a).namespace_name, "alpha");
  CAF_CHECK(row(id_a).status == agent_status::active);
  (void)rooted("/home/src/own", "own");
  report = sweep();
  CAF_CHECK_EQUAL(report.discovered, 1u);
  CAF_CHECK_EQUAL(row(id_b).namespace_name, "team");
  CAF_CHECK(row(id_b).status == agent_status::active);
  // Nothing was written to what was found.
  CAF_CHECK_EQUAL(manifest("/home/src/team/beta"), text_of(id_b, "beta"));
  const auto made = commits();
  report = sweep();
  CAF_CHECK_EQUAL(report.discovered, 0u);
  CAF_CHECK_EQUAL(report.unchanged, 3u);
  CAF_CHECK(report.problems.empty());
  CAF_CHECK_EQUAL(commits(), made);
}

CAF_TEST(an idle sweep lists no directory and writes nothing) {
  put("/home/agents/alpha", text_of(id_a, "alpha"));
  make("/home/agents/plain");
  for (int i = 0; i < 3; ++i)
    (void)sweep();
  std::vector<traced_call> trace;
  machine.files.set_trace(&trace);
  (void)sweep();
  machine.files.set_trace(nullptr);
  CAF_CHECK_EQUAL(calls(trace, disk_operation::read_entries), 0u);
  for (const auto what : {disk_operation::write, disk_operation::sync, disk_operation::rename, disk_operation::create})
    CAF_CHECK_EQUAL(calls(trace, what), 0u);
  const auto below = std::ranges::count_if(trace, [](const auto& each) {
    return each.operation == disk_operation::status && each.path.starts_with("/home/agents");
  });
  // The placement; the home, alpha and plain; the manifests of the home and of plain.
  CAF_CHECK_EQUAL(below, 6);
}

CAF_TEST([MC05][GP14] follows a directory that has moved and keeps its history) {
  const auto agent = rooted("/home/src/a", "a");
  (void)rooted("/home/src/other", "other");
  (void)sweep();
  move("/home/src/a", "/home/src/b");
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.moved, 1u);
  CAF_CHECK_EQUAL(report.unreachable, 0u);
  CAF_CHECK_EQUAL(report.discovered, 0u);
  CAF_CHECK(report.problems.empty());
  const auto now = row(agent.text);
  CAF_CHECK_EQUAL(now.path, "/home/src/b");
  CAF_CHECK(now.status == agent_status::active);
  CAF_CHECK_EQUAL(now.namespace_name, "a");
  const auto log = ask_for<log_read>(show_log{agent.text, {}, {}, 10});
  CAF_REQUIRE(log);
  CAF_CHECK_EQUAL(log->commits.size(), 2u);
  CAF_CHECK_EQUAL(sweep().unchanged, 2u);
}

CAF_TEST(follows all agents of a directory that is renamed) {
  std::vector<agent_id> agents;
  for (int i = 0; i < 20; ++i)
    agents.push_back(rooted("/home/src/group/a" + std::to_string(i), "a" + std::to_string(i)));
  (void)sweep();
  move("/home/src/group", "/home/src/renamed");
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.moved, 20u);
  CAF_CHECK_EQUAL(report.unreachable, 0u);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < agents.size(); ++i)
    wrong += row(agents[i].text).path != "/home/src/renamed/a" + std::to_string(i);
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST([GP14] a copy is a problem of the agent it was made of until it is gone) {
  const auto agent = rooted("/home/src/a", "a");
  copy("/home/src/a", "/home/src/copy");
  auto report = sweep();
  CAF_CHECK_EQUAL(report.discovered, 0u);
  CAF_CHECK_EQUAL(report.refused, 1u);
  CAF_CHECK_EQUAL(problems(report, duplicate_problem), 1u);
  CAF_CHECK_EQUAL(roster().size(), 1u);
  CAF_CHECK_EQUAL(copies_of(agent.text), paths{"/home/src/copy"});
  // An edit of the agent does not hide it.
  edit("/home/src/a", "\"a\"", "\"by hand\"");
  report = sweep();
  CAF_CHECK_EQUAL(report.synced, 1u);
  CAF_CHECK_EQUAL(report.refused, 1u);
  CAF_CHECK_EQUAL(copies_of(agent.text), paths{"/home/src/copy"});
  // Nor does another life forget it.
  CAF_REQUIRE(stop());
  machine.restart_process();
  start();
  CAF_CHECK_EQUAL(copies_of(agent.text), paths{"/home/src/copy"});
  remove("/home/src/copy");
  report = sweep();
  CAF_CHECK_EQUAL(report.refused, 0u);
  CAF_CHECK(copies_of(agent.text).empty());
  CAF_CHECK(row(agent.text).problems.empty());
}

CAF_TEST(a copy becomes the agent when its first place has let go) {
  const auto agent = rooted("/home/src/a", "a");
  (void)rooted("/home/src/other", "other");
  copy("/home/src/a", "/home/src/copy");
  (void)sweep();
  remove("/home/src/a");
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.moved, 1u);
  CAF_CHECK_EQUAL(row(agent.text).path, "/home/src/copy");
  CAF_CHECK(copies_of(agent.text).empty());
}

CAF_TEST(a copy that gets an id of its own is an agent of its own) {
  const auto agent = rooted("/home/src/a", "a");
  copy("/home/src/a", "/home/src/copy");
  (void)sweep();
  edit("/home/src/copy", agent.text, std::string(id_b));
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.discovered, 1u);
  CAF_CHECK(copies_of(agent.text).empty());
  CAF_CHECK_EQUAL(roster().size(), 2u);
}

CAF_TEST([RG01] of copies without an owner the main worktree of git counts) {
  (void)rooted("/home/src/own", "own");
  for (const auto* each : {"/home/src/a", "/home/src/b", "/home/src/c"})
    put(each, text_of(id_a, "clone"));
  machine.files.put_file("/home/src/a/.git", "gitdir: /home/src/c/.git/worktrees/a");
  make("/home/src/c/.git");
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.discovered, 1u);
  CAF_CHECK_EQUAL(report.refused, 2u);
  CAF_CHECK_EQUAL(row(id_a).path, "/home/src/c");
  CAF_CHECK_EQUAL(copies_of(id_a), (paths{"/home/src/a", "/home/src/b"}));
  const auto& why = report.problems.front().message;
  CAF_CHECK(why.find("main worktree") != std::string::npos);
}

CAF_TEST(of copies without an owner the older manifest counts) {
  (void)rooted("/home/src/own", "own");
  put("/home/src/z", text_of(id_a, "clone"));
  machine.clock.advance(1min);
  put("/home/src/a", text_of(id_a, "clone"));
  CAF_CHECK_EQUAL(sweep().discovered, 1u);
  CAF_CHECK_EQUAL(row(id_a).path, "/home/src/z");
  CAF_CHECK_EQUAL(copies_of(id_a), paths{"/home/src/a"});
}

CAF_TEST(what a scan puts into a namespace that is in use is not admitted) {
  (void)rooted("/home/src/team/own", "own");
  put("/home/src/team/found", text_of(id_a, "found"));
  put("/home/src/x", text_of(id_b, "claims", R"(, "namespace": "team")"));
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.discovered, 2u);
  CAF_CHECK_EQUAL(problems(report, "unadmitted"), 2u);
  CAF_CHECK(row(id_a).status == agent_status::unadmitted);
  CAF_CHECK(row(id_b).status == agent_status::unadmitted);
  CAF_REQUIRE(ask_for<agent_placed>([] {
    register_agent asked;
    asked.path = "/home/src/team/found";
    return asked;
  }()));
  CAF_CHECK(row(id_a).status == agent_status::active);
}

CAF_TEST(of several that come into one namespace at once only the first is admitted) {
  (void)rooted("/home/src/own", "own");
  put("/home/src/new/a", text_of(id_a, "a"));
  put("/home/src/new/b", text_of(id_b, "b"));
  CAF_CHECK_EQUAL(sweep().discovered, 2u);
  CAF_CHECK(row(id_a).status == agent_status::active);
  CAF_CHECK(row(id_b).status == agent_status::unadmitted);
}

CAF_TEST(a namespace that cannot be used stops nothing) {
  (void)rooted("/home/src/own", "own");
  put("/home/src/a", text_of(id_a, "a", R"(, "namespace": "---")"));
  put("/home/src/b", text_of(id_b, "b"));
  CAF_CHECK_EQUAL(sweep().discovered, 2u);
  CAF_CHECK_EQUAL(row(id_a).namespace_name, "a");
  (void)sweep();
  const auto problems = row(id_a).problems;
  CAF_CHECK(std::ranges::find(problems, "namespace", &agent_problem::kind) != problems.end());
}

CAF_TEST(what is invalid or unreadable is listed each time and stops nothing) {
  (void)rooted("/home/src/own", "own");
  put("/home/src/bad", "{\"id\": 7");
  put("/home/src/good", text_of(id_a, "good"));
  machine.files.put_directory("/home/src/odd");
  machine.files.put_directory("/home/src/odd/.dork");
  machine.files.put_symlink("/home/src/odd/.dork/agent.json", "/home/src/good/.dork/agent.json");
  auto report = sweep();
  CAF_CHECK_EQUAL(report.discovered, 1u);
  CAF_CHECK_EQUAL(report.invalid, 1u);
  CAF_CHECK_EQUAL(report.unreadable, 1u);
  report = sweep();
  CAF_CHECK_EQUAL(report.invalid, 1u);
  put("/home/src/bad", text_of(id_b, "mended"));
  CAF_CHECK_EQUAL(sweep().discovered, 1u);
  CAF_CHECK_EQUAL(roster().size(), 3u);
}

CAF_TEST([RC20] a directory that cannot be listed is told and hides nothing for good) {
  (void)rooted("/home/src/own", "own");
  put("/home/src/closed/a", text_of(id_a, "a"));
  put("/home/agents/b", text_of(id_b, "b"));
  closed_door door;
  machine.files.set_spectator(&door);
  const auto report = sweep();
  machine.files.set_spectator(nullptr);
  machine.files.set_plan({});
  CAF_CHECK_EQUAL(report.unreadable, 1u);
  CAF_CHECK_EQUAL(problems(report, "unreadable"), 1u);
  CAF_CHECK_EQUAL(report.errors, 0u);
  (void)sweep();
  CAF_CHECK_EQUAL(row(id_a).path, "/home/src/closed/a");
  CAF_CHECK_EQUAL(row(id_b).path, "/home/agents/b");
}

CAF_TEST(a scan root that is gone is a problem and no error) {
  (void)rooted("/home/src/own", "own");
  (void)sweep();
  move("/home/src", "/home/away");
  const auto report = sweep();
  CAF_CHECK_EQUAL(problems(report, "scan-root"), 1u);
  CAF_CHECK_EQUAL(report.errors, 0u);
  move("/home/away", "/home/src");
  CAF_CHECK_EQUAL(problems(sweep(), "scan-root"), 0u);
}

CAF_TEST(what was unregistered and kept is denied and not found again) {
  const auto agent = rooted("/home/src/a", "a");
  (void)rooted("/home/src/own", "own");
  unregister_agent gone;
  gone.selector = agent.text;
  gone.keep_manifest = true;
  CAF_REQUIRE(ask_for<agent_unregistered>(gone));
  put("/home/src/a/below", text_of(id_b, "below"));
  for (int i = 0; i < 2; ++i) {
    const auto report = sweep();
    CAF_CHECK_EQUAL(report.discovered, 0u);
    CAF_CHECK(report.problems.empty());
  }
  // A command lifts the denial, for what lies below as well.
  CAF_REQUIRE(ask_for<agent_placed>(registration("/home/src/a", "a")));
  CAF_CHECK_EQUAL(sweep().discovered, 1u);
}

CAF_TEST([RG07] what has displaced an agent is found once that is unregistered) {
  const auto a = rooted("/home/src/a", "a");
  const auto b = rooted("/home/src/b", "b");
  (void)rooted("/home/src/own", "own");
  (void)sweep();
  const auto text_of_a = manifest("/home/src/a");
  remove("/home/src/a");
  move("/home/src/b", "/home/src/a");
  for (int i = 0; i < 2; ++i)
    (void)sweep();
  CAF_CHECK_EQUAL(row(a.text).path, "/home/src/a");
  CAF_CHECK_EQUAL(row(a.text).name, "a");
  CAF_CHECK(row(a.text).status == agent_status::manifest_missing);
  CAF_CHECK(row(b.text).status == agent_status::unreachable);
  // Put back as they were all is well again.
  move("/home/src/a", "/home/src/b");
  put("/home/src/a", text_of_a);
  (void)sweep();
  CAF_CHECK(row(a.text).status == agent_status::active);
  CAF_CHECK(row(b.text).status == agent_status::active);
  remove("/home/src/a");
  move("/home/src/b", "/home/src/a");
  (void)sweep();
  unregister_agent gone;
  gone.selector = a.text;
  CAF_REQUIRE(ask_for<agent_unregistered>(gone));
  CAF_CHECK_EQUAL(sweep().moved, 1u);
  CAF_CHECK_EQUAL(row(b.text).path, "/home/src/a");
  CAF_CHECK(row(b.text).status == agent_status::active);
}

CAF_TEST(waits while it cannot be told whether the first place still holds the agent) {
  const auto agent = rooted("/home/src/a", "a");
  (void)sweep();
  copy("/home/src/a", "/home/src/copy");
  const auto text = manifest("/home/src/a");
  remove("/home/src/a");
  make("/home/src/a/.dork");
  machine.files.put_symlink("/home/src/a/.dork/agent.json", "/nowhere");
  auto report = sweep();
  CAF_CHECK_EQUAL(report.moved, 0u);
  CAF_CHECK_EQUAL(problems(report, "waiting"), 1u);
  CAF_CHECK_EQUAL(row(agent.text).path, "/home/src/a");
  machine.files.aside(
      [](auto& files) { CAF_REQUIRE(files.unlink(no_handle, "/home/src/a/.dork/agent.json", unlink_kind::file)); });
  CAF_CHECK_EQUAL(sweep().moved, 1u);
  CAF_CHECK_EQUAL(row(agent.text).path, "/home/src/copy");
}

CAF_TEST(who stands in the place of another has it when that one is gone also where nobody walks) {
  make("/home/a");
  make("/home/b");
  const auto one = place("/home/a", "one");
  const auto other = place("/home/b", "other");
  CAF_REQUIRE(one && other);
  CAF_CHECK_EQUAL(sweep().unchanged, 2u);
  move("/home/a", "/home/aside");
  move("/home/b", "/home/a");
  move("/home/aside", "/home/b");
  CAF_CHECK_EQUAL(sweep().refused, 2u);
  CAF_REQUIRE(ask_for<agent_unregistered>(unregister_agent{{}, other->agent.text, false, false}));
  CAF_CHECK_EQUAL(sweep().moved, 1u);
  CAF_CHECK_EQUAL(row(one->agent.text).path, "/home/b");
  CAF_CHECK(row(one->agent.text).status == agent_status::active);
}

CAF_TEST(a copy that is none any more is told no longer though its agent cannot be decided on) {
  const auto agent = rooted("/home/src/a", "a");
  for (const std::string each : {"c", "e", "f"})
    copy("/home/src/a", "/home/src/" + each);
  (void)sweep();
  put("/home/src/a", "{");
  edit("/home/src/c", agent.text, std::string(id_b));
  CAF_CHECK_EQUAL(problems(sweep(), "waiting"), 2u);
  (void)sweep();
  CAF_CHECK(copies_of(agent.text) == (paths{"/home/src/e", "/home/src/f"}));
  remove("/home/src/e");
  (void)sweep();
  CAF_CHECK_EQUAL(copies_of(agent.text), paths{"/home/src/f"});
}

CAF_TEST(a manifest that says it is a system agent is none) {
  (void)rooted("/home/src/own", "own");
  put("/home/src/a", text_of(id_a, "a", R"(, "isSystem": true)"));
  CAF_CHECK_EQUAL(sweep().discovered, 1u);
  unregister_agent gone;
  gone.selector = std::string(id_a);
  CAF_CHECK(ask_for<agent_unregistered>(gone));
}

CAF_TEST(one that was unregistered comes back with all it had when its manifest does) {
  const auto agent = rooted("/home/src/a", "a");
  (void)rooted("/home/src/own", "own");
  const auto text = manifest("/home/src/a");
  unregister_agent gone;
  gone.selector = agent.text;
  CAF_REQUIRE(ask_for<agent_unregistered>(gone));
  CAF_CHECK_EQUAL(sweep().discovered, 0u);
  put("/home/src/a", text);
  CAF_CHECK_EQUAL(sweep().discovered, 1u);
  CAF_CHECK_EQUAL(manifest("/home/src/a"), text);
  const auto log = ask_for<log_read>(show_log{agent.text, {}, {}, 10});
  CAF_REQUIRE(log);
  CAF_CHECK_EQUAL(log->commits.size(), 3u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
