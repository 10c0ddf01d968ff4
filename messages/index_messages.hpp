#pragma once

#include "muster/messages/feed_messages.hpp"
#include "muster/messages/file_messages.hpp"
#include "muster/messages/op.hpp"
#include "muster/messages/relay_messages.hpp"
#include "muster/messages/roster.hpp"
#include "muster/messages/saga.hpp"
#include "muster/messages/sweep_messages.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What is said to the index.
namespace muster {

/// Puts a row into `pending`, which a start empties. Refused ("path-held",
/// "agent-elsewhere") if the roster has another agent at the path, or the agent
/// at another path that is not given up.
struct stage_row {
  epoch life;
  saga_id saga;
  agent_id agent;
  std::string path;
  bool moving = false;
};
struct row_staged {};

struct unstage_row {
  epoch life;
  saga_id saga;
};
struct row_unstaged {};

/// Which versions of its fields a manifest file holds: the `saw` of the next
/// edit that is found in it.
enum class held_fields : std::uint8_t {
  as_before,  ///< only the bytes are others
  of_commit,  ///< those that the commit sets are of the commit, the others as before
  as_folded,  ///< all are as the index says now
  as_adopted, ///< those that the commit sets are of the commit, the others as folded
};

/// What an agent's file holds, and how it looked when that was seen.
struct held_file {
  agent_id agent;
  std::string path;
  sha256_digest hash{};
  std::optional<stat_key> key;
  held_fields fields = held_fields::as_before;
  /// What `read_head` said when that was seen. Nothing: as before.
  std::optional<std::string> head = {};
};

/// Folds a commit of ours that is durable, and what it settles locally. Commits
/// come in any order and may be repeated; the index reads those between from
/// the feed.
struct fold_commit {
  epoch life;
  saga_id saga; ///< whose pending row goes; may be empty
  commit made;
  std::optional<held_file> held;
};
struct commit_folded {};

/// Notes what a file holds, without a commit (a write-through, or an
/// observation without news).
struct record_held {
  epoch life;
  held_file held;
};
struct held_recorded {};

/// What is known of one agent: what a saga needs to begin.
struct find_agent {
  agent_id agent;
};
struct known_field {
  std::optional<std::string> value; ///< canonical JSON; nothing: removed
  saw_vector saw;                   ///< of an edit made by a command now
  saw_vector held;                  ///< of an edit found in the file here
  /// SHA-256 of what the field meant in the file here (`field_meaning`, or the
  /// default) when it was last seen. Only wanted where `held` is not `saw`, and
  /// where it is not known a difference in the file counts as an edit.
  file_version held_meaning;
};
struct agent_found {
  bool exists = false;           ///< it has a live placement, here or elsewhere
  bool was_known = false;        ///< the fold has heard of it
  std::optional<placement> here; ///< on this instance
  /// Every field that the fold has heard of; of any other, `saw` is empty.
  std::map<std::string, known_field> fields;
  file_version held;                 ///< the file's hash when it was last seen here; zeros: only its versions are known
  std::optional<failure> notes_away; ///< why `held` could not be looked up, if that failed
  agent_status status = agent_status::active; ///< of the placement here
  saw_vector placements;                      ///< of all live placements, for an `agent_drop`
  commit_id version;                          ///< the latest commit on its fields or its placement here
  sha256_digest content_hash{};               ///< of what the fold says of it
  /// How long it has been provably gone (docs/sweep.md); nothing: it is not.
  std::optional<std::chrono::nanoseconds> absent_for;
  std::string head; ///< what `read_head` said at the last good look
};

/// Whose is this path, here?
struct find_path {
  std::string path;
  bool denied_above = false; ///< a denial of a directory above counts as well
};
struct path_found {
  std::optional<agent_id> agent;
  /// The denial of this very path on this instance, if there is one; else, if
  /// that was asked for, the nearest above.
  std::optional<deny_put> denied;
};

/// The agent that a user means by an id, a unique prefix of one, a path or a
/// name. Not found, or refused ("agent-ambiguous") with the candidates.
struct resolve_agent {
  std::string selector;
};
struct agent_resolved {
  agent_id agent;
};

struct list_agents {
  std::string runtime;
  std::string capability;
  std::string namespace_name;
  std::string health;
  bool all_instances = false;
};
struct agents_listed {
  std::vector<roster_row> agents; ///< the newest first
};

/// Everything that is known of one agent, for people.
struct describe_agent {
  agent_id agent;
};
struct described_placement {
  instance_id instance;
  placement where;
  commit_id version; ///< of the put
  bool here = false;
};
struct described_candidate {
  commit_id version;
  stamp at;
  std::optional<std::string> value; ///< nothing: removed
  std::string by;                   ///< of a resolution
};
struct described_conflict {
  std::string id;
  std::string field;
  std::vector<described_candidate> candidates; ///< the winner first
};
struct agent_described {
  roster_row row; ///< of this instance if it lives here, else of one where it does
  std::vector<described_placement> placements;
  std::map<std::string, std::string> fields; ///< name -> canonical JSON
  std::vector<described_conflict> conflicts;
  std::vector<rule_put> rules; ///< that name the namespace of `row`, or all
  sha256_digest content_hash{};
  file_version file_hash;      ///< what the file here held when it was last seen
  commit_id version;           ///< the latest commit on it
  std::string last_seen_event; ///< of the latest sign of life, as whoever gave it called it
};

struct note_heartbeat {
  agent_id agent;
  std::string event;
};
struct heartbeat_noted {
  std::chrono::milliseconds at{0};
};

/// What a sweep saw of one placement: its file, or its absence. The same as
/// before writes nothing.
struct note_observation {
  epoch life;
  agent_id agent;
  std::string path;
  agent_status status = agent_status::active;
  std::string reason; ///< a sentence; empty with `active`
  std::vector<agent_problem> problems;
  std::optional<stat_key> key; ///< of a file that was read, valid or not
  /// Of the sweep that looked. Without one absence is noted and not counted.
  std::optional<look_moment> at = {};
  std::optional<std::string> head = {}; ///< as in `held_file`
};
struct observation_noted {
  bool changed = false; ///< something is other than before
  /// What is left of the grace of one that is gone.
  std::optional<std::chrono::nanoseconds> grace_left;
};

/// What the relay should hold of this instance's agents.
struct list_endpoints {};
struct endpoints_listed {
  std::vector<desired_endpoint> endpoints;
  std::vector<rule_put> rules;
};

/// The canonical text of the shared content (docs/formats.md).
struct dump_index {};
struct index_dumped {
  std::string text;
};

/// Folds the index anew, or aside and compares.
struct rebuild_index {
  bool verify = false;
};
struct index_rebuilt {
  std::uint64_t ops = 0;
  std::chrono::milliseconds took{0};
  std::optional<bool> identical; ///< of `verify`
  std::string dump_hash;         ///< SHA-256 of the dump, in hexadecimal
};

/// Problems of the index and its files as they are now, each a sentence.
struct examine_index {};

struct count_agents {};
struct agents_counted {
  std::size_t total = 0;
  std::size_t active = 0;
  std::size_t inactive = 0;
  std::size_t stale = 0;
  std::size_t unreachable = 0;
  std::map<std::string, std::size_t> by_runtime;
  std::map<std::string, std::size_t> by_namespace;
  std::map<std::string, std::size_t> by_project;
  std::size_t held = 0;
  std::size_t folded = 0;
  std::size_t refused = 0;
  std::size_t conflicts = 0;
  /// What is wrong with the databases, as far as it is known without looking, and
  /// which devices are braked.
  std::vector<finding> problems;
  /// The latest sweep that is remembered, and when it ended.
  std::optional<sweep_report> last_sweep;
  std::chrono::milliseconds last_sweep_at{0};
};

} // namespace muster
