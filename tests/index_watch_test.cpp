#define CAF_SUITE index_watch_test

#include "tests/support/keeper_world.hpp"

#include <caf/test/unit_test.hpp>

#include <memory>

using namespace muster;
using namespace muster::test;

namespace {

struct fixture {
  keeper_world world;
  std::unique_ptr<index_keeper> keeper = open();

  std::unique_ptr<index_keeper> open() {
    auto result = std::make_unique<index_keeper>(world.here.env(), std::string(index_fixture::directory), world.feeds(),
                                                 world.own(), index_keeper_options{});
    CAF_REQUIRE(result->open());
    return result;
  }
  roster_watched watch() { return keeper->answer(watch_roster{3, {}}).value(); }
  void fold(std::vector<op> ops) { CAF_REQUIRE(take_one(*keeper, folding(world.make(std::move(ops))))); }
  roster_changed changes() {
    auto taken = keeper->take_changes();
    return taken ? std::move(*taken) : roster_changed{};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(index_watch_tests, fixture)

CAF_TEST(nothing gathers while nobody watches) {
  fold(world.agent("one", "one", "/p/one"));
  CAF_CHECK(!keeper->is_watched());
  CAF_CHECK(!keeper->take_changes());
}

CAF_TEST(a watch begins with all there is) {
  fold(world.agent("one", "one", "/p/one"));
  fold({rule_put{"work", "lab", rule_action::allow, {}}, deny_put{world.own(), "/no", "noise", "me", "manual"}});
  const auto all = watch();
  CAF_CHECK_EQUAL(all.watch, 3u);
  CAF_REQUIRE_EQUAL(all.rows.size(), 1u);
  CAF_CHECK_EQUAL(all.rows.front().row.path, "/p/one");
  CAF_CHECK(all.rows.front().content != 0);
  CAF_CHECK_EQUAL(all.rules.size(), 1u);
  CAF_CHECK_EQUAL(all.denials, (std::vector<denial_told>{{"/no", true, "noise"}}));
  CAF_CHECK(!keeper->take_changes());
}

CAF_TEST(a commit changes the agents that it is about and names itself) {
  fold(world.agent("one", "one", "/p/one"));
  const auto before = watch();
  fold({keeper_world::put("one", "persona", "\"kind\"")});
  const auto now = changes();
  CAF_CHECK_EQUAL(now.watch, 3u);
  CAF_REQUIRE_EQUAL(now.agents.size(), 1u);
  CAF_CHECK(now.agents.front().version == (commit_id{world.own(), 2}));
  CAF_REQUIRE_EQUAL(now.agents.front().rows.size(), 1u);
  CAF_CHECK(now.agents.front().rows.front().content != before.rows.front().content);
  CAF_CHECK(!keeper->take_changes());
}

CAF_TEST(a removal is a change to no rows) {
  fold(world.agent("one", "one", "/p/one"));
  (void)watch();
  fold({world.gone("one")});
  const auto now = changes();
  CAF_REQUIRE_EQUAL(now.agents.size(), 1u);
  CAF_CHECK(now.agents.front().rows.empty());
}

CAF_TEST(agents of one go come in the order of their commits) {
  fold(world.agent("zoe", "zoe", "/p/shared"));
  (void)watch();
  std::vector<index_change> both;
  both.emplace_back(folding(world.make({world.gone("zoe")})));
  both.emplace_back(folding(world.make(world.agent("ann", "ann", "/p/shared"))));
  for (const auto& each : keeper->take(std::move(both)))
    CAF_CHECK(each);
  const auto now = changes();
  CAF_REQUIRE_EQUAL(now.agents.size(), 2u);
  CAF_CHECK_EQUAL(now.agents[0].agent.text, "zoe");
  CAF_CHECK_EQUAL(now.agents[1].agent.text, "ann");
}

CAF_TEST(what a sweep saw is a change without a commit) {
  fold(world.agent("one", "one", "/p/one"));
  (void)watch();
  CAF_REQUIRE(take_one(*keeper, seen_of("one", "/p/one", agent_status::unreachable, "gone")));
  const auto now = changes();
  CAF_REQUIRE_EQUAL(now.agents.size(), 1u);
  CAF_CHECK(now.agents.front().version == commit_id{});
  CAF_CHECK(now.agents.front().rows.front().row.status == agent_status::unreachable);
  CAF_REQUIRE(take_one(*keeper, seen_of("one", "/p/one", agent_status::unreachable, "gone")));
  CAF_CHECK(!keeper->take_changes());
}

CAF_TEST(rules come all at once and denials one by one) {
  (void)watch();
  fold({rule_put{"work", "lab", rule_action::allow, {}}, rule_put{"lab", "work", rule_action::deny, {}},
        deny_put{world.own(), "/no", "noise", "me", "manual"}});
  auto now = changes();
  CAF_REQUIRE(now.rules);
  CAF_CHECK_EQUAL(now.rules->size(), 2u);
  CAF_CHECK_EQUAL(now.denials, (std::vector<denial_told>{{"/no", true, "noise"}}));
  fold({deny_drop{world.own(), "/no"}});
  now = changes();
  CAF_CHECK(!now.rules);
  CAF_CHECK_EQUAL(now.denials, (std::vector<denial_told>{{"/no", false, {}}}));
}

CAF_TEST(a roster that is read anew ends the watch and says so) {
  fold(world.agent("one", "one", "/p/one"));
  (void)watch();
  fold({peer_retire{sample_instance(9)}});
  const auto now = changes();
  CAF_CHECK(now.anew);
  CAF_CHECK_EQUAL(now.watch, 3u);
  CAF_CHECK(!keeper->is_watched());
  CAF_CHECK_EQUAL(watch().rows.size(), 1u);
}

CAF_TEST(a heartbeat is there until it is written) {
  fold(world.agent("one", "one", "/p/one"));
  CAF_CHECK(!keeper->waiting_heartbeat(agent_id{"one"}));
  const auto noted = keeper->answer(note_heartbeat{agent_id{"one"}, "x"});
  CAF_REQUIRE(noted);
  CAF_CHECK(keeper->waiting_heartbeat(agent_id{"one"}) == noted->at);
  CAF_REQUIRE(keeper->write_heartbeats());
  CAF_CHECK(!keeper->waiting_heartbeat(agent_id{"one"}));
}

CAF_TEST(unwatching forgets what has gathered) {
  (void)watch();
  fold(world.agent("one", "one", "/p/one"));
  keeper->unwatch();
  CAF_CHECK(!keeper->take_changes());
}

CAF_TEST_FIXTURE_SCOPE_END()
