#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/op.hpp"
#include "muster/store/commit_log.hpp"
#include "muster/store/commit_source.hpp"
#include "muster/store/fold.hpp"
#include "muster/store/fold_memory.hpp"

#include <map>
#include <string>

namespace muster {

/// What an agent was as of a commit: what the author of that commit had folded,
/// as far as that can be told.
///
/// 1. Of the version's own feed that is everything up to the version.
/// 2. Of any other feed it is everything up to the last commit that the version
///    says it saw, or whose stamp is earlier: a feed is folded in its order.
/// 3. Ops about other agents are not kept, so this is as large as the agent.
///
/// Every commit is shown to `look` first, then every one to `take`, each time
/// those of one feed in their order.
class agent_history {
public:
  agent_history(agent_id agent, const commit& version, meaning_function meaning);

  void look(const commit& next);
  [[nodiscard]] expected<void> take(const commit& next);

  /// The fields that are set, as canonical JSON.
  [[nodiscard]] std::map<std::string, std::string> fields() const;

private:
  agent_id agent_;
  commit_order version_;
  meaning_function meaning_;
  state_vector ends_;
  fold_memory memory_;
  fold fold_;
};

/// The same of all feeds, read twice.
[[nodiscard]] expected<std::map<std::string, std::string>>
fields_as_of(commit_source& feeds, const agent_id& agent, const commit& version, meaning_function meaning);

} // namespace muster
