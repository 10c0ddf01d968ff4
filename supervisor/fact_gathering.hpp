#pragma once

#include "muster/messages/requests.hpp"
#include "muster/supervisor/change_plan.hpp"

#include <functional>

/// Looks at the world for what a request needs to know, by questions to the
/// index, the feed and the file store, and plans with it. Nothing is changed,
/// and each may be done again.
namespace muster {

struct supervisor_core;

using plan_taker = std::function<void(expected<planned>)>;
/// Gathers and plans; answers later, once, and within a bound.
using planner = std::function<void(plan_taker)>;

[[nodiscard]] planner planner_of(supervisor_core& core, const register_agent& asked);
[[nodiscard]] planner planner_of(supervisor_core& core, const update_agent& asked);
[[nodiscard]] planner planner_of(supervisor_core& core, const revert_agent& asked);
[[nodiscard]] planner planner_of(supervisor_core& core, const move_agent& asked);
[[nodiscard]] planner planner_of(supervisor_core& core, const unregister_agent& asked);

using registration_taker = std::function<void(expected<registration_facts>)>;
/// Which denials are told of: that of the directory, or one above it as well.
enum class denials_asked : std::uint8_t { of_it, also_above };
/// What is known of a directory, its manifest and the agent of that. `fresh` is
/// the id of a new one.
void gather_registration(supervisor_core& core, const std::string& path, const agent_id& fresh, denials_asked denials,
                         const registration_taker& then);

using facts_taker = std::function<void(expected<agent_facts>)>;
/// What is known of the agent that a selector means, and its file.
void gather_agent(supervisor_core& core, const std::string& selector, const facts_taker& then);
/// The same where the file was seen already.
void gather_agent(supervisor_core& core, const agent_id& agent, manifest_sight sight, const facts_taker& then);

} // namespace muster
