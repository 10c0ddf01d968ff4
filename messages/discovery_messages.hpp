#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"
#include "muster/messages/scan_messages.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What is said in a scan: the search of a whole tree for agents and for what
/// could be one, that somebody has asked for.
namespace muster {

// -- to a muster, and to the scanner ------------------------------------------

/// Looks for agents below directories. What has a manifest and is nobody's is
/// taken, as a sweep takes it; what only looks like a project is answered.
struct scan_now {
  /// By which `look_at_scan` and `cancel_scan` know it; empty: they do not.
  std::string scan;
  /// Absolute. None: the managed home and the recorded scan roots, or `fallback`
  /// if there are none.
  std::vector<std::string> roots;
  std::string fallback;
  unsigned depth = 5; ///< below each root
  std::chrono::nanoseconds budget = std::chrono::seconds{30};
  bool follow_mounts = false;
  bool only_look = false; ///< nothing is taken, nothing changes
};

/// A directory that looks like the project of a tool, has no manifest and is
/// nobody's.
struct scan_candidate {
  std::string path;
  std::string scan_root;
  std::string strategy;
  std::string runtime;
  std::string suggested_name;
  std::string description; ///< empty: none could be inferred
  std::vector<std::string> capabilities;
  bool denied = false; ///< while it was looked for
};

/// A directory with a manifest.
struct scanned_agent {
  agent_id agent;
  std::string name;
  std::string path;
  std::string home;   ///< where it lives, or has lived before it moved here; may be empty
  bool taken = false; ///< by this scan
};

struct scan_denial {
  std::string path;
  std::string reason;
  std::string strategy;
};

struct scan_problem {
  std::string path;
  std::string kind;
  std::string message;
};

/// What was met and not looked into.
struct scan_counts {
  std::size_t unreadable = 0; ///< directories that could not be read to their end
  std::size_t vanished = 0;   ///< that were gone or something else when their turn came
  std::size_t mounts = 0;     ///< other file systems
  std::size_t repeated = 0;   ///< met a second time, by another way
  std::size_t hung = 0;       ///< given up on
  std::size_t invalid = 0;    ///< manifests that say nothing, or cannot be read
};

struct scan_report {
  std::vector<scan_candidate> candidates; ///< by depth, then by path; so are all lists
  std::vector<scanned_agent> existing;
  std::vector<scanned_agent> duplicates;
  std::vector<scanned_agent> unadmitted;
  std::vector<scanned_agent> unregistered; ///< valid manifests that were not taken
  std::vector<scan_denial> denied;         ///< met, and not looked into
  std::vector<std::string> roots;
  std::vector<scan_problem> problems; ///< the first
  std::size_t more_problems = 0;
  scan_counts counts;
  std::size_t scanned = 0; ///< directories that were read to their end
  bool truncated = false;  ///< the budget or a bound ended it
  bool cancelled = false;
  std::chrono::milliseconds took{0};
};

/// How a scan under way stands. Of kind not_found ("no-such-scan") when it has
/// ended.
struct look_at_scan {
  std::string scan;
};
struct scan_progress {
  std::size_t scanned = 0;
  std::size_t waiting = 0; ///< directories known and not read yet
  std::size_t candidates = 0;
  std::size_t manifests = 0;
  std::size_t taken = 0; ///< of the manifests; while this grows the walk is over
};

/// It ends at once, and answers with what it has.
struct cancel_scan {
  std::string scan;
};
struct scan_cancelled {
  bool was_there = false;
};

// -- to the index -------------------------------------------------------------

/// Every path here that a scan has to know before it looks.
struct list_known_paths {};
struct known_paths_listed {
  std::vector<scanned_agent> placed; ///< of this instance
  std::vector<scan_denial> denied;   ///< likewise
};

// -- to a scan worker ---------------------------------------------------------

/// What does not change in one scan; of the store.
class scan_terms;

/// Where a worker is, for whoever wonders whether it hangs. Set by the worker.
struct scan_pulse {
  std::atomic<std::uint64_t> steps = 0; ///< grows with every call to the disk that returns
  std::atomic<std::uint64_t> batch = 0;
  std::atomic<std::uint32_t> index = 0; ///< of the directory in the batch
};

/// Directories that lie in one: `parent` below the root, without a slash at
/// either end, and their names, each with a zero byte behind. The root is the
/// empty name in the empty parent.
struct directory_group {
  std::string parent;
  std::string names;
  std::uint32_t count = 0;
};

/// Reads directories of one root.
struct list_directories {
  std::shared_ptr<const scan_terms> terms;
  std::shared_ptr<scan_pulse> pulse;
  std::uint64_t batch = 0;
  std::uint32_t root = 0;
  bool deepest = false; ///< what lies below them is not wanted
  std::shared_ptr<const std::vector<directory_group>> groups;
};

enum class listing_outcome : std::uint8_t {
  listed,
  partly,   ///< there is a problem, and what was read counts
  vanished, ///< gone, or no directory any more
  unreadable,
  mount, ///< of another file system
};
struct listed_directory {
  listing_outcome how = listing_outcome::listed;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint32_t count = 0; ///< of the names
  std::string names;       ///< of what is to be listed next; sorted, as in `directory_group`
};

/// A directory with something at `.dork/agent.json`, or that a strategy knows.
/// `index` is into the batch, here and below.
struct directory_match {
  std::uint32_t index = 0;
  std::optional<std::uint32_t> strategy;
  std::string description;
  std::optional<std::uint32_t> known; ///< the placement there: into `scan_terms`
  agent_id agent;                     ///< with a valid manifest
  std::string name;
  std::chrono::nanoseconds modified{0};
  checkout git = checkout::none;
};
struct listing_problem {
  std::uint32_t index = 0;
  bool of_manifest = false;
  failure why;
};
struct directories_listed {
  std::uint64_t batch = 0;
  std::vector<listed_directory> each; ///< in the order asked for
  std::vector<directory_match> matches;
  std::vector<listing_problem> problems;
  std::vector<std::string> mounts; ///< below the root, told with it
};

} // namespace muster
