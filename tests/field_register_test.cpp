#define CAF_SUITE field_register_test

#include "tests/support/fold_fixture.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace fold_fixture;

namespace {

constexpr std::uint64_t in_2099 = std::uint64_t{4070908800000} << 16;

bool contested(const folded& view) {
  return !view.agent().conflicts.empty();
}

} // namespace

CAF_TEST(an op supersedes what its author saw whatever the stamps say) {
  folded view;
  view.with(
      {make("a", 1, in_2099, {put("color", "\"old\"")}), make("b", 1, 5, {put("color", "\"new\"", saw({{"a", 1}}))})});
  CAF_CHECK_EQUAL(view.value("color"), "\"new\"");
  CAF_CHECK(!contested(view));
}

CAF_TEST([OL-06] keeps the newer op live when an older one that it saw arrives later) {
  folded view;
  view.with(
      {make("b", 1, 5, {put("color", "\"new\"", saw({{"a", 1}}))}), make("a", 1, in_2099, {put("color", "\"old\"")})});
  CAF_CHECK_EQUAL(view.value("color"), "\"new\"");
  CAF_CHECK_EQUAL(view.heads("color").size(), 1u);
  // It is in the history all the same.
  CAF_CHECK_EQUAL(view.agent().history_head.size(), 2u);
}

CAF_TEST([OL-07] the same two concurrent ops have the same winner in both orders) {
  const auto older = make("a", 1, 1, {put("color", "\"x\"")});
  const auto newer = make("b", 1, 2, {put("color", "\"y\"")});
  folded one, two;
  one.with({older, newer});
  two.with({newer, older});
  CAF_CHECK_EQUAL(one.value("color"), "\"y\"");
  CAF_CHECK_EQUAL(one.dump(), two.dump());
}

CAF_TEST(an op that supersedes a superseding one needs no third to be told) {
  const auto first = make("a", 1, 3, {put("color", "\"x\"")});
  const auto third = make("c", 1, 1, {put("color", "\"z\"", saw({{"a", 1}, {"b", 1}}))});
  folded view;
  // The feed of b never comes.
  view.with({third, first});
  CAF_CHECK_EQUAL(view.value("color"), "\"z\"");
  CAF_CHECK(!contested(view));
}

CAF_TEST(a superseded op still supersedes what it saw) {
  folded view;
  view.with({make("c", 1, 1, {put("color", "\"z\"", saw({{"b", 1}}))}),
             make("b", 1, 2, {put("color", "\"y\"", saw({{"a", 1}}))}), make("a", 1, 3, {put("color", "\"x\"")})});
  CAF_CHECK_EQUAL(view.value("color"), "\"z\"");
  CAF_CHECK(!contested(view));
}

CAF_TEST(an edit based on an older state is concurrent with what came between even of its own feed) {
  folded view;
  view.with({make("a", 1, 1, {put("color", "\"x\"")}), make("a", 2, 2, {put("color", "\"y\"", saw({{"a", 1}}))}),
             make("a", 3, 3, {put("color", "\"z\"", saw({{"a", 1}}))})});
  CAF_CHECK_EQUAL(view.value("color"), "\"z\"");
  CAF_CHECK(contested(view));
}

CAF_TEST([LW-09] the same content written twice with two stamps is no conflict and a later edit settles it alike) {
  const auto one = make("a", 1, 1, {put("color", "\"x\"")});
  const auto two = make("b", 1, 9, {put("color", "\"X\"")});
  const auto later = make("c", 1, 5, {put("color", "\"z\"", saw({{"a", 1}, {"b", 1}}))});
  folded view, other;
  view.with({one, two});
  CAF_CHECK_EQUAL(view.heads("color").size(), 2u);
  CAF_CHECK(!contested(view));
  view.with({later});
  other.with({later, two, one});
  CAF_CHECK_EQUAL(view.value("color"), "\"z\"");
  CAF_CHECK_EQUAL(view.dump(), other.dump());
}

CAF_TEST([HS-04] a default spelled out means the same as absence and makes no conflict) {
  folded view;
  view.with({make("a", 1, 1, {put("color", "\"default\"")}), make("b", 1, 2, {put("color", std::nullopt)})});
  CAF_CHECK_EQUAL(view.heads("color").size(), 2u);
  CAF_CHECK(!contested(view));
}

