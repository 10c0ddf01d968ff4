#define CAF_SUITE fold_convergence_test

#include "tests/support/fold_fixture.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace fold_fixture;

namespace {

constexpr std::uint64_t in_2099 = std::uint64_t{4070908800000} << 16;

const commit ours = make("a", 1, 1, {put("color", "\"ours\"")});
const commit theirs = make("b", 1, 2, {put("color", "\"theirs\"")});
const saw_vector both = saw({{"a", 1}, {"b", 1}});

std::size_t conflicts(const folded& view) {
  return view.agent().conflicts.size();
}

/// Two concurrent values of one field: the later is live, and there is one
/// conflict, whichever came first.
bool rule_holds(const char* field, std::optional<std::string> older, std::optional<std::string> newer) {
  const auto a = make("a", 1, 1, {put(field, older)});
  const auto b = make("b", 1, 2, {put(field, newer)});
  folded one, two;
  one.with({a, b});
  two.with({b, a});
  return one.value(field) == newer.value_or("-") && conflicts(one) == 1 && one.dump() == two.dump();
}

} // namespace

CAF_TEST([CV-01] a concurrent newer edit from elsewhere is live with one open conflict) {
  folded view;
  view.with({ours, theirs});
  CAF_CHECK_EQUAL(view.value("color"), "\"theirs\"");
  CAF_REQUIRE_EQUAL(conflicts(view), 1u);
  const auto dispute = view.agent().conflicts[0];
  CAF_REQUIRE_EQUAL(dispute.candidates.size(), 2u);
  CAF_CHECK_EQUAL(dispute.candidates[0].value.value(), "\"theirs\"");
  CAF_CHECK_EQUAL(dispute.candidates[1].value.value(), "\"ours\"");
}

CAF_TEST([CV-02] keeping ours in a conflict makes ours live and closes it) {
  folded view;
  view.with({ours, theirs, make("a", 2, 3, {settle("color", {instance_id{"a"}, 1}, "\"ours\"", both)})});
  CAF_CHECK_EQUAL(view.value("color"), "\"ours\"");
  CAF_CHECK_EQUAL(conflicts(view), 0u);
}

CAF_TEST([CV-03] keeping theirs in a conflict leaves theirs live and closes it) {
  folded view;
  view.with({ours, theirs, make("a", 2, 1, {settle("color", {instance_id{"b"}, 1}, "\"theirs\"", both)})});
  CAF_CHECK_EQUAL(view.value("color"), "\"theirs\"");
  CAF_CHECK_EQUAL(conflicts(view), 0u);
}

CAF_TEST([CV-04] a resolution that names no candidate that its author saw changes nothing) {
  folded view;
  view.with({ours, theirs, make("a", 2, 9, {settle("color", {instance_id{"c"}, 1}, "\"other\"", both)})});
  CAF_CHECK_EQUAL(view.value("color"), "\"theirs\"");
  CAF_CHECK_EQUAL(conflicts(view), 1u);
  CAF_CHECK(view.instance("a")->refusals[0].reason == refusal_reason::choice_not_seen);
}

CAF_TEST([CV-05] a concurrent older edit from elsewhere is not live and the conflict is there all the same) {
  folded view;
  view.with({theirs, ours});
  CAF_CHECK_EQUAL(view.value("color"), "\"theirs\"");
  CAF_CHECK_EQUAL(conflicts(view), 1u);
}

CAF_TEST([CV-06] the rule holds for text) {
  CAF_CHECK(rule_holds("description", "\"x\"", "\"y\""));
}

CAF_TEST([CV-07] the rule holds for lists) {
  CAF_CHECK(rule_holds("capabilities", "[\"x\"]", "[\"x\",\"y\"]"));
}

CAF_TEST([CV-08] the rule holds for objects) {
  CAF_CHECK(rule_holds("budget", "{\"maxCallsPerHour\":1}", "{\"maxCallsPerHour\":2}"));
}

CAF_TEST([CV-09] the rule holds for keys that nobody knows) {
  CAF_CHECK(rule_holds("x-made-up", "1", "{}"));
}

CAF_TEST([CV-10] the rule holds for removed fields) {
  CAF_CHECK(rule_holds("color", "\"x\"", std::nullopt));
  CAF_CHECK(rule_holds("color", std::nullopt, "\"x\""));
}

CAF_TEST([CV-11] a commit without ops settles nothing and does nothing but count) {
  folded view;
  const auto changes = view.take(make("a", 1, 1, {}));
  CAF_CHECK(changes.fields.empty());
  CAF_CHECK_EQUAL(view.dump(), "muster dump 1\nfolded a 1\n");
}

CAF_TEST([CV-12] two conflicts are two records each with its own winner) {
  folded view;
  view.with({make("a", 1, 5, {put("color", "\"x\"")}), make("a", 2, 6, {put("model", "\"x\"")}),
             make("b", 1, 5, {put("model", "\"y\"")}), make("b", 2, 6, {put("color", "\"y\"")})});
  CAF_REQUIRE_EQUAL(conflicts(view), 2u);
  CAF_CHECK_EQUAL(view.value("color"), "\"y\"");
  CAF_CHECK_EQUAL(view.value("model"), "\"x\"");
  CAF_CHECK(view.agent().conflicts[0].id != view.agent().conflicts[1].id);
}

