#define CAF_SUITE absence_index_test

#include "tests/support/keeper_world.hpp"

#include "muster/actors/index_keeper.hpp"
#include "muster/store/displacement.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

std::string name_of(std::size_t i) {
  const auto digits = std::to_string(i);
  return "01AAA" + std::string(4 - digits.size(), '0') + digits;
}
std::string path_of(std::size_t i) {
  return "/p/" + std::to_string(i);
}

/// An index, and sweeps over it whose files are what the test says.
struct world : keeper_world {
  std::optional<index_keeper> keeper;
  look_moment at;

  world() { open(); }

  void open() {
    keeper.emplace(here.env(), index_fixture::directory, feeds(), own(), index_keeper_options{});
    CAF_REQUIRE(keeper->open());
  }
  /// As after kill -9: nothing that waits is written.
  void crash() { open(); }
  void restart() {
    keeper->close();
    open();
  }

  void add(std::size_t from, std::size_t to, std::uint64_t device) {
    for (auto i = from; i < to; ++i) {
      CAF_REQUIRE(take_one(*keeper, folding(make(agent(name_of(i), "a" + std::to_string(i), path_of(i))))));
      auto there = seen_of(name_of(i), path_of(i), agent_status::active);
      there.key = stat_key{.device = device, .inode = i + 1};
      CAF_REQUIRE(take_one(*keeper, there));
    }
  }

