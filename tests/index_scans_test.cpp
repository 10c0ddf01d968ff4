#define CAF_SUITE index_scans_test

#include "tests/support/keeper_world.hpp"

#include "muster/actors/index_keeper.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace muster::test;

namespace {

using paths = std::vector<std::string>;

const agent_id one{"01AAA"};

struct world : keeper_world {
  index_keeper keeper{here.env(), index_fixture::directory, feeds(), own(), {}};
  commit_id last;

  world() { CAF_REQUIRE(keeper.open()); }

  void fold(std::vector<op> ops) {
    const auto made = make(std::move(ops));
    CAF_REQUIRE(take_one(keeper, folding(made)));
  }
  [[nodiscard]] op placed_under(const std::string& agent, const std::string& path, const std::string& root) const {
    return place_put{agent_id{agent}, own(), path, root, "work", true};
  }
  scan_roots_listed roots(std::uint64_t after = 0) { return keeper.answer(list_scan_roots{after}).value(); }
  std::vector<std::size_t> strangers(paths asked) {
    return keeper.answer(sift_paths{std::move(asked)}).value().strangers;
  }
  bool in_use(const std::string& name, const agent_id& besides = {}) {
    return keeper.answer(find_namespace{name, besides}).value().in_use;
  }
  void copies(const paths& all, const std::string& home = "/p/one") {
    note_copies what{one, home, {}};
    for (const auto& each : all)
      what.copies.push_back({std::string(duplicate_problem), "a copy", {}, each});
    CAF_REQUIRE(take_one(keeper, what));
  }
  paths problems(std::string_view kind) {
    paths result;
    for (const auto& each : keeper.answer(describe_agent{one}).value().row.problems)
      if (each.kind == kind)
        result.push_back(each.path);
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(index_scans_tests, world)

CAF_TEST([RC18] lists each scan root of a placement here once) {
  CAF_CHECK(roots().roots.empty());
  fold({placed_under("01AAA", "/p/one", "/p"), placed_under("01BBB", "/p/two", "/p")});
  fold({placed_under("01CCC", "/q/three", "/q"), placed_under("01DDD", "/four", "")});
  CAF_CHECK_EQUAL(roots().roots, (paths{"/p", "/q"}));
  fold({gone("01CCC")});
  CAF_CHECK_EQUAL(roots().roots, paths{"/p"});
  fold({placed_under("01DDD", "/s/four", "/s")});
  CAF_CHECK_EQUAL(roots().roots, (paths{"/p", "/s"}));
}

CAF_TEST(lists only so many scan roots and counts the others) {
  index_keeper_options few;
  few.scan_roots = 2;
  index_keeper other(here.env(), "/elsewhere", feeds(), own(), few);
  fold({placed_under("01AAA", "/a/x", "/a"), placed_under("01BBB", "/b/x", "/b"), placed_under("01CCC", "/c/x", "/c")});
  here.world.files.put_directory("/elsewhere");
  CAF_REQUIRE(other.open());
  const auto listed = other.answer(list_scan_roots{});
  CAF_REQUIRE(listed);
  CAF_CHECK_EQUAL(listed->roots, (paths{"/a", "/b"}));
  CAF_CHECK_EQUAL(listed->more_roots, 1u);
}

CAF_TEST(lists the denials of this instance with the newest first) {
  fold({deny_put{own(), "/p/a", "noise", "me", "manual"}, deny_put{own(), "/p/b", "", "", "codex"}});
  fold({deny_put{own(), "/p/c", "", "", ""}, deny_drop{own(), "/p/b"}});
  const auto all = keeper.answer(list_denials{}).value().denials;
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0].path, "/p/c");
  CAF_CHECK_EQUAL(all[1].path + all[1].reason + all[1].by + all[1].strategy, "/p/anoisememanual");
  CAF_CHECK((all[1].version == commit_id{own(), 1}));
  CAF_CHECK_EQUAL(keeper.answer(list_denials{"/p/a"}).value().denials.size(), 1u);
  CAF_CHECK(keeper.answer(list_denials{"/p/b"}).value().denials.empty());
  CAF_CHECK(keeper.answer(list_denials{"/p"}).value().denials.empty());
}

CAF_TEST(a denial above a path is told only if it was asked for) {
  fold({deny_put{own(), "/p/a", "noise", "me", "manual"}});
  CAF_CHECK(!keeper.answer(find_path{"/p/a/b/c"}).value().denied);
  CAF_CHECK_EQUAL(keeper.answer(find_path{"/p/a/b/c", true}).value().denied->path, "/p/a");
  CAF_CHECK(!keeper.answer(find_path{"/p/ab", true}).value().denied);
}

CAF_TEST(finds who waits in a namespace up to a limit) {
  const auto waiting = [&](const std::string& agent, const std::string& path) {
    return place_put{agent_id{agent}, own(), path, {}, "work", false};
  };
  fold({placed_under("01AAA", "/p/a", {}), waiting("01BBB", "/p/b"), waiting("01CCC", "/p/c")});
  const std::string name = "work";
  CAF_CHECK_EQUAL(keeper.answer(find_unadmitted{name}).value().agents.size(), 2u);
  CAF_CHECK(!keeper.answer(find_unadmitted{name}).value().more);
  CAF_CHECK_EQUAL(keeper.answer(find_unadmitted{name, 1}).value().agents.size(), 1u);
  CAF_CHECK(keeper.answer(find_unadmitted{name, 1}).value().more);
  CAF_CHECK(keeper.answer(find_unadmitted{"other"}).value().agents.empty());
}

CAF_TEST(tells where a placement or a denial has ended) {
  fold({place("01AAA", "/p/one"), place("01BBB", "/p/two"), deny_put{own(), "/p/no", "manual", "me", "manual"}});
  const auto first = roots();
  CAF_CHECK(first.all_released);
  fold({gone("01AAA")});
  fold({place("01BBB", "/p/moved")});
  fold({deny_drop{own(), "/p/no"}});
  fold({place("01CCC", "/p/new")});
  const auto second = roots(first.now);
  CAF_CHECK(!second.all_released);
  CAF_CHECK_EQUAL(second.released, (paths{"/p/one", "/p/two", "/p/no"}));
  // As often as it is asked.
  CAF_CHECK_EQUAL(roots(first.now).released.size(), 3u);
  CAF_CHECK(roots(second.now).released.empty());
  CAF_REQUIRE(keeper.answer(rebuild_index{}));
  CAF_CHECK(roots(second.now).all_released);
}

CAF_TEST(sifts what is nobodys and not denied) {
  fold({place("01AAA", "/p/one"), deny_put{own(), "/p/no", "manual", "me", "manual"}});
  const paths asked{"/p/one", "/p/stranger", "/p/no", "/p/no/below", "/p/not", "/p/one/below"};
  CAF_CHECK_EQUAL(strangers(asked), (std::vector<std::size_t>{1, 4, 5}));
  fold({deny_drop{own(), "/p/no"}});
  CAF_CHECK_EQUAL(strangers(asked), (std::vector<std::size_t>{1, 2, 3, 4, 5}));
}

CAF_TEST(a namespace is in use by other agents and by rules) {
  CAF_CHECK(!in_use("work"));
  fold({place("01AAA", "/p/one")});
  CAF_CHECK(in_use("work"));
  CAF_CHECK(!in_use("work", one));
  CAF_CHECK(in_use("work", agent_id{"01BBB"}));
  CAF_CHECK(!in_use("wor"));
  fold({rule_put{"ruled", "target", rule_action::allow, {}}});
  CAF_CHECK(in_use("ruled") && in_use("target"));
  fold({place("01BBB", "/p/two")});
  CAF_CHECK(in_use("work", one));
  fold({gone("01BBB"), gone("01AAA")});
  CAF_CHECK(!in_use("work"));
}

CAF_TEST(an agent is described with the rules that name its namespace or all) {
  fold({place("01AAA", "/p/one")});
  fold({rule_put{"other", "third", rule_action::allow, {}}, rule_put{"other", "work", rule_action::deny, {}},
        rule_put{"work", "third", rule_action::allow, {}}, rule_put{"*", "*", rule_action::allow, {}}});
  const auto described = keeper.answer(describe_agent{one});
  CAF_REQUIRE(described);
  std::vector<std::string> told;
  for (const auto& each : described->rules)
    told.push_back(each.source + " " + each.target);
  CAF_CHECK_EQUAL(told, (std::vector<std::string>{"* *", "other work", "work third"}));
}

CAF_TEST(copies stand whatever else is observed) {
  fold({place("01AAA", "/p/one")});
  copies({"/p/copy", "/p/other"});
  CAF_CHECK_EQUAL(problems(duplicate_problem), (paths{"/p/copy", "/p/other"}));
  auto seen = seen_of("01AAA", "/p/one", agent_status::active);
  seen.problems.push_back({"namespace", "cannot be used", {}, "/p/one"});
  CAF_REQUIRE(take_one(keeper, seen));
  CAF_CHECK_EQUAL(problems(duplicate_problem).size(), 2u);
  CAF_CHECK_EQUAL(problems("namespace").size(), 1u);
  const auto listed = roots().copies;
  CAF_REQUIRE_EQUAL(listed.size(), 2u);
  CAF_CHECK_EQUAL(listed.front().home, "/p/one");
  copies({"/p/other"});
  CAF_CHECK_EQUAL(problems(duplicate_problem), paths{"/p/other"});
  CAF_CHECK_EQUAL(problems("namespace").size(), 1u);
  copies({});
  CAF_CHECK(problems(duplicate_problem).empty());
  CAF_CHECK(roots().copies.empty());
}

CAF_TEST(copies of an agent that is not there any more are not noted) {
  fold({place("01AAA", "/p/one")});
  copies({"/p/copy"}, "/p/elsewhere");
  CAF_CHECK(problems(duplicate_problem).empty());
  // One that has come there in the same breath is there.
  std::vector<index_change> changes;
  changes.emplace_back(folding(make({place("01AAA", "/p/moved")})));
  changes.emplace_back(note_copies{one, "/p/moved", {{std::string(duplicate_problem), "a copy", {}, "/p/copy"}}});
  for (const auto& each : keeper.take(std::move(changes)))
    CAF_CHECK(each);
  CAF_CHECK_EQUAL(problems(duplicate_problem), paths{"/p/copy"});
}

CAF_TEST(a copy that was noted before is as old as it was) {
  fold({place("01AAA", "/p/one")});
  copies({"/p/copy"});
  const auto since = keeper.answer(describe_agent{one}).value().row.problems.front().since;
  here.world.clock.advance(std::chrono::hours{1});
  copies({"/p/copy", "/p/new"});
  for (const auto& each : keeper.answer(describe_agent{one}).value().row.problems)
    CAF_CHECK((each.since == since) == (each.path == "/p/copy"));
}

CAF_TEST_FIXTURE_SCOPE_END()
