#include "muster/supervisor/change_plan.hpp"

#include <utility>

namespace muster {

expected<planned> plan_rule(const rule_key& rule, std::optional<rule_action> action, const rule_found& known) {
  planned_change plan;
  plan.answer.version = known.version;
  // A conflict is settled by whoever says something, even if that holds already.
  if (known.action == action && !known.contested)
    return nothing_new{std::move(plan.answer)};
  plan.intent.kind = saga_kind::change_rule;
  plan.claims = {{claim_key::kind::rule, "the rule from '" + rule.source + "' to '" + rule.target + "'"}};
  if (action)
    plan.intent.ops.emplace_back(rule_put{rule.source, rule.target, *action, known.saw});
  else
    plan.intent.ops.emplace_back(rule_drop{rule.source, rule.target, known.saw});
  return plan;
}

} // namespace muster
