#define CAF_SUITE index_database_test

#include "muster/store/index_database.hpp"

#include "tests/support/index_fixture.hpp"
#include "tests/support/random_commits.hpp"
#include "tests/support/test_scale.hpp"

#include "muster/store/index_audit.hpp"
#include "muster/store/index_manifest.hpp"
#include "muster/store/index_tables.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/schema_texts.hpp"

#include <caf/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

using namespace muster;
using namespace index_fixture;

namespace {

/// What a statement finds in the file, a row a line.
std::string rows_of(machine& here, std::string_view sql) {
  auto on = sqlite_connection::open(here.env(), index_path, sqlite_durability::normal);
  CAF_REQUIRE(on.has_value());
  auto& rows = on->prepare(sql).bind({});
  const sqlite_reading until_the_end(rows);
  std::string text;
  while (rows.step().value()) {
    for (int column = 0; column < rows.columns(); ++column)
      text.append(column == 0 ? "" : "|").append(rows.is_null(column) ? "-" : rows.text(column));
    text += '\n';
  }
  return text;
}

void fill(machine& here, list_source& source) {
  index_database index(here.env(), index_path, source, options());
  CAF_REQUIRE(index.open());
  CAF_REQUIRE(!index.in_memory());
}

std::string read_fixture(const std::string& name) {
  std::ifstream file(std::string(MUSTER_FIXTURES) + "/index/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

CAF_TEST([PR-02] folding commit by commit and from nothing and again give one dump) {
  std::uint64_t wrong = 0;
  std::uint64_t commits = 0;
  for (std::uint64_t seed = 1; seed <= test_scale(60); ++seed) {
    random_commits::source drawn(seed);
    machine here;
    list_source source;
    index_database index(here.env(), index_path, source, options());
    wrong += index.open() ? 0 : 1;
    for (int i = 0; i < 30; ++i, ++commits) {
      const auto next = drawn.next();
      source.add(next);
      wrong += index.apply({&next, 1}) && index.dump().value() == dump_of(source) ? 0 : 1;
    }
    wrong += index.take_notices().empty() ? 0 : 1;
    here.world.restart_process();
    // The audit holds every row against the sum that was kept step by step.
    index_database again(here.env(), index_path, source, options());
    wrong += again.open() && again.take_notices().empty() && again.dump().value() == dump_of(source) ? 0 : 1;
  }
  std::printf("lane index_database_test: %llu commits folded one by one\n", static_cast<unsigned long long>(commits));
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(rows written a few commits at a time are those written from nothing) {
  std::uint64_t wrong = 0;
  for (std::uint64_t seed = 100; seed < 100 + test_scale(20); ++seed) {
    random_commits::source drawn(seed);
    machine stepwise;
    machine at_once;
    list_source source;
    index_database index(stepwise.env(), index_path, source, options());
    CAF_REQUIRE(index.open());
    std::vector<commit> run;
    for (int i = 0; i < 40; ++i) {
      source.add(run.emplace_back(drawn.next()));
      if (run.size() > seed % 7 || i == 39)
        CAF_REQUIRE(index.apply(std::exchange(run, {})));
    }
    stepwise.world.restart_process();
    fill(at_once, source);
    at_once.world.restart_process();
    // By names, since numbers depend on what came first; those that no op was
    // taken of may have a row or not.
    for (const auto* sql :
         {"SELECT id, live, name, registered_at, is_system, budget_json, extras, content_hash FROM agents "
          "WHERE number IN (SELECT subject FROM heads) OR number IN (SELECT agent FROM placements) ORDER BY id",
          "SELECT id FROM conflicts ORDER BY id", "SELECT source, target, action FROM rules ORDER BY source, target",
          "SELECT agents.id, instances.id, path, placements.namespace, dropped FROM placements "
          "JOIN instances ON instances.number = owner JOIN agents ON agents.number = agent ORDER BY 1, 2",
          "SELECT id, folded, retired_by, refused FROM instances ORDER BY id"})
      if (rows_of(stepwise, sql) != rows_of(at_once, sql) && wrong++ == 0)
        CAF_MESSAGE("seed " << seed << ": " << sql << "\n" << rows_of(stepwise, sql) << "\n" << rows_of(at_once, sql));
  }
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST([PR-01] an index that is deleted is folded anew from feeds that stay as they were) {
  machine here;
  auto source = small_history();
  fill(here, source);
  const auto feeds = source.feeds_;
  here.world.restart_process();
  CAF_REQUIRE(here.world.files.unlink(no_handle, index_path, unlink_kind::file));
  index_database index(here.env(), index_path, source, options());
  CAF_REQUIRE(index.open());
  CAF_CHECK(told(index.take_notices(), "index-missing"));
  CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
  CAF_CHECK(source.feeds_ == feeds);
}

CAF_TEST([PR-03] [PR-04] the list of derived tables is the schema less the facts about it) {
  machine here;
  auto source = small_history();
  fill(here, source);
  here.world.restart_process();
  std::vector<std::string> listed(index_table::all.begin(), index_table::all.end());
  listed.emplace_back("facts");
  std::sort(listed.begin(), listed.end());
  std::string text;
  for (const auto& name : listed)
    text += name + "\n";
  CAF_CHECK_EQUAL(rows_of(here, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"), text);
}

CAF_TEST([PR-05] another schema is dropped and folded anew) {
  machine here;
  auto source = small_history();
  fill(here, source);
  here.world.restart_process();
  {
    auto on = sqlite_connection::open(here.env(), index_path, sqlite_durability::normal);
    CAF_REQUIRE(on->execute("UPDATE facts SET value = '" + std::string(64, '0') + "' WHERE name = 'schema'"));
  }
  index_database index(here.env(), index_path, source, options());
  CAF_REQUIRE(index.open());
  CAF_CHECK(told(index.take_notices(), "index-other-schema"));
  CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
}

CAF_TEST([PR-06][AR20][AR52] every column of an agent is filled from its field) {
  machine here;
  list_source source;
  const std::vector<std::pair<std::string, std::string>> fields{{"account", "\"acc\""},
                                                                {"behavior", "{\"b\":1}"},
                                                                {"budget", "{\"c\":2}"},
                                                                {"capabilities", "[\"d\"]"},
                                                                {"color", "\"e\""},
                                                                {"conventions", "{\"f\":3}"},
                                                                {"description", "\"g\\n\""},
                                                                {"displayName", "\"h\""},
                                                                {"effort", "\"i\""},
                                                                {"enabledToolGroups", "{\"j\":4}"},
                                                                {"icon", "\"k\""},
                                                                {"isSystem", "true"},
                                                                {"mcpServers", "[{\"l\":5}]"},
                                                                {"model", "\"m\""},
                                                                {"name", "\"n\""},
                                                                {"namespace", "\"o\""},
                                                                {"persona", "\"p\""},
                                                                {"personaEnabled", "false"},
                                                                {"registeredAt", "\"q\""},
                                                                {"registeredBy", "\"r\""},
                                                                {"runtime", "\"s\""},
                                                                {"traits", "{\"t\":6}"},
                                                                {"unknown", "1.50"}};
  agent_put put{agent_id{"one"}, {}, false};
  for (const auto& [name, value] : fields)
    put.fields.push_back({name, value, {}});
  source.add(fold_fixture::make("a", 1, 1, {put, fold_fixture::place("one", "a")}));
  fill(here, source);
  here.world.restart_process();
  CAF_CHECK_EQUAL(rows_of(here, "SELECT name, display_name, description, runtime, capabilities_json, behavior_json, "
                                "namespace, registered_at, registered_by, persona, persona_enabled, traits_json, "
                                "conventions_json, color, icon, is_system, model, effort, account, "
                                "enabled_tool_groups_json, mcp_servers_json, budget_json, extras FROM agents"),
                  "n|h|g\n|s|[\"d\"]|{\"b\":1}|o|q|r|p|0|{\"t\":6}|{\"f\":3}|e|k|1|m|i|acc|{\"j\":4}|[{\"l\":5}]|"
                  "{\"c\":2}|{\"unknown\":1.50}\n");
}

CAF_TEST(the content hash of an agent is that of the manifest it was made of) {
  const std::string text = R"({"registeredBy":"me","id":"one","name":"n","runtime":"codex","x":[1.0,{"b":2,"a":1}],)"
                           R"("registeredAt":"2026-01-01T00:00Z","capabilities":["b","a"],"effort":7})";
  const auto document = json::document::parse(text).value();
  agent_put put{agent_id{"one"}, {}, false};
  for (const auto* field : {"capabilities", "effort", "name", "registeredAt", "registeredBy", "runtime", "x"})
    put.fields.push_back({field, std::string(document.root().find(field).text()), {}});
  list_source source;
  source.add(fold_fixture::make("a", 1, 1, {put}));
  machine here;
  {
    index_database index(here.env(), index_path, source, {.meaning = meaning_of_manifests(), .limits = {}});
    CAF_REQUIRE(index.open());
  }
  CAF_CHECK_EQUAL(rows_of(here, "SELECT content_hash FROM agents"), to_hex(content_hash(document)) + "\n");
}

CAF_TEST(values that mean the same in a manifest are no conflict) {
  using namespace fold_fixture;
  list_source source;
  source.add(
      make("a", 1, 1, {put("personaEnabled", "true"), put("capabilities", "[\"a\",\"b\"]"), put("effort", "7")}));
  source.add(make("b", 1, 2,
                  {put("personaEnabled", std::nullopt), put("capabilities", "[\"b\",\"a\"]"),
                   put("effort", std::nullopt), put("name", "\"x\"")}));
  source.add(make("c", 1, 3, {put("name", "\"y\"")}));
  machine here;
  {
    index_database index(here.env(), index_path, source, {.meaning = meaning_of_manifests(), .limits = {}});
    CAF_REQUIRE(index.open());
  }
  CAF_CHECK_EQUAL(rows_of(here, "SELECT key FROM conflicts"), "name\n");
}

CAF_TEST([PR-07] the status line tells held and folded and how far behind) {
  CAF_CHECK_EQUAL(describe_progress(1234, 1234), "up to date (1234 ops)");
  CAF_CHECK_EQUAL(describe_progress(0, 0), "up to date (0 ops)");
  CAF_CHECK_EQUAL(describe_progress(1234, 1230), "1234 ops, folded through 1230, 4 behind");
  CAF_CHECK_EQUAL(describe_progress(5, 0), "5 ops, folded through 0, 5 behind");
}

CAF_TEST(who registered an agent and when stays unless an op on just that changes it) {
  using namespace fold_fixture;
  machine here;
  list_source source;
  index_database index(here.env(), index_path, source, options());
  CAF_REQUIRE(index.open());
  const auto take = [&](commit next) {
    source.add(next);
    CAF_REQUIRE(index.apply({&next, 1}));
  };
  const auto row = [&] {
    machine copy(here);
    copy.world.restart_process();
    return rows_of(copy, "SELECT name, registered_at, registered_by FROM agents");
  };
  take(make("a", 1, 1, {put("name", "\"x\""), put("registeredAt", "\"then\""), put("registeredBy", "\"me\"")}));
  take(make("a", 2, 2, {put("name", "\"y\"", saw({{"a", 1}})), place("one", "a")}));
  CAF_CHECK_EQUAL(row(), "y|then|me\n");
  take(make("a", 3, 3, {put("registeredAt", "\"now\"", saw({{"a", 1}}))}));
  CAF_CHECK_EQUAL(row(), "y|now|me\n");
}

CAF_TEST(a file that is deleted or moved or replaced while it is open is noticed before an answer) {
  for (const int how : {0, 1, 2}) {
    machine here;
    auto source = small_history();
    index_database index(here.env(), index_path, source, options());
    CAF_REQUIRE(index.open());
    auto& files = here.world.files;
    if (how == 0)
      CAF_REQUIRE(files.unlink(no_handle, index_path, unlink_kind::file));
    else
      CAF_REQUIRE(files.rename(no_handle, index_path, no_handle, "/data/away", rename_mode::replace));
    if (how == 2)
      files.put_file(index_path, "not an index");
    CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
    CAF_CHECK(told(index.take_notices(), "index-reopened"));
    CAF_CHECK(!index.in_memory());
    CAF_CHECK(here.world.files.exists(index_path));
  }
}

CAF_TEST(where no file can be had all is answered from memory until one can) {
  machine here;
  here.world.files.options(0).read_only = true;
  auto source = small_history();
  index_database index(here.env(), index_path, source, options());
  CAF_REQUIRE(index.open());
  CAF_CHECK(index.in_memory());
  CAF_CHECK(told(index.take_notices(), "index-in-memory"));
  CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
  const auto next = fold_fixture::make("a", 6, 999, {fold_fixture::put("name", "\"new\"")});
  source.add(next);
  CAF_REQUIRE(index.apply({&next, 1}));
  CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
  CAF_CHECK_EQUAL(index.heal().value(), false);
  here.world.files.options(0).read_only = false;
  CAF_CHECK_EQUAL(index.heal().value(), true);
  CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
}

CAF_TEST(an index behind or ahead of the feeds or beyond a fork ends where they are) {
  auto all = small_history();
  auto shorter = all;
  shorter.feeds_[instance_id{"a"}].resize(2);
  machine here;
  fill(here, shorter);
  here.world.restart_process();
  {
    index_database behind(here.env(), index_path, all, options());
    CAF_REQUIRE(behind.open());
    CAF_CHECK(behind.take_notices().empty());
    CAF_CHECK_EQUAL(behind.dump().value(), dump_of(all));
  }
  here.world.restart_process();
  {
    index_database ahead(here.env(), index_path, shorter, options());
    CAF_REQUIRE(ahead.open());
    CAF_CHECK(told(ahead.take_notices(), "index-ahead"));
    CAF_CHECK_EQUAL(ahead.dump().value(), dump_of(shorter));
  }
  here.world.restart_process();
  auto limited = options();
  limited.limits[instance_id{"b"}] = 2;
  index_database forked(here.env(), index_path, shorter, limited);
  CAF_REQUIRE(forked.open());
  CAF_CHECK(told(forked.take_notices(), "index-limits"));
  CAF_CHECK_EQUAL(forked.dump().value(), dump_of(shorter, limited));
}

CAF_TEST(feeds that cannot be read are told and no index is blamed for it) {
  machine here;
  auto source = small_history();
  fill(here, source);
  here.world.restart_process();
  source.failing = failure{.kind = failure_kind::damaged, .code = "feed", .message = "damaged"};
  index_database index(here.env(), index_path, source, options());
  CAF_CHECK_EQUAL(index.open().error().code, "feed");
  CAF_CHECK_EQUAL(index.dump().error().code, "feed");
  source.failing.reset();
  CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
  CAF_CHECK(index.take_notices().empty());
}

CAF_TEST(a commit with a gap before it is refused and changes nothing) {
  machine here;
  auto source = small_history();
  index_database index(here.env(), index_path, source, options());
  CAF_REQUIRE(index.open());
  CAF_CHECK(told(index.take_notices(), "index-missing"));
  const auto far = fold_fixture::make("a", 9, 1, {fold_fixture::put("name", "\"x\"")});
  CAF_CHECK_EQUAL(index.apply({&far, 1}).error().code, "feed-gap");
  CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
  CAF_CHECK(index.take_notices().empty());
  // What was folded before the gap in one go is not left half done.
  const std::array both{fold_fixture::make("a", 6, 999, {fold_fixture::put("name", "\"new\"")}), far};
  source.add(both[0]);
  CAF_CHECK_EQUAL(index.apply(both).error().code, "feed-gap");
  CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
  const auto after = fold_fixture::make("a", 7, 1000, {fold_fixture::put("name", "\"newer\"")});
  source.add(after);
  CAF_REQUIRE(index.apply({&after, 1}));
  CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
}

CAF_TEST(claims exclude others and are gone after a start) {
  machine here;
  auto source = small_history();
  {
    index_database index(here.env(), index_path, source, options());
    CAF_REQUIRE(index.open());
    CAF_REQUIRE(index.claim({"s1", agent_id{"x"}, "/p"}));
    CAF_CHECK(index.claim({"s1", agent_id{"x"}, "/p"}).has_value());
    CAF_CHECK_EQUAL(index.claim({"s2", agent_id{"x"}, "/q"}).error().code, "claimed");
    CAF_CHECK_EQUAL(index.claim({"s2", agent_id{"y"}, "/p"}).error().code, "claimed");
    CAF_REQUIRE(here.world.files.unlink(no_handle, index_path, unlink_kind::file));
    CAF_REQUIRE(index.dump());
    CAF_CHECK_EQUAL(index.claim({"s2", agent_id{"x"}, "/q"}).error().code, "claimed");
    index.release("s1");
    CAF_REQUIRE(index.claim({"s2", agent_id{"x"}, "/p"}));
  }
  here.world.restart_process();
  index_database next(here.env(), index_path, source, options());
  CAF_REQUIRE(next.open());
  CAF_CHECK(next.claim({"s3", agent_id{"x"}, "/p"}).has_value());
}

CAF_TEST(the oldest files that were set aside go first) {
  machine here;
  auto source = small_history();
  for (int i = 0; i < 7; ++i) {
    here.world.files.put_file(index_path, "garbage " + std::to_string(i));
    here.world.clock.advance(std::chrono::seconds{1});
    index_database index(here.env(), index_path, source, options());
    CAF_REQUIRE(index.open());
    here.world.restart_process();
  }
  const auto first = here.world.clock.wall().count() - 6000;
  int kept = 0;
  for (int i = 0; i < 7; ++i)
    kept += here.world.files.exists(std::string(index_path) + ".set-aside-" + std::to_string(first + i * 1000)) ? 1 : 0;
  CAF_CHECK_EQUAL(kept, 4);
  CAF_CHECK(here.world.files.exists(std::string(index_path) + ".set-aside-" + std::to_string(first + 6000)));
}

// Each schema that lands adds a fixture (support/make_index_fixture.cpp): the
// newest must be of today's schema, the others are folded anew.
CAF_TEST(an index of every schema that ever landed opens with the right dump) {
  constexpr std::array fixtures{"release-1.db", "release-2.db", "release-3.db"};
  auto source = small_history();
  for (const auto* name : fixtures) {
    machine here;
    const auto bytes = read_fixture(name);
    CAF_REQUIRE(!bytes.empty());
    here.world.files.put_file(index_path, bytes);
    index_database index(here.env(), index_path, source, options());
    CAF_REQUIRE(index.open());
    CAF_CHECK_EQUAL(index.dump().value(), dump_of(source));
    CAF_CHECK_EQUAL(index.take_notices().empty(), name == fixtures.back());
  }
}
