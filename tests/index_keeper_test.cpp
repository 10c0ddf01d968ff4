#define CAF_SUITE index_keeper_test

#include "muster/actors/index_keeper.hpp"

#include "tests/support/keeper_world.hpp"

#include "muster/store/json_text.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

const agent_id one{"01AAA"};

template <class T>
std::string code(const expected<T>& answer) {
  return answer ? "done" : std::string(answer.error().code);
}

struct world : keeper_world {
  index_keeper keeper{here.env(), index_fixture::directory, feeds(), own(), {}};

  world() { CAF_REQUIRE(keeper.open()); }

  commit fold(std::vector<op> ops, std::optional<held_file> held = {}) {
    auto made = make(std::move(ops));
    CAF_REQUIRE(take_one(keeper, folding(made, std::move(held))));
    return made;
  }
  std::string resolve_to(const std::string& selector) {
    auto found = keeper.answer(resolve_agent{selector});
    return found ? found->agent.text : std::string(found.error().code);
  }
  static list_agents filtered(std::string list_agents::*by, std::string value) {
    list_agents result;
    result.*by = std::move(value);
    return result;
  }
  std::vector<std::string> listed(const list_agents& which = {}) {
    std::vector<std::string> result;
    for (const auto& row : keeper.answer(which).value().agents)
      result.push_back(row.id.text);
    return result;
  }
  agent_found found(const agent_id& agent = one) { return keeper.answer(find_agent{agent}).value(); }
  roster_row row(const agent_id& agent = one) { return keeper.answer(describe_agent{agent}).value().row; }
  std::string stage(const char* saga, const char* agent, const char* path, bool moving = false) {
    return code(keeper.answer(stage_row{epoch{1}, saga_id{saga}, agent_id{agent}, path, moving}));
  }
  note_observation seen(agent_status status, std::string reason = {}) {
    return seen_of("01AAA", "/p/one", status, std::move(reason));
  }
};

