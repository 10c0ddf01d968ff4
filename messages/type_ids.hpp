#pragma once

#include "muster/messages/access_messages.hpp"
#include "muster/messages/caf.hpp"
#include "muster/messages/denial_messages.hpp"
#include "muster/messages/discovery_messages.hpp"
#include "muster/messages/event_messages.hpp"
#include "muster/messages/failure.hpp"
#include "muster/messages/feed_messages.hpp"
#include "muster/messages/file_messages.hpp"
#include "muster/messages/index_messages.hpp"
#include "muster/messages/journal_messages.hpp"
#include "muster/messages/mail_messages.hpp"
#include "muster/messages/relay_messages.hpp"
#include "muster/messages/requests.hpp"
#include "muster/messages/scan_messages.hpp"
#include "muster/messages/settings.hpp"

/// The type ids of what our actors say to each other. Ids are appended, never
/// reordered. The block starts 2,000 above CAF's first custom id, so that a
/// host has the ids below for itself; a host that needs them elsewhere defines
/// MUSTER_FIRST_TYPE_ID for the whole build.
#ifndef MUSTER_FIRST_TYPE_ID
#define MUSTER_FIRST_TYPE_ID (caf::first_custom_type_id + 2000)
#endif

namespace muster {

// They hold handles of actors, and stand in interfaces.hpp.
struct relay_subscribe;
struct watch_mail;
struct mail_port_opened;

} // namespace muster

/// A message of ours; it never leaves the process.
#define MUSTER_MESSAGE(name)                                                                                           \
  CAF_ADD_TYPE_ID(muster, (muster::name))                                                                              \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(muster::name)

CAF_BEGIN_TYPE_ID_BLOCK(muster, MUSTER_FIRST_TYPE_ID)

