#define CAF_SUITE plan_rule_test

#include "muster/supervisor/change_plan.hpp"
#include "muster/supervisor/request_hash.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

namespace {

const rule_key lab_to_web{"lab", "web"};
const commit_id third{instance_id{"i"}, 3};

rule_found known(std::optional<rule_action> action, bool contested = false) {
  rule_found result;
  result.action = action;
  result.contested = contested;
  result.saw = {{third.instance, third.seq}};
  result.version = third;
  return result;
}

bool is_nothing(const expected<planned>& how) {
  return how && std::holds_alternative<nothing_new>(*how);
}

const saga_intent& intent_of(const expected<planned>& how) {
  return std::get<planned_change>(*how).intent;
}

} // namespace

CAF_TEST([NX02] a rule is one op in a saga that only commits) {
  const auto how = plan_rule(lab_to_web, rule_action::allow, {});
  CAF_REQUIRE(how && !is_nothing(how));
  const auto& intent = intent_of(how);
  CAF_CHECK(intent.kind == saga_kind::change_rule);
  CAF_REQUIRE_EQUAL(intent.ops.size(), 1u);
  CAF_CHECK(std::get<rule_put>(intent.ops[0]) == (rule_put{"lab", "web", rule_action::allow, {}}));
  CAF_CHECK_EQUAL(std::get<planned_change>(*how).claims.size(), 1u);
}

CAF_TEST(a change of a rule says what it saw) {
  const auto denied = plan_rule(lab_to_web, rule_action::deny, known(rule_action::allow));
  CAF_CHECK((std::get<rule_put>(intent_of(denied).ops[0]).saw == saw_vector{{third.instance, 3}}));
  const auto withdrawn = plan_rule(lab_to_web, std::nullopt, known(rule_action::allow));
  CAF_CHECK((std::get<rule_drop>(intent_of(withdrawn).ops[0]) == rule_drop{"lab", "web", {{third.instance, 3}}}));
}

CAF_TEST([NX03][NX06] what holds already adds nothing) {
  const auto again = plan_rule(lab_to_web, rule_action::allow, known(rule_action::allow));
  CAF_REQUIRE(is_nothing(again));
  CAF_CHECK(std::get<nothing_new>(*again).answer.version == third);
  CAF_CHECK(is_nothing(plan_rule(lab_to_web, std::nullopt, {})));
  CAF_CHECK(is_nothing(plan_rule(lab_to_web, std::nullopt, known(std::nullopt))));
}

CAF_TEST(who says again what instances disagree about settles it) {
  CAF_CHECK(!is_nothing(plan_rule(lab_to_web, rule_action::deny, known(rule_action::deny, true))));
  CAF_CHECK(!is_nothing(plan_rule(lab_to_web, std::nullopt, known(std::nullopt, true))));
}

CAF_TEST(two changes of one rule have one claim and those of others another) {
  const auto claims = [](const rule_key& rule, std::optional<rule_action> action) {
    return std::get<planned_change>(*plan_rule(rule, action, known(rule_action::allow, true))).claims;
  };
  CAF_CHECK(claims(lab_to_web, rule_action::deny) == claims(lab_to_web, std::nullopt));
  CAF_CHECK(claims(lab_to_web, std::nullopt) != claims({"web", "lab"}, std::nullopt));
}

CAF_TEST(a request id is bound to everything that is asked of a rule) {
  const auto hash = [](const char* source, const char* target, rule_action action) {
    return hash_of(set_rule{request_id{"x"}, source, target, action});
  };
  const auto one = hash("a", "b", rule_action::allow);
  CAF_CHECK_EQUAL(one, hash_of(set_rule{request_id{"y"}, "a", "b", rule_action::allow}));
  CAF_CHECK(one != hash("a", "b", rule_action::deny));
  CAF_CHECK(one != hash("b", "a", rule_action::allow));
  CAF_CHECK(one != hash("ab", "", rule_action::allow));
  CAF_CHECK(hash_of(withdraw_rule{{}, "a", "b"}) != hash_of(withdraw_rule{{}, "b", "a"}));
}
