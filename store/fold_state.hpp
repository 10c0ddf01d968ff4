#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/fold_records.hpp"

namespace muster {

/// Which parts of an agent an op is about, so that a state that reads rows
/// reads no others.
struct agent_parts {
  std::span<const std::string_view> fields = {};
  bool placements = false;
};

/// Where a fold keeps its records. The fold asks for a record by its key,
/// changes it in place, and names it in its `fold_changes`; whoever keeps
/// records elsewhere than in memory writes those back after `apply`, or throws
/// everything away if that failed.
///
/// A record that is not there is made empty. Each is good until the next one is
/// asked for; records of one commit may be asked for again and must then show
/// the changes made.
class fold_state {
public:
  virtual ~fold_state() = default;

  /// Holds at least the parts named; those that were not asked for may be
  /// missing and are not touched.
  virtual expected<agent_record*> agent(const agent_id& id, const agent_parts& parts) = 0;
  virtual expected<shared_register*> rule(const rule_key& key) = 0;
  virtual expected<denial_record*> denial(const denial_key& key) = 0;

  /// All in memory, complete.
  [[nodiscard]] instance_table& instances() noexcept { return instances_; }
  [[nodiscard]] const instance_table& instances() const noexcept { return instances_; }

private:
  instance_table instances_;
};

} // namespace muster
