#pragma once

#include "muster/supervisor/change_plan.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// What plans are made from, and how they are read in tests.
namespace muster::test {

inline const agent_id the_agent{"01JF5K3W8RZQ0V7B2M4N6P8S9T"};
inline const std::string the_path = "/home/me/src/app";
inline const instance_id the_instance{std::string(52, 'a')};
inline const instance_id elsewhere{std::string(51, 'b') + "a"};

[[nodiscard]] plan_ground the_ground();

/// A manifest of the agent with further members, JSON texts by name, instead of
/// those of the base or beside them. An empty text leaves a member out.
[[nodiscard]] std::string manifest_text(const std::map<std::string, std::string>& members = {},
                                        const agent_id& id = the_agent);

[[nodiscard]] manifest_sight sight_of(const std::string& bytes);
[[nodiscard]] manifest_sight obscured(failure_kind kind = failure_kind::failed);

/// What the index would say of an agent that was registered here with that
/// manifest in one commit, whose file is untouched since.
[[nodiscard]] agent_found registered(const std::string& manifest);
/// The same of an agent that lives elsewhere only.
[[nodiscard]] agent_found registered_elsewhere(const std::string& manifest);
/// A later version of a field, made on another instance, which the file does not hold.
void moves_on(agent_found& found, const std::string& field, const std::string& value);

/// The facts about a registered agent whose file holds that now.
[[nodiscard]] agent_facts facts(const std::string& was, const std::string& is);

/// The ops, a line each, such as "put description=\"x\" saw aaa:1; place /p team".
[[nodiscard]] std::string ops_of(const planned_change& plan);
/// The code of a refusal, "nothing new", or kind and ops of the plan, which is
/// checked for what holds of all plans.
[[nodiscard]] std::string told(const expected<planned>& plan);
[[nodiscard]] const planned_change& change_in(const expected<planned>& plan);
/// What breaks the rules of all plans; empty.
[[nodiscard]] std::string unsound(const planned_change& plan);

} // namespace muster::test