  /// A sweep begins; what it is to look at.
  known_places begin(std::size_t limit = 4096) {
    auto listed = keeper->answer(list_places{{}, limit}).value();
    at = listed.at;
    return listed.places;
  }
  void see(std::size_t i, agent_status status, std::optional<stat_key> key = {}) {
    auto what = seen_of(name_of(i), path_of(i), status, is_gone(status) ? "it is gone" : "");
    what.at = at;
    what.key = key;
    CAF_REQUIRE(take_one(*keeper, what));
  }
  std::optional<std::chrono::nanoseconds> still(std::size_t i) {
    return keeper->answer(note_absences{at, {{agent_id{name_of(i)}, path_of(i)}}}).value().grace_left.front();
  }
  std::optional<std::chrono::nanoseconds> absent_for(std::size_t i) {
    return keeper->answer(find_agent{agent_id{name_of(i)}}).value().absent_for;
  }
  removals_listed due(bool accepted = false, std::size_t limit = 4096, const std::string& after = {}) {
    return keeper->answer(list_removals{agent_id{after}, limit, accepted}).value();
  }
  void pass(std::chrono::nanoseconds time) { here.world.clock.advance(time); }
  std::string problem(std::size_t i) {
    for (const auto& row : keeper->answer(list_agents{}).value().agents)
      if (row.id.text == name_of(i))
        return row.problems.empty() ? "" : row.problems.front().message;
    return "no row";
  }
  std::string shown_problem(std::size_t i) {
    const auto shown = keeper->answer(describe_agent{agent_id{name_of(i)}}).value();
    return shown.row.problems.empty() ? "" : shown.row.problems.front().message;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(absence_index_tests, world)

CAF_TEST(places come in pages by agent with what is known of them) {
  add(0, 5, 7);
  std::vector<std::string> seen;
  places_listed page;
  for (int pages = 0; pages == 0 || page.more; ++pages) {
    CAF_REQUIRE(pages < 3);
    page = keeper->answer(list_places{page.places.empty() ? agent_id{} : page.places.back().agent, 2}).value();
    CAF_CHECK(page.places.size() <= 2);
    for (const auto& each : page.places) {
      seen.push_back(each.project);
      CAF_CHECK(each.known && each.known->device == 7 && each.gone == absence::none);
    }
  }
  CAF_CHECK(seen == (std::vector<std::string>{"/p/0", "/p/1", "/p/2", "/p/3", "/p/4"}));
  CAF_CHECK_EQUAL(page.at.sweep, 1u);
  CAF_CHECK_EQUAL(keeper->answer(list_places{}).value().at.sweep, 2u);
}

CAF_TEST(each kind of absence is listed as it was seen) {
  add(0, 4, 7);
  begin();
  see(0, agent_status::unreachable);
  see(1, agent_status::manifest_missing);
  see(2, agent_status::manifest_missing, stat_key{.device = 7, .inode = 99});
  see(3, agent_status::unreadable);
  const auto places = begin();
  CAF_CHECK(places[0].gone == absence::no_project && !places[0].known);
  CAF_CHECK(places[1].gone == absence::no_manifest);
  CAF_CHECK(places[2].gone == absence::displaced && places[2].known->inode == 99);
  CAF_CHECK(places[3].gone == absence::none && !places[3].known);
}

CAF_TEST(whose manifest stands in the place of another is not due and nobody is where that cannot be read) {
  add(0, 3, 7);
  begin();
  for (std::size_t i : {0, 1}) {
    auto what =
        seen_of(name_of(i), path_of(i), agent_status::manifest_missing, displaced_by(path_of(i), name_of(1 - i)));
    what.problems = {{std::string(displaced_problem), displacement_advice(path_of(i), name_of(1 - i)), {}, path_of(i)}};
    what.at = at;
    what.key = stat_key{.device = 7, .inode = 99 + i};
    CAF_REQUIRE(take_one(*keeper, what));
  }
  see(2, agent_status::unreachable);
  pass(25h);
  begin();
  for (std::size_t i : {0, 1, 2})
    CAF_CHECK(still(i) == 0ns);
  CAF_REQUIRE_EQUAL(due().due.size(), 1u);
  CAF_CHECK_EQUAL(due().due.front().path, path_of(2));
  here.world.files.set_plan(
      fault_plan({.what = {fault::kind::error, EIO}, .operations = {disk_operation::read}, .persistent = true}));
  CAF_CHECK(keeper->answer(list_removals{}).has_error());
  here.world.files.set_plan({});
  CAF_CHECK_EQUAL(due().due.size(), 1u);
  for (std::size_t i : {0, 1}) {
    CAF_CHECK(problem(i).find("stands at " + path_of(1 - i)) != std::string::npos);
    CAF_CHECK(problem(i).find("not removed while it does") != std::string::npos);
    CAF_CHECK_EQUAL(shown_problem(i), problem(i));
  }
  CAF_CHECK(problem(2).find("removed by the next sweep") != std::string::npos);
  // That the place cannot be read now says nothing of who has it.
  see(1, agent_status::unreadable);
  CAF_CHECK_EQUAL(due().due.size(), 1u);
  see(1, agent_status::active);
  CAF_CHECK_EQUAL(due().due.size(), 2u);
}

CAF_TEST([AR42][RC02] counts while it is gone and forgets when it is back) {
  add(0, 1, 7);
  begin();
  CAF_CHECK(!absent_for(0));
  see(0, agent_status::unreachable);
  CAF_CHECK(absent_for(0) == 0ns);
  for (int i = 1; i <= 23; ++i) {
    pass(1h);
    begin();
    CAF_CHECK(still(0) == 24h - i * 1h);
    CAF_CHECK(due().due.empty());
  }
  CAF_CHECK(problem(0).find("it is gone; it is removed at the earliest in 1 h if it stays away") != std::string::npos);
  pass(1h);
  begin();
  CAF_CHECK(due().due.empty());
  CAF_CHECK(still(0) == 0ns);
  CAF_REQUIRE_EQUAL(due().due.size(), 1u);
  CAF_CHECK_EQUAL(due().due.front().path, "/p/0");
  begin();
  CAF_CHECK(due().due.empty());
  see(0, agent_status::active, stat_key{.device = 7, .inode = 1});
  CAF_CHECK(!absent_for(0));
  CAF_CHECK(!still(0));
  pass(1h);
  begin();
  see(0, agent_status::unreachable);
  CAF_CHECK(absent_for(0) == 0ns);
}

CAF_TEST(a place that cannot be read pauses and another kind of absence goes on) {
  add(0, 1, 7);
  begin();
  see(0, agent_status::manifest_missing);
  pass(5h);
  begin();
  see(0, agent_status::unreachable);
  CAF_CHECK(absent_for(0) == 5h);
  pass(5h);
  begin();
  see(0, agent_status::unreadable);
  CAF_CHECK(!absent_for(0));
  pass(5h);
  begin();
  see(0, agent_status::manifest_missing, stat_key{.device = 7, .inode = 99});
  CAF_CHECK(absent_for(0) == 5h);
  pass(5h);
  begin();
  CAF_CHECK(still(0) == 14h);
}

CAF_TEST(a look of nobody in particular counts nothing and a sweep that did not look neither) {
  add(0, 1, 7);
  begin();
  see(0, agent_status::unreachable);
  pass(5h);
  begin();
  pass(5h);
  begin();
  CAF_CHECK(still(0) == 24h);
  pass(2h);
  CAF_REQUIRE(take_one(*keeper, seen_of(name_of(0), path_of(0), agent_status::unreachable, "it is gone")));
  begin();
  CAF_CHECK(still(0) == 24h);
  pass(2h);
  const auto old = at;
  begin();
  CAF_CHECK(still(0) == 22h);
  // One of an earlier sweep.
  CAF_CHECK(!keeper->answer(note_absences{old, {{agent_id{name_of(0)}, path_of(0)}}}).value().grace_left.front());
}

CAF_TEST(writes nothing while the count grows by little and a crash loses no more than that) {
  add(0, 1, 7);
  begin();
  see(0, agent_status::unreachable);
  const auto before = here.world.files.fingerprint();
  for (int i = 0; i < 11; ++i) {
    pass(5min);
    begin();
    CAF_CHECK(still(0).has_value());
  }
  CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
  CAF_CHECK(absent_for(0) == 55min);
  pass(5min);
  begin();
  CAF_CHECK(still(0).has_value());
  CAF_CHECK(here.world.files.fingerprint() != before);
  pass(50min);
  begin();
  CAF_CHECK(still(0).has_value());
  CAF_CHECK(absent_for(0) == 110min);
  crash();
  CAF_CHECK(absent_for(0) == 60min);
  // The boot clock has gone on, and nobody has seen it there.
  begin();
  CAF_CHECK(still(0) == 24h - 110min);
}

CAF_TEST(a close loses nothing and another boot adds at most an hour) {
  add(0, 1, 7);
  begin();
  see(0, agent_status::unreachable);
  pass(10min);
  begin();
  CAF_CHECK(still(0).has_value());
  restart();
  CAF_CHECK(absent_for(0) == 10min);
  here.world.clock.reboot(30h);
  here.world.self.boot_id = "another";
  open();
  begin();
  CAF_CHECK(still(0) == 24h - 70min);
  pass(1h);
  here.world.clock.jump_wall(-1000h);
  begin();
  CAF_CHECK(still(0) == 24h - 130min);
}

CAF_TEST(a lost local database delays and never hastens) {
  add(0, 1, 7);
  begin();
  see(0, agent_status::unreachable);
  pass(23h);
  begin();
  CAF_CHECK(still(0) == 1h);
  keeper->close();
  CAF_REQUIRE(here.world.files.unlink(no_handle, "/data/local.db", unlink_kind::file));
  open();
  CAF_CHECK(begin()[0].gone == absence::none);
  see(0, agent_status::unreachable);
  CAF_CHECK(absent_for(0) == 0ns);
  pass(1h);
  begin();
  CAF_CHECK(still(0) == 23h);
}

CAF_TEST(a count ends with the placement and does not follow a move) {
  add(0, 1, 7);
  begin();
  see(0, agent_status::unreachable);
  pass(2h);
  begin();
  CAF_CHECK(still(0).has_value());
  CAF_REQUIRE(take_one(*keeper, folding(make({place(name_of(0), "/p/moved")}))));
  CAF_CHECK(!absent_for(0));
  CAF_REQUIRE(take_one(*keeper, folding(make({place(name_of(0), "/p/0")}))));
  begin();
  see(0, agent_status::unreachable);
  CAF_CHECK(absent_for(0) == 0ns);
}

CAF_TEST([AR41] a device of which too many are gone is braked by the device it had) {
  add(0, 30, 7);
  add(30, 60, 8);
  begin();
  for (std::size_t i = 0; i < 11; ++i)
    see(i, agent_status::unreachable);
  for (std::size_t i = 30; i < 36; ++i)
    see(i, agent_status::manifest_missing, stat_key{.device = 7, .inode = 1000 + i});
  CAF_CHECK(problem(0).find("not removed while more than 20 %") != std::string::npos);
  CAF_CHECK(problem(30).find("at the earliest") != std::string::npos);
  pass(25h);
  begin();
  for (std::size_t i = 0; i < 11; ++i)
    CAF_CHECK(still(i) == 0ns);
  for (std::size_t i = 30; i < 36; ++i)
    CAF_CHECK(still(i) == 0ns);
  const auto braked = due();
  CAF_CHECK_EQUAL(braked.due.size(), 6u);
  CAF_REQUIRE_EQUAL(braked.braked.size(), 1u);
  CAF_CHECK(braked.braked.front().device == 7u);
  CAF_CHECK_EQUAL(braked.braked.front().absent, 11u);
  CAF_CHECK_EQUAL(braked.braked.front().agents, 30u);
  const auto told = keeper->answer(count_agents{}).value().problems;
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK_EQUAL(told.front().code, "removals-braked");
  CAF_CHECK_EQUAL(due(true).due.size(), 17u);
  CAF_CHECK(due(true).braked.empty());
  const auto page = due(true, 10);
  CAF_CHECK(page.more && page.due.size() == 10);
  const auto rest = due(true, 10, page.due.back().agent.text);
  CAF_CHECK(!rest.more && rest.due.size() == 7);
  // After a restart it is still known which device that was.
  restart();
  begin();
  for (std::size_t i = 0; i < 11; ++i)
    CAF_CHECK(still(i) == 0ns);
  CAF_CHECK_EQUAL(due().braked.size(), 1u);
  see(0, agent_status::active, stat_key{.device = 7, .inode = 1});
  CAF_CHECK(due().braked.empty());
  CAF_CHECK_EQUAL(due().due.size(), 10u);
  CAF_CHECK(problem(1).find("its grace") != std::string::npos || problem(1).find("removed by") != std::string::npos);
}

CAF_TEST(a sweep of not long ago is known after a restart and an idle one writes nothing) {
  sweep_report report;
  report.unchanged = 3;
  report.took = 40ms;
  CAF_CHECK(!keeper->answer(count_agents{}).value().last_sweep);
  auto before = here.world.files.fingerprint();
  CAF_CHECK(keeper->answer(note_sweep{report}));
  CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
  CAF_CHECK_EQUAL(keeper->answer(count_agents{}).value().last_sweep->unchanged, 3u);
  report.missing = 1;
  CAF_CHECK(keeper->answer(note_sweep{report}));
  CAF_CHECK(here.world.files.fingerprint() != before);
  crash();
  const auto crashed = keeper->answer(count_agents{}).value();
  CAF_REQUIRE(crashed.last_sweep);
  CAF_CHECK_EQUAL(crashed.last_sweep->missing, 1u);
  CAF_CHECK(crashed.last_sweep->took == 40ms);
  pass(5min);
  report.unchanged = 9;
  before = here.world.files.fingerprint();
  CAF_CHECK(keeper->answer(note_sweep{report}));
  CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
  // Not even when muster ends, as long as what is written is not long past.
  restart();
  CAF_CHECK_EQUAL(keeper->answer(count_agents{}).value().last_sweep->unchanged, 3u);
  pass(2h);
  CAF_CHECK(keeper->answer(note_sweep{report}));
  const auto ended = keeper->answer(count_agents{}).value().last_sweep_at;
  restart();
  const auto again = keeper->answer(count_agents{}).value();
  CAF_REQUIRE(again.last_sweep);
  CAF_CHECK_EQUAL(again.last_sweep->unchanged, 9u);
  CAF_CHECK(again.last_sweep_at == ended);
}

CAF_TEST_FIXTURE_SCOPE_END()
