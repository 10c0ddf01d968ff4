#pragma once

#include "muster/messages/scan_messages.hpp"
#include "muster/supervisor/change_desk.hpp"
#include "muster/supervisor/namespace_entries.hpp"
#include "muster/supervisor/scan_gate.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <functional>
#include <memory>
#include <string>

namespace muster {

/// Takes what a scan has found: plans it, and has the change desk carry it out
/// as any other change.
///
/// 1. Of several agents that come into one namespace at a time only one is the
///    first there: the others find it in use.
/// 2. Where somebody else is at work it is left to the next sweep.
/// 3. Nothing is taken that was denied before its plan began, or is being denied.
class found_desk {
public:
  using taker = std::function<void(const expected<found_taken>&)>;

  found_desk(supervisor_core& core, change_desk& changes, scan_gate& gate, namespace_entries& entries)
      : core_(core), changes_(changes), gate_(gate), entries_(entries) {}

  void take(const take_found& found, const taker& then);

private:
  struct run {
    take_found found;
    found_taken outcome;
    std::uint64_t planned_at = 0; ///< the moment of the gate
    bool over = false;            ///< and has left the namespace and the gate
  };
  using run_ptr = std::shared_ptr<run>;

  void plan(const run_ptr& which, const plan_taker& then);
  void look_at_namespace(const run_ptr& which, const std::string& name, registration_facts known,
                         const plan_taker& then);
  void planned_as(const run_ptr& which, expected<planned> how, const plan_taker& then);

  supervisor_core& core_;
  change_desk& changes_;
  scan_gate& gate_;
  namespace_entries& entries_;
};

/// What an answer of the change desk means for what was found. A failure that
/// says how things stand is an outcome.
[[nodiscard]] expected<found_taken> outcome_of(const change_answer& answer, found_taken planned);

} // namespace muster