bool has_problem(const roster_row& row, std::string_view kind) {
  return std::any_of(row.problems.begin(), row.problems.end(), [&](const auto& each) { return each.kind == kind; });
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(index_keeper_tests, world)

CAF_TEST([AR03][AR04][MC11][MC12] a user means an agent by id or path or beginning of the id or name) {
  fold(agent("01AAA", "alpha", "/p/one"));
  fold(agent("01AAB", "beta", "/p/two"));
  fold(agent("02CCC", "beta", "/p/three"));
  fold(agent("alp", "gamma", "/p/four"));
  fold(agent("05GONE", "delta", "/p/five"));
  fold({gone("05GONE")});
  CAF_CHECK_EQUAL(resolve_to("01AAA"), "01AAA");
  CAF_CHECK_EQUAL(resolve_to("/p/two"), "01AAB");
  CAF_CHECK_EQUAL(resolve_to("/p/two//"), "01AAB");
  CAF_CHECK_EQUAL(resolve_to("/p/nobody"), "no-agent-at-path");
  CAF_CHECK_EQUAL(resolve_to("02"), "02CCC");
  CAF_CHECK_EQUAL(resolve_to("01AA"), "agent-ambiguous");
  CAF_CHECK_EQUAL(resolve_to("alpha"), "01AAA");
  CAF_CHECK_EQUAL(resolve_to("beta"), "agent-ambiguous");
  // An id before the beginning of one, and neither hides behind a name.
  CAF_CHECK_EQUAL(resolve_to("alp"), "alp");
  CAF_CHECK_EQUAL(resolve_to("al"), "alp");
  CAF_CHECK_EQUAL(resolve_to("gamma"), "alp");
  CAF_CHECK_EQUAL(resolve_to(""), "agent-unnamed");
  CAF_CHECK_EQUAL(resolve_to("05GONE"), "no-agent");
  CAF_CHECK_EQUAL(resolve_to("delta"), "no-agent");
  const auto missed = keeper.answer(resolve_agent{"alpah"});
  CAF_REQUIRE(missed.has_error());
  CAF_CHECK(missed.error().message.find("did you mean 'alpha'") != std::string::npos);
}

CAF_TEST(of an ambiguous name ten candidates are listed) {
  for (int i = 10; i < 30; ++i)
    fold(agent("X" + std::to_string(i), "twin", "/p/" + std::to_string(i)));
  const auto refused = keeper.answer(resolve_agent{"twin"});
  CAF_REQUIRE(refused.has_error());
  const auto& message = refused.error().message;
  CAF_CHECK(message.find("X19 (twin) /p/19") != std::string::npos);
  CAF_CHECK(message.find("X20") == std::string::npos);
}

CAF_TEST([AR17] a path that is held and an agent that lives elsewhere are refused) {
  fold(agent("01AAA", "alpha", "/p/one"));
  CAF_CHECK_EQUAL(stage("s1", "other", "/p/one"), "path-held");
  CAF_CHECK_EQUAL(keeper.answer(stage_row{epoch{1}, saga_id{"s1"}, agent_id{"other"}, "/p/one"}).error().agent,
                  "01AAA");
  CAF_CHECK_EQUAL(stage("s1", "01AAA", "/p/two"), "agent-elsewhere");
  CAF_CHECK_EQUAL(stage("s1", "01AAA", "/p/two", true), "done");
  CAF_CHECK_EQUAL(stage("s1", "01AAA", "/p/two", true), "done");
  CAF_CHECK_EQUAL(stage("s2", "new", "/p/two"), "claimed");
  CAF_CHECK_EQUAL(stage("s2", "01AAA", "/p/one"), "claimed");
  CAF_CHECK(keeper.answer(unstage_row{epoch{1}, saga_id{"s1"}}));
  CAF_CHECK(keeper.answer(unstage_row{epoch{1}, saga_id{"s1"}}));
  CAF_CHECK_EQUAL(stage("s2", "new", "/p/two"), "done");
  // The commit takes the pending row with it.
  auto made = make(agent("new", "n", "/p/two"));
  fold_commit last{epoch{1}, saga_id{"s2"}, made, {}};
  CAF_REQUIRE(take_one(keeper, last));
  CAF_CHECK_EQUAL(stage("s3", "new", "/p/two"), "done");
}

CAF_TEST(commits come in any order and repeated) {
  const auto first = make_unmarked(agent("a", "a", "/p/a"), 1);
  const auto second = make_unmarked({put("a", "name", "\"b\"", {{own(), 1}})}, 2);
  const auto third = make_unmarked({put("a", "name", "\"c\"", {{own(), 2}})}, 3);
  CAF_CHECK(take_one(keeper, folding(third)));
  CAF_CHECK(take_one(keeper, folding(first)));
  CAF_CHECK_EQUAL(row(agent_id{"a"}).name, "a");
  CAF_CHECK(take_one(keeper, folding(first)));
  CAF_CHECK(take_one(keeper, folding(second)));
  CAF_CHECK_EQUAL(row(agent_id{"a"}).name, "c");
  // Not yet under the mark of the disk, and none the less there after the file went.
  CAF_REQUIRE(here.world.files.unlink(no_handle, index_fixture::index_path, unlink_kind::file));
  CAF_CHECK_EQUAL(row(agent_id{"a"}).name, "c");
}

CAF_TEST(what a gap leaves out is read from the feed) {
  (void)make(agent("a", "a", "/p/a"));
  (void)make({put("a", "name", "\"b\"", {{own(), 1}})});
  fold({put("a", "name", "\"c\"", {{own(), 2}})});
  CAF_CHECK_EQUAL(row(agent_id{"a"}).name, "c");
}

CAF_TEST(an edit in the file has seen what the file holds) {
  fold(agent("01AAA", "alpha", "/p/one"), held_of("01AAA", "/p/one", 1));
  const saw_vector first{{own(), 1}};
  const saw_vector second{{own(), 2}};
  CAF_CHECK(found().fields.at("name").held == first);
  CAF_CHECK(found().held == held_of("", "", 1).hash);
  // Elsewhere, or by a command whose write is still owed.
  fold({put("01AAA", "name", "\"other\"", first)});
  CAF_CHECK(found().fields.at("name").saw == second);
  CAF_CHECK(found().fields.at("name").held == first);
  CAF_CHECK(found().fields.at("name").held_meaning == sha256::of("\"alpha\""));
  CAF_CHECK(take_one(keeper, record_held{epoch{1}, held_of("01AAA", "/p/one", 2, held_fields::as_before)}).value());
  CAF_CHECK(found().fields.at("name").held == first);
  CAF_CHECK(found().held == held_of("", "", 2).hash);
  CAF_CHECK(take_one(keeper, record_held{epoch{1}, held_of("01AAA", "/p/one", 3, held_fields::as_folded)}).value());
  CAF_CHECK(found().fields.at("name").held == second);
  CAF_CHECK(found().fields.at("name").held_meaning == sha256::of("\"other\""));
  // The same once more is no news.
  CAF_CHECK(!take_one(keeper, record_held{epoch{1}, held_of("01AAA", "/p/one", 3, held_fields::as_folded)}).value());
}

CAF_TEST(what a saga says again after a crash does not undo what was noted since) {
  const auto first = fold(agent("01AAA", "alpha", "/p/one"), held_of("01AAA", "/p/one", 1));
  const auto second = fold({put("01AAA", "name", "\"by hand\"", {{own(), 1}})}, held_of("01AAA", "/p/one", 2));
  const auto before = found();
  CAF_CHECK(before.fields.at("name").held_meaning == sha256::of("\"by hand\""));
  // Also where a field that it sets was brought up to date since, or nothing was.
  for (const auto fields : {held_fields::of_commit, held_fields::as_adopted, held_fields::as_folded})
    for (const auto& made : {first, second}) {
      CAF_REQUIRE(take_one(keeper, folding(made, held_of("01AAA", "/p/one", 1, fields))));
      CAF_CHECK(found().fields.at("name").held == before.fields.at("name").held);
      CAF_CHECK(found().fields.at("name").held_meaning == before.fields.at("name").held_meaning);
      CAF_CHECK(found().held == before.held);
    }
  // What another instance has noted with higher numbers is none of ours.
  fold({put("01AAA", "name", "\"next\"", {{own(), 2}})}, held_of("01AAA", "/p/one", 3));
  CAF_CHECK(found().fields.at("name").held_meaning == sha256::of("\"next\""));
}

CAF_TEST(what is told late of a commit is known of the fields that no later one has) {
  fold(agent("01AAA", "alpha", "/p/one"), held_of("01AAA", "/p/one", 1));
  const auto missed = make({put("01AAA", "name", "\"x\"", {{own(), 1}}), put("01AAA", "icon", "\"i\"")});
  const auto next = make({put("01AAA", "icon", "\"j\"", {{own(), 2}})});
  CAF_REQUIRE(take_one(keeper, folding(next, held_of("01AAA", "/p/one", 3))));
  CAF_CHECK((found().fields.at("name").held == saw_vector{{own(), 1}}));
  CAF_REQUIRE(take_one(keeper, folding(missed, held_of("01AAA", "/p/one", 2))));
  CAF_CHECK(found().fields.at("name").held_meaning == sha256::of("\"x\""));
  CAF_CHECK(found().fields.at("icon").held_meaning == sha256::of("\"j\""));
  CAF_CHECK(found().held == held_of("01AAA", "/p/one", 3).hash);
  CAF_CHECK(!take_one(keeper, folding(missed, held_of("01AAA", "/p/one", 2))).value());
}

CAF_TEST(what is recorded as folded is of that moment and not of later commits) {
  fold(agent("01AAA", "alpha", "/p/one"));
  const auto later = make({put("01AAA", "name", "\"later\"", {{own(), 1}})});
  std::vector<index_change> changes;
  changes.emplace_back(record_held{epoch{1}, held_of("01AAA", "/p/one", 1, held_fields::as_folded)});
  changes.emplace_back(folding(later));
  for (const auto& each : keeper.take(std::move(changes)))
    CAF_CHECK(each);
  CAF_CHECK((found().fields.at("name").held == saw_vector{{own(), 1}}));
  CAF_CHECK((found().fields.at("name").saw == saw_vector{{own(), 2}}));
}

CAF_TEST(what a file held follows the agent to another directory and ends with it) {
  fold(agent("01AAA", "alpha", "/p/one"), held_of("01AAA", "/p/one", 1));
  fold({place("01AAA", "/p/two")}, held_of("01AAA", "/p/two", 1));
  CAF_CHECK((found().fields.at("name").held == saw_vector{{own(), 1}}));
  CAF_CHECK_EQUAL(keeper.answer(list_places{}).value().places[0].project, "/p/two");
  CAF_REQUIRE(keeper.answer(note_heartbeat{one, "up"}));
  CAF_REQUIRE(keeper.write_heartbeats());
  fold({gone("01AAA")});
  CAF_CHECK(!found().exists);
  CAF_CHECK(found().was_known);
  fold({place("01AAA", "/p/one")});
  CAF_CHECK(found().fields.at("name").held.empty());
  CAF_CHECK(!found().held);
  CAF_CHECK(!row().last_seen);
}

CAF_TEST(an agent that has moved and was not seen there is no newcomer) {
  fold(agent("01AAA", "alpha", "/p/one"), held_of("01AAA", "/p/one", 1));
  fold({place("01AAA", "/p/two")});
  CAF_CHECK((found().fields.at("name").held == saw_vector{{own(), 1}}));
  CAF_CHECK(found().held == sha256_digest{});
}

CAF_TEST(an observation stands in the roster and the same again writes nothing) {
  fold(agent("01AAA", "alpha", "/p/one"));
  CAF_CHECK_EQUAL(listed().size(), 1u);
  CAF_CHECK(!take_one(keeper, seen(agent_status::active)).value());
  auto bad = seen(agent_status::manifest_invalid, "line 3 is no JSON");
  bad.problems = {{"displaced", "it is another agent's", {}, "/p/one"}};
  CAF_CHECK(take_one(keeper, bad).value());
  const auto before = here.world.files.fingerprint();
  here.world.clock.advance(1h);
  CAF_CHECK(!take_one(keeper, bad).value());
  CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
  const auto shown = keeper.answer(list_agents{}).value().agents.front();
  CAF_CHECK(shown.status == agent_status::manifest_invalid);
  CAF_CHECK(has_problem(shown, "manifest-invalid") && has_problem(shown, "displaced"));
  CAF_CHECK(found().status == agent_status::manifest_invalid);
  const auto endpoint = [&] { return keeper.answer(list_endpoints{}).value().endpoints.at(0).state; };
  CAF_CHECK(endpoint() == endpoint_state::closed);
  CAF_CHECK(take_one(keeper, seen(agent_status::active)).value());
  CAF_CHECK(endpoint() == endpoint_state::open);
}

CAF_TEST(a file that was seen to be broken is read in each sweep also when it is told late what it held) {
  fold(agent("01AAA", "alpha", "/p/one"), held_of("01AAA", "/p/one", 'a'));
  auto broken = seen(agent_status::manifest_invalid, "line 3 is no JSON");
  broken.key = stat_key{.device = 1, .inode = 9, .size = 3, .mtime = {}, .ctime = {}};
  CAF_CHECK(take_one(keeper, broken).value());
  CAF_CHECK(!keeper.answer(list_places{}).value().places[0].known);
  auto late = held_of("01AAA", "/p/one", 'a');
  late.key.reset();
  CAF_CHECK(take_one(keeper, record_held{epoch{1}, late}).value());
  CAF_CHECK(!keeper.answer(list_places{}).value().places[0].known);
}

CAF_TEST(problems are told on the rows they concern) {
  fold(agent("01AAA", "alpha", "/p/one"));
  fold(agent("01AAB", "alpha", "/p/two"));
  fold({put("01AAB", "icon", "\"x\""), put("01AAB", "icon", "\"y\"")});
  fold({put("01AAB", "icon", "\"y\"")});
  for (const auto& shown : keeper.answer(list_agents{}).value().agents) {
    CAF_CHECK(has_problem(shown, "name-clash"));
    CAF_CHECK_EQUAL(has_problem(shown, "conflict"), shown.id.text == "01AAB");
    CAF_CHECK(has_problem(row(shown.id), "name-clash"));
    CAF_CHECK(!has_problem(shown, "clock"));
  }
  here.world.clock.jump_wall(-1h);
  CAF_CHECK(has_problem(row(), "clock"));
  CAF_CHECK_EQUAL(keeper.answer(describe_agent{agent_id{"01AAB"}}).value().conflicts.size(), 1u);
}

CAF_TEST(health follows from the latest heartbeat and the settings) {
  fold(agent("01AAA", "alpha", "/p/one"));
  CAF_CHECK(row().health == agent_health::stale);
  CAF_CHECK_EQUAL(code(keeper.answer(note_heartbeat{agent_id{"nobody"}, ""})), "no-agent");
  CAF_REQUIRE(keeper.answer(note_heartbeat{one, "up"}));
  CAF_CHECK(row().health == agent_health::active);
  here.world.clock.advance(6min);
  CAF_CHECK(row().health == agent_health::inactive);
  CAF_CHECK_EQUAL(listed(filtered(&list_agents::health, "inactive")).size(), 1u);
  apply_settings patient;
  patient.now.health_active = 10min;
  CAF_REQUIRE(keeper.answer(patient));
  CAF_CHECK(row().health == agent_health::active);
  const auto counted = keeper.answer(count_agents{}).value();
  CAF_CHECK_EQUAL(counted.active, 1u);
  CAF_CHECK_EQUAL(counted.total, 1u);
  CAF_CHECK_EQUAL(counted.held, counted.folded);
  CAF_CHECK(counted.problems.empty());
}

CAF_TEST(a heartbeat is not noted where there is nowhere to write it) {
  fold(agent("01AAA", "alpha", "/p/one"));
  keeper.close();
  here.world.files.options(0).read_only = true;
  CAF_REQUIRE(keeper.open());
  CAF_CHECK(keeper.answer(note_heartbeat{one, "up"}).has_error());
  CAF_CHECK(!row().last_seen);
  here.world.files.options(0).read_only = false;
  CAF_REQUIRE(keeper.answer(note_heartbeat{one, "up"}));
  CAF_CHECK(row().last_seen);
}

CAF_TEST(filters choose and a filter that cannot match is refused) {
  fold(agent("01AAA", "alpha", "/p/one"));
  fold({put("01AAA", "capabilities", R"(["read","wr\"ite"])"), put("01AAA", "registeredAt", "\"2026-01-01T00:00Z\"")});
  fold(agent("01AAB", "beta", "/p/two"));
  fold({put("01AAB", "registeredAt", "\"2026-01-01T00:00:00.001Z\"")});
  CAF_CHECK((listed() == std::vector<std::string>{"01AAB", "01AAA"}));
  CAF_CHECK((listed(filtered(&list_agents::capability, "wr\"ite")) == std::vector<std::string>{"01AAA"}));
  CAF_CHECK(listed(filtered(&list_agents::runtime, "codex")).empty());
  CAF_CHECK(listed(filtered(&list_agents::namespace_name, "play")).empty());
  CAF_CHECK_EQUAL(code(keeper.answer(filtered(&list_agents::runtime, "cobol"))), "runtime-unknown");
  CAF_CHECK_EQUAL(code(keeper.answer(filtered(&list_agents::health, "well"))), "health-unknown");
}

