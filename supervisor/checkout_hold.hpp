#pragma once

#include "muster/store/manifest_document.hpp"
#include "muster/supervisor/change_plan.hpp"

#include <span>
#include <string>

namespace muster {

/// What a branch switch does to a manifest is an edit like any other, unless
/// `sweep.hold-checkouts` says to hold what only brings an earlier version back.

/// It may be one: the plan commits an edit that came with another HEAD.
[[nodiscard]] bool may_be_checkout(const planned_observation& plan, const agent_facts& known, const std::string& head);

/// The fields are what they all were at once as of some commit. `log` is newest
/// first, as it is read.
[[nodiscard]] bool is_earlier_version(const manifest_document& file, const agent_id& agent,
                                      std::span<const commit> log);

/// Instead of the edit: it is listed, and looked at again by every sweep.
[[nodiscard]] planned_observation hold_checkout(planned_observation plan);

} // namespace muster