CAF_TEST([CV-13] a resolution is one commit of which a fold keeps the choice and the chooser) {
  folded view;
  view.with({ours, theirs, make("a", 2, 3, {settle("color", {instance_id{"a"}, 1}, "\"ours\"", both, "auto:mine")})});
  const auto heads = view.heads("color");
  CAF_REQUIRE_EQUAL(heads.size(), 1u);
  CAF_CHECK((heads[0].id == commit_id{instance_id{"a"}, 2}));
  CAF_CHECK(heads[0].origin == head_origin::resolved);
  CAF_CHECK_EQUAL(heads[0].by, "auto:mine");
}

CAF_TEST([CV-14] the winner does not depend on which side was local) {
  folded at_a, at_b;
  at_a.with({ours, theirs});
  at_b.with({theirs, ours});
  CAF_CHECK_EQUAL(at_a.dump(), at_b.dump());
}

CAF_TEST([CV-15] [CV-19] pulling again makes no new conflict and flips nothing) {
  folded view;
  view.with({ours, theirs});
  const auto before = view.dump();
  view.with({theirs, ours, theirs});
  CAF_CHECK_EQUAL(view.dump(), before);
  folded quiet;
  quiet.with({ours, ours});
  CAF_CHECK_EQUAL(conflicts(quiet), 0u);
}

CAF_TEST([CV-16] a resolution holds when a superseded op arrives again or late) {
  const auto choice = make("c", 1, 1, {settle("color", {instance_id{"a"}, 1}, "\"ours\"", both)});
  folded view;
  view.with({ours, choice, theirs, theirs});
  CAF_CHECK_EQUAL(view.value("color"), "\"ours\"");
  CAF_CHECK_EQUAL(conflicts(view), 0u);
}

CAF_TEST([CV-17] a stale op that arrives late does not displace a fresher one) {
  folded view;
  view.with(
      {make("b", 1, 2, {put("color", "\"fresh\"", saw({{"a", 1}}))}), make("a", 1, in_2099, {put("color", "1")})});
  CAF_CHECK_EQUAL(view.value("color"), "\"fresh\"");
}

CAF_TEST([CV-18] three instances in two orders end on the newest) {
  const auto third = make("c", 1, 3, {put("color", "\"third\"")});
  folded one, two;
  one.with({ours, theirs, third});
  two.with({third, theirs, ours});
  CAF_CHECK_EQUAL(one.value("color"), "\"third\"");
  CAF_CHECK_EQUAL(one.dump(), two.dump());
}

CAF_TEST([CV-20] instances keep their ids when their feeds cross) {
  folded at_a, at_b;
  at_a.with({ours, theirs});
  at_b.with({theirs, ours});
  CAF_CHECK((at_a.heads("color")[0].id == commit_id{instance_id{"b"}, 1}));
  CAF_CHECK((at_b.heads("color")[1].id == commit_id{instance_id{"a"}, 1}));
}

CAF_TEST([CV-21] an empty fold takes the ordinary path for its first commit) {
  folded fresh;
  const auto changes = fresh.take(ours);
  CAF_CHECK((changes.fields == std::vector<field_key>{{agent_id{"one"}, "color"}}));
  CAF_CHECK_EQUAL(fresh.value("color"), "\"ours\"");
}

CAF_TEST([CV-22] a renamed agent has the new name everywhere) {
  const auto named = make("a", 1, 1, {put("name", "\"old\""), place("one", "a")});
  const auto renamed = make("a", 2, 2, {put("name", "\"new\"", saw({{"a", 1}}))});
  folded at_a, at_b;
  at_a.with({named, renamed});
  at_b.with({make("b", 1, 1, {}), named, renamed});
  CAF_CHECK_EQUAL(at_a.value("name"), "\"new\"");
  CAF_CHECK_EQUAL(at_b.value("name"), "\"new\"");
  CAF_CHECK_EQUAL(at_b.agent().names[0].name, "\"new\"");
}

CAF_TEST([CV-24] concurrent edits of one field give exactly one conflict record on both) {
  folded at_a, at_b;
  at_a.with({ours, theirs});
  at_b.with({theirs, ours});
  CAF_CHECK_EQUAL(conflicts(at_a), 1u);
  CAF_CHECK((at_a.agent().conflicts == at_b.agent().conflicts));
}

CAF_TEST([CV-25] after pulling both ways both edits are on both sides) {
  const auto other = make("b", 1, 2, {put("model", "\"m\"")});
  folded at_a, at_b;
  at_a.with({ours, other});
  at_b.with({other, ours});
  CAF_CHECK_EQUAL(at_a.value("color"), "\"ours\"");
  CAF_CHECK_EQUAL(at_a.value("model"), "\"m\"");
  CAF_CHECK_EQUAL(at_a.dump(), at_b.dump());
}

