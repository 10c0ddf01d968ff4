#pragma once

#include "muster/actors/relay_table.hpp"
#include "muster/messages/interfaces.hpp"

namespace muster {

/// The embedded relay. What it holds is in memory and said again after a start.
class relay_state {
public:
  static inline const char* name = "muster.relay";

  explicit relay_state(relay_actor::pointer self, const relay_table_options& options = {})
      : self_(self), table_(options) {}

  relay_actor::behavior_type make_behavior();

private:
  relay_actor::pointer self_;
  relay_table table_;
};

using relay = relay_actor::stateful_impl<relay_state>;

} // namespace muster
