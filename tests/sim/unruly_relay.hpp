#pragma once

#include "tests/sim/fault_tally.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/sim/sim_chance.hpp"

#include "muster/actors/post_office.hpp"
#include "muster/actors/relay_table.hpp"
#include "muster/actors/work_guard.hpp"
#include "muster/messages/interfaces.hpp"

#include <optional>
#include <vector>

namespace muster::sim {

/// What a relay of a host's remembers, and how it behaves. Outlives the actors
/// over it.
class relay_behind {
public:
  relay_behind(const scenario& world, fault_tally& tally)
      : world_(world), tally_(tally), chance_(world.seed, "relay") {}

  void set_faults(bool on) noexcept { faulty_ = on; }
  void forget() { table_ = relay_table{}; }
  [[nodiscard]] relay_table& table() noexcept { return table_; }

  enum class mood : std::uint8_t { obliging, refuses, silent, done_silent, half };
  [[nodiscard]] mood next_mood();

private:
  const scenario& world_;
  fault_tally& tally_;
  sim_chance chance_;
  relay_table table_;
  bool faulty_ = false;
};

/// A relay with a mind of its own: it refuses, says nothing, does what it was
/// told and says nothing or that it failed. Its mail is in files of the host's.
class unruly_relay_state {
public:
  static inline const char* name = "muster.relay";

  unruly_relay_state(relay_actor::pointer self, relay_behind& behind, const environment& env);
  relay_actor::behavior_type make_behavior();

private:
  template <class Answer, class Work>
  caf::result<Answer> serve(Work work);
  [[nodiscard]] expected<relay_done> put(const relay_put_endpoint& what);
  [[nodiscard]] expected<relay_done> drop(const relay_drop_endpoint& what);
  [[nodiscard]] expected<relay_sent> send(const relay_send& what);
  [[nodiscard]] expected<relay_acked> acknowledge(const relay_ack& what);

  relay_actor::pointer self_;
  relay_behind& behind_;
  post_office post_;
  work_guard guard_{"unruly-exception", "the relay of the host"};
  std::vector<caf::response_promise> unanswered_;
};

using unruly_relay = relay_actor::stateful_impl<unruly_relay_state>;

} // namespace muster::sim
