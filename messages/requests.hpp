#pragma once

#include "muster/messages/digest.hpp"
#include "muster/messages/failure.hpp"
#include "muster/messages/feed_messages.hpp"
#include "muster/messages/file_messages.hpp"
#include "muster/messages/ids.hpp"
#include "muster/messages/index_messages.hpp"
#include "muster/messages/saga.hpp"
#include "muster/messages/sweep_messages.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What hosts and the runner ask of a runtime. Each ends in one of three
/// answers: done, not done, or unknown; then it is repeated with its request id.
namespace muster {

/// Registers a project directory. One that holds a valid manifest is adopted,
/// id kept; what is given here and differs from it is refused.
struct register_agent {
  request_id request;
  std::string path;
  std::optional<std::string> name;
  std::optional<std::string> display_name;
  std::optional<std::string> runtime;
  std::optional<std::string> namespace_name;
  std::optional<std::string> description;
  std::vector<std::string> capabilities;
  std::string scan_root; ///< empty: none
  std::string by;        ///< empty: the runner's user
};

/// Where an agent stands after a request.
struct agent_placed {
  agent_id agent;
  std::string path;
  std::string namespace_name;
  std::string subject;
  sha256_digest content_hash{};
  bool adopted = false;
  commit_id version;
  /// What there is to know beside it, a sentence each; not repeated.
  std::vector<std::string> notes = {};
};

/// One member to set (JSON text) or remove; the path goes into objects, such as
/// `behavior`, `responseMode`.
struct field_assignment {
  std::vector<std::string> path;
  std::optional<std::string> value;
};

struct update_agent {
  request_id request;
  std::string selector;
  std::vector<field_assignment> assignments;
  std::vector<std::string> add_capabilities;
  std::vector<std::string> remove_capabilities;
  /// Only if the content hash of the manifest is still this.
  std::optional<std::string> if_hash;
};

/// Makes the content that an agent had as of a commit current again.
struct revert_agent {
  request_id request;
  std::string selector;
  commit_id version;
};

/// The directory has moved; the placement follows.
struct move_agent {
  request_id request;
  std::string selector;
  std::string path;
};

struct unregister_agent {
  request_id request;
  std::string selector;
  bool keep_manifest = false;
  bool everywhere = false;
};
struct agent_unregistered {
  agent_id agent;
  std::vector<std::string> notes = {}; ///< as of `agent_placed`
};

struct stamp_heartbeat {
  std::string selector;
  std::string event;
};
struct heartbeat_stamped {
  agent_id agent;
  std::chrono::milliseconds at{0};
};

/// Everything that is known of one agent.
struct show_agent {
  std::string selector;
  bool all_versions = false;
};
struct agent_shown {
  agent_described agent;
  std::optional<endpoint_statement> endpoint;
  /// In effect for it, the weightiest first; `*` is everybody.
  std::vector<rule_put> rules;
  std::vector<commit> versions; ///< with `all_versions`: newest first, bounded
};

/// Commits, newest first; of one agent if a selector is given.
struct show_log {
  std::string selector;
  std::string instance;
  commit_id since;
  std::size_t limit = 100;
};

/// Checks every file, chain, seal and row, and changes nothing.
struct examine_all {};

struct sweep_now {
  /// Those whose grace is over are removed, be they many of one device.
  bool accept_removals = false;
};

/// How the runtime is.
struct describe_runtime {};
struct runtime_described {
  agents_counted agents;
  feeds_described feeds;
  std::optional<sweep_report> last_sweep;
  std::chrono::milliseconds last_sweep_at{0};
  std::string relay; ///< strict, eventual, none, or what is wrong with it
  std::uint64_t life = 1;
  std::size_t sagas_in_flight = 0;
  std::size_t sagas_owing = 0;
  std::vector<finding> problems;
};

/// From the reconciler: takes what a sweep saw of one placement, under the
/// claims of its agent and path.
struct observe_place {
  agent_id agent;
  std::string project;
  manifest_sight sight;
  /// Not a sight: there are leftovers, to be found, recorded and forgotten.
  bool leftovers = false;
  /// When the sweep asked where to look.
  std::optional<look_moment> at = {};
  /// Its grace is over: it is removed if it is provably gone still.
  bool due = false;
};
enum class observation : std::uint8_t {
  unchanged, ///< nothing that matters is other than before
  synced,    ///< an edit went into the feed
  resurrected,
  written, ///< the file was behind and holds the current content now
  missing,
  invalid,
  unreadable,
  unreachable,
  moved,
  removed,
  refused, ///< a saga is at work on it, or it names another agent; next time
};
struct place_observed {
  observation what = observation::unchanged;
  std::vector<agent_problem> problems;
  /// What is left of the grace of one that is gone.
  std::optional<std::chrono::nanoseconds> grace_left;
};

/// Whoever sweeps ends at once and says so to those who wait.
struct cancel_sweep {};

/// From the reconciler: what sagas still owe is tried again.
struct settle_owed {};
struct owed_settled {
  std::size_t settled = 0;
  std::size_t left = 0;
  /// A leftover was found and is still there, so somebody has to look again.
  bool untidy = false;
};

/// Ends the runtime in order: no new requests, open sagas finished or
/// journalled, everything synced.
struct stop_runtime {
  std::chrono::nanoseconds within = std::chrono::seconds{5};
};
struct runtime_stopped {};

} // namespace muster
