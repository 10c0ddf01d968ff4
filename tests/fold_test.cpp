#define CAF_SUITE fold_test

#include "tests/support/fold_fixture.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace fold_fixture;

namespace {

std::vector<commit> some_feed() {
  return {make("a", 1, 1, {put("color", "\"x\""), place("one", "a"), rule(rule_action::deny)}),
          make("a", 2, 2, {put("color", "\"y\"", saw({{"a", 1}}))}),
          make("a", 3, 3, {deny_put{instance_id{"a"}, "/d", "noise", "me", "skip"}, place("two", "b")})};
}

/// Memory that fails when it is asked for a rule.
class failing_state final : public fold_state {
public:
  expected<agent_record*> agent(const agent_id& id, const agent_parts& parts) override { return rest.agent(id, parts); }
  expected<shared_register*> rule(const rule_key&) override {
    return failure{failure_kind::failed, "index-io", "the disk does not answer"};
  }
  expected<denial_record*> denial(const denial_key& key) override { return rest.denial(key); }

  fold_memory rest;
};

} // namespace

CAF_TEST([OL-01] applying a commit that is folded changes nothing and says so) {
  folded view;
  for (const auto& each : some_feed())
    view.take(each);
  const auto before = view.dump();
  CAF_CHECK(view.take(some_feed()[1]).empty());
  CAF_CHECK_EQUAL(view.dump(), before);
}

CAF_TEST([OL-04] applying a whole feed again adds nothing) {
  folded view;
  for (int round = 0; round < 2; ++round)
    for (const auto& each : some_feed())
      view.take(each);
  folded once;
  for (const auto& each : some_feed())
    once.take(each);
  CAF_CHECK_EQUAL(view.dump(), once.dump());
  CAF_CHECK_EQUAL(view.instance("a")->refused, 1u);
}

CAF_TEST([OL-10] receiving an op again folds nothing and changes no value) {
  folded view;
  view.with({some_feed()[0]});
  CAF_CHECK(view.take(some_feed()[0]).fields.empty());
  CAF_CHECK_EQUAL(view.value("color"), "\"x\"");
}

CAF_TEST([OL-13] the same field of two agents is two keys) {
  folded view;
  view.with({make("a", 1, 1, {put("color", "\"x\"")}),
             make("b", 1, 2, {agent_put{agent_id{"two"}, {{"color", "\"y\"", {}}}, false}})});
  CAF_CHECK_EQUAL(view.value("color"), "\"x\"");
  CAF_CHECK_EQUAL(view.value("color", "two"), "\"y\"");
  CAF_CHECK(view.agent().conflicts.empty());
}

CAF_TEST([OL-09] each op kind tells the very keys that it may have changed) {
  folded view;
  const auto first = view.take(make("a", 1, 1,
                                    {put("color", "\"x\""), place("one", "a"), rule(rule_action::deny),
                                     deny_put{instance_id{"a"}, "/d", "", "", ""}, put("bulk", "1")}));
  CAF_CHECK((first.fields == std::vector<field_key>{{agent_id{"one"}, "bulk"}, {agent_id{"one"}, "color"}}));
  CAF_CHECK((first.placements == std::vector<placement_key>{{agent_id{"one"}, instance_id{"a"}}}));
  CAF_CHECK((first.rules == std::vector<rule_key>{{"s", "t"}}));
  CAF_CHECK((first.denials == std::vector<denial_key>{{instance_id{"a"}, "/d"}}));
  CAF_CHECK((first.instances == std::vector<instance_id>{instance_id{"a"}}));
  const auto second = view.take(make(
      "b", 1, 1, {agent_drop{agent_id{"one"}, saw({{"a", 1}})}, peer_retire{instance_id{"c"}}, place("one", "a")}));
  CAF_CHECK((second.placements == std::vector<placement_key>{{agent_id{"one"}, instance_id{"a"}}}));
  CAF_CHECK((second.retired == std::vector<instance_id>{instance_id{"c"}}));
  CAF_CHECK((second.instances == std::vector<instance_id>{instance_id{"b"}, instance_id{"c"}}));
  CAF_CHECK(second.fields.empty());
}