CAF_ADD_TYPE_ID(muster, (muster::failure_kind))
MUSTER_MESSAGE(failure)
MUSTER_MESSAGE(read_manifest)
MUSTER_MESSAGE(manifest_read)
MUSTER_MESSAGE(write_manifest)
MUSTER_MESSAGE(restore_manifest)
MUSTER_MESSAGE(retire_manifest)
MUSTER_MESSAGE(manifest_changed)
MUSTER_MESSAGE(look_at_places)
MUSTER_MESSAGE(places_looked_at)
MUSTER_MESSAGE(find_leftovers)
MUSTER_MESSAGE(leftovers_found)
MUSTER_MESSAGE(forget_leftover)
MUSTER_MESSAGE(leftover_forgotten)
MUSTER_MESSAGE(append_commit)
MUSTER_MESSAGE(commit_appended)
MUSTER_MESSAGE(find_commit)
MUSTER_MESSAGE(commit_found)
MUSTER_MESSAGE(read_commits)
MUSTER_MESSAGE(commits_read)
MUSTER_MESSAGE(describe_feeds)
MUSTER_MESSAGE(feeds_described)
MUSTER_MESSAGE(stage_row)
MUSTER_MESSAGE(row_staged)
MUSTER_MESSAGE(unstage_row)
MUSTER_MESSAGE(row_unstaged)
MUSTER_MESSAGE(fold_commit)
MUSTER_MESSAGE(commit_folded)
MUSTER_MESSAGE(record_held)
MUSTER_MESSAGE(held_recorded)
MUSTER_MESSAGE(find_agent)
MUSTER_MESSAGE(agent_found)
MUSTER_MESSAGE(find_path)
MUSTER_MESSAGE(path_found)
MUSTER_MESSAGE(resolve_agent)
MUSTER_MESSAGE(agent_resolved)
MUSTER_MESSAGE(find_version)
MUSTER_MESSAGE(version_found)
MUSTER_MESSAGE(list_agents)
MUSTER_MESSAGE(agents_listed)
MUSTER_MESSAGE(note_heartbeat)
MUSTER_MESSAGE(heartbeat_noted)
MUSTER_MESSAGE(note_observation)
MUSTER_MESSAGE(observation_noted)
MUSTER_MESSAGE(list_places)
MUSTER_MESSAGE(places_listed)
MUSTER_MESSAGE(count_agents)
MUSTER_MESSAGE(agents_counted)
MUSTER_MESSAGE(state_endpoint)
MUSTER_MESSAGE(endpoint_stated)
MUSTER_MESSAGE(compare_relay)
MUSTER_MESSAGE(relay_compared)
MUSTER_MESSAGE(relay_put_endpoint)
MUSTER_MESSAGE(relay_drop_endpoint)
MUSTER_MESSAGE(relay_put_rule)
MUSTER_MESSAGE(relay_drop_rule)
MUSTER_MESSAGE(relay_done)
MUSTER_MESSAGE(relay_list)
MUSTER_MESSAGE(relay_listed)
MUSTER_MESSAGE(register_agent)
MUSTER_MESSAGE(agent_placed)
MUSTER_MESSAGE(update_agent)
MUSTER_MESSAGE(revert_agent)
MUSTER_MESSAGE(move_agent)
MUSTER_MESSAGE(unregister_agent)
MUSTER_MESSAGE(agent_unregistered)
MUSTER_MESSAGE(stamp_heartbeat)
MUSTER_MESSAGE(heartbeat_stamped)
MUSTER_MESSAGE(sweep_now)
MUSTER_MESSAGE(sweep_report)
MUSTER_MESSAGE(stop_runtime)
MUSTER_MESSAGE(runtime_stopped)
MUSTER_MESSAGE(locate_directory)
MUSTER_MESSAGE(directory_located)
MUSTER_MESSAGE(report_when_done)
MUSTER_MESSAGE(everything_done)
MUSTER_MESSAGE(write_batch_tick)
MUSTER_MESSAGE(read_log)
MUSTER_MESSAGE(log_read)
MUSTER_MESSAGE(finding)
MUSTER_MESSAGE(findings_told)
MUSTER_MESSAGE(examine_feeds)
MUSTER_MESSAGE(describe_agent)
MUSTER_MESSAGE(agent_described)
MUSTER_MESSAGE(list_endpoints)
MUSTER_MESSAGE(endpoints_listed)
MUSTER_MESSAGE(dump_index)
MUSTER_MESSAGE(index_dumped)
MUSTER_MESSAGE(rebuild_index)
MUSTER_MESSAGE(index_rebuilt)
MUSTER_MESSAGE(examine_index)
MUSTER_MESSAGE(show_agent)
MUSTER_MESSAGE(agent_shown)
MUSTER_MESSAGE(show_log)
MUSTER_MESSAGE(examine_all)
MUSTER_MESSAGE(describe_runtime)
MUSTER_MESSAGE(runtime_described)
MUSTER_MESSAGE(observe_place)
MUSTER_MESSAGE(place_observed)
MUSTER_MESSAGE(settle_owed)
MUSTER_MESSAGE(owed_settled)
MUSTER_MESSAGE(commit_batch_tick)
MUSTER_MESSAGE(apply_settings)
MUSTER_MESSAGE(settings_applied)
MUSTER_MESSAGE(write_journal)
MUSTER_MESSAGE(write_intent)
MUSTER_MESSAGE(journal_written)
MUSTER_MESSAGE(close_later)
MUSTER_MESSAGE(read_journal)
MUSTER_MESSAGE(journal_read)
MUSTER_MESSAGE(finish_journal)
MUSTER_MESSAGE(journal_finished)
MUSTER_MESSAGE(journal_batch_tick)
MUSTER_MESSAGE(read_head)
MUSTER_MESSAGE(head_read)
MUSTER_MESSAGE(note_absences)
MUSTER_MESSAGE(absences_noted)
MUSTER_MESSAGE(list_removals)
MUSTER_MESSAGE(removals_listed)
MUSTER_MESSAGE(note_sweep)
MUSTER_MESSAGE(sweep_noted)
MUSTER_MESSAGE(cancel_sweep)
MUSTER_MESSAGE(walk_root)
MUSTER_MESSAGE(root_walked)
MUSTER_MESSAGE(list_scan_roots)
MUSTER_MESSAGE(scan_roots_listed)
MUSTER_MESSAGE(sift_paths)
MUSTER_MESSAGE(paths_sifted)
MUSTER_MESSAGE(find_namespace)
MUSTER_MESSAGE(namespace_found)
MUSTER_MESSAGE(note_copies)
MUSTER_MESSAGE(copies_noted)
MUSTER_MESSAGE(take_found)
MUSTER_MESSAGE(found_taken)
MUSTER_MESSAGE(events_told)
MUSTER_MESSAGE(subscribe_events)
MUSTER_MESSAGE(events_subscribed)
MUSTER_MESSAGE(unsubscribe_events)
MUSTER_MESSAGE(events_unsubscribed)
MUSTER_MESSAGE(read_events)
MUSTER_MESSAGE(events_read)
MUSTER_MESSAGE(watch_roster)
MUSTER_MESSAGE(roster_watched)
MUSTER_MESSAGE(unwatch_roster)
MUSTER_MESSAGE(roster_changed)
MUSTER_MESSAGE(agent_seen)
MUSTER_MESSAGE(index_began)
MUSTER_MESSAGE(note_mail)
MUSTER_MESSAGE(set_rule)
MUSTER_MESSAGE(withdraw_rule)
MUSTER_MESSAGE(rule_changed)
MUSTER_MESSAGE(list_rules)
MUSTER_MESSAGE(rules_listed)
MUSTER_MESSAGE(who_may_reach)
MUSTER_MESSAGE(reach_described)
MUSTER_MESSAGE(show_topology)
MUSTER_MESSAGE(topology_described)
MUSTER_MESSAGE(find_rule)
MUSTER_MESSAGE(rule_found)
MUSTER_MESSAGE(state_rule)
MUSTER_MESSAGE(rule_stated)
MUSTER_MESSAGE(retract_namespace)
MUSTER_MESSAGE(namespace_retracted)
MUSTER_MESSAGE(deny_path)
MUSTER_MESSAGE(path_denied)
MUSTER_MESSAGE(undeny_path)
MUSTER_MESSAGE(path_undenied)
MUSTER_MESSAGE(list_denials)
MUSTER_MESSAGE(denials_listed)
MUSTER_MESSAGE(admit_agents)
MUSTER_MESSAGE(agents_admitted)
MUSTER_MESSAGE(find_unadmitted)
MUSTER_MESSAGE(unadmitted_found)
MUSTER_MESSAGE(resolve_path)
MUSTER_MESSAGE(path_resolved)
MUSTER_MESSAGE(scan_now)
MUSTER_MESSAGE(scan_report)
MUSTER_MESSAGE(look_at_scan)
MUSTER_MESSAGE(scan_progress)
MUSTER_MESSAGE(cancel_scan)
MUSTER_MESSAGE(scan_cancelled)
MUSTER_MESSAGE(list_known_paths)
MUSTER_MESSAGE(known_paths_listed)
MUSTER_MESSAGE(list_directories)
MUSTER_MESSAGE(directories_listed)
MUSTER_MESSAGE(relay_send)
MUSTER_MESSAGE(relay_sent)
MUSTER_MESSAGE(relay_read_inbox)
MUSTER_MESSAGE(relay_inbox)
MUSTER_MESSAGE(relay_ack)
MUSTER_MESSAGE(relay_acked)
MUSTER_MESSAGE(relay_list_dead)
MUSTER_MESSAGE(relay_dead)
MUSTER_MESSAGE(relay_count_mail)
MUSTER_MESSAGE(relay_mail_counted)
MUSTER_MESSAGE(mail_waiting)
MUSTER_MESSAGE(relay_subscribe)
MUSTER_MESSAGE(send_message)
MUSTER_MESSAGE(message_sent)
MUSTER_MESSAGE(read_mail)
MUSTER_MESSAGE(mail_read)
MUSTER_MESSAGE(acknowledge_mail)
MUSTER_MESSAGE(mail_acknowledged)
MUSTER_MESSAGE(list_dead_letters)
MUSTER_MESSAGE(dead_letters_listed)
MUSTER_MESSAGE(list_mailboxes)
MUSTER_MESSAGE(mailboxes_listed)
MUSTER_MESSAGE(open_mail_port)
MUSTER_MESSAGE(mail_port_opened)
MUSTER_MESSAGE(watch_mail)
MUSTER_MESSAGE(mail_watched)

CAF_END_TYPE_ID_BLOCK(muster)

#undef MUSTER_MESSAGE

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
