#pragma once

#include "muster/messages/caf.hpp"
#include "muster/messages/failure.hpp"
#include "muster/messages/feed_messages.hpp"
#include "muster/messages/file_messages.hpp"
#include "muster/messages/index_messages.hpp"
#include "muster/messages/relay_messages.hpp"
#include "muster/messages/requests.hpp"

/// The type ids of what our actors say to each other. Ids are appended, never
/// reordered. The block starts 2,000 above CAF's first custom id, so that a
/// host has the ids below for itself; a host that needs them elsewhere defines
/// MUSTER_FIRST_TYPE_ID for the whole build.
#ifndef MUSTER_FIRST_TYPE_ID
#define MUSTER_FIRST_TYPE_ID (caf::first_custom_type_id + 2000)
#endif

CAF_BEGIN_TYPE_ID_BLOCK(muster, MUSTER_FIRST_TYPE_ID)

CAF_ADD_TYPE_ID(muster, (muster::failure_kind))
CAF_ADD_TYPE_ID(muster, (muster::failure))
CAF_ADD_TYPE_ID(muster, (muster::read_manifest))
CAF_ADD_TYPE_ID(muster, (muster::manifest_read))
CAF_ADD_TYPE_ID(muster, (muster::write_manifest))
CAF_ADD_TYPE_ID(muster, (muster::restore_manifest))
CAF_ADD_TYPE_ID(muster, (muster::retire_manifest))
CAF_ADD_TYPE_ID(muster, (muster::manifest_changed))
CAF_ADD_TYPE_ID(muster, (muster::look_at_places))
CAF_ADD_TYPE_ID(muster, (muster::places_looked_at))
CAF_ADD_TYPE_ID(muster, (muster::find_leftovers))
CAF_ADD_TYPE_ID(muster, (muster::leftovers_found))
CAF_ADD_TYPE_ID(muster, (muster::forget_leftover))
CAF_ADD_TYPE_ID(muster, (muster::leftover_forgotten))
CAF_ADD_TYPE_ID(muster, (muster::append_commit))
CAF_ADD_TYPE_ID(muster, (muster::commit_appended))
CAF_ADD_TYPE_ID(muster, (muster::find_commit))
CAF_ADD_TYPE_ID(muster, (muster::commit_found))
CAF_ADD_TYPE_ID(muster, (muster::read_commits))
CAF_ADD_TYPE_ID(muster, (muster::commits_read))
CAF_ADD_TYPE_ID(muster, (muster::describe_feeds))
CAF_ADD_TYPE_ID(muster, (muster::feeds_described))
CAF_ADD_TYPE_ID(muster, (muster::stage_row))
CAF_ADD_TYPE_ID(muster, (muster::row_staged))
CAF_ADD_TYPE_ID(muster, (muster::unstage_row))
CAF_ADD_TYPE_ID(muster, (muster::row_unstaged))
CAF_ADD_TYPE_ID(muster, (muster::fold_commit))
CAF_ADD_TYPE_ID(muster, (muster::commit_folded))
CAF_ADD_TYPE_ID(muster, (muster::record_held))
CAF_ADD_TYPE_ID(muster, (muster::held_recorded))
CAF_ADD_TYPE_ID(muster, (muster::find_agent))
CAF_ADD_TYPE_ID(muster, (muster::agent_found))
CAF_ADD_TYPE_ID(muster, (muster::find_path))
CAF_ADD_TYPE_ID(muster, (muster::path_found))
CAF_ADD_TYPE_ID(muster, (muster::resolve_agent))
CAF_ADD_TYPE_ID(muster, (muster::agent_resolved))
CAF_ADD_TYPE_ID(muster, (muster::find_version))
CAF_ADD_TYPE_ID(muster, (muster::version_found))
CAF_ADD_TYPE_ID(muster, (muster::list_agents))
CAF_ADD_TYPE_ID(muster, (muster::agents_listed))
CAF_ADD_TYPE_ID(muster, (muster::note_heartbeat))
CAF_ADD_TYPE_ID(muster, (muster::heartbeat_noted))
CAF_ADD_TYPE_ID(muster, (muster::note_observation))
CAF_ADD_TYPE_ID(muster, (muster::observation_noted))
CAF_ADD_TYPE_ID(muster, (muster::list_places))
CAF_ADD_TYPE_ID(muster, (muster::places_listed))
CAF_ADD_TYPE_ID(muster, (muster::count_agents))
CAF_ADD_TYPE_ID(muster, (muster::agents_counted))
CAF_ADD_TYPE_ID(muster, (muster::state_endpoint))
CAF_ADD_TYPE_ID(muster, (muster::endpoint_stated))
CAF_ADD_TYPE_ID(muster, (muster::compare_relay))
CAF_ADD_TYPE_ID(muster, (muster::relay_compared))
CAF_ADD_TYPE_ID(muster, (muster::relay_put_endpoint))
CAF_ADD_TYPE_ID(muster, (muster::relay_drop_endpoint))
CAF_ADD_TYPE_ID(muster, (muster::relay_put_rule))
CAF_ADD_TYPE_ID(muster, (muster::relay_drop_rule))
CAF_ADD_TYPE_ID(muster, (muster::relay_done))
CAF_ADD_TYPE_ID(muster, (muster::relay_list))
CAF_ADD_TYPE_ID(muster, (muster::relay_listed))
CAF_ADD_TYPE_ID(muster, (muster::register_agent))
CAF_ADD_TYPE_ID(muster, (muster::agent_placed))
CAF_ADD_TYPE_ID(muster, (muster::update_agent))
CAF_ADD_TYPE_ID(muster, (muster::revert_agent))
CAF_ADD_TYPE_ID(muster, (muster::move_agent))
CAF_ADD_TYPE_ID(muster, (muster::unregister_agent))
CAF_ADD_TYPE_ID(muster, (muster::agent_unregistered))
CAF_ADD_TYPE_ID(muster, (muster::stamp_heartbeat))
CAF_ADD_TYPE_ID(muster, (muster::heartbeat_stamped))
CAF_ADD_TYPE_ID(muster, (muster::sweep_now))
CAF_ADD_TYPE_ID(muster, (muster::sweep_report))
CAF_ADD_TYPE_ID(muster, (muster::stop_runtime))
CAF_ADD_TYPE_ID(muster, (muster::runtime_stopped))