CAF_TEST(a roster that is kept up is the one that is loaded anew) {
  const auto rows = [](index_keeper& of) {
    std::string text;
    list_agents everything;
    everything.all_instances = true;
    for (const auto& each : of.answer(everything).value().agents)
      text += each.id.text + "|" + each.name + "|" + each.path + "|" + std::string(to_string(each.status)) + "|" +
              std::to_string(each.problems.size()) + "\n";
    return text;
  };
  splitmix chance(11);
  CAF_REQUIRE(listed().empty());
  std::size_t wrong = 0;
  for (int i = 0; i < 150; ++i) {
    const auto id = "a" + std::to_string(chance.below(9));
    const auto path = "/p/" + std::to_string(chance.below(9));
    switch (chance.below(5)) {
      case 0: fold(agent(id, "n" + std::to_string(chance.below(4)), path)); break;
      case 1: fold({gone(id)}); break;
      case 2: fold({put(id, "name", "\"m\"")}); break;
      case 3: (void)take_one(keeper, seen_of(id, path, agent_status::unreachable, "gone")); break;
      default: fold({place(id, path)}); break;
    }
    if (i % 10 == 9) {
      auto kept = rows(keeper);
      keeper.close();
      CAF_REQUIRE(keeper.open());
      wrong += kept == rows(keeper) ? 0 : 1;
    }
  }
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(a rebuild says what a fold says and verify finds a difference) {
  fold(agent("01AAA", "alpha", "/p/one"));
  const auto first = keeper.answer(rebuild_index{.verify = true}).value();
  CAF_CHECK(first.identical == true);
  CAF_CHECK_EQUAL(first.ops, 3u);
  const auto second = keeper.answer(rebuild_index{}).value();
  CAF_CHECK_EQUAL(second.dump_hash, first.dump_hash);
  CAF_CHECK(!second.identical);
  CAF_CHECK(keeper.answer(examine_index{}).value().findings.empty());
}

CAF_TEST(what the disk withholds at the start is folded once it gives it out) {
  fold(agent("01AAA", "alpha", "/p/one"));
  keeper.close();
  make(agent("02BBB", "beta", "/p/two"));
  std::size_t refused = 0;
  std::size_t stale = 0;
  std::size_t set_aside = 0;
  for (std::uint64_t nth = 1; nth <= 60; ++nth) {
    here.world.files.set_plan(fault_plan(
        fault_rule{{fault::kind::error, EIO}, nth, {disk_operation::read_entries, disk_operation::open}, false}));
    index_keeper again{here.env(), index_fixture::directory, feeds(), own(), {}};
    const auto first = again.open() ? again.answer(list_agents{}) : expected<agents_listed>(failure{});
    here.world.files.set_plan({});
    refused += first ? 0 : 1;
    stale += first && first->agents.size() != 2 ? 1 : 0;
    CAF_REQUIRE(again.open());
    stale += again.answer(list_agents{}).value().agents.size() == 2 ? 0 : 1;
    for (const auto& problem : again.answer(count_agents{}).value().problems)
      set_aside += problem.code == "index-ahead" ? 1 : 0;
    again.close();
  }
  CAF_CHECK(refused > 0);
  CAF_CHECK_EQUAL(stale, 0u);
  CAF_CHECK_EQUAL(set_aside, 0u);
}

CAF_TEST(what a file held is known or said to be away) {
  const auto noted = held_of("01AAA", "/p/one", 1);
  fold(agent("01AAA", "alpha", "/p/one"), noted);
  keeper.close();
  std::size_t away = 0;
  for (const bool persistent : {false, true}) {
    std::uint64_t fired = 1;
    for (std::uint64_t nth = 1; fired > 0; ++nth) {
      const operation_set reads{disk_operation::open, disk_operation::status, disk_operation::read};
      here.world.files.set_plan(fault_plan(fault_rule{{fault::kind::error, EIO}, nth, reads, persistent}));
      index_keeper again{here.env(), index_fixture::directory, feeds(), own(), {}};
      const auto known = again.open() ? again.answer(find_agent{one}) : expected<agent_found>(failure{});
      fired = here.world.files.plan().fired();
      here.world.files.set_plan({});
      away += known && known->notes_away ? 1 : 0;
      CAF_CHECK(!known || known->notes_away.has_value() != (known->held == noted.hash));
      CAF_REQUIRE(again.open());
      const auto mended = again.answer(find_agent{one});
      CAF_CHECK(mended && !mended->notes_away && mended->held == noted.hash);
      again.close();
    }
  }
  CAF_CHECK(away > 0);
}

CAF_TEST(a directory in the place of the index is set aside) {
  fold(agent("01AAA", "alpha", "/p/one"));
  keeper.close();
  CAF_REQUIRE(here.world.files.unlink(no_handle, index_fixture::index_path, unlink_kind::file));
  here.world.files.put_directory(index_fixture::index_path);
  here.world.files.put_file(std::string(index_fixture::index_path) + "/mine", "keep");
  CAF_REQUIRE(keeper.open());
  CAF_CHECK_EQUAL(code(keeper.answer(rebuild_index{})), "done");
  CAF_CHECK(keeper.answer(count_agents{}).value().problems.size() == 1);
}

CAF_TEST(a local database that cannot be written fails notes and nothing else) {
  fold(agent("01AAA", "alpha", "/p/one"));
  CAF_REQUIRE(here.world.files.unlink(no_handle, "/data/local.db", unlink_kind::file));
  here.world.files.put_file("/data/local.db",
                            "this is no database, and it is longer than a hundred bytes: " + std::string(100, 'x'));
  CAF_CHECK(take_one(keeper, seen(agent_status::unreachable, "gone")).value());
  const auto problems = keeper.answer(count_agents{}).value().problems;
  CAF_REQUIRE_EQUAL(problems.size(), 1u);
  CAF_CHECK_EQUAL(problems.front().code, "local-begun-anew");
  CAF_CHECK(row().status == agent_status::unreachable);
}

CAF_TEST_FIXTURE_SCOPE_END()
