#pragma once

#include "tests/sim/absence_watch.hpp"
#include "tests/sim/client_desk.hpp"
#include "tests/sim/event_watch.hpp"
#include "tests/sim/feed_watch.hpp"
#include "tests/sim/mail_troubles.hpp"
#include "tests/sim/manifest_watch.hpp"
#include "tests/sim/project_editor.hpp"
#include "tests/sim/sim_process.hpp"
#include "tests/sim/simulation.hpp"

#include "muster/messages/actor_failure.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster::sim {

/// A machine with projects, hands on them, clients, a relay, and one muster
/// process after the other. Things happen one at a time: a message, an edit, a
/// request, a trouble; after each everything that changed is looked at.
class sim_world {
public:
  using duration = std::chrono::nanoseconds;

  sim_world(const scenario& world, planted_bug bug, sim_trace::reader trace);

  /// The scenario's steps, with faults.
  void live();
  /// No faults any more: everything pending is answered, and asked again where
  /// the answer was that it is unknown.
  void calm_down();

  [[nodiscard]] bool is_violated() const noexcept { return !violations.empty(); }
  /// Time since the beginning.
  [[nodiscard]] duration elapsed() { return before_boot_ + (machine.machine.clock.boot() - boot_began_); }
  /// The process ends in order.
  void stop();
  /// Muster is started, and is there. A violation if not.
  bool start_for_good();

  /// Lets time go by.
  void rest(duration time);
  /// Asks as a client without trouble does, within `limit`.
  template <class Answer, class Handle, class Request>
  expected<Answer> ask_now(const Handle& whom, const Request& request, duration limit = std::chrono::seconds{60});

  [[nodiscard]] sim_process* process() noexcept { return process_.get(); }
  [[nodiscard]] simulation_result take_result();

  const scenario& world;
  fault_tally tally;
  sim_trace trace;
  std::vector<std::string> violations;
  troubled_machine machine;
  sim_history history;
  project_editor editor;
  absence_watch absences;
  feed_watch feed;
  manifest_watch manifests;
  mail_troubles mail;
  relay_behind relay;
  client_desk desk;
  event_watch listening;
  bool relay_forgot = false; ///< by itself

private:
  void act(const scenario_step& step);
  void kill_actor(std::uint64_t which);
  void jump_clock(std::uint64_t which);
  void edit(const scenario_step& step);
  void mount();
  /// One event, or time until the next. False if nothing is left to happen
  /// before `until`.
  bool go_on(duration until);
  void look();
  void await_answers(duration within, bool of_sweeps);
  void start_process();
  void end_process(bool with_power);
  [[nodiscard]] bool may_drop(const std::string& agent, const std::string& path);

  planted_bug bug_;
  std::unique_ptr<sim_process> process_;
  bool running_ = false;
  std::uint64_t processes_ = 0;
  std::uint64_t events_ = 0; ///< of earlier processes
  std::size_t next_step_ = 0;
  bool faulty_ = true;
  bool power_goes_too_ = false;
  bool saw_late_ = false; ///< commits that were made while nobody could look
  std::optional<duration> latest_end_;
  duration start_again_{0};
  duration before_boot_{0};
  duration boot_began_;
  duration wall_began_;
  duration violated_at_{0};
};

template <class Answer, class Handle, class Request>
expected<Answer> sim_world::ask_now(const Handle& whom, const Request& request, duration limit) {
  auto answer = std::make_shared<std::optional<expected<Answer>>>();
  process_->driver().system().spawn([answer, whom, request](caf::event_based_actor* self) {
    self->request(whom, caf::infinite, request)
        .then([answer](Answer& value) { answer->emplace(boost::system::in_place_value, std::move(value)); },
              [answer](const caf::error& why) { answer->emplace(boost::system::in_place_error, to_failure(why, {})); });
  });
  const auto until = elapsed() + limit;
  while (!*answer && !is_violated() && go_on(until)) {
  }
  if (!*answer)
    return failure{failure_kind::unknown_outcome, "silence", "nothing was answered within the limit"};
  return std::move(**answer);
}

} // namespace muster::sim
