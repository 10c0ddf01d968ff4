#include "muster/supervisor/checkout_hold.hpp"

#include "muster/store/git_head.hpp"
#include "muster/supervisor/field_edits.hpp"

#include <utility>
#include <variant>

namespace muster {

bool may_be_checkout(const planned_observation& plan, const agent_facts& known, const std::string& head) {
  return plan.change && plan.what == observation::synced && is_other_head(known.found.head, head);
}

bool is_earlier_version(const manifest_document& file, const agent_id& agent, std::span<const commit> log) {
  const seen_values none(agent, {});
  agent_found as_of;
  for (auto made = log.rbegin(); made != log.rend(); ++made) {
    bool is_put = false;
    for (const auto& each : made->ops)
      if (const auto* put = std::get_if<agent_put>(&each); put && put->agent == agent) {
        is_put = true;
        for (const auto& edit : put->fields)
          as_of.fields[edit.field].value = edit.value;
      }
    if (is_put && differences_of_newcomer(file, as_of, none).empty())
      return true;
  }
  return false;
}

planned_observation hold_checkout(planned_observation plan) {
  plan.change.reset();
  plan.what = observation::refused;
  // Without its key it is looked at again, and taken when it may be.
  plan.note->key.reset();
  plan.note->problems.push_back(
      {"held",
       "the manifest is as it was in an earlier version, since git has another HEAD, and sweep.hold-checkouts says to "
       "hold that: switch back, edit the manifest, or name the agent in `muster update`",
       {},
       plan.note->path});
  return plan;
}

} // namespace muster
