#pragma once

#include "tests/sim/sim_chance.hpp"
#include "tests/sim/sim_trace.hpp"

#include "muster/messages/caf.hpp"
#include "muster/store/simulated_clock.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace muster::sim {

/// One message on its way, as those see it who decide about it.
struct mail {
  std::string_view from; ///< names of actors; "-" from outside
  std::string_view to;
  const caf::mailbox_element& content;
};

enum class mail_fate : std::uint8_t { delivered, lost, late, twice };

/// Decides what befalls a message. All are delivered unless it says otherwise.
class mail_judge {
public:
  virtual ~mail_judge() = default;
  virtual mail_fate judge(const mail& what) = 0;
  /// Whether the message is dealt with before its receiver sees it; it may be
  /// changed.
  virtual bool deals_with(const mail&, caf::mailbox_element&) { return false; }
  /// How late.
  virtual std::chrono::nanoseconds delay() = 0;
};

struct driver_options {
  std::uint64_t seed = 0;
  /// Random priorities with a few points of change, instead of an even draw.
  bool priorities = false;
  /// The longest that one event takes.
  std::chrono::nanoseconds tick = std::chrono::microseconds{100};
};

/// Runs actors on the calling thread, one message at a time: who goes next, and
/// which message it sees, is drawn. Messages of one sender stay in their order;
/// that is all CAF promises. The time of the actors is the boot clock of the
/// simulated machine.
class actor_driver {
public:
  /// The three outlive the driver.
  actor_driver(simulated_clock& clock, mail_judge& judge, sim_trace& trace, const driver_options& options);
  /// Kills what is left.
  ~actor_driver();
  actor_driver(const actor_driver&) = delete;
  actor_driver& operator=(const actor_driver&) = delete;

  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }

  /// One actor handles one message. False if nobody has anything to do.
  bool run_one();
  /// How long until the next timer.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> next_timer();
  /// Time goes by on all clocks; what is due is put into mailboxes.
  void pass(std::chrono::nanoseconds time);
  /// How many messages were handled.
  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }

  /// Those that live, in the order in which they were first seen, by name.
  [[nodiscard]] std::vector<caf::strong_actor_ptr> living(std::string_view name);
  void kill(const caf::strong_actor_ptr& which);
  /// Everybody dies, without a message handled in between. False if somebody
  /// could not be brought to an end.
  bool kill_all();

private:
  struct known_actor {
    caf::actor_id id;
    std::string_view name;
    caf::weak_actor_ptr where;
    std::uint64_t priority;
  };

  void follow_clock();
  void meet_new();
  std::size_t choose_job();
  void choose_mail(caf::scheduled_actor& who);
  void deliver(caf::scheduled_actor& who, std::size_t chosen);
  void keep_waiting(caf::scheduled_actor& who);
  void tell_trace(std::string_view verb, const caf::scheduled_actor& who, const caf::mailbox_element& what);
  [[nodiscard]] known_actor* find(caf::actor_id id);

  simulated_clock& clock_;
  mail_judge& judge_;
  sim_trace& trace_;
  driver_options options_;
  sim_chance order_;
  sim_chance ticks_;
  std::uint64_t events_ = 0;
  std::uint64_t next_change_ = 0;
  std::chrono::nanoseconds told_; ///< the boot clock as the timers know it
  std::vector<known_actor> known_;
  std::map<caf::actor_id, std::size_t> places_;
  std::vector<caf::mailbox_element_ptr> waiting_; ///< of the actor at hand
  caf::actor_system_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
};

} // namespace muster::sim
