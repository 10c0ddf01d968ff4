#pragma once

#include "muster/store/manifest_document.hpp"
#include "muster/store/shell_word.hpp"
#include "muster/supervisor/change_plan.hpp"
#include "muster/supervisor/field_edits.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the plans have in common.
namespace muster::plan_parts {

[[nodiscard]] failure refused(std::string_view code, std::string message, const agent_id& agent = {},
                              std::string_view path = {});
[[nodiscard]] failure no_such_agent(const agent_id& agent);
/// It lives on other instances only. `advice` is a clause.
[[nodiscard]] failure not_here(const agent_id& agent, std::string_view advice);

/// The valid manifest that is there; why there is none to work on otherwise.
[[nodiscard]] expected<manifest_document> manifest_at(const manifest_sight& sight, const std::string& directory);
/// The same, and it is this agent's.
[[nodiscard]] expected<manifest_document> manifest_of(const agent_id& agent, const manifest_sight& sight,
                                                      const std::string& directory);
/// A refusal of a manifest with the agent and the file it concerns.
[[nodiscard]] failure about(const manifest_refusal& why, const agent_id& agent, std::string_view directory);

[[nodiscard]] manifest_image image_of(std::string_view bytes);
/// The project directory in which that was seen.
[[nodiscard]] std::optional<directory_mark> where_of(const manifest_sight& sight);

/// Whether what is at its old place has let go of the agent.
enum class incumbent : std::uint8_t { let_go, holds, cannot_tell };
/// Whether both are one file, under two paths: then neither is a copy.
[[nodiscard]] bool is_same_file(const manifest_sight& a, const manifest_sight& b);
/// Whether who names the new place need not prove that the old one has let go: both are
/// one file, or a link stands at the old one, where no agent can live.
[[nodiscard]] bool has_left(const manifest_sight& old, const manifest_sight& now);
[[nodiscard]] incumbent incumbent_at(const manifest_sight& sight, const agent_id& agent);

/// An edit of a file in its edits' order, if there are any.
void add_put(std::vector<op>& ops, const agent_id& agent, std::vector<field_edit> edits, bool adopted = false);
[[nodiscard]] place_put put_of(const plan_ground& ground, const agent_id& agent, const placement& where);
/// What is left of a plan with images and ops: nothing new, or a mere
/// write-through, where there is nothing to commit.
[[nodiscard]] planned finished(planned_change plan, const commit_id& version);
/// What `unregister --keep-manifest` leaves behind, so that no scan brings the
/// agent back; it is muster's own word and nobody else's.
[[nodiscard]] deny_put denial_of_unregistering(const plan_ground& ground, const std::string& directory);
[[nodiscard]] bool is_of_unregistering(std::string_view reason, std::string_view by);
/// Refused ("path-denied") where a person has denied the directory: what one has
/// said, the other takes back by `undeny`.
[[nodiscard]] std::optional<failure> refuse_denied(const path_found& place, const std::string& directory);
/// Refused ("name-blank") where a name is of nothing but blanks; an empty one is no
/// manifest's.
[[nodiscard]] std::optional<failure> refuse_blank(std::string_view name);
/// A command names the directory, so muster's own denial of it is lifted.
void lift_denial(planned_change& plan, const path_found& place, const plan_ground& ground);

/// A plan for an agent that may have a placement before and one after: claims,
/// endpoints and answer follow from them.
[[nodiscard]] planned_change plan_for(saga_kind kind, const agent_id& agent, std::optional<placement> before,
                                      std::optional<placement> after, const plan_ground& ground);

/// The namespace that a manifest names, if it can be used.
[[nodiscard]] std::optional<std::string> explicit_namespace(const manifest_document& file);

/// Where the agent of a placement has moved to: with its namespace, and with its
/// scan root where that is still above it, else with the one it was found under.
[[nodiscard]] planned_change relocation(const agent_id& agent, const agent_found& found, std::string directory,
                                        const manifest_document& file, const plan_ground& ground,
                                        std::string_view found_under = {});
[[nodiscard]] failure still_held(const agent_id& agent, const std::string& at, const std::string& wanted);
[[nodiscard]] failure incumbent_unreadable(const agent_id& agent, const std::string& at, const std::string& wanted);
/// `let_go`: where the agent lives whose manifest is in the directory.
[[nodiscard]] failure path_held(const agent_id& by, const std::string& directory,
                                const manifest_sight* let_go = nullptr);

} // namespace muster::plan_parts
