#pragma once

#include "muster/messages/access_messages.hpp"
#include "muster/messages/caf.hpp"
#include "muster/messages/denial_messages.hpp"
#include "muster/messages/discovery_messages.hpp"
#include "muster/messages/event_messages.hpp"
#include "muster/messages/feed_messages.hpp"
#include "muster/messages/file_messages.hpp"
#include "muster/messages/index_messages.hpp"
#include "muster/messages/journal_messages.hpp"
#include "muster/messages/mail_messages.hpp"
#include "muster/messages/relay_messages.hpp"
#include "muster/messages/requests.hpp"
#include "muster/messages/scan_messages.hpp"
#include "muster/messages/settings.hpp"
#include "muster/messages/type_ids.hpp"

/// Every typed interface of muster, on one page. A line for each actor says what
/// it owns; a line for each message, what holds once it is answered. Every
/// request may be repeated with the same result, and every undo succeeds when
/// there is nothing to undo. A request that fails is answered with an error that
/// carries a `failure` (actor_failure.hpp).
namespace muster {

/// The FILE STORE owns the manifests of this machine. It routes each request to
/// one DISK WORKER per device, which has the same interface and may block.
using file_store_actor = caf::typed_actor<
    // What the manifest says, or that there is provably none.
    caf::result<manifest_read>(read_manifest),
    // The file holds these bytes, durably, or it holds what it held.
    caf::result<manifest_changed>(write_manifest),
    // The file holds what it held before a write, if it held what was written.
    caf::result<manifest_changed>(restore_manifest),
    // No manifest is there: removed, or set aside if it was not as expected.
    caf::result<manifest_changed>(retire_manifest),
    // One stat each; what changed is read.
    caf::result<places_looked_at>(look_at_places),
    // Whether git has changed what is there, as far as it can be told.
    caf::result<head_read>(read_head),
    // What interrupted changes left, read before anything is removed.
    caf::result<leftovers_found>(find_leftovers),
    // A leftover that is recorded is gone, if it still said the same.
    caf::result<leftover_forgotten>(forget_leftover),
    // A page of what lies below a scan root.
    caf::result<root_walked>(walk_root),
    // Which directory a path leads to.
    caf::result<path_resolved>(resolve_path)>;

/// A DISK WORKER owns the calls to the disk for the projects routed to it. It
/// may block, and nobody but the file store talks to it.
using disk_worker_actor = file_store_actor::extend<
    // The device of a directory, as far as it can be told.
    caf::result<directory_located>(locate_directory),
    // All that was asked before is done and answered.
    caf::result<everything_done>(report_when_done),
    // From itself: the writes that have gathered are made and answered.
    caf::result<void>(write_batch_tick)>;

/// The FEED STORE owns the feeds, the clock of their stamps and the signing key.
using feed_store_actor = caf::typed_actor<
    // The commit is sealed and synced. Repeated for the same saga: the same commit.
    caf::result<commit_appended>(append_commit),
    // The commit that a saga or a request id made, if any.
    caf::result<commit_found>(find_commit),
    // A page of one feed.
    caf::result<commits_read>(read_commits),
    // The latest commits of all feeds.
    caf::result<log_read>(read_log),
    // What an agent was as of a commit.
    caf::result<version_found>(find_version),
    // Every chain and seal is checked.
    caf::result<findings_told>(examine_feeds),
    // How far each feed is durable, and what is wrong.
    caf::result<feeds_described>(describe_feeds),
    // Stamps keep to this skew.
    caf::result<settings_applied>(apply_settings),
    // From itself: the commits that have gathered are sealed and answered.
    caf::result<void>(commit_batch_tick)>;

/// The INDEX owns both databases and the roster.
using index_actor = caf::typed_actor<
    // The row is in `pending`, its id and path held by nobody else.
    caf::result<row_staged>(stage_row),
    // It is not.
    caf::result<row_unstaged>(unstage_row),
    // The commit is folded, its pending row gone.
    caf::result<commit_folded>(fold_commit),
    // It is known what the file holds.
    caf::result<held_recorded>(record_held),
    // All that a saga needs to know of an agent.
    caf::result<agent_found>(find_agent),
    // Whose a path is.
    caf::result<path_found>(find_path),
    // Which agent a user means.
    caf::result<agent_resolved>(resolve_agent),
    // All that is known of it, for people.
    caf::result<agent_described>(describe_agent),
    // The roster, filtered.
    caf::result<agents_listed>(list_agents),
    // Last seen is now.
    caf::result<heartbeat_noted>(note_heartbeat),
    // What a sweep saw stands in the roster.
    caf::result<observation_noted>(note_observation),
    // A page of where a sweep has to look.
    caf::result<places_listed>(list_places),
    // They are gone that much longer.
    caf::result<absences_noted>(note_absences),
    // A page of those that may be removed, and what is not.
    caf::result<removals_listed>(list_removals),
    // The sweep is remembered.
    caf::result<sweep_noted>(note_sweep),
    // Where it has to look for what nobody has registered.
    caf::result<scan_roots_listed>(list_scan_roots),
    // Which paths are nobody's.
    caf::result<paths_sifted>(sift_paths),
    // Every path that a scan has to know.
    caf::result<known_paths_listed>(list_known_paths),
    // Whether a namespace has agents or rules.
    caf::result<namespace_found>(find_namespace),
    // The copies of its manifest stand at an agent's row.
    caf::result<copies_noted>(note_copies),
    // Which directories this instance does not want.
    caf::result<denials_listed>(list_denials),
    // Who waits in a namespace to be admitted.
    caf::result<unadmitted_found>(find_unadmitted),
    // What the relay should hold.
    caf::result<endpoints_listed>(list_endpoints),
    // What holds between two namespaces.
    caf::result<rule_found>(find_rule),
    // Every rule.
    caf::result<rules_listed>(list_rules),
    // Whom an agent may reach, who may reach it, and why.
    caf::result<reach_described>(who_may_reach),
    // Namespaces, agents and rules, as a namespace sees them.
    caf::result<topology_described>(show_topology),
    // The shared content, in its canonical form.
    caf::result<index_dumped>(dump_index),
    // It is folded anew, or proved to be what a fold says.
    caf::result<index_rebuilt>(rebuild_index),
    // What is wrong with it.
    caf::result<findings_told>(examine_index),
    // Health is computed by these.
    caf::result<settings_applied>(apply_settings),
    // Counts by health, runtime, namespace, project.
    caf::result<agents_counted>(count_agents),
    // The watcher is told what changes in the roster, once it is durable.
    caf::result<roster_watched>(watch_roster),
    // It is not any more.
    caf::result<void>(unwatch_roster)>;

/// The JOURNAL KEEPER owns the journal: what survives of sagas in flight.
using journal_keeper_actor = caf::typed_actor<
    // Which sagas it holds; what it told is durable.
    caf::result<journal_read>(read_journal),
    // The record is durable; after a failure of ours it is not in the journal.
    caf::result<journal_written>(write_journal),
    // The same of an intent, which is refused if no feed would take its ops.
    caf::result<journal_written>(write_intent),
    // The saga is closed in it, once something else is written.
    caf::result<void>(close_later),
    // Everything is on disk.
    caf::result<journal_finished>(finish_journal),
    // From itself: the records that have gathered are written and answered.
    caf::result<void>(journal_batch_tick)>;

/// The RELAY BRIDGE owns what the relay was told.
using relay_bridge_actor = caf::typed_actor<
    // The relay holds this endpoint so, or something newer.
    caf::result<endpoint_stated>(state_endpoint),
    // It holds this rule so, or something newer.
    caf::result<rule_stated>(state_rule),
    // It has no rules of this namespace's own, or somebody has come there since.
    caf::result<namespace_retracted>(retract_namespace),
    // The relay holds all of ours and nothing else of ours.
    caf::result<relay_compared>(compare_relay)>;

/// A MAIL LISTENER is a host's, and is told that there is mail. It may be as slow
/// as it likes.
using mail_listener_actor = caf::typed_actor<caf::result<void>(mail_waiting)>;

/// From now on `listener` is told of mail for the subjects that match; for as long
/// as it lives. What waits already is told at once.
struct relay_subscribe {
  std::string pattern;
  mail_listener_actor listener;
};

/// A RELAY carries messages between agents. Ours is embedded; a host may supply
/// its own, which keeps to docs/relay.md and passes the suite of
/// tests/support/relay_conformance.hpp.
using relay_actor = caf::typed_actor<
    // There is such an endpoint, as of that version or a newer one.
    caf::result<relay_done>(relay_put_endpoint),
    // There is none, as of that version; its mail is the heir's, or dead.
    caf::result<relay_done>(relay_drop_endpoint),
    // The rule holds.
    caf::result<relay_done>(relay_put_rule),
    // It does not.
    caf::result<relay_done>(relay_drop_rule),
    // Everything it holds.
    caf::result<relay_listed>(relay_list),
    // The message is durable in the mailbox, if a rule allows it.
    caf::result<relay_sent>(relay_send),
    // What is told counts as read.
    caf::result<relay_inbox>(relay_read_inbox),
    // They are never told again.
    caf::result<relay_acked>(relay_ack),
    // What can be delivered no more.
    caf::result<relay_dead>(relay_list_dead),
    // What waits, by mailbox.
    caf::result<relay_mail_counted>(relay_count_mail),
    // The listener is told of mail.
    caf::result<relay_done>(relay_subscribe)>;

/// As `relay_subscribe`, for one agent, wherever its namespace goes; without a
/// party for all of them.
struct watch_mail {
  mail_party whose;
  mail_listener_actor listener;
};

/// A MAIL PORT speaks for one agent: who has it, sends as that agent and reads its
/// mail. It refuses requests that name a sender or a party themselves.
using mail_port_actor =
    caf::typed_actor<caf::result<message_sent>(send_message), caf::result<mail_read>(read_mail),
                     caf::result<mail_acknowledged>(acknowledge_mail), caf::result<mail_watched>(watch_mail)>;

struct mail_port_opened {
  agent_id agent;
  mail_port_actor port;
};

/// The RECONCILER owns the running sweep.
using reconciler_actor = caf::typed_actor<
    // The sweep has ended. A second request joins it.
    caf::result<sweep_report>(sweep_now),
    // None is under way.
    caf::result<void>(cancel_sweep)>;

/// The SCANNER owns the scans under way.
using scanner_actor = caf::typed_actor<
    // The tree was looked through, as far as the answer says.
    caf::result<scan_report>(scan_now),
    // How far a scan is.
    caf::result<scan_progress>(look_at_scan),
    // It has ended.
    caf::result<scan_cancelled>(cancel_scan)>;

/// A SCAN WORKER owns the calls to the disk of a part of one scan. It may block,
/// and is left behind if it does so for too long.
using scan_worker_actor = caf::typed_actor<
    // They were read, as far as each says.
    caf::result<directories_listed>(list_directories)>;

/// The EVENT HUB owns the log of events, who listens, and what they were told of
/// the roster. It outlives supervisors.
using event_hub_actor = caf::typed_actor<
    // The listener is told what comes after the position of the answer.
    caf::result<events_subscribed>(subscribe_events),
    // It is told nothing more.
    caf::result<events_unsubscribed>(unsubscribe_events),
    // What came after a position.
    caf::result<events_read>(read_events),
    // Health changes by these.
    caf::result<settings_applied>(apply_settings),
    // That index is asked from here on.
    caf::result<void>(index_began),
    // From the index: what has changed is told.
    caf::result<void>(roster_changed),
    // From the index: a heartbeat.
    caf::result<void>(agent_seen),
    // A message is told, and its sender alive.
    caf::result<void>(note_mail)>;

/// What a muster is asked of its roster; a supervisor answers it. Each request
/// ends in one of three answers.
using roster_door_actor =
    caf::typed_actor<caf::result<agent_placed>(register_agent), caf::result<agent_placed>(update_agent),
                     caf::result<agent_placed>(revert_agent), caf::result<agent_placed>(move_agent),
                     caf::result<agent_unregistered>(unregister_agent), caf::result<heartbeat_stamped>(stamp_heartbeat),
                     caf::result<rule_changed>(set_rule), caf::result<rule_changed>(withdraw_rule),
                     caf::result<rules_listed>(list_rules), caf::result<reach_described>(who_may_reach),
                     caf::result<topology_described>(show_topology), caf::result<sweep_report>(sweep_now),
                     caf::result<scan_report>(scan_now), caf::result<scan_progress>(look_at_scan),
                     caf::result<scan_cancelled>(cancel_scan), caf::result<agents_listed>(list_agents),
                     caf::result<agent_shown>(show_agent), caf::result<log_read>(show_log),
                     caf::result<index_dumped>(dump_index), caf::result<index_rebuilt>(rebuild_index),
                     caf::result<findings_told>(examine_all), caf::result<runtime_described>(describe_runtime),
                     caf::result<commits_read>(read_commits), caf::result<settings_applied>(apply_settings),
                     caf::result<path_denied>(deny_path), caf::result<path_undenied>(undeny_path),
                     caf::result<denials_listed>(list_denials), caf::result<agents_admitted>(admit_agents),
                     caf::result<message_sent>(send_message), caf::result<mail_read>(read_mail),
                     caf::result<mail_acknowledged>(acknowledge_mail),
                     caf::result<dead_letters_listed>(list_dead_letters), caf::result<mailboxes_listed>(list_mailboxes),
                     caf::result<mail_watched>(watch_mail), caf::result<mail_port_opened>(open_mail_port),
                     caf::result<runtime_stopped>(stop_runtime)>;
/// A MUSTER is what a host holds: the front door of one data directory. It
/// outlives supervisors.
using muster_actor = roster_door_actor::extend<caf::result<events_subscribed>(subscribe_events),
                                               caf::result<events_unsubscribed>(unsubscribe_events),
                                               caf::result<events_read>(read_events)>;

/// The SUPERVISOR owns its children, the claims, the sagas, the journal and the
/// sweep's timer. It lives one epoch.
using supervisor_actor = roster_door_actor::extend<
    // From the reconciler: what a sweep saw is taken, under claims.
    caf::result<place_observed>(observe_place),
    // From the reconciler: a manifest at a path that is nobody's is taken.
    caf::result<found_taken>(take_found),
    // From the reconciler: what is owed is tried again.
    caf::result<owed_settled>(settle_owed)>;

} // namespace muster
