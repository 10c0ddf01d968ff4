#pragma once

#include "muster/messages/actor_failure.hpp"
#include "muster/messages/caf.hpp"
#include "muster/runner/process_memory.hpp"

namespace muster {

/// The actor system of a process that is a muster and nothing else. Idle, it
/// sleeps: its workers share a queue to wait at, where CAF's usual ones steal
/// from each other and look round all the time.
class actor_host {
public:
  actor_host() : system_(config_) {}
  actor_host(const actor_host&) = delete;
  actor_host& operator=(const actor_host&) = delete;

  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }

private:
  struct config : caf::actor_system_config {
    config() {
      give_back_large_blocks();
      register_message_types();
      set("caf.scheduler.policy", "sharing");
      set("caf.scheduler.max-threads", workers);
      set("caf.scheduler.max-throughput", messages_in_a_row);
    }
  };

  /// Whatever blocks has a thread of its own. The rest is little, and a message
  /// between two of them costs more on two threads than on one.
  static constexpr std::size_t workers = 1;
  static constexpr std::size_t messages_in_a_row = 50;

  config config_;
  caf::actor_system system_;
};

} // namespace muster
