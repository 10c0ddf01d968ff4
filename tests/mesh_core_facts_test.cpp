#define CAF_SUITE mesh_core_facts_test

#include "tests/support/manifest_samples.hpp"
#include "tests/support/mesh_facts.hpp"

#include "muster/store/manifest_document.hpp"

#include <caf/test/unit_test.hpp>

/// What commands owe agents, fact by fact (docs/conformance-mesh.md).
namespace muster::test {

namespace {

using namespace std::chrono_literals;

} // namespace

CAF_TEST_FIXTURE_SCOPE(mesh_core_facts, mesh_world)

CAF_TEST([MC08][MC09][MC27][MC28][MC29] a registration is listed and addressed and its manifest tells no path) {
  start();
  machine.files.put_directory("/home/src");
  machine.files.put_directory("/home/src/team");
  const auto path = project("src/team/app");
  auto asked = registration(path, "app");
  asked.runtime = "codex";
  asked.capabilities = {"code"};
  asked.display_name = "The app";
  asked.scan_root = "/home/src";
  const auto placed = added("app", asked);
  CAF_CHECK_EQUAL(placed.namespace_name, "team");
  const auto rows = roster();
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK(rows.front().name == "app" && rows.front().runtime == "codex" && rows.front().display_name == "The app");
  CAF_CHECK(rows.front().capabilities == std::vector<std::string>{"code"});
  CAF_CHECK_EQUAL(held_by_relay().endpoints.size(), 1u);
  CAF_CHECK_EQUAL(subjects(), (std::set<std::string>{"relay.agent.team." + placed.agent.text}));
  const auto shown = ask_for<agent_shown>(show_agent{placed.agent.text});
  CAF_REQUIRE(shown && shown->endpoint);
  CAF_CHECK_EQUAL(shown->endpoint->subject, placed.subject);
  CAF_REQUIRE(updated(placed.agent, {{"name", quoted("new")}}));
  CAF_CHECK_EQUAL(manifest(path).find("/home"), std::string::npos);
  for (const auto& [field, value] : fields(placed.agent))
    CAF_CHECK_EQUAL(value.find("/home"), std::string::npos);
}

CAF_TEST([AR09][AR12][AR47][AR48][AR55][MC38][MC39][MC40] an update is in file and index and so is a removal) {
  start();
  const auto agent = added("work").agent;
  const changes set{{"name", quoted("new")},         {"description", quoted("does it")},
                    {"capabilities", R"(["code"])"}, {"behavior", R"({"responseMode":"silent"})"},
                    {"persona", quoted("Careful.")}, {"color", quoted("red")},
                    {"icon", quoted("x")},           {"model", quoted("opus")},
                    {"effort", quoted("high")},      {"account", quoted("mine")}};
  CAF_REQUIRE(updated(agent, set));
  auto file = manifest_document::read(manifest("/home/work"));
  CAF_REQUIRE(file);
  auto told = fields(agent);
  for (const auto& [field, value] : set) {
    CAF_CHECK_EQUAL(told[field], *value);
    CAF_CHECK(static_cast<bool>(file->document().root().find(field)));
  }
  CAF_CHECK_EQUAL(file->fields().name, "new");
  CAF_CHECK_EQUAL(row(agent).name, "new");
  changes clear;
  for (const auto* field : {"persona", "color", "icon", "model", "effort", "account"})
    clear.emplace_back(field, std::nullopt);
  CAF_REQUIRE(updated(agent, clear));
  file = manifest_document::read(manifest("/home/work"));
  CAF_REQUIRE(file);
  told = fields(agent);
  for (const auto& [field, nothing] : clear) {
    CAF_CHECK(!told.contains(field));
    CAF_CHECK(!file->document().root().find(field));
  }
}

CAF_TEST([AR10][AR14][MC42][MC49] an agent that is not there is told and nothing happens) {
  start();
  (void)added("work");
  const agent_id nobody{"01J9Z00000000000000000NONE"};
  const auto before = log().size();
  const auto missed = updated(nobody, {{"name", quoted("x")}});
  CAF_REQUIRE(!missed);
  CAF_CHECK_EQUAL(exit_code(missed.error().kind), 3);
  const auto gone = removed(nobody.text);
  CAF_REQUIRE(!gone);
  CAF_CHECK_EQUAL(exit_code(gone.error().kind), 3);
  CAF_CHECK_EQUAL(log().size(), before);
  CAF_CHECK_EQUAL(roster().size(), 1u);
}

CAF_TEST([MC19][MC20][LC01] the rules of a namespace go with its last agent) {
  start();
  auto one = registration(project("one"), "one");
  auto two = registration(project("two"), "two");
  one.namespace_name = two.namespace_name = "club";
  (void)added("one", one);
  (void)added("two", two);
  const auto rules = rules_of("club");
  CAF_CHECK_EQUAL(rules.size(), 2u);
  CAF_REQUIRE(removed("one"));
  (void)sweep();
  CAF_CHECK_EQUAL(subjects().size(), 1u);
  CAF_CHECK_EQUAL(rules_of("club"), rules);
  CAF_REQUIRE(removed("two"));
  CAF_CHECK(subjects().empty());
  CAF_CHECK(rules_of("club").empty());
}

CAF_TEST([MC22][MC23][MC25][MC26] a registration that the relay refuses leaves neither row nor manifest) {
  start();
  end_relay();
  const auto placed = place(project("work"), "first");
  CAF_REQUIRE(!placed);
  CAF_CHECK_EQUAL(placed.error().step, "set-endpoint");
  CAF_CHECK(!has_manifest("/home/work"));
  CAF_CHECK(roster().empty());
  CAF_CHECK(log().empty());
}

CAF_TEST([MC46] a removal is in the feed once and its path is free by then) {
  start();
  const auto agent = added("work").agent;
  CAF_REQUIRE(removed(agent.text));
  std::size_t drops = 0;
  for (const auto& each : log())
    for (const auto& what : each.ops)
      if (const auto* drop = std::get_if<place_drop>(&what))
        drops += drop->agent == agent ? 1 : 0;
  CAF_CHECK_EQUAL(drops, 1u);
  CAF_CHECK_EQUAL(code_of(ask_for<agent_shown>(show_agent{"/home/work"})), "no-agent-at-path");
  CAF_CHECK(added("again", registration("/home/work", "again")).agent != agent);
}

CAF_TEST([GP01][NS05] agents can be reached again after a start though relay and index are lost) {
  start();
  (void)added("one");
  (void)added("two");
  const auto before = subjects();
  const auto rules = rules_of("one");
  CAF_REQUIRE_EQUAL(before.size(), 2u);
  kill();
  machine.restart_process();
  remove_file("/home/data/index.db");
  give_relay();
  start();
  CAF_CHECK_EQUAL(subjects(), before);
  CAF_CHECK_EQUAL(rules_of("one"), rules);
  CAF_CHECK(std::ranges::any_of(rules, [](const auto& each) { return each.starts_with("deny "); }));
}

CAF_TEST([GP03] three changes of one agent at once all hold) {
  start();
  const auto agent = added("work").agent;
  std::vector<awaited<agent_placed>> answers;
  for (const auto* field : {"color", "icon", "persona"}) {
    update_agent asked;
    asked.selector = agent.text;
    asked.assignments = {{{field}, quoted(field)}};
    answers.push_back(ask_later<agent_placed>(muster, asked));
  }
  for (int i = 0; i < 5; ++i)
    pass(1s);
  for (const auto& each : answers)
    CAF_CHECK_EQUAL(code_of(each), "done");
  auto told = fields(agent);
  for (const auto* field : {"color", "icon", "persona"}) {
    CAF_CHECK_EQUAL(told[field], quoted(field));
    CAF_CHECK(manifest("/home/work").find(quoted(field) + ": " + quoted(field)) != std::string::npos);
  }
}

CAF_TEST([GP06] a namespace that a command changes is normal and takes endpoint and rules along) {
  start();
  const auto agent = added("work").agent;
  const auto changed = updated(agent, {{"namespace", quoted("Club House")}, {"name", quoted("new")}});
  CAF_REQUIRE(changed);
  CAF_CHECK_EQUAL(changed->subject, "relay.agent.club-house." + agent.text);
  CAF_CHECK_EQUAL(subjects(), (std::set<std::string>{changed->subject}));
  CAF_CHECK(rules_of("work").empty());
  CAF_CHECK_EQUAL(rules_of("club-house").size(), 2u);
  CAF_REQUIRE(removed(agent.text));
  (void)sweep();
  CAF_CHECK(held_by_relay().endpoints.empty());
  CAF_CHECK(held_by_relay().rules.empty());
}

CAF_TEST([GP07] a removal that the relay refuses has removed nothing and can be repeated) {
  start();
  const auto agent = added("work").agent;
  const auto text = manifest("/home/work");
  end_relay();
  CAF_CHECK(!removed(agent.text));
  CAF_CHECK_EQUAL(manifest("/home/work"), text);
  CAF_CHECK(row(agent).id == agent);
  kill();
  machine.restart_process();
  give_relay();
  start();
  CAF_CHECK_EQUAL(subjects().size(), 1u);
  CAF_REQUIRE(removed(agent.text));
  CAF_CHECK(!has_manifest("/home/work"));
  CAF_CHECK(roster().empty());
  CAF_CHECK(subjects().empty());
}

CAF_TEST([GP08][GP13] adopting keeps every field and any id and a later write keeps what nobody knows) {
  start();
  auto sample = full_manifest();
  sample.remove("isSystem").set("id", quoted("not a.token")).set("later", R"({"deep": [1.10, -0, 1e400]})");
  const auto text = sample.text();
  const auto path = project("work");
  write(path, text);
  register_agent asked;
  asked.path = path;
  const auto placed = added("work", asked);
  CAF_CHECK_EQUAL(manifest(path), text);
  const auto told = fields(placed.agent);
  const auto file = manifest_document::read(text);
  CAF_REQUIRE(file);
  std::size_t lost = 0;
  for (const auto member : file->document().root())
    lost += member.key() == "id" || told.contains(member.key()) ? 0 : 1;
  CAF_CHECK_EQUAL(lost, 0u);
  CAF_REQUIRE_EQUAL(subjects().size(), 1u);
  CAF_CHECK_EQUAL(std::ranges::count(*subjects().begin(), '.'), 3);
  CAF_REQUIRE(updated(placed.agent, {{"name", quoted("new")}}));
  CAF_CHECK(manifest(path).find(R"({"deep": [1.10, -0, 1e400]})") != std::string::npos);
}

CAF_TEST([GP09] a registration that fails leaves the manifest that was there) {
  start();
  const auto path = project("work");
  const auto text = minimal_manifest().text();
  write(path, text);
  end_relay();
  register_agent asked;
  asked.path = path;
  asked.namespace_name = "club";
  const auto placed = ask_for<agent_placed>(asked);
  CAF_REQUIRE(!placed);
  CAF_CHECK_EQUAL(placed.error().step, "set-endpoint");
  CAF_CHECK_EQUAL(manifest(path), text);
  CAF_CHECK(roster().empty());
}

CAF_TEST([GP10] an update of an agent whose directory is gone does not make it again) {
  start();
  const auto agent = added("work").agent;
  rename("/home/work", "/home/away");
  CAF_CHECK(!updated(agent, {{"name", quoted("ghost")}}));
  CAF_CHECK(!machine.files.exists("/home/work"));
  (void)sweep();
  CAF_CHECK(row(agent).status == agent_status::unreachable);
  CAF_CHECK_EQUAL(row(agent).name, "work");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
