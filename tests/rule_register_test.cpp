#define CAF_SUITE rule_register_test

#include "tests/support/fold_fixture.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace fold_fixture;

namespace {

op no_rule(saw_vector seen = {}) {
  return rule_drop{"s", "t", std::move(seen)};
}

op settle_rule(commit_id chosen, std::optional<std::string> value, saw_vector seen) {
  return resolve{rule_key{"s", "t"}, std::move(chosen), std::move(value), "human", std::move(seen)};
}

} // namespace

CAF_TEST(of concurrent rules the most restrictive holds whatever the stamps) {
  const auto deny = make("a", 1, 1, {rule(rule_action::deny)});
  const auto none = make("b", 1, 2, {no_rule()});
  const auto allow = make("c", 1, 3, {rule(rule_action::allow)});
  folded all, two, one;
  all.with({allow, deny, none});
  two.with({allow, none});
  one.with({allow});
  CAF_CHECK(all.rule() == rule_action::deny);
  CAF_CHECK(two.rule() == std::nullopt);
  CAF_CHECK(one.rule() == rule_action::allow);
}

CAF_TEST(a rule that saw another replaces it even if it allows more) {
  folded view;
  view.with({make("b", 1, 1, {rule(rule_action::allow, saw({{"a", 1}}))}), make("a", 1, 9, {rule(rule_action::deny)})});
  CAF_CHECK(view.rule() == rule_action::allow);
}

CAF_TEST(rules that differ concurrently are a conflict and a resolution settles it) {
  folded view;
  view.with({make("a", 1, 1, {rule(rule_action::deny)}), make("b", 1, 2, {rule(rule_action::allow)})});
  const auto* content = view.memory().find_rule({"s", "t"});
  const auto judge = judge_rule(view.memory().instances());
  const auto dispute = conflict_of(rule_key{"s", "t"}, *content, judge);
  CAF_REQUIRE(dispute.has_value());
  CAF_CHECK_EQUAL(dispute->candidates[0].id.instance.text, "a");
  view.with({make("b", 2, 3, {settle_rule({instance_id{"b"}, 1}, "allow", saw({{"a", 1}, {"b", 1}}))})});
  CAF_CHECK(view.rule() == rule_action::allow);
  CAF_CHECK(!conflict_of(rule_key{"s", "t"}, *view.memory().find_rule({"s", "t"}), judge));
}

CAF_TEST(equal rules made twice are no conflict) {
  folded view;
  view.with({make("a", 1, 1, {rule(rule_action::deny)}), make("b", 1, 2, {rule(rule_action::deny)})});
  CAF_CHECK(!is_contested(*view.memory().find_rule({"s", "t"}), judge_rule(view.memory().instances())));
}

CAF_TEST(an action that there is not is refused and listed) {
  folded view;
  view.with({make("a", 1, 1, {rule(rule_action::deny)}),
             make("b", 1, 2, {settle_rule({instance_id{"a"}, 1}, "maybe", saw({{"a", 1}}))})});
  CAF_CHECK(view.rule() == rule_action::deny);
  CAF_CHECK_EQUAL(view.instance("b")->refused, 1u);
  CAF_CHECK(view.instance("b")->refusals[0].reason == refusal_reason::bad_value);
}
