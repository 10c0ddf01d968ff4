#pragma once

#include "muster/store/fold_state.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <map>
#include <vector>

namespace muster {

/// A fold's records in memory: for a fold from nothing, and for tests.
/// Nothing here fails.
class fold_memory final : public fold_state {
public:
  /// `hash_seed` reaches no result; tests change it to show that.
  explicit fold_memory(std::size_t hash_seed = 0) : hash_seed_(hash_seed) {}

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
  struct entry {
    agent_id id;
    agent_record record;
  };

  /// Where an agent stands in `agents_`, with enough of its hash that the table
  /// is searched and grows without a look at any other agent.
  struct slot {
    std::uint32_t hash;
    std::uint32_t number;
  };
  /// An id on its way to its slot.
  struct wanted {
    std::uint32_t hash;
    const agent_id& id;
    const std::vector<entry>& among;
  };
  struct slot_hash {
    using is_transparent = void;
    std::size_t operator()(const slot& of) const noexcept { return of.hash; }
    std::size_t operator()(const wanted& of) const noexcept { return of.hash; }
  };
  struct same_agent {
    using is_transparent = void;
    bool operator()(const slot& a, const slot& b) const noexcept { return a.number == b.number; }
    bool operator()(const wanted& a, const slot& b) const noexcept {
      return a.hash == b.hash && a.among[b.number].id == a.id;
    }
    bool operator()(const slot& a, const wanted& b) const noexcept { return (*this)(b, a); }
  };

  [[nodiscard]] wanted look_for(const agent_id& id) const noexcept;

  std::size_t hash_seed_;
  /// In the order in which they came, which is that of their memory: whoever
  /// goes through all of them goes straight through it.
  std::vector<entry> agents_;
  boost::unordered_flat_set<slot, slot_hash, same_agent> slots_;
  std::map<rule_key, shared_register> rules_;
  std::map<denial_key, denial_record> denials_;
};

} // namespace muster
