#define CAF_SUITE mesh_sweep_facts_test

#include "tests/support/manifest_samples.hpp"
#include "tests/support/mesh_facts.hpp"

#include <caf/test/unit_test.hpp>

/// What sweeps owe agents, fact by fact (docs/conformance-mesh.md).
namespace muster::test {

namespace {

using namespace std::chrono_literals;

struct sweep_world : mesh_world {
  /// An agent at /home/NAME, adopted from a manifest with these members.
  agent_id adopted(const std::string& name, object_sample sample = minimal_manifest()) {
    const auto path = project(name);
    write(path, sample.set("name", quoted(name)).text());
    register_agent asked;
    asked.path = path;
    return added(name, asked).agent;
  }
  static std::string another_id() { return "01KDVDNWJBYG9JQRAS1CDVVZZZ"; }
  static object_sample another_manifest() { return minimal_manifest().set("id", quoted(another_id())); }

  /// What all counters but `unchanged` add up to.
  static std::size_t news(const sweep_report& of) {
    return of.synced + of.unreachable + of.removed + of.resurrected + of.discovered + of.moved + of.refused +
           of.invalid + of.missing + of.unreadable + of.errors;
  }
  static bool tells(const sweep_report& of, std::string_view kind, const std::string& path) {
    return std::ranges::any_of(of.problems, [&](const auto& each) { return each.kind == kind && each.path == path; });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(mesh_sweep_facts, sweep_world)

CAF_TEST([MC03][MC34][MC43][RC03][RC15] an edited name is in the list after a sweep that counts it) {
  start();
  const auto agent = adopted("work");
  replace("/home/work", "work", "edited");
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.synced, 1u);
  CAF_CHECK_EQUAL(news(report), 1u);
  CAF_CHECK(report.problems.empty());
  CAF_CHECK_EQUAL(row(agent).name, "edited");
}

CAF_TEST([RC04][RC10][GP15] a sweep that finds nothing new writes nothing and tells the relay nothing) {
  start();
  for (const auto* name : {"one", "two", "three"})
    (void)added(name);
  machine.clock.advance(1min);
  (void)sweep();
  const auto disk = machine.files.fingerprint();
  const auto versions = [&] {
    std::vector<statement_version> result;
    const auto held = held_by_relay();
    for (const auto& each : held.endpoints)
      result.push_back(each.version);
    for (const auto& each : held.rules)
      result.push_back(each.version);
    return result;
  };
  const auto told = versions();
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.unchanged, 3u);
  CAF_CHECK_EQUAL(news(report), 0u);
  CAF_CHECK_EQUAL(machine.files.fingerprint(), disk);
  CAF_CHECK(versions() == told);
}

CAF_TEST([RC06][RC19] a sweep of nothing counts nothing) {
  start();
  const auto report = sweep();
  CAF_CHECK_EQUAL(news(report) + report.unchanged, 0u);
  CAF_CHECK(report.problems.empty());
}

CAF_TEST([RC07][RC08][RC09][MC41][GP08] every field that is edited is taken over and what is removed is removed) {
  start();
  const auto agent = adopted("work");
  auto sample = full_manifest();
  auto edited = sample;
  edited.set("name", quoted("work"))
      .set("registeredAt", quoted("2027-01-01T00:00:00.000Z"))
      .set("registeredBy", quoted("somebody"))
      .remove("isSystem")
      .remove("namespace");
  write("/home/work", edited.text());
  CAF_CHECK_EQUAL(sweep().synced, 1u);
  auto told = fields(agent);
  for (const auto* field : {"displayName", "description", "capabilities", "behavior", "persona", "personaEnabled",
                            "traits", "conventions", "color", "icon", "model", "effort", "account", "mcpServers",
                            "enabledToolGroups", "budget", "registeredAt", "registeredBy"})
    CAF_CHECK_EQUAL(told.contains(field) ? "" : field, std::string_view{});
  CAF_CHECK_EQUAL(told["persona"], edited.get("persona"));
  CAF_CHECK_EQUAL(told["color"], edited.get("color"));
  CAF_CHECK_EQUAL(told["model"], edited.get("model"));
  CAF_CHECK_EQUAL(told["effort"], edited.get("effort"));
  CAF_CHECK_EQUAL(told["account"], edited.get("account"));
  CAF_CHECK_EQUAL(told["registeredBy"], quoted("somebody"));
  write("/home/work", edited.remove("model").remove("effort").remove("persona").text());
  CAF_CHECK_EQUAL(sweep().synced, 1u);
  told = fields(agent);
  CAF_CHECK(!told.contains("model") && !told.contains("effort") && !told.contains("persona"));
}

CAF_TEST([GP22] another order of capabilities and keys is no change) {
  start();
  auto sample = minimal_manifest();
  sample.set("capabilities", R"(["code","review"])")
      .set("behavior", R"({"responseMode":"silent","escalationThreshold":0.5})");
  const auto agent = adopted("work", sample);
  const auto before = log().size();
  sample.set("name", quoted("work"))
      .set("capabilities", R"(["review", "code"])")
      .set("behavior", R"({"escalationThreshold": 5e-1, "responseMode": "silent"})");
  write("/home/work", sample.reverse().text());
  CAF_CHECK_EQUAL(news(sweep()), 0u);
  CAF_CHECK_EQUAL(log().size(), before);
  CAF_CHECK_EQUAL(manifest("/home/work"), sample.text());
  CAF_CHECK(row(agent).status == agent_status::active);
}

CAF_TEST([RC01][MC32] a directory that is gone is counted and told and its agent marked) {
  start();
  const auto agent = adopted("work");
  rename("/home/work", "/home/.away");
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.unreachable, 1u);
  CAF_CHECK(tells(report, "unreachable", "/home/work"));
  CAF_CHECK(row(agent).status == agent_status::unreachable);
  CAF_REQUIRE(!row(agent).problems.empty());
  CAF_CHECK(row(agent).problems.front().since > 0ms);
}

CAF_TEST([MC33][RC13][LC02] a directory that is away for one sweep is back with the next and nothing was removed) {
  start();
  const auto agent = adopted("work");
  const auto before = log().size();
  rename("/home/work", "/home/.away");
  CAF_CHECK_EQUAL(sweep().unreachable, 1u);
  rename("/home/.away", "/home/work");
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.resurrected, 1u);
  CAF_CHECK_EQUAL(report.removed, 0u);
  CAF_CHECK(row(agent).status == agent_status::active);
  CAF_CHECK(row(agent).problems.empty());
  CAF_CHECK_EQUAL(subjects().size(), 1u);
  CAF_CHECK_EQUAL(log().size(), before);
  CAF_CHECK_EQUAL(sweep().resurrected, 0u);
}

