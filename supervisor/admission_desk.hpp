#pragma once

#include "muster/messages/denial_messages.hpp"
#include "muster/supervisor/change_desk.hpp"
#include "muster/supervisor/consent_plan.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace muster {

/// Admits agents that wait in a namespace, one or all of them in one commit, and
/// has the change desk carry it out as any other change.
class admission_desk {
public:
  using taker = std::function<void(const expected<agents_admitted>&)>;

  admission_desk(supervisor_core& core, change_desk& changes) : core_(core), changes_(changes) {}

  void admit(const admit_agents& asked, const taker& then);

private:
  /// One request on its way.
  struct run {
    admit_agents asked; ///< its namespace as it is used
    admission_facts known = {};
    std::vector<agent_id> waiting = {}; ///< to be looked up, the last one first
    bool more = false;
    agents_admitted answer = {};
    std::vector<place_put> made = {}; ///< likewise, for the answer
    commit_id version = {};
  };
  using run_ptr = std::shared_ptr<run>;

  void gather(const run_ptr& which, const plan_taker& then);
  void look_at_next(const run_ptr& which, const plan_taker& then);
  void end(const run_ptr& which, const change_answer& answer, const taker& then);
  void tell_next(const run_ptr& which, const taker& then);

  supervisor_core& core_;
  change_desk& changes_;
};

} // namespace muster