CAF_TEST([LW-06] a removal and a concurrent edit have one winner in both orders) {
  const auto removal = make("a", 1, 1, {put("color", std::nullopt)});
  const auto edit = make("b", 1, 1, {put("color", "\"x\"")});
  folded one, two, later;
  one.with({removal, edit});
  two.with({edit, removal});
  CAF_CHECK_EQUAL(one.dump(), two.dump());
  CAF_CHECK(contested(one));
  later.with({edit, make("a", 1, 2, {put("color", std::nullopt)})});
  CAF_CHECK_EQUAL(later.value("color"), "-");
}

CAF_TEST([LW-02] two edits in the same millisecond have the higher hash as winner on both machines) {
  const auto x = make("a", 1, 7, {put("color", "\"a\"")});
  const auto y = make("b", 1, 7, {put("color", "\"b\"")});
  folded one, two;
  one.with({x, y});
  two.with({y, x});
  CAF_CHECK_EQUAL(one.value("color"), "\"b\"");
  CAF_CHECK_EQUAL(two.value("color"), "\"b\"");
}

CAF_TEST([LW-08] the newest of several rivals wins in any order) {
  std::vector<commit> rivals{make("a", 1, 1, {put("color", "\"x\"")}), make("b", 1, 3, {put("color", "\"y\"")}),
                             make("c", 1, 2, {put("color", "\"z\"")}), make("d", 1, 3, {put("color", "\"y\"")})};
  const auto by_instance = [](const commit& a, const commit& b) { return a.instance < b.instance; };
  do {
    folded view;
    for (const auto& each : rivals)
      view.take(each);
    CAF_CHECK_EQUAL(view.value("color"), "\"y\"");
  } while (std::next_permutation(rivals.begin(), rivals.end(), by_instance));
}

CAF_TEST(adopted content loses to any head that is not and the difference is still shown) {
  folded view;
  view.with(
      {make("a", 1, 1, {put("color", "\"living\"")}), make("b", 1, in_2099, {put("color", "\"stale\"", {}, true)})});
  CAF_CHECK_EQUAL(view.value("color"), "\"living\"");
  CAF_REQUIRE(contested(view));
  CAF_CHECK(view.agent().conflicts[0].candidates[1].origin == head_origin::adopted);
}

CAF_TEST(adopted content is the value where there is no other) {
  folded view;
  view.with({make("b", 1, 1, {put("color", "\"stale\"", {}, true)})});
  CAF_CHECK_EQUAL(view.value("color"), "\"stale\"");
  CAF_CHECK(!contested(view));
}

CAF_TEST(a resolution supersedes all heads that it saw and a later edit supersedes it) {
  const auto x = make("a", 1, 1, {put("color", "\"x\"")});
  const auto y = make("b", 1, 2, {put("color", "\"y\"")});
  const auto choice = make("c", 1, 1, {settle("color", {instance_id{"a"}, 1}, "\"x\"", saw({{"a", 1}, {"b", 1}}))});
  folded view;
  view.with({x, choice, y});
  CAF_CHECK_EQUAL(view.value("color"), "\"x\"");
  CAF_CHECK(!contested(view));
  CAF_CHECK_EQUAL(view.heads("color")[0].by, "human");
  view.with({make("b", 2, 3, {put("color", "\"z\"", saw({{"c", 1}, {"b", 1}}))})});
  CAF_CHECK_EQUAL(view.value("color"), "\"z\"");
  CAF_CHECK(!contested(view));
}

CAF_TEST(a resolution stands without the feed of the candidate it chose) {
  folded view;
  view.with({make("b", 1, 2, {put("color", "\"y\"")}),
             make("c", 1, 1, {settle("color", {instance_id{"a"}, 1}, "\"x\"", saw({{"a", 1}, {"b", 1}}))})});
  CAF_CHECK_EQUAL(view.value("color"), "\"x\"");
  CAF_CHECK(!contested(view));
}

