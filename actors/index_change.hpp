#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"
#include "muster/messages/index_messages.hpp"
#include "muster/messages/scan_messages.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace muster {

/// A change that waits for others, so that they share a transaction.
using index_change = std::variant<fold_commit, record_held, note_observation, note_copies>;
/// What has become of it.
using change_made = observation_noted;

/// What has become of several that share a transaction.
struct changes_made {
  std::vector<expected<change_made>> each;
  /// Which of them are done only when they are kept.
  std::vector<std::size_t> to_keep;
};

/// What a run of commits was about.
struct touched_agents {
  std::set<agent_id> agents;
  std::set<agent_id> placed; ///< their placements may have changed
  bool all = false;
  // What only a watch wants to know.
  std::map<agent_id, commit_id> versions; ///< the last commit on each
  bool rules = false;
  std::set<std::string> denials; ///< paths
};

} // namespace muster
