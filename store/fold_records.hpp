#pragma once

#include "muster/messages/placement.hpp"
#include "muster/store/shared_register.hpp"

namespace muster {

/// The latest placement that an `agent_drop` of `author` names.
struct named_drop {
  instance_index author{};
  sequence seq = 0;
  friend bool operator==(const named_drop&, const named_drop&) = default;
};

/// Of how many instances one author may drop one agent.
inline constexpr std::size_t max_drops = 1024;

/// The placement of one agent on one instance: its own key, where the latest
/// seq wins.
struct placement_register {
  instance_index owner{};
  sequence seq = 0; ///< of the owner's latest op on it; 0: none yet
  stamp at;
  std::optional<placement> value; ///< nothing: dropped by its owner
  /// Who drops it, each author once. A drop reaches exactly the `place_put` it
  /// saw; whoever names a later one has seen that the earlier was replaced.
  std::vector<named_drop> dropped;
  friend bool operator==(const placement_register&, const placement_register&) = default;
};

/// Whether an `agent_drop` reaches the latest op of the owner.
[[nodiscard]] bool is_dropped_by_others(const placement_register& place) noexcept;

/// Whether the placement stands: put, not dropped by anybody, its owner not
/// retired.
[[nodiscard]] bool is_live(const placement_register& place, const instance_table& instances) noexcept;

/// All there is about one agent. Kept when its last placement goes, so that it
/// comes back with everything it had.
struct agent_record {
  struct named_register {
    std::string name;
    shared_register content;
  };
  std::vector<named_register> fields;         ///< by name
  std::vector<placement_register> placements; ///< in no meaningful order

  /// Made empty if it is not there; pointers are good until the next call.
  shared_register& field(std::string_view name);
  [[nodiscard]] const shared_register* find_field(std::string_view name) const noexcept;
  placement_register& place(instance_index owner);
};

struct denial {
  std::string reason;
  std::string by;
  std::string strategy;
  friend bool operator==(const denial&, const denial&) = default;
};

/// A denial is its owner's own key: the latest seq wins.
struct denial_record {
  sequence seq = 0;
  stamp at;
  std::optional<denial> value; ///< nothing: dropped
  friend bool operator==(const denial_record&, const denial_record&) = default;
};

struct denial_key {
  instance_id owner;
  std::string path;
  friend auto operator<=>(const denial_key&, const denial_key&) = default;
};

struct placement_key {
  agent_id agent;
  instance_id owner;
  friend auto operator<=>(const placement_key&, const placement_key&) = default;
};

} // namespace muster
