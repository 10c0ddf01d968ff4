#include "muster/store/namespace_rules.hpp"
#include "muster/supervisor/consent_plan.hpp"
#include "muster/supervisor/plan_parts.hpp"

#include <utility>

namespace muster {

using namespace plan_parts;

namespace {

agent_placed placed(const admission_facts::candidate& which, const plan_ground& ground) {
  const auto& here = *which.found.here;
  agent_placed result;
  result.agent = which.agent;
  result.path = here.path;
  result.namespace_name = here.namespace_name;
  result.subject = subject_of(ground.relay_prefix, here.namespace_name, which.agent);
  result.content_hash = which.found.content_hash;
  result.version = which.found.version;
  return result;
}

/// One more of those that one commit admits.
void add(planned_change& plan, const admission_facts::candidate& which, const plan_ground& ground) {
  auto place = *which.found.here;
  place.admitted = true;
  plan.intent.ops.emplace_back(put_of(ground, which.agent, place));
  for (auto& key : claims_on(which.agent, {place.path}))
    plan.claims.push_back(std::move(key));
  // Mail to one that cannot be reached waits on.
  if (which.found.status == agent_status::active || which.found.status == agent_status::unadmitted)
    plan.opens.push_back(
        {which.agent, {subject_of(ground.relay_prefix, place.namespace_name, which.agent), place.namespace_name}});
}

} // namespace

expected<planned> plan_admission(const admission_facts& known, const plan_ground& ground) {
  planned_change plan;
  plan.intent.kind = saga_kind::admit;
  for (const auto& each : known.agents) {
    if (known.named && !each.found.exists)
      return no_such_agent(each.agent);
    if (known.named && !each.found.here)
      return not_here(each.agent, "admit it on the machine where it lives");
    if (!each.found.here)
      continue;
    if (known.named) {
      plan.intent.agent = each.agent;
      plan.intent.path = each.found.here->path;
      plan.answer = placed(each, ground);
    }
    if (!each.found.here->admitted)
      add(plan, each, ground);
  }
  if (plan.intent.ops.empty())
    return nothing_new{std::move(plan.answer)};
  return plan;
}

} // namespace muster