CAF_TEST([RC05][GP11] what cannot be read is neither synced nor absent and a file is no directory) {
  start();
  const auto one = adopted("one");
  const auto two = adopted("two", another_manifest());
  remove_file(manifest_path("/home/one"));
  machine.files.put_directory(manifest_path("/home/one"));
  rename("/home/two", "/home/.two");
  machine.files.put_file("/home/two", "no directory");
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.synced, 0u);
  CAF_CHECK_EQUAL(report.unreadable, 1u);
  CAF_CHECK_EQUAL(report.unreachable, 1u);
  CAF_CHECK(row(one).status == agent_status::unreadable);
  CAF_CHECK(row(two).status == agent_status::unreachable);
}

CAF_TEST([GP05] a namespace that cannot be used and a relay that is gone stop nothing else) {
  start();
  const auto one = adopted("one");
  const auto two = adopted("two", another_manifest());
  write("/home/one", minimal_manifest().set("name", quoted("bad")).set("namespace", quoted("---")).text());
  replace("/home/two", "two", "edited");
  end_relay();
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.synced, 2u);
  CAF_CHECK_EQUAL(row(two).name, "edited");
  CAF_CHECK_EQUAL(row(one).name, "bad");
  CAF_CHECK_EQUAL(row(one).namespace_name, "one");
  CAF_CHECK(tells(report, "namespace", "/home/one"));
}

