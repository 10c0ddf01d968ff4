#define CAF_SUITE mesh_identity_facts_test

#include "tests/support/manifest_samples.hpp"
#include "tests/support/mesh_facts.hpp"

#include <caf/test/unit_test.hpp>

/// Who is removed, who is found and who is who, fact by fact (docs/conformance-mesh.md).
namespace muster::test {

namespace {

using namespace std::chrono_literals;

/// Projects below /home/src.
struct identity_world : mesh_world {
  identity_world() {
    machine.files.put_directory("/home/src");
    machine.files.put_directory("/home/agents");
  }

  void manage_agents() {
    options.supervisor.managed_home = "/home/agents";
    options.sweep.discovery.managed_home = "/home/agents";
  }
  /// An agent at /home/src/NAME, with its scan root on record if one is given.
  agent_id add(const std::string& name, const std::string& scan_root = {}) {
    auto asked = registration(project("src/" + name), name);
    asked.scan_root = scan_root;
    auto agent = added(name, asked).agent;
    machine.clock.advance(10s);
    return agent;
  }
  /// A manifest that nobody registered.
  void leave(const std::string& path, const std::string& id, const std::string& name) {
    if (!machine.files.exists(path))
      machine.files.put_directory(path);
    write(path, minimal_manifest().set("id", quoted(id)).set("name", quoted(name)).text());
  }
  /// A sweep an hour for so many hours; the last one's report.
  sweep_report sweep_for(int hours) {
    sweep_report last;
    for (int hour = 0; hour < hours; ++hour) {
      machine.clock.advance(1h);
      last = sweep();
    }
    return last;
  }
  std::string scan_root_of(const agent_id& agent) {
    const auto shown = ask_for<agent_shown>(show_agent{agent.text});
    return shown && shown->agent.placements.size() == 1 ? shown->agent.placements.front().where.scan_root : "no row";
  }
  std::size_t removals_of(const agent_id& agent) {
    std::size_t count = 0;
    for (const auto& each : log())
      count += std::ranges::any_of(each.ops, [&](const op& what) {
        const auto* drop = std::get_if<place_drop>(&what);
        return drop && drop->agent == agent;
      });
    return count;
  }
  /// The directories that a sweep looks for projects in.
  std::set<std::string> walked() {
    std::vector<traced_call> trace;
    machine.files.set_trace(&trace);
    (void)sweep();
    machine.files.set_trace(nullptr);
    std::set<std::string> listed;
    for (const auto& each : trace)
      if (each.operation == disk_operation::read_entries && each.path.find("/.dork") == std::string::npos &&
          !each.path.starts_with("/home/data/"))
        listed.insert(each.path);
    return listed;
  }

