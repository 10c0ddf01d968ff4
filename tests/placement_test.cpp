#define CAF_SUITE placement_test

#include "tests/support/fold_fixture.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>

using namespace muster;
using namespace fold_fixture;

namespace {

op leave(const char* agent, const char* owner) {
  return place_drop{agent_id{agent}, instance_id{owner}};
}

op drop(saw_vector placements) {
  return agent_drop{agent_id{"one"}, std::move(placements)};
}

op named(const char* agent, std::optional<std::string> name, saw_vector seen = {}) {
  return agent_put{agent_id{agent}, {{"name", std::move(name), std::move(seen)}}, false};
}

std::size_t clashes(const folded& view) {
  std::size_t lines = 0;
  const auto text = view.dump();
  for (auto at = text.find("\nclash "); at != std::string::npos; at = text.find("\nclash ", at + 1))
    ++lines;
  return lines;
}

} // namespace

CAF_TEST(an agent exists while it has a placement that stands) {
  folded view;
  view.with({make("a", 1, 1, {put("color", "\"x\""), place("one", "a")})});
  CAF_CHECK(view.agent().exists);
  view.with({make("a", 2, 2, {leave("one", "a")})});
  CAF_CHECK(!view.agent().exists);
}

CAF_TEST(an agent that comes back has everything it had) {
  folded view;
  view.with({make("a", 1, 1, {put("color", "\"x\""), place("one", "a")}), make("a", 2, 2, {leave("one", "a")}),
             make("a", 3, 3, {place("one", "a")})});
  CAF_CHECK(view.agent().exists);
  CAF_CHECK_EQUAL(view.value("color"), "\"x\"");
}

CAF_TEST(of the ops of an owner on its placement the latest holds whatever its stamp) {
  folded view;
  view.with({make("a", 1, 9, {place("one", "a", "n", "/old")}), make("a", 2, 1, {place("one", "a", "n", "/new")})});
  CAF_REQUIRE_EQUAL(view.agent().placements.size(), 1u);
  CAF_CHECK_EQUAL(view.agent().placements[0].value.path, "/new");
}

CAF_TEST(a placement on another instance is refused and listed and changes nothing) {
  folded view;
  view.with({make("a", 1, 1, {place("one", "a")}), make("b", 1, 2, {leave("one", "a"), place("two", "a")})});
  CAF_CHECK(view.agent().exists);
  CAF_CHECK(!view.agent("two").exists);
  const auto* author = view.instance("b");
  CAF_CHECK_EQUAL(author->refused, 2u);
  CAF_REQUIRE_EQUAL(author->refusals.size(), 2u);
  CAF_CHECK((author->refusals[1] == refusal{1, 1, refusal_reason::not_own_key}));
}

CAF_TEST(a denial of another instance is refused and an own one is listed until it is dropped) {
  folded view;
  view.with({make("a", 1, 1, {deny_put{instance_id{"a"}, "/d", "noise", "me", "skip"}}),
             make("b", 1, 1, {deny_drop{instance_id{"a"}, "/d"}})});
  const auto* denied = view.memory().find_denial({instance_id{"a"}, "/d"});
  CAF_REQUIRE(denied != nullptr);
  CAF_CHECK(denied->value.has_value());
  CAF_CHECK_EQUAL(view.instance("b")->refused, 1u);
  view.with({make("a", 2, 1, {deny_drop{instance_id{"a"}, "/d"}})});
  CAF_CHECK(!view.memory().find_denial({instance_id{"a"}, "/d"})->value.has_value());
}

CAF_TEST(an agent drop drops the placements that it saw and no other in any order) {
  std::vector<commit> commits{make("a", 1, 1, {place("one", "a")}), make("b", 1, 1, {place("one", "b")}),
                              make("c", 1, 1, {drop(saw({{"a", 1}}))})};
  const auto by_instance = [](const commit& x, const commit& y) { return x.instance < y.instance; };
  do {
    folded view;
    for (const auto& each : commits)
      view.take(each);
    CAF_REQUIRE_EQUAL(view.agent().placements.size(), 1u);
    CAF_CHECK_EQUAL(view.agent().placements[0].id.instance.text, "b");
  } while (std::next_permutation(commits.begin(), commits.end(), by_instance));
}

CAF_TEST(a placement made again after an agent drop stands) {
  const auto dropped = make("c", 1, 1, {drop(saw({{"a", 1}}))});
  folded before, after;
  before.with({dropped, make("a", 1, 1, {place("one", "a")}), make("a", 2, 2, {place("one", "a")})});
  after.with({make("a", 1, 1, {place("one", "a")}), make("a", 2, 2, {place("one", "a")}), dropped});
  CAF_CHECK(before.agent().exists);
  CAF_CHECK_EQUAL(before.dump(), after.dump());
}

CAF_TEST(an agent drop that claims a later seq reaches exactly that one) {
  folded view;
  view.with({make("c", 1, 1, {drop(saw({{"a", 5}}))}), make("a", 1, 1, {place("one", "a")})});
  CAF_CHECK(view.agent().exists);
}

CAF_TEST(drops that claim many later seqs leave no more than the latest) {
  constexpr sequence count = 2000;
  folded view;
  for (sequence seq = 1; seq <= count; ++seq)
    view.take(make("liar", seq, 1, {drop(saw({{"a", 2 * count - seq}}))}));
  view.take(make("liar", count + 1, 1, {drop(saw({{"a", 2 * count}}))}));
  const auto& places = view.memory().find_agent(agent_id{"one"})->placements;
  CAF_REQUIRE_EQUAL(places.size(), 1u);
  CAF_CHECK_EQUAL(places[0].dropped.size(), 1u);
  CAF_CHECK_EQUAL(places[0].dropped[0].seq, 2 * count);
}

