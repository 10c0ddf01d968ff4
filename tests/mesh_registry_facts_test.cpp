#define CAF_SUITE mesh_registry_facts_test

#include "tests/support/keeper_world.hpp"

#include "muster/actors/index_keeper.hpp"
#include "muster/store/schema_texts.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// What a registry of agents owes whoever asks it, fact by fact
/// (docs/conformance-mesh.md).
using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

using ids = std::vector<std::string>;
using members = std::map<std::string, std::string>;

const agent_id one{"01AAA"};
const agent_id two{"01AAB"};
const agent_id three{"01AAC"};

/// What a manifest says of an agent, less its id.
const members usual{{"name", "\"alpha\""},
                    {"description", "\"does it\""},
                    {"runtime", "\"claude-code\""},
                    {"capabilities", R"(["code","review"])"},
                    {"behavior", R"({"responseMode":"silent"})"},
                    {"registeredAt", "\"2026-01-31T08:30:00.000Z\""},
                    {"registeredBy", "\"me\""}};
const members identity{
    {"persona", "\"Careful.\""}, {"personaEnabled", "false"}, {"color", "\"#6366f1\""}, {"icon", "\"x\""}};

struct registry : keeper_world {
  index_keeper keeper{here.env(), index_fixture::directory, feeds(), own(), {}};

  registry() { CAF_REQUIRE(keeper.open()); }

  commit fold(std::vector<op> ops) {
    auto made = make(std::move(ops));
    CAF_REQUIRE(take_one(keeper, folding(made)));
    return made;
  }
  /// In one commit: the agent with these members, placed.
  void add(const agent_id& agent, const members& what, const std::string& path, const std::string& space = "work") {
    std::vector<op> ops;
    for (const auto& [field, value] : what)
      ops.push_back(put(agent.text, field, value));
    ops.push_back(place(agent.text, path, space));
    fold(std::move(ops));
  }
  void add(const agent_id& agent, const std::string& name, const std::string& registered_at = {}) {
    auto what = usual;
    what["name"] = "\"" + name + "\"";
    if (!registered_at.empty())
      what["registeredAt"] = "\"" + registered_at + "\"";
    add(agent, what, "/p/" + name);
  }
  /// Sets a field, or removes it, after what is there.
  void change(const agent_id& agent, const std::string& field, std::optional<std::string> value) {
    const auto known = keeper.answer(find_agent{agent}).value().fields;
    const auto before = known.find(field);
    fold({put(agent.text, field, std::move(value), before == known.end() ? saw_vector{} : before->second.saw)});
  }
  /// As the next process reads it from the files.
  void begin_anew() {
    keeper.close();
    CAF_REQUIRE(keeper.open());
  }
  agent_described described(const agent_id& agent = one) { return keeper.answer(describe_agent{agent}).value(); }
  /// Only those of these members that the agent has.
  members fields(const members& of, const agent_id& agent = one) {
    members found;
    for (const auto& [field, value] : described(agent).fields)
      if (of.contains(field))
        found[field] = value;
    return found;
  }
  ids listed(const list_agents& which = {}) {
    ids result;
    for (const auto& row : keeper.answer(which).value().agents)
      result.push_back(row.id.text);
    return result;
  }
  roster_row row(const agent_id& agent = one) { return described(agent).row; }
  void see(const agent_id& agent, agent_status status, const std::string& path) {
    CAF_CHECK(take_one(keeper, seen_of(agent.text, path, status, status == agent_status::active ? "" : "gone")));
  }
  void beat(const agent_id& agent) { CAF_REQUIRE(keeper.answer(note_heartbeat{agent, "up"})); }
};