CAF_TEST(a gap in a feed is an error and changes nothing) {
  folded view;
  view.with({some_feed()[0]});
  const auto before = view.dump();
  const auto refused = view.try_to_take(some_feed()[2]);
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK_EQUAL(refused.error().code, "feed-gap");
  CAF_CHECK(view.try_to_take(make("new", 0, 1, {})).has_error());
  CAF_CHECK(view.try_to_take(make("new", 2, 1, {})).has_error());
  CAF_CHECK_EQUAL(view.dump(), before);
}

CAF_TEST(how far each feed is folded is part of what is folded) {
  folded view;
  for (const auto& each : some_feed())
    view.take(each);
  view.take(make("b", 1, 1, {}));
  CAF_CHECK_EQUAL(view.instance("a")->folded, 3u);
  CAF_CHECK_EQUAL(view.instance("b")->folded, 1u);
}

CAF_TEST(edits of different fields merge) {
  folded view;
  view.with({make("a", 1, 1, {put("color", "\"x\"")}), make("b", 1, 1, {put("model", "\"y\"")})});
  CAF_CHECK_EQUAL(view.value("color"), "\"x\"");
  CAF_CHECK_EQUAL(view.value("model"), "\"y\"");
  CAF_CHECK(view.agent().conflicts.empty());
}

CAF_TEST(nothing at or beyond a fork is taken and the rest of the feed is) {
  folded view{fold_limits{{instance_id{"a"}, 2}}};
  for (const auto& each : some_feed())
    CAF_CHECK_EQUAL(view.take(each).empty(), each.seq >= 2);
  CAF_CHECK_EQUAL(view.value("color"), "\"x\"");
  CAF_CHECK_EQUAL(view.instance("a")->folded, 1u);
}

CAF_TEST(a fold knows whether it went beyond a limit that it is given later) {
  folded view;
  for (const auto& each : some_feed())
    view.take(each);
  const auto& instances = view.memory().instances();
  CAF_CHECK(fold::holds_within(instances, {}));
  CAF_CHECK(fold::holds_within(instances, {{instance_id{"a"}, 4}, {instance_id{"never"}, 1}}));
  CAF_CHECK(!fold::holds_within(instances, {{instance_id{"a"}, 3}}));
}

CAF_TEST(of two ops on one key in one commit the first counts and the second is refused) {
  folded view;
  view.with({make("a", 1, 1,
                  {put("color", "\"x\""), put("color", "\"y\"", saw({{"a", 1}})), place("one", "a", "n"),
                   place("one", "a", "m")})});
  CAF_CHECK_EQUAL(view.value("color"), "\"x\"");
  CAF_CHECK_EQUAL(view.agent().placements[0].value.namespace_name, "n");
  CAF_CHECK_EQUAL(view.instance("a")->refused, 2u);
  CAF_CHECK(view.instance("a")->refusals[0].reason == refusal_reason::repeated_key);
}

CAF_TEST(refusals are all counted and the first ones listed) {
  folded view;
  for (sequence seq = 1; seq <= max_listed_refusals + 20; ++seq)
    view.take(make("a", seq, 1, {place("one", "b")}));
  CAF_CHECK_EQUAL(view.instance("a")->refused, max_listed_refusals + 20);
  CAF_CHECK_EQUAL(view.instance("a")->refusals.size(), max_listed_refusals);
}

CAF_TEST([SY-09] a refused op stops nothing else and stays visible) {
  folded view;
  view.with({make("a", 1, 1, {put("color", "\"x\""), place("one", "b"), put("model", "\"y\"")}),
             make("a", 2, 2, {put("model", "\"z\"", saw({{"a", 1}}))})});
  CAF_CHECK_EQUAL(view.value("model"), "\"z\"");
  CAF_CHECK(view.dump().find("refusal a/1 1 not-own-key\n") != std::string::npos);
}

CAF_TEST(a state that fails ends the commit with its failure and does not count it as folded) {
  failing_state state;
  fold broken{state, {}};
  const auto done = broken.apply(some_feed()[0]);
  CAF_REQUIRE(done.has_error());
  CAF_CHECK_EQUAL(done.error().code, "index-io");
  CAF_CHECK_EQUAL(state.instances().records().front().folded, 0u);
}

CAF_TEST(the history head of an agent is the latest commit of each instance that touched it) {
  folded view;
  for (const auto& each : some_feed())
    view.take(each);
  view.with({make("b", 1, 1, {put("color", "\"z\"")})});
  CAF_CHECK((view.agent().history_head == std::vector<commit_id>{{instance_id{"a"}, 2}, {instance_id{"b"}, 1}}));
}