CAF_END_TYPE_ID_BLOCK(muster)

// Our messages never leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::failure)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::read_manifest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::manifest_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::write_manifest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::restore_manifest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::retire_manifest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::manifest_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::look_at_places)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::places_looked_at)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::find_leftovers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::leftovers_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::forget_leftover)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::leftover_forgotten)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::append_commit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::commit_appended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::find_commit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::commit_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::read_commits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::commits_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::describe_feeds)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::feeds_described)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::stage_row)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::row_staged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::unstage_row)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::row_unstaged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::fold_commit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::commit_folded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::record_held)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::held_recorded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::find_agent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::agent_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::find_path)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::path_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::resolve_agent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::agent_resolved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::find_version)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::version_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::list_agents)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::agents_listed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::note_heartbeat)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::heartbeat_noted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::note_observation)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::observation_noted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::list_places)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::places_listed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::count_agents)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::agents_counted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::state_endpoint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::endpoint_stated)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::compare_relay)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::relay_compared)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::relay_put_endpoint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::relay_drop_endpoint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::relay_put_rule)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::relay_drop_rule)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::relay_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::relay_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::relay_listed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::register_agent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::agent_placed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::update_agent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::revert_agent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::move_agent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::unregister_agent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::agent_unregistered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::stamp_heartbeat)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::heartbeat_stamped)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::sweep_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::sweep_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::stop_runtime)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::runtime_stopped)

// A failure travels as a CAF error of its kind, with itself as the context.
CAF_ERROR_CODE_ENUM(muster::failure_kind)

namespace muster {

/// What CAF asks of an error code enum.
[[nodiscard]] bool from_integer(std::uint8_t number, failure_kind& kind) noexcept;
template <class Inspector>
bool inspect(Inspector& inspector, failure_kind& kind) {
  const auto get = [&kind] { return static_cast<std::uint8_t>(kind); };
  const auto set = [&kind](std::uint8_t number) { return from_integer(number, kind); };
  return inspector.apply(get, set);
}

} // namespace muster
