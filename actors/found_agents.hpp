#pragma once

#include "muster/messages/ids.hpp"
#include "muster/messages/scan_messages.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// A valid manifest at a path that is nobody's.
struct found_manifest_file {
  std::string path;
  std::string scan_root; ///< it was found under; empty: none
  std::chrono::nanoseconds modified{0};
  checkout git = checkout::none;
};

/// Why one of several copies of a manifest is taken for the agent's own.
enum class chosen_for : std::uint8_t {
  nothing,    ///< it is the only one
  main_tree,  ///< it lies in git's main worktree, and no other does
  not_linked, ///< all others lie in linked ones
  age,        ///< its manifest is older
  order,      ///< its path comes first
};
[[nodiscard]] std::string_view to_string(chosen_for why) noexcept;

/// One agent that was found, in the place that counts.
struct found_agent {
  agent_id agent;
  found_manifest_file first;
  std::vector<std::string> others; ///< where there are copies; bounded
  std::size_t more_others = 0;     ///< that are over the bound
  chosen_for why = chosen_for::nothing;
};

/// What one sweep has found, by agent. Of several copies git's main worktree
/// wins over none and none over a linked one, then the older manifest, then the
/// path that comes first: in whatever order they were found.
class found_agents {
public:
  /// `most` are agents, and `most_copies` copies of each that are named.
  found_agents(std::size_t most, std::size_t most_copies) : most_(most), most_copies_(most_copies) {}

  /// False if it is one too many. A path found under two roots is of the nearer.
  bool add(const agent_id& agent, found_manifest_file file);

  [[nodiscard]] bool empty() const noexcept { return groups_.empty(); }
  /// All, by the path that counts; there are none afterwards.
  [[nodiscard]] std::vector<found_agent> take();

private:
  struct group {
    std::vector<found_manifest_file> files; ///< the one that counts first
    std::size_t more = 0;
  };

  std::size_t most_;
  std::size_t most_copies_;
  std::map<agent_id, group> groups_;
};

} // namespace muster
