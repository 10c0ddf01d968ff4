#pragma once

#include "muster/store/fold_state.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <map>

namespace muster {

/// A fold's records in memory: for a fold from nothing, and for tests.
/// Nothing here fails.
class fold_memory final : public fold_state {
public:
  /// `hash_seed` reaches no result; tests change it to show that.
  explicit fold_memory(std::size_t hash_seed = 0) : agents_(0, hash{hash_seed}) {}

  expected<agent_record*> agent(const agent_id& id, const agent_parts& parts) override;
  expected<shared_register*> rule(const rule_key& key) override;
  expected<denial_record*> denial(const denial_key& key) override;

  [[nodiscard]] const agent_record* find_agent(const agent_id& id) const;
  [[nodiscard]] const shared_register* find_rule(const rule_key& key) const;
  [[nodiscard]] const denial_record* find_denial(const denial_key& key) const;

  /// All agents by id. Costs a sort.
  [[nodiscard]] std::vector<std::pair<const agent_id*, const agent_record*>> agents() const;
  [[nodiscard]] const std::map<rule_key, shared_register>& rules() const noexcept { return rules_; }
  [[nodiscard]] const std::map<denial_key, denial_record>& denials() const noexcept { return denials_; }

private:
  struct hash {
    std::size_t seed = 0;
    std::size_t operator()(const agent_id& id) const noexcept { return std::hash<std::string>{}(id.text) ^ seed; }
  };

  boost::unordered_flat_map<agent_id, agent_record, hash> agents_;
  std::map<rule_key, shared_register> rules_;
  std::map<denial_key, denial_record> denials_;
};

} // namespace muster