CAF_TEST(an author drops an agent of no more instances than allowed) {
  const auto crowd = [](std::size_t first, std::size_t count) {
    saw_vector owners;
    for (auto number = first; number < first + count; ++number)
      owners[instance_id{"x" + std::to_string(number)}] = 1;
    return owners;
  };
  folded view;
  view.take(make("liar", 1, 1, {drop(crowd(0, max_drops + 1))}));
  CAF_CHECK_EQUAL(view.instance("liar")->refused, 1u);
  view.take(make("liar", 2, 1, {drop(crowd(0, max_drops))}));
  view.take(make("liar", 3, 1, {drop(crowd(0, max_drops))}));
  CAF_CHECK_EQUAL(view.instance("liar")->refused, 1u);
  view.take(make("liar", 4, 1, {drop(crowd(max_drops, 1))}));
  CAF_CHECK_EQUAL(view.instance("liar")->refused, 2u);
  CAF_CHECK(view.instance("liar")->refusals.at(1).reason == refusal_reason::too_many_open);
}

CAF_TEST(a drop of an agent nobody has placed is no agent) {
  folded view;
  view.with({make("c", 1, 1, {drop(saw({{"a", 1}}))})});
  CAF_CHECK_EQUAL(view.dump(), "muster dump 1\nfolded c 1\n");
}

CAF_TEST(retiring an instance drops all its placements whatever the order) {
  std::vector<commit> commits{make("a", 1, 1, {place("one", "a")}), make("a", 2, 9, {place("two", "a")}),
                              make("b", 1, 1, {peer_retire{instance_id{"a"}}})};
  folded one, two, three;
  one.with({commits[0], commits[1], commits[2]});
  two.with({commits[2], commits[0], commits[1]});
  three.with({commits[0], commits[2], commits[1]});
  CAF_CHECK(!one.agent().exists);
  CAF_CHECK(!one.agent("two").exists);
  CAF_CHECK_EQUAL(one.dump(), two.dump());
  CAF_CHECK_EQUAL(one.dump(), three.dump());
}

CAF_TEST(retiring keeps what the retired instance wrote into shared keys) {
  folded view;
  view.with({make("a", 1, 1, {put("color", "\"x\""), place("one", "a")}),
             make("b", 1, 1, {place("one", "b"), peer_retire{instance_id{"a"}}})});
  CAF_CHECK_EQUAL(view.value("color"), "\"x\"");
  CAF_CHECK_EQUAL(view.agent().placements.size(), 1u);
}

CAF_TEST(retired twice an instance has the same record in both orders) {
  const auto b = make("b", 1, 1, {peer_retire{instance_id{"a"}}});
  const auto c = make("c", 1, 1, {peer_retire{instance_id{"a"}}});
  folded one, two;
  const auto first = one.take(c);
  const auto second = one.take(b);
  two.with({b, c});
  CAF_CHECK_EQUAL(one.dump(), two.dump());
  CAF_CHECK_EQUAL(first.retired.size(), 1u);
  CAF_CHECK(second.retired.empty());
}

CAF_TEST(two agents of one name in one namespace clash both and those of two namespaces do not) {
  folded view;
  view.with({make("a", 1, 1, {named("one", "\"x\""), place("one", "a", "n", "/1")}),
             make("a", 2, 1, {named("two", "\"X\""), place("two", "a", "m", "/2")})});
  CAF_CHECK_EQUAL(clashes(view), 0u);
  view.with({make("a", 3, 1, {place("two", "a", "n", "/2")})});
  CAF_CHECK_EQUAL(clashes(view), 2u);

  name_holders holders;
  holders.enter(agent_id{"one"}, view.agent("one"));
  holders.enter(agent_id{"two"}, view.agent("two"));
  const auto of_one = holders.clashes_of(agent_id{"one"}, view.agent("one"));
  CAF_REQUIRE_EQUAL(of_one.size(), 1u);
  CAF_CHECK_EQUAL(of_one[0].others[0].text, "two");
  CAF_CHECK_EQUAL(holders.clashes_of(agent_id{"two"}, view.agent("two")).size(), 1u);

  view.with({make("a", 4, 1, {leave("two", "a")})});
  CAF_CHECK_EQUAL(clashes(view), 0u);
}

CAF_TEST(agents without a name do not clash) {
  folded view;
  view.with({make("a", 1, 1, {named("one", std::nullopt), place("one", "a")}),
             make("a", 2, 1, {named("two", std::nullopt), place("two", "a")})});
  CAF_CHECK_EQUAL(clashes(view), 0u);
}

CAF_TEST([LW-07] removal and return of one agent end alike in both arrival orders) {
  const auto here = make("a", 1, 1, {place("one", "a"), put("color", "\"x\"")});
  const auto gone = make("b", 1, 5, {drop(saw({{"a", 1}}))});
  const auto back = make("a", 2, 2, {place("one", "a")});
  folded one, two;
  one.with({here, gone, back});
  two.with({gone, here, back});
  CAF_CHECK(one.agent().exists);
  CAF_CHECK_EQUAL(one.dump(), two.dump());
}

CAF_TEST([CV-23] a removal made on one instance is seen on the other) {
  folded view;
  view.with({make("a", 1, 1, {place("one", "a")}), make("a", 2, 2, {leave("one", "a")})});
  CAF_CHECK(!view.agent().exists);
  CAF_CHECK(view.dump().find("agent \"one\" gone\n") != std::string::npos);
}
