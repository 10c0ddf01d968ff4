#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"
#include "muster/messages/roster.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is said in the search for agents that nobody has registered.
namespace muster {

// -- to the file store --------------------------------------------------------

/// Walks a scan root for projects, a page at a time. What it comes by again
/// unchanged it need not list again.
struct walk_root {
  std::string project; ///< the scan root
  /// Where the page begins: empty at the root, then what the page before said.
  /// Nothing: no page, only what is told below.
  std::optional<std::string> from = std::string{};
  /// Projects found before that are not to be reported again.
  std::vector<std::string> settled = {};
  /// Directories that are to be reported again, with all below them.
  std::vector<std::string> unsettled = {};
  bool afresh = false; ///< all are
};

/// What git has at a project, or above it in its scan root.
enum class checkout : std::uint8_t {
  none,
  main,   ///< `.git` is a directory
  linked, ///< `.git` is a file: a linked worktree, a submodule
};

/// A directory with something at `.dork/agent.json`.
struct found_project {
  std::string path;
  checkout git = checkout::none;
};
struct root_walked {
  std::vector<found_project> found;
  /// Directories that could not be looked at; what is remembered of them stands.
  std::vector<failure> problems;
  std::size_t more_problems = 0;   ///< that are not listed
  std::optional<std::string> next; ///< where the next page begins, if there is one
  bool gone = false;               ///< there is no such directory
  bool truncated = false;          ///< there is more below it than is remembered
};

// -- to the index -------------------------------------------------------------

/// Where a sweep looks for agents, and what it has to look at again since it
/// asked last: `after` is what it was told then, 0 at first.
struct list_scan_roots {
  std::uint64_t after = 0;
};
/// A copy of an agent's manifest that was noted at its placement.
struct noted_copy {
  agent_id agent;
  std::string home; ///< of the agent
  std::string path; ///< of the copy
};
struct scan_roots_listed {
  std::vector<std::string> roots; ///< recorded in placements of this instance, by path
  std::size_t more_roots = 0;     ///< that are over the bound
  std::vector<noted_copy> copies;
  /// Paths where a placement or a denial has ended.
  std::vector<std::string> released;
  bool all_released = false; ///< nobody knows where
  std::uint64_t now = 0;     ///< the next `after`
};

/// Which of these paths are nobody's here and not denied, themselves or above.
struct sift_paths {
  std::vector<std::string> paths; ///< bounded by who asks
};
struct paths_sifted {
  std::vector<std::size_t> strangers; ///< into `paths`; ascending
};

/// Whether a namespace has agents other than this one, anywhere, or rules.
struct find_namespace {
  std::string name;
  agent_id besides;
};
struct namespace_found {
  bool in_use = false;
  bool has_agents_here = false; ///< others than that one
};

/// These are the copies of an agent's manifest that there are now; they stand
/// among the problems of its placement, whatever else is observed of it.
struct note_copies {
  agent_id agent;
  std::string path;
  std::vector<agent_problem> copies; ///< of kind `duplicate_problem`
};
struct copies_noted {};

// -- to the supervisor --------------------------------------------------------

/// From the reconciler: there is a manifest of an agent at a path that is
/// nobody's. What it is now counts, and it is taken as a scan may: its agent is
/// registered, or has moved, or stays where it is.
struct take_found {
  std::string path;
  std::string scan_root; ///< empty: only an agent that lives here already
};
enum class found_outcome : std::uint8_t {
  nothing,    ///< there is none any more, or somebody has taken or denied it
  discovered, ///< its agent lives there now
  unadmitted, ///< likewise, in a namespace that was in use
  moved,      ///< its agent lived at `home`, which has let go of it
  duplicate,  ///< its agent lives at `home`, which still holds it
  waiting,    ///< likewise, and it cannot be told whether that still holds it
  held,       ///< another agent has the path
};
struct found_taken {
  found_outcome what = found_outcome::nothing;
  agent_id agent;
  std::string home; ///< where the agent lived before
};

} // namespace muster