CAF_TEST([GP06][NS03][NS04] a namespace that is edited with another field takes endpoint and rules along) {
  start();
  auto one = minimal_manifest();
  auto two = another_manifest();
  const auto mover = adopted("one", one.set("namespace", quoted("old")));
  const auto stayer = adopted("two", two.set("namespace", quoted("old")));
  const auto rules = rules_of("old");
  CAF_CHECK_EQUAL(rules.size(), 2u);
  write("/home/one", one.set("namespace", quoted("new")).set("name", quoted("moved")).text());
  (void)sweep();
  CAF_CHECK_EQUAL(row(mover).namespace_name, "new");
  CAF_CHECK_EQUAL(rules_of("new").size(), 2u);
  CAF_CHECK_EQUAL(rules_of("old"), rules);
  CAF_CHECK_EQUAL(subjects(),
                  (std::set<std::string>{"relay.agent.new." + mover.text, "relay.agent.old." + stayer.text}));
  write("/home/two", two.set("namespace", quoted("newer")).text());
  (void)sweep();
  CAF_CHECK(rules_of("old").empty());
  CAF_CHECK_EQUAL(held_by_relay().endpoints.size(), 2u);
}

CAF_TEST([GP04] a manifest of another agent takes over nothing) {
  start();
  auto mine = minimal_manifest();
  const auto agent = adopted("work", mine.set("persona", quoted("mine")));
  auto other = another_manifest();
  write("/home/work", other.set("name", quoted("thief")).set("persona", quoted("its own")).text());
  const auto report = sweep();
  CAF_CHECK_EQUAL(report.synced, 0u);
  CAF_CHECK_EQUAL(row(agent).name, "work");
  CAF_CHECK_EQUAL(fields(agent)["persona"], quoted("mine"));
  CAF_CHECK(row(agent).status == agent_status::manifest_missing);
  CAF_CHECK(tells(report, "displaced", "/home/work"));
  CAF_CHECK_EQUAL(manifest("/home/work"), other.text());
}

CAF_TEST([MC30][MC31][MC36][MC37] a start sweeps and then one clock and nothing after the stop) {
  options.supervisor.sweeps = true;
  start();
  CAF_REQUIRE(described().last_sweep);
  // Settings begin the wait anew, and not a second one.
  for (int i = 0; i < 2; ++i)
    CAF_CHECK(ask_for<settings_applied>(apply_settings{options.supervisor.now}));
  const auto sweeps_within = [&](std::chrono::seconds time) {
    std::size_t count = 0;
    for (auto before = described().last_sweep_at; time > 0s; time -= 10s) {
      machine.clock.advance(10s);
      pass(10s);
      const auto now = described().last_sweep_at;
      count += std::exchange(before, now) == now ? 0 : 1;
    }
    return count;
  };
  // The interval is 5 minutes, a tenth more or less.
  CAF_CHECK_EQUAL(sweeps_within(4min), 0u);
  CAF_CHECK_EQUAL(sweeps_within(2min), 1u);
  CAF_CHECK_EQUAL(sweeps_within(5min + 10s), 1u);
  CAF_CHECK(stop());
  const auto calls = machine.files.calls();
  pass(1h);
  CAF_CHECK_EQUAL(machine.files.calls(), calls);
}

CAF_TEST([NS01][NS02] managed agents keep their own namespaces and endpoints) {
  options.supervisor.managed_home = "/home/agents";
  start();
  machine.files.put_directory("/home/agents");
  const auto alpha = added("agents/alpha").agent;
  const auto beta = added("agents/beta").agent;
  const std::set<std::string> expected{"relay.agent.alpha." + alpha.text, "relay.agent.beta." + beta.text};
  CAF_CHECK_EQUAL(subjects(), expected);
  (void)sweep();
  CAF_CHECK_EQUAL(subjects(), expected);
  CAF_CHECK_EQUAL(row(alpha).namespace_name, "alpha");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
