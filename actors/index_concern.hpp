#pragma once

#include "muster/actors/index_keeper.hpp"

#include <optional>
#include <string>

/// Whether a change that has gathered, and is not made yet, may change the answer
/// to a question. When in doubt it may.
namespace muster {

/// Whose a path is, and whether it is denied; `whose` is what is known so far.
[[nodiscard]] bool concerns_path(const index_change& change, const std::string& path,
                                 const std::optional<agent_id>& whose);
/// What is known of an agent.
[[nodiscard]] bool concerns_agent(const index_change& change, const agent_id& agent);

} // namespace muster