CAF_TEST(a conflict in which a head is the choice of a policy says so) {
  const auto x = make("a", 1, 1, {put("color", "\"x\"")});
  const auto y = make("b", 1, 2, {put("color", "\"y\"")});
  const auto seen = saw({{"a", 1}, {"b", 1}});
  folded view;
  view.with({x, y});
  CAF_CHECK(!view.agent().conflicts[0].has_policy_choice());
  view.with({make("a", 2, 3, {settle("color", {instance_id{"a"}, 1}, "\"x\"", seen, "auto:mine")}),
             make("b", 2, 3, {settle("color", {instance_id{"b"}, 1}, "\"y\"", seen, "auto:mine")})});
  CAF_REQUIRE(contested(view));
  CAF_CHECK(view.agent().conflicts[0].has_policy_choice());
}

CAF_TEST(the id of a conflict is made of its key and its candidates alone) {
  const auto x = make("a", 1, 1, {put("color", "\"x\"")});
  const auto y = make("b", 1, 2, {put("color", "\"y\"")});
  folded one, two, other_key;
  one.with({x, y});
  two.with({y, x});
  other_key.with({make("a", 1, 1, {put("model", "\"x\"")}), make("b", 1, 2, {put("model", "\"y\"")})});
  const auto id = one.agent().conflicts[0].id;
  CAF_CHECK_EQUAL(id.size(), 32u);
  CAF_CHECK_EQUAL(id, two.agent().conflicts[0].id);
  CAF_CHECK(id != other_key.agent().conflicts[0].id);
  one.with({make("c", 1, 1, {put("color", "\"z\"")})});
  CAF_CHECK(id != one.agent().conflicts[0].id);
}

CAF_TEST(a claim to have seen the future of another feed is void for what saw that claim) {
  folded view;
  view.with({make("liar", 1, in_2099, {put("color", "\"lie\"", saw({{"a", ~sequence{0}}}))}),
             make("a", 1, 1, {put("color", "\"x\"")})});
  // Made without knowledge of the lie, it is taken to be seen.
  CAF_CHECK_EQUAL(view.value("color"), "\"lie\"");
  view.with({make("a", 2, 2, {put("color", "\"y\"", saw({{"a", 1}, {"liar", 1}}))})});
  CAF_CHECK(contested(view));
  // What settles it was made in the knowledge of all; a lie from before cannot reach it.
  view.with({make("b", 1, 3, {put("color", "\"z\"", saw({{"a", 2}, {"liar", 1}}))})});
  CAF_CHECK_EQUAL(view.value("color"), "\"z\"");
  CAF_CHECK(!contested(view));
}

CAF_TEST(a claim to have seen its own future mutes nothing of the same feed) {
  folded view;
  view.with({make("a", 1, 9, {put("color", "\"x\"", saw({{"a", 7}}))}), make("a", 2, 1, {put("color", "\"y\"")})});
  CAF_CHECK_EQUAL(view.heads("color").size(), 2u);
}

CAF_TEST(a ring of false claims leaves the greatest of all and not nothing) {
  std::vector<commit> ring{make("a", 1, 1, {put("color", "\"x\"", saw({{"b", 1}}))}),
                           make("b", 1, 3, {put("color", "\"y\"", saw({{"c", 1}}))}),
                           make("c", 1, 2, {put("color", "\"z\"", saw({{"a", 1}}))})};
  const auto by_instance = [](const commit& a, const commit& b) { return a.instance < b.instance; };
  do {
    folded view;
    for (const auto& each : ring)
      view.take(each);
    CAF_CHECK_EQUAL(view.value("color"), "\"y\"");
    CAF_CHECK_EQUAL(view.heads("color").size(), 1u);
  } while (std::next_permutation(ring.begin(), ring.end(), by_instance));
}

CAF_TEST(an author piles up no more than the allowed number of ops that it has not seen itself) {
  folded view;
  for (sequence seq = 1; seq <= max_open_ops + 5; ++seq)
    view.take(make("a", seq, seq, {put("color", "\"" + std::to_string(seq) + "\"")}));
  CAF_CHECK_EQUAL(view.heads("color").size(), max_open_ops);
  CAF_CHECK_EQUAL(view.instance("a")->refused, 5u);
  CAF_CHECK(view.instance("a")->refusals[0].reason == refusal_reason::too_many_open);
  // Seeing them makes room again.
  view.take(make("a", max_open_ops + 6, 1, {put("color", "\"end\"", saw({{"a", max_open_ops}}))}));
  CAF_CHECK_EQUAL(view.value("color"), "\"end\"");
  CAF_CHECK_EQUAL(view.heads("color").size(), 1u);
}

