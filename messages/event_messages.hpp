#pragma once

#include "muster/messages/caf.hpp"
#include "muster/messages/ids.hpp"
#include "muster/messages/index_messages.hpp"
#include "muster/messages/op.hpp"
#include "muster/messages/roster.hpp"
#include "muster/messages/saga.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a muster tells those who listen (docs/events.md).
namespace muster {

enum class event_kind : std::uint8_t {
  registered,     ///< an agent is in the roster that was not
  removed,        ///< it is not any more; `row` is as it was last
  moved,          ///< it lives at `row.path`, and lived at `path_before`
  updated,        ///< what its manifest says is other than before, or its namespace is
  admitted,       ///< the rules of its namespace hold for it now
  unreachable,    ///< its directory or manifest is gone
  resurrected,    ///< what was gone is back
  status_changed, ///< any other change of status
  health_changed, ///< a heartbeat came, or none for long enough
  rule_changed,
  denial_changed,
  mail,      ///< a message is in an agent's mailbox, durably
  restarted, ///< muster was started anew within; what changed meanwhile follows
};
[[nodiscard]] std::string_view to_string(event_kind kind) noexcept;

/// A place in a log of events. Each process has a log of its own.
struct event_position {
  std::string log;
  std::uint64_t number = 0; ///< of the last event before it; the first has 2
  friend bool operator==(const event_position&, const event_position&) = default;
};

struct rule_told {
  std::string source;
  std::string target;
  std::optional<rule_action> action; ///< nothing: there is none any more
  friend bool operator==(const rule_told&, const rule_told&) = default;
};
struct denial_told {
  std::string path;
  bool denied = false; ///< false: it is lifted
  std::string reason;
  friend bool operator==(const denial_told&, const denial_told&) = default;
};
struct mail_told {
  std::string message; ///< its id
  std::string subject;
  std::string from; ///< the subject of the sender
  bool held = false;
  friend bool operator==(const mail_told&, const mail_told&) = default;
};

/// One event. Those that are about an agent have its row of the roster as it is
/// from then on, without problems: a mirror of the roster puts the row in, or
/// takes it out with `removed`.
struct lifecycle_event {
  std::uint64_t number = 0; ///< one more than the event before
  std::chrono::milliseconds at{0};
  event_kind what = event_kind::registered;
  roster_row row = {};
  std::string path_before = {};                      ///< of `moved`
  agent_status status_before = agent_status::active; ///< where the status changed
  agent_health health_before = agent_health::stale;  ///< of `health_changed`
  commit_id version = {};                            ///< the commit behind it, if one is
  std::optional<rule_told> rule = {};
  std::optional<denial_told> denial = {};
  std::optional<mail_told> mail = {};
  std::uint64_t life = 0; ///< of `restarted`
};

/// Events that nobody can be told any more: what was known of the roster is of no
/// use, and is to be had anew.
struct events_missed {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const events_missed&, const events_missed&) = default;
};

/// To a listener: what is new, in order. The next is sent when this is answered.
struct events_told {
  std::string log;
  std::optional<events_missed> missed; ///< before the first of `events`
  /// The whole roster, in the place of all that the listener knows of it: at the
  /// beginning, and whenever some is missed.
  std::optional<std::vector<roster_row>> roster;
  std::vector<lifecycle_event> events;
  /// The last that is said to it: muster ends, or an answer was too long in
  /// coming.
  bool over = false;
};

/// A LISTENER is an actor of a host's. Its answer says that it is done with what
/// it was told; a handler that returns nothing answers by itself.
using event_listener = caf::typed_actor<caf::result<void>(events_told)>;

/// The listener is told the roster and everything from then on, or what came after
/// a position. Once more for the same listener begins anew.
struct subscribe_events {
  event_listener listener;
  std::optional<event_position> after = {};
  bool with_roster = true;
  std::size_t at_once = 64; ///< events in one message; it has one message at a time
};
struct events_subscribed {
  event_position at; ///< it is told what comes after this
};

struct unsubscribe_events {
  event_listener listener;
};
struct events_unsubscribed {};

/// For those who are no actors: what came after a position, at once if there is
/// something, else when there is or `wait` has passed. Without a position: where
/// the log is now. Whoever has not asked for a minute may have missed some.
struct read_events {
  std::optional<event_position> after = {};
  std::size_t limit = 256;
  std::chrono::milliseconds wait{0};
};
struct events_read {
  std::optional<events_missed> missed; ///< as in `events_told`
  std::vector<lifecycle_event> events;
  event_position at; ///< to go on from
};

// -- between the index and the hub ---------------------------------------------

/// A placement that stands, as far as events tell of it.
struct watched_row {
  roster_row row; ///< without problems
  bool admitted = true;
  std::uint64_t content = 0; ///< other where the manifest means something else
};
/// All placements of one agent, as they are from here on.
struct watched_agent {
  agent_id agent;
  std::vector<watched_row> rows;
  commit_id version; ///< the latest commit on it, if one changed it
};
/// What is in the roster now, durably.
struct roster_changed {
  std::uint64_t watch = 0;
  std::vector<watched_agent> agents;
  std::optional<std::vector<rule_put>> rules; ///< all there are, if one has changed
  std::vector<denial_told> denials;           ///< those of this instance that have changed
  bool anew = false;                          ///< everything may be other; the watch is over and is to be begun again
};
struct agent_seen {
  std::uint64_t watch = 0;
  agent_id agent;
  std::chrono::milliseconds at{0};
};
using roster_watcher = caf::typed_actor<caf::result<void>(roster_changed), caf::result<void>(agent_seen)>;

/// What changes from here on is told to the watcher, until another watch.
struct watch_roster {
  std::uint64_t watch = 0; ///< the watcher's number for it
  roster_watcher watcher;
};
struct roster_watched {
  std::uint64_t watch = 0;
  std::vector<watched_row> rows;
  std::vector<rule_put> rules;
  std::vector<denial_told> denials; ///< of this instance
};
struct unwatch_roster {
  std::uint64_t watch = 0; ///< nothing if it is another by now
};
using roster_source = caf::typed_actor<caf::result<roster_watched>(watch_roster), caf::result<void>(unwatch_roster),
                                       caf::result<heartbeat_noted>(note_heartbeat)>;

/// To the hub: an index is there, of this life.
struct index_began {
  epoch life;
  roster_source index;
};

/// To the hub, from whoever carries mail: a message is in a mailbox. Who sends is
/// alive; `sender` is empty if no agent did.
struct note_mail {
  agent_id agent;
  agent_id sender;
  mail_told what;
};

} // namespace muster
