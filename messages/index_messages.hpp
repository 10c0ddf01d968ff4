#pragma once

#include "muster/messages/file_messages.hpp"
#include "muster/messages/op.hpp"
#include "muster/messages/roster.hpp"
#include "muster/messages/saga.hpp"

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

/// Folds a commit of ours that is durable, and what it settles locally.
struct fold_commit {
  epoch life;
  commit made;
  /// What the agent's file holds after it, and how it looks.
  struct held_file {
    agent_id agent;
    std::string path;
    sha256_digest hash{};
    std::optional<stat_key> key;
  };
  std::optional<held_file> held;
};
struct commit_folded {};

/// Notes that a file holds what the index says (a write-through, or an
/// observation without news).
struct record_held {
  epoch life;
  fold_commit::held_file held;
};
struct held_recorded {};

/// What is known of one agent: what a saga needs to begin.
struct find_agent {
  agent_id agent;
};
struct known_field {
  std::string value; ///< canonical JSON
  saw_vector saw;    ///< of an edit made now
};
struct agent_found {
  std::optional<placement> here; ///< on this instance
  std::map<std::string, known_field> fields;
  /// The saw of a field that is not there.
  std::optional<sha256_digest> held; ///< what the file held when it was last seen
  saw_vector placements;             ///< for an `agent_drop`
  std::vector<commit_id> history;
  bool exists = false;
};

/// Whose is this path, here?
struct find_path {
  std::string path;
};
struct path_found {
  std::optional<agent_id> agent;
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

/// The value that a field had when a commit had been folded.
struct find_version {
  agent_id agent;
  commit_id version;
};
struct version_found {
  std::map<std::string, std::string> fields;
};

struct note_heartbeat {
  agent_id agent;
  std::string event;
};
struct heartbeat_noted {
  std::chrono::milliseconds at{0};
};

/// What a sweep saw of one placement: its file, or its absence.
struct note_observation {
  epoch life;
  agent_id agent;
  agent_status status = agent_status::active;
  std::string reason;
  std::optional<stat_key> key;
};
struct observation_noted {};

/// All placements of this instance, as the next sweep is to look at them.
struct list_places {};
struct places_listed {
  std::vector<place_to_look_at> places;
};

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
};

} // namespace muster