CAF_TEST(who saw an op of its own has seen what that one saw) {
  std::vector<commit> ops{make("a", 1, 1, {put("color", "\"x\"", saw({{"b", 1}}))}),
                          make("a", 2, 2, {put("color", "\"y\"", saw({{"a", 1}}))}),
                          make("b", 1, 9, {put("color", "\"z\"")})};
  folded one, two;
  one.with({ops[0], ops[1], ops[2]});
  two.with({ops[2], ops[0], ops[1]});
  CAF_CHECK_EQUAL(one.value("color"), "\"y\"");
  CAF_CHECK(!contested(one));
  CAF_CHECK_EQUAL(one.dump(), two.dump());
}

CAF_TEST(claims about the future that fall with each op leave no more than the last) {
  folded view;
  constexpr sequence count = 2000;
  for (sequence seq = 1; seq <= count; ++seq)
    view.take(make("liar", seq, seq, {put("color", "\"lie\"", saw({{"liar", seq - 1}, {"a", count - seq + 1}}))}));
  const auto* content = view.memory().find_agent(agent_id{"one"})->find_field("color");
  CAF_REQUIRE(static_cast<bool>(content->unusual));
  CAF_CHECK_EQUAL(content->unusual->claims.size(), 1u);
  CAF_CHECK_EQUAL(view.instance("liar")->refused, 0u);
}

CAF_TEST(an author claims no more of others than the allowed number and makes room by seeing its own ops) {
  folded view;
  const auto crowd = [](std::size_t first, std::size_t count) {
    saw_vector seen;
    for (auto number = first; number < first + count; ++number)
      seen[instance_id{"x" + std::to_string(number)}] = 1;
    return seen;
  };
  view.take(make("liar", 1, 1, {put("color", "\"a\"", crowd(0, max_open_claims))}));
  CAF_CHECK_EQUAL(view.instance("liar")->refused, 0u);
  view.take(make("liar", 2, 2, {put("color", "\"b\"", crowd(0, 1))}));
  CAF_CHECK(view.instance("liar")->refusals.at(0).reason == refusal_reason::too_many_open);
  auto seen = crowd(0, 1);
  seen[instance_id{"liar"}] = 1;
  view.take(make("liar", 3, 3, {put("color", "\"c\"", seen)}));
  CAF_CHECK_EQUAL(view.value("color"), "\"c\"");
  seen[instance_id{"liar"}] = 3;
  seen[instance_id{"another"}] = 1;
  view.take(make("liar", 4, 4, {put("color", "\"d\"", seen)}));
  CAF_CHECK_EQUAL(view.instance("liar")->refused, 2u);
  CAF_CHECK_EQUAL(view.value("color"), "\"c\"");
}

CAF_TEST(what a register keeps beside its heads is what open ops saw of others) {
  folded view;
  view.with({make("b", 1, 5, {put("color", "\"new\"", saw({{"a", 1}}))})});
  const auto* content = view.memory().find_agent(agent_id{"one"})->find_field("color");
  CAF_CHECK(static_cast<bool>(content->unusual));
  view.with({make("a", 1, 1, {put("color", "\"old\"")})});
  content = view.memory().find_agent(agent_id{"one"})->find_field("color");
  CAF_REQUIRE(static_cast<bool>(content->unusual));
  CAF_CHECK_EQUAL(content->unusual->claims.size(), 1u);
  CAF_CHECK(!content->unusual->spare);
  CAF_CHECK(saw_now(*content, view.memory().instances()) == saw({{"a", 1}, {"b", 1}}));
  view.with({make("b", 2, 6, {put("color", "\"newer\"", saw({{"b", 1}}))}), make("c", 1, 7, {put("icon", "1")})});
  content = view.memory().find_agent(agent_id{"one"})->find_field("color");
  CAF_CHECK_EQUAL(content->unusual->claims.size(), 1u);
  CAF_CHECK(!view.memory().find_agent(agent_id{"one"})->find_field("icon")->unusual);
}