template <class T>
std::string_view code(const expected<T>& answer) {
  return answer ? std::string_view{"done"} : answer.error().code;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(mesh_registry_facts, registry)

CAF_TEST([AR01][AR18] what was registered is read back by its id) {
  add(one, usual, "/p/one");
  CAF_CHECK(fields(usual) == usual);
  CAF_CHECK_EQUAL(row().path, "/p/one");
  begin_anew();
  CAF_CHECK(fields(usual) == usual);
  CAF_CHECK_EQUAL(row().registered_at, "2026-01-31T08:30:00.000Z");
}

CAF_TEST([AR02][AR10][AR14] an id that nobody has is told apart) {
  add(one, usual, "/p/one");
  CAF_CHECK_EQUAL(code(keeper.answer(describe_agent{two})), "no-agent");
  const auto found = keeper.answer(find_agent{two}).value();
  CAF_CHECK(!found.exists && !found.was_known);
  CAF_CHECK_EQUAL(code(keeper.answer(resolve_agent{two.text})), "no-agent");
}

CAF_TEST([AR05][AR06][AR07][MC16][MC17] the newest comes first and a filter narrows the list) {
  add(one, "alpha", "2026-01-01T00:00:00.000Z");
  add(two, "beta", "2026-03-01T00:00:00.000Z");
  add(three, "gamma", "2026-02-01T00:00:00.000Z");
  change(two, "runtime", "\"codex\"");
  change(three, "capabilities", R"(["deploy","code"])");
  fold({place(three.text, "/p/gamma", "play")});
  CAF_CHECK_EQUAL(listed(), (ids{two.text, three.text, one.text}));
  list_agents which;
  which.runtime = "codex";
  CAF_CHECK_EQUAL(listed(which), (ids{two.text}));
  which.runtime = "claude-code";
  CAF_CHECK_EQUAL(listed(which), (ids{three.text, one.text}));
  which.capability = "deploy";
  CAF_CHECK_EQUAL(listed(which), (ids{three.text}));
  which = {};
  which.namespace_name = "work";
  CAF_CHECK_EQUAL(listed(which), (ids{two.text, one.text}));
}

CAF_TEST([AR08] the list of an empty registry is empty) {
  CAF_CHECK(listed().empty());
  CAF_CHECK_EQUAL(keeper.answer(count_agents{}).value().total, 0u);
}

CAF_TEST([AR11][AR19][AR21] scan root and namespace are stored and read back) {
  add(one, usual, "/p/one");
  CAF_CHECK_EQUAL(described().placements.front().where.scan_root, "/p");
  fold({place_put{one, own(), "/p/one", "/", "club", true}});
  begin_anew();
  const auto where = described().placements.front().where;
  CAF_CHECK_EQUAL(where.scan_root, "/");
  CAF_CHECK_EQUAL(where.namespace_name, "club");
  CAF_CHECK_EQUAL(row().namespace_name, "club");
}

CAF_TEST([AR16][AR49] the same id at the same path twice is one row with the latest fields) {
  auto first = usual;
  first.insert(identity.begin(), identity.end());
  add(one, first, "/p/one");
  change(one, "name", "\"later\"");
  change(one, "color", "\"red\"");
  fold({place(one.text, "/p/one")});
  CAF_CHECK_EQUAL(listed(), (ids{one.text}));
  CAF_CHECK_EQUAL(row().name, "later");
  CAF_CHECK_EQUAL(described().fields.at("color"), "\"red\"");
  CAF_CHECK_EQUAL(described().fields.at("persona"), identity.at("persona"));
}

CAF_TEST([AR22] a heartbeat is read back with its event and outlives the process) {
  add(one, usual, "/p/one");
  const auto at = here.world.clock.wall();
  beat(one);
  here.world.clock.advance(1min);
  CAF_CHECK(row().last_seen == at);
  CAF_CHECK_EQUAL(keeper.answer(describe_agent{one}).value().last_seen_event, "up");
  CAF_REQUIRE(keeper.write_heartbeats());
  begin_anew();
  CAF_CHECK(row().last_seen == at);
  CAF_CHECK_EQUAL(keeper.answer(describe_agent{one}).value().last_seen_event, "up");
}

CAF_TEST([AR23][AR24][AR25][AR26][AR33] health in rows is a pure function of how long an agent was silent) {
  add(one, usual, "/p/one");
  CAF_CHECK(!row().last_seen);
  CAF_CHECK(row().health == agent_health::stale);
  beat(one);
  const settings limits;
  const auto until = [&](std::chrono::milliseconds age) {
    here.world.clock.advance(age - (here.world.clock.wall() - *row().last_seen));
    instance_table instances;
    roster_entry entry({});
    entry.last_seen = row().last_seen;
    CAF_CHECK(row().health == health_of(entry, {instances, own(), limits, here.world.clock.wall(), "p."}));
    return row().health;
  };
  CAF_CHECK(until(limits.health_active / 2) == agent_health::active);
  CAF_CHECK(until((limits.health_active + limits.health_stale) / 2) == agent_health::inactive);
  CAF_CHECK(until(limits.health_stale + 60min) == agent_health::stale);
}

CAF_TEST([AR27][AR29] one of each health is counted as one of each) {
  add(one, "alpha");
  add(two, "beta");
  add(three, "gamma");
  beat(two);
  here.world.clock.advance(30min);
  beat(one);
  const auto counted = keeper.answer(count_agents{}).value();
  CAF_CHECK_EQUAL(counted.total, 3u);
  CAF_CHECK_EQUAL(counted.active, 1u);
  CAF_CHECK_EQUAL(counted.inactive, 1u);
  CAF_CHECK_EQUAL(counted.stale, 1u);
  CAF_CHECK_EQUAL(counted.unreachable, 0u);
  std::map<std::string, agent_health> health;
  for (const auto& each : keeper.answer(list_agents{}).value().agents)
    health[each.id.text] = each.health;
  CAF_CHECK(health[one.text] == agent_health::active);
  CAF_CHECK(health[two.text] == agent_health::inactive);
  CAF_CHECK(health[three.text] == agent_health::stale);
}

CAF_TEST([AR28][AR30][AR31] unreachable is counted before any health) {
  add(one, "alpha");
  add(two, "beta");
  add(three, "gamma");
  for (const auto& each : {one, two, three})
    beat(each);
  see(two, agent_status::unreachable, "/p/beta");
  see(three, agent_status::unreachable, "/p/gamma");
  const auto counted = keeper.answer(count_agents{}).value();
  CAF_CHECK_EQUAL(counted.total, 3u);
  CAF_CHECK_EQUAL(counted.active, 1u);
  CAF_CHECK_EQUAL(counted.unreachable, 2u);
  CAF_CHECK_EQUAL(counted.stale, 0u);
  CAF_CHECK(row(two).status == agent_status::unreachable);
  CAF_CHECK(row(one).status == agent_status::active);
  CAF_CHECK(row(one).health == agent_health::active);
}

CAF_TEST([AR32] the schema has a column for each field and none for a whole manifest) {
  const std::string schema = index_schema_text;
  const auto has = [&](std::string_view column) {
    return schema.find("\n  " + std::string(column) + " ") != std::string::npos;
  };
  for (const auto* column : {"name", "runtime", "capabilities_json", "path", "persona", "persona_enabled"})
    CAF_CHECK(has(column));
  for (const auto* column : {"manifest", "manifest_json", "document", "bytes"})
    CAF_CHECK(!has(column));
}

CAF_TEST([AR36][AR38][AR39] unreachable is noted and taken back and health was never touched) {
  add(one, usual, "/p/one");
  beat(one);
  see(one, agent_status::unreachable, "/p/one");
  CAF_CHECK(keeper.answer(list_agents{}).value().agents.front().status == agent_status::unreachable);
  begin_anew();
  CAF_CHECK(row().status == agent_status::unreachable);
  see(one, agent_status::active, "/p/one");
  CAF_CHECK(keeper.answer(list_agents{}).value().agents.front().status == agent_status::active);
  CAF_CHECK_EQUAL(keeper.answer(count_agents{}).value().unreachable, 0u);
  CAF_CHECK(row().health == agent_health::active);
}

CAF_TEST([AR37][AR40] what is seen of nobody makes no row) {
  add(one, usual, "/p/one");
  for (const auto status : {agent_status::unreachable, agent_status::active}) {
    (void)take_one(keeper, seen_of("nobody", "/p/nobody", status));
    CAF_CHECK_EQUAL(listed(), (ids{one.text}));
  }
  CAF_CHECK_EQUAL(keeper.answer(count_agents{}).value().unreachable, 0u);
}

CAF_TEST([AR43][AR45][AR50][AR51] the identity fields are read back by id and by path) {
  auto all = usual;
  all.insert(identity.begin(), identity.end());
  add(one, all, "/p/one");
  begin_anew();
  CAF_CHECK(fields(identity) == identity);
  const auto found = keeper.answer(resolve_agent{"/p/one"});
  CAF_REQUIRE(found);
  CAF_CHECK(fields(identity, found->agent) == identity);
}

CAF_TEST([AR46][AR54] what a manifest leaves out is absent) {
  add(one, usual, "/p/one");
  begin_anew();
  const auto has = described().fields;
  for (const auto* field : {"persona", "color", "icon", "model", "effort", "account"})
    CAF_CHECK(!has.contains(field));
}

CAF_TEST([AR53] model and effort are read back) {
  auto all = usual;
  all["model"] = "\"opus\"";
  all["effort"] = "\"high\"";
  add(one, all, "/p/one");
  begin_anew();
  CAF_CHECK_EQUAL(described().fields.at("model"), "\"opus\"");
  CAF_CHECK_EQUAL(described().fields.at("effort"), "\"high\"");
}

CAF_TEST([NS07] a rule that names a namespace without agents is to hold) {
  fold({rule_put{"ghosts", "work", rule_action::allow, {}}});
  begin_anew();
  const auto desired = keeper.answer(list_endpoints{}).value();
  CAF_CHECK(desired.endpoints.empty());
  CAF_REQUIRE_EQUAL(desired.rules.size(), 1u);
  CAF_CHECK_EQUAL(desired.rules.front().source, "ghosts");
}

CAF_TEST_FIXTURE_SCOPE_END()
