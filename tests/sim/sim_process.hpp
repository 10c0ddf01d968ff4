#pragma once

#include "tests/sim/actor_driver.hpp"
#include "tests/sim/planted_bug.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/sim/troubled_machine.hpp"
#include "tests/sim/unruly_relay.hpp"

#include "muster/supervisor/spawn_muster.hpp"

#include <cstdint>
#include <memory>

namespace muster::sim {

/// One process with a muster in it, from its start to its end. Its end is
/// sudden unless it is stopped.
class sim_process {
public:
  /// All outlive it. `number` counts the processes of a run.
  sim_process(const scenario& world, troubled_machine& machine, relay_behind& behind, mail_judge& judge,
              sim_trace& trace, std::uint64_t number, planted_bug bug);
  ~sim_process();
  sim_process(const sim_process&) = delete;
  sim_process& operator=(const sim_process&) = delete;

  /// Opens the data directory, as `runtime` does. Why not, if it is refused.
  [[nodiscard]] expected<void> start();
  [[nodiscard]] actor_driver& driver() noexcept { return driver_; }
  [[nodiscard]] const muster_actor& front() const noexcept { return front_; }
  /// The relay that muster talks to, be it a host's or its own; null if there is none.
  [[nodiscard]] relay_actor relay();

private:
  [[nodiscard]] expected<void> open();
  [[nodiscard]] environment surroundings();

  const scenario& world_;
  troubled_machine& machine_;
  relay_behind& behind_;
  planted_bug bug_;
  std::unique_ptr<planted_disk> planted_;
  actor_driver driver_;
  relay_actor host_relay_;
  muster_actor front_;
};

} // namespace muster::sim
