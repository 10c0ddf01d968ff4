#pragma once

#include "muster/messages/index_messages.hpp"
#include "muster/store/fold_view.hpp"
#include "muster/store/held_versions.hpp"
#include "muster/store/index_state.hpp"
#include "muster/store/local_observed.hpp"

/// What the fold and this machine know of one agent, as it is answered.
namespace muster {

/// One agent as the fold has it, and by whose eyes it is looked at.
struct folded_agent {
  const agent_id& id;
  const agent_record& record;
  const instance_table& instances;
  const instance_id& own;
  const index_meaning& meaning;
};

/// The agent's placement here, if it stands.
[[nodiscard]] const placement_register* place_here(const folded_agent& agent);

/// What a file holds that says just what the fold says now.
[[nodiscard]] held_versions versions_now(const folded_agent& agent);

/// The content hash of all that the fold says of it.
[[nodiscard]] sha256_digest content_hash_of(const folded_agent& agent);

/// For a saga. `held` and `seen` are of the placement here.
[[nodiscard]] agent_found to_found(const folded_agent& agent, const held_versions& held,
                                   const std::optional<observed_place>& seen);

/// For people; but for the row. `seen` is of the placement here.
[[nodiscard]] agent_described to_described(const folded_agent& agent, const std::optional<observed_place>& seen);

} // namespace muster