CAF_TEST([CV-26] [CV-28] values of different kinds in one field have one live value and one conflict record) {
  folded view;
  view.with({make("a", 1, 1, {put("color", "\"x\"")}), make("b", 1, 2, {put("color", "[1]")}),
             make("c", 1, 3, {put("color", "{}")})});
  CAF_CHECK_EQUAL(view.value("color"), "{}");
  CAF_REQUIRE_EQUAL(conflicts(view), 1u);
  CAF_CHECK_EQUAL(view.agent().conflicts[0].candidates.size(), 3u);
  CAF_CHECK_EQUAL(view.agent().fields.size(), 1u);
}

CAF_TEST([CV-31] only edits that differ are conflicts) {
  folded view;
  view.with({make("a", 1, 1, {put("color", "\"x\""), put("model", "\"m\"")}),
             make("b", 1, 2, {put("color", "\"X\""), put("model", "\"n\"")})});
  CAF_REQUIRE_EQUAL(conflicts(view), 1u);
  CAF_CHECK_EQUAL(std::get<field_key>(view.agent().conflicts[0].key).field, "model");
}

CAF_TEST([LW-04] the value and the record of a conflict use one predicate) {
  folded view;
  view.with({ours, theirs, make("c", 1, 2, {put("color", "\"third\"")})});
  CAF_CHECK((view.agent().fields[0].winner == view.agent().conflicts[0].candidates[0]));
}

CAF_TEST([SY-02] a field goes A B A and A B A B A here and across instances) {
  folded here, across;
  const char* values[] = {"\"A1\"", "\"B1\"", "\"A1\"", "\"B1\"", "\"A1\""};
  const char* authors[] = {"a", "b", "a", "b", "a"};
  saw_vector seen;
  sequence seqs[] = {0, 0};
  for (std::size_t i = 0; i < 5; ++i) {
    here.take(make("a", i + 1, i, {put("color", values[i], i == 0 ? saw_vector{} : saw({{"a", i}}))}));
    auto& seq = seqs[i % 2];
    across.take(make(authors[i], ++seq, i, {put("color", values[i], seen)}));
    seen[instance_id{authors[i]}] = seq;
    CAF_CHECK_EQUAL(here.value("color"), values[i]);
    CAF_CHECK_EQUAL(across.value("color"), values[i]);
  }
  CAF_CHECK_EQUAL(conflicts(here), 0u);
  CAF_CHECK_EQUAL(conflicts(across), 0u);
}

CAF_TEST([SY-06] what comes through others is what comes directly) {
  // c gets the feed of a from b only, after that of b and in pieces.
  const auto second = make("a", 2, 3, {put("color", "\"later\"", both)});
  folded direct, chained;
  direct.with({ours, second, theirs});
  chained.with({theirs, ours});
  chained.with({ours, second});
  CAF_CHECK_EQUAL(direct.dump(), chained.dump());
}

CAF_TEST([SY-07] two who keep their own and a resolution beside a newer edit end alike in both orders) {
  const auto keep_a = make("a", 2, 3, {settle("color", {instance_id{"a"}, 1}, "\"ours\"", both, "auto:mine")});
  const auto keep_b = make("b", 2, 4, {settle("color", {instance_id{"b"}, 1}, "\"theirs\"", both, "auto:mine")});
  folded one, two;
  one.with({ours, theirs, keep_a, keep_b});
  two.with({theirs, keep_b, ours, keep_a});
  CAF_CHECK_EQUAL(one.dump(), two.dump());
  CAF_CHECK_EQUAL(one.value("color"), "\"theirs\"");
  CAF_REQUIRE_EQUAL(conflicts(one), 1u);
  CAF_CHECK(one.agent().conflicts[0].has_policy_choice());

  const auto newer = make("c", 1, 9, {put("color", "\"newer\"", saw({{"b", 1}}))});
  folded three, four;
  three.with({ours, theirs, keep_a, newer});
  four.with({theirs, newer, ours, keep_a});
  CAF_CHECK_EQUAL(three.dump(), four.dump());
  CAF_CHECK_EQUAL(conflicts(three), 1u);
}

CAF_TEST([SY-08] where a batch is cut changes no result) {
  const std::vector<commit> feed{make("a", 1, 1, {put("color", "\"x\""), put("model", "\"m\"")}),
                                 make("a", 2, 2, {put("color", "\"y\"", saw({{"a", 1}})), place("one", "a")}), theirs};
  folded whole, cut;
  for (const auto& each : feed)
    whole.take(each);
  // As if each batch began one commit before the last ended.
  for (std::size_t i = 0; i < feed.size(); ++i) {
    if (i > 0)
      cut.take(feed[i - 1]);
    cut.take(feed[i]);
  }
  CAF_CHECK_EQUAL(whole.dump(), cut.dump());
}

CAF_TEST(a machine in 2099 wins what is concurrent and mutes nobody) {
  folded view;
  view.with({make("a", 1, in_2099, {put("color", "\"future\"")}), theirs});
  CAF_CHECK_EQUAL(view.value("color"), "\"future\"");
  CAF_CHECK_EQUAL(conflicts(view), 1u);
  view.with({make("b", 2, 3, {put("color", "\"now\"", both)})});
  CAF_CHECK_EQUAL(view.value("color"), "\"now\"");
}
