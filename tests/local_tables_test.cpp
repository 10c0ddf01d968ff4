#define CAF_SUITE local_tables_test

#include "tests/support/index_fixture.hpp"

#include "muster/store/held_versions.hpp"
#include "muster/store/local_held.hpp"
#include "muster/store/local_last_seen.hpp"
#include "muster/store/local_notes.hpp"
#include "muster/store/local_observed.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace index_fixture;
using namespace std::chrono_literals;

namespace {

constexpr const char* path = "/data/local.db";
const agent_id one{"one"};

observed_place something() {
  observed_place seen;
  seen.key = stat_key{1, ~std::uint64_t{0}, 3, 4ns, -5ns, true};
  seen.hash.emplace().fill(std::byte{0xab});
  seen.status = agent_status::manifest_invalid;
  seen.since = 17ms;
  seen.reason = "a \"bad\" file";
  seen.device = ~std::uint64_t{0} - 1;
  seen.absent = absence_count(3h, absence_count::sighting{"boot", 7ns, 9ms, 0});
  seen.head = "a:b";
  seen.problems = {{"duplicate", "it is at \xff too", 3ms, "/p/\xfe\n"}, {"clock", "", 0ms, ""}};
  return seen;
}

held_field field(std::initializer_list<std::pair<const char*, sequence>> saw, unsigned char meaning) {
  held_field result{fold_fixture::saw(saw), {}};
  result.meaning.fill(std::byte{meaning});
  return result;
}

} // namespace

CAF_TEST(what was observed comes back as it was whatever its bytes) {
  machine here;
  auto database = local_database::open(here.env(), path);
  CAF_REQUIRE(database.has_value());
  local_observed table(database->connection());
  CAF_CHECK(!table.find(one, "/p").value());
  const auto seen = something();
  CAF_CHECK(table.put(one, "/p", observed_place()));
  CAF_CHECK(table.put(one, "/p", seen));
  CAF_CHECK(table.put(one, "/q", observed_place()));
  CAF_CHECK(table.find(one, "/p").value() == seen);
  CAF_CHECK(table.find(one, "/q").value() == observed_place());
  std::size_t rows = 0;
  CAF_CHECK(
      table.each([&](std::string_view agent, std::string_view, const observed_place&) { rows += agent == "one"; }));
  CAF_CHECK_EQUAL(rows, 2u);
  CAF_CHECK(table.keep_only(one, "/q"));
  CAF_CHECK(!table.find(one, "/p").value());
  CAF_CHECK(table.find(one, "/q").value().has_value());
}

CAF_TEST(a row of observations that cannot be is as none) {
  machine here;
  auto database = local_database::open(here.env(), path);
  CAF_REQUIRE(database.has_value());
  local_observed table(database->connection());
  for (const char* damage :
       {"UPDATE observed SET status = 'well'", "UPDATE observed SET file_hash = 'ab'",
        "UPDATE observed SET problems_json = '[[\"=a\"]]'", "UPDATE observed SET problems_json = '['",
        "UPDATE observed SET problems_json = '[[\"a\",\"=\",\"=\",1]]'"}) {
    CAF_CHECK(table.put(one, "/p", something()));
    CAF_CHECK(database->connection().execute(damage));
    CAF_CHECK(!table.find(one, "/p").value());
  }
}

CAF_TEST(an absence is put in a row that is there and in no other) {
  machine here;
  auto database = local_database::open(here.env(), path);
  CAF_REQUIRE(database.has_value());
  local_observed table(database->connection());
  CAF_CHECK(table.put_absence(one, "/p", absence_count(1h, {})));
  CAF_CHECK(!table.find(one, "/p").value());
  auto seen = something();
  CAF_CHECK(table.put(one, "/p", seen));
  seen.absent = absence_count(4h, {});
  CAF_CHECK(table.put_absence(one, "/p", seen.absent));
  CAF_CHECK(table.find(one, "/p").value() == seen);
}

CAF_TEST(a row of the version before knows its device and counts nothing) {
  machine here;
  {
    auto before = local_database::open(here.env(), path, shipped_local_steps().first(2));
    CAF_REQUIRE(before.has_value());
    CAF_REQUIRE(before->connection().run("INSERT INTO observed (agent, path, device, inode, size, mtime_ns, ctime_ns, "
                                         "status) VALUES ('one', '/p', 7, 1, 2, 3, 4, 'active')"));
    CAF_REQUIRE(before->close());
  }
  auto database = local_database::open(here.env(), path);
  CAF_REQUIRE(database.has_value());
  const auto seen = local_observed(database->connection()).find(one, "/p").value();
  CAF_REQUIRE(seen);
  CAF_CHECK(seen->device == 7u);
  CAF_CHECK(seen->absent == absence_count());
  CAF_CHECK_EQUAL(seen->head, "");
}

CAF_TEST(what a file holds comes back as it was) {
  held_versions what;
  what.set("name", field({{"a", 3}, {"b", 1}}, 1));
  what.set("runtime", field({{"a", 3}, {"b", 1}}, 2));
  what.set("x \"\n", field({}, 3));
  const auto text = what.encode();
  CAF_CHECK(held_versions::decode(text) == what);
  CAF_CHECK(held_versions::decode("[]") == held_versions());
  // Cut anywhere it says nothing.
  std::size_t taken = 0;
  for (std::size_t cut = 0; cut < text.size(); ++cut)
    taken += held_versions::decode(text.substr(0, cut)) ? 1 : 0;
  // Nor is it known of one that was written before this was noted.
  CAF_CHECK(what.noted() == commit_id());
  what.note({instance_id{"a"}, 7});
  const auto noted = what.encode();
  CAF_CHECK(held_versions::decode(noted) == what);
  for (std::size_t cut = 0; cut < noted.size(); ++cut)
    taken += held_versions::decode(noted.substr(0, cut)) ? 1 : 0;
  CAF_CHECK_EQUAL(taken, 0u);
  held_versions only;
  only.note({instance_id{"a"}, 7});
  CAF_CHECK(held_versions::decode(only.encode()) == only);
  CAF_CHECK(!held_versions::decode(R"([[["a",3],["name","00"]],"a",7])"));
}