  agent_id first{"01KDVDNWJBYG9JQRAS1CDVVZ01"};
  agent_id second{"01KDVDNWJBYG9JQRAS1CDVVZ02"};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(mesh_identity_facts, identity_world)

CAF_TEST([AR41][AR42][MC50][RC02][RC11][RC17] all whose grace has passed are removed once and nobody else) {
  start();
  const auto one = add("one");
  const auto two = add("two");
  const auto late = add("late");
  const auto back = add("back");
  const auto stays = add("stays");
  for (const auto* name : {"one", "two", "back"})
    rename(std::string("/home/src/") + name, std::string("/home/src/.") + name);
  CAF_CHECK_EQUAL(sweep().unreachable, 3u);
  CAF_CHECK_EQUAL(sweep_for(12).removed, 0u);
  rename("/home/src/late", "/home/src/.late");
  const auto commits = log().size();
  CAF_CHECK_EQUAL(sweep_for(11).removed, 0u);
  CAF_CHECK_EQUAL(log().size(), commits);
  rename("/home/src/.back", "/home/src/back");
  const auto report = sweep_for(1);
  CAF_CHECK_EQUAL(report.removed, 2u);
  CAF_CHECK_EQUAL(report.resurrected, 1u);
  CAF_CHECK_EQUAL(report.unreachable, 3u); // with the removed, which it saw gone once more
  CAF_CHECK_EQUAL(report.unchanged, 1u);
  CAF_CHECK(row(one).id.text.empty() && row(two).id.text.empty());
  CAF_CHECK(row(late).status == agent_status::unreachable);
  CAF_CHECK(row(back).status == agent_status::active && row(stays).status == agent_status::active);
  for (const auto& each : {one, two})
    CAF_CHECK_EQUAL(removals_of(each), 1u);
  CAF_CHECK_EQUAL(held_by_relay().endpoints.size(), 3u);
  CAF_CHECK_EQUAL(sweep_for(1).removed, 0u);
  CAF_CHECK_EQUAL(log().size(), commits + 2);
}

CAF_TEST([NS06] an agent that is displaced keeps its endpoint closed and its rules) {
  start();
  const auto agent = add("work");
  const auto rules = rules_of("work");
  CAF_CHECK_EQUAL(rules.size(), 2u);
  leave("/home/src/work", first.text, "thief");
  (void)sweep();
  CAF_CHECK(row(agent).status == agent_status::manifest_missing);
  CAF_CHECK_EQUAL(rules_of("work"), rules);
  const auto endpoints = held_by_relay().endpoints;
  CAF_REQUIRE_EQUAL(endpoints.size(), 1u);
  CAF_CHECK(endpoints.front().agent == agent && !endpoints.front().open);
}

CAF_TEST([MC04][MC53] what lies in the managed home fills an empty index with that home on record) {
  manage_agents();
  leave("/home/agents/alpha", first.text, "alpha");
  leave("/home/agents/beta", second.text, "beta");
  start();
  CAF_CHECK_EQUAL(sweep().discovered, 2u);
  CAF_CHECK_EQUAL(row(first).name, "alpha");
  CAF_CHECK_EQUAL(scan_root_of(first), "/home/agents");
  replace("/home/agents/alpha", "alpha", "edited");
  CAF_CHECK_EQUAL(sweep().synced, 1u);
  CAF_CHECK_EQUAL(row(first).name, "edited");
  CAF_CHECK_EQUAL(scan_root_of(first), "/home/agents");
}

CAF_TEST([MC54][MC55][MC56] without a scan root on record only the managed home is walked and nothing is said) {
  start();
  (void)add("one");
  leave("/home/src/two", first.text, "two");
  CAF_CHECK_EQUAL(walked(), std::set<std::string>{});
  CAF_CHECK_EQUAL(scan_root_of(roster().front().id), "");
  CAF_REQUIRE(stop());
  manage_agents();
  leave("/home/agents/alpha", second.text, "alpha");
  start();
  CAF_CHECK_EQUAL(walked(), (std::set<std::string>{"/home/agents", "/home/agents/alpha"}));
  const auto report = sweep();
  CAF_CHECK(report.problems.empty());
  CAF_CHECK_EQUAL(row(second).path, "/home/agents/alpha");
  CAF_CHECK(row(first).id.text.empty());
}

CAF_TEST([MC57][MC58][MC59][RC18] what lies below a recorded root is found and neither what is denied nor outside) {
  start();
  const auto one = add("one", "/home/src");
  (void)add("other", "/home/src");
  (void)sweep();
  unregister_agent gone;
  gone.selector = one.text;
  gone.keep_manifest = true;
  CAF_REQUIRE(ask_for<agent_unregistered>(gone));
  leave("/home/src/found", first.text, "found");
  leave("/home/outside", second.text, "outside");
  for (const auto discovered : {1u, 0u}) {
    const auto report = sweep();
    CAF_CHECK_EQUAL(report.discovered, discovered);
    CAF_CHECK(report.problems.empty());
  }
  CAF_CHECK_EQUAL(roster().size(), 2u);
  CAF_CHECK_EQUAL(row(first).path, "/home/src/found");
}

CAF_TEST([MC60] a manifest in the scan root itself is one of the namespace that the directory is named after) {
  start();
  (void)add("one", "/home/src");
  leave("/home/src", first.text, "root");
  leave("/home/src/two", second.text, "two");
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.discovered, 2u);
  CAF_CHECK(report.problems.empty());
  CAF_CHECK_EQUAL(row(first).path, "/home/src");
  CAF_CHECK_EQUAL(row(first).namespace_name, "src");
  CAF_CHECK_EQUAL(row(second).namespace_name, "two");
}

CAF_TEST([RG02] a manifest of one that is at home takes nobodys place) {
  start();
  const auto one = add("one", "/home/src");
  const auto two = add("two", "/home/src");
  (void)sweep();
  write("/home/src/one", manifest("/home/src/two"));
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.moved + report.discovered, 0u);
  CAF_CHECK_EQUAL(row(one).path, "/home/src/one");
  CAF_CHECK_EQUAL(row(one).name, "one");
  CAF_CHECK(row(one).status == agent_status::manifest_missing);
  CAF_CHECK_EQUAL(row(two).path, "/home/src/two");
  CAF_CHECK(row(two).status == agent_status::active);
}

CAF_TEST([RG07] one that moved to where another lived is there when the grace of that one has passed) {
  start();
  const auto one = add("one", "/home/src");
  const auto two = add("two", "/home/src");
  (void)add("root", "/home/src");
  (void)sweep();
  const auto of_two = log().size();
  rename("/home/src/one", "/home/src/.one");
  rename("/home/src/two", "/home/src/one");
  (void)sweep();
  (void)sweep_for(23);
  CAF_CHECK_EQUAL(log().size(), of_two);
  (void)sweep_for(2);
  CAF_CHECK(row(one).id.text.empty());
  CAF_CHECK_EQUAL(row(two).path, "/home/src/one");
  CAF_CHECK_EQUAL(row(two).name, "two");
  CAF_CHECK(row(two).status == agent_status::active);
  CAF_CHECK_EQUAL(roster().size(), 2u);
  // With its history.
  const auto told = ask_for<log_read>(show_log{two.text, {}, {}, 10});
  CAF_REQUIRE(told);
  CAF_CHECK(told->commits.size() >= 2u);
}

CAF_TEST(two that have changed places are kept until one of them steps aside) {
  start();
  const auto one = add("one", "/home/src");
  const auto two = add("two", "/home/src");
  (void)add("root", "/home/src");
  (void)sweep();
  rename("/home/src/one", "/home/src/.one");
  rename("/home/src/two", "/home/src/one");
  rename("/home/src/.one", "/home/src/two");
  (void)sweep();
  (void)sweep_for(60);
  CAF_CHECK_EQUAL(roster().size(), 3u);
  for (const auto& each : {one, two})
    CAF_CHECK(row(each).status == agent_status::manifest_missing);
  rename("/home/src/one", "/home/src/aside");
  (void)sweep();
  (void)sweep();
  CAF_CHECK_EQUAL(row(one).path, "/home/src/two");
  CAF_CHECK_EQUAL(row(two).path, "/home/src/aside");
  rename("/home/src/aside", "/home/src/one");
  (void)sweep();
  CAF_CHECK_EQUAL(row(two).path, "/home/src/one");
  for (const auto& each : {one, two})
    CAF_CHECK(row(each).status == agent_status::active);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