CAF_TEST(a commit moves the fields it sets and no others) {
  held_versions what;
  what.set("name", field({{"b", 1}}, 1));
  what.set("icon", field({{"b", 2}}, 2));
  const auto made = fold_fixture::make(
      "a", 7, 1,
      {agent_put{one, {{"name", "\"n\"", fold_fixture::saw({{"b", 1}})}}, false},
       agent_put{agent_id{"other"}, {{"icon", "\"o\"", {}}}, false},
       resolve{field_key{one, "color"}, {instance_id{"c"}, 1}, std::nullopt, "human", fold_fixture::saw({{"c", 1}})},
       resolve{rule_key{"s", "t"}, {instance_id{"c"}, 1}, "deny", "human", {}}});
  what.take(made, one, &plain_meaning);
  CAF_CHECK((what.find("name")->saw == fold_fixture::saw({{"a", 7}, {"b", 1}})));
  CAF_CHECK(what.find("name")->meaning == sha256::of("\"n\""));
  CAF_CHECK((*what.find("icon") == field({{"b", 2}}, 2)));
  CAF_CHECK((what.find("color")->saw == fold_fixture::saw({{"a", 7}, {"c", 1}})));
  CAF_CHECK(what.find("never") == nullptr);
}

CAF_TEST(an agent that moved holds what it held until it is known what it holds there) {
  machine here;
  auto database = local_database::open(here.env(), path);
  CAF_REQUIRE(database.has_value());
  local_held table(database->connection());
  held_versions before;
  before.set("name", field({{"a", 1}}, 1));
  held_versions after;
  after.set("name", field({{"a", 2}}, 2));
  CAF_CHECK(table.put(one, "/old", before));
  CAF_CHECK(table.find(one, "/new").value() == before);
  CAF_CHECK(table.keep_only(one, "/new"));
  CAF_CHECK(table.find(one, "/new").value() == before);
  CAF_CHECK(table.put(one, "/new", after));
  CAF_CHECK(table.find(one, "/new").value() == after);
  CAF_CHECK(table.keep_only(one, "/new"));
  CAF_CHECK(table.find(one, "/old").value() == after);
  CAF_CHECK(table.keep_only(one, ""));
  CAF_CHECK(table.find(one, "/new").value().empty());
}

CAF_TEST(the latest heartbeat stands) {
  machine here;
  auto database = local_database::open(here.env(), path);
  CAF_REQUIRE(database.has_value());
  local_last_seen table(database->connection());
  CAF_CHECK(!table.find(one).value());
  CAF_CHECK(table.put(one, 5ms, "up"));
  CAF_CHECK(table.put(one, 7ms, "down"));
  CAF_CHECK(table.find(one).value() == 7ms);
  CAF_CHECK(table.drop(one));
  CAF_CHECK(!table.find(one).value());
}

CAF_TEST(notes are on disk when a commit says so and gone when it does not) {
  machine here;
  local_notes notes(here.env(), path);
  notes.open(local_database::audit::whole);
  CAF_REQUIRE(notes.put_last_seen(one, 1ms, ""));
  CAF_REQUIRE(notes.commit());
  const auto durable = here.world.files.fingerprint();
  CAF_REQUIRE(notes.commit());
  CAF_CHECK_EQUAL(here.world.files.fingerprint(), durable);
  here.world.files.set_plan(fault_plan({.what = {.what = fault::kind::error, .code = ENOSPC}, .persistent = true}));
  CAF_CHECK(notes.put_last_seen(one, 2ms, "") && notes.commit() ? false : true);
  CAF_CHECK(notes.problem().has_value());
  here.world.files.set_plan({});
  CAF_CHECK(notes.last_seen(one) == 1ms);
  CAF_CHECK(!notes.problem().has_value());
  CAF_REQUIRE(notes.put_last_seen(one, 3ms, ""));
  CAF_REQUIRE(notes.commit());
  CAF_CHECK(notes.last_seen(one) == 3ms);
}

CAF_TEST(notes do not go to a file that was taken away) {
  machine here;
  local_notes notes(here.env(), path);
  notes.open(local_database::audit::whole);
  CAF_REQUIRE(notes.put_last_seen(one, 1ms, ""));
  CAF_REQUIRE(notes.commit());
  auto& files = here.world.files;
  CAF_REQUIRE(files.unlink(no_handle, path, unlink_kind::file));
  (void)files.unlink(no_handle, "/data/local.db-wal", unlink_kind::file);
  CAF_REQUIRE(notes.put_last_seen(one, 2ms, ""));
  CAF_REQUIRE(notes.commit());
  CAF_REQUIRE(notes.close());
  auto again = local_database::open(here.env(), path);
  CAF_REQUIRE(again.has_value());
  CAF_CHECK(local_last_seen(again->connection()).find(one).value() == 2ms);
}
