#include "tests/sim/sim_world.hpp"

#include <algorithm>
#include <array>

namespace muster::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t most_events = 1'000'000;
constexpr auto answered_within = 60s;
constexpr auto silent_within = 151s; // the longest that an actor waits for another
constexpr auto settled_within = 5s;
constexpr auto sweep_within = 31min;
constexpr auto process_ends_within = 3s;
constexpr auto removed_within = 60s; // after the proof that it is gone
constexpr auto start_again_after = 500ms;

// The relay is not among them: one of a host's is the host's to keep.
constexpr std::array<std::string_view, 8> mortal_actors{
    "muster.supervisor",  "muster.feed_store",     "muster.index",      "muster.file_store",
    "muster.disk_worker", "muster.journal_keeper", "muster.reconciler", "muster.relay_bridge"};

constexpr std::array<std::chrono::hours, 5> clock_jumps{-87'600h, -1h, 25h, 87'600h, 640'000h};

} // namespace

sim_world::sim_world(const scenario& of, planted_bug bug, sim_trace::reader reader)
    : world(of),
      trace(std::move(reader)),
      machine(of, tally, trace),
      history(of[knob::projects]),
      editor(machine, history, of.seed),
      absences(machine, editor, of[knob::projects]),
      feed(machine, trace, [this](const std::string& agent, const std::string& path) { return may_drop(agent, path); }),
      manifests(machine, history, editor),
      mail(of, tally, machine, bug),
      relay(of, tally),
      desk(of, history, feed, editor, violations, trace),
      bug_(bug),
      boot_began_(machine.machine.clock.boot()),
      wall_began_(machine.machine.clock.exact_wall()) {
  if (of[knob::scans] != 0) {
    editor.share_namespace();
    desk.edited();
  }
  editor.set_listener([this] {
    absences.look(elapsed());
    manifests.look_after_edit();
  });
}

void sim_world::live() {
  if (!start_for_good())
    return;
  machine.set_faults(true);
  mail.set_faults(true);
  relay.set_faults(true);
  const auto last = world.steps.empty() ? duration{0} : duration{std::chrono::milliseconds{world.steps.back().at_ms}};
  while (!is_violated() && go_on(last + answered_within) && !(next_step_ == world.steps.size() && desk.is_idle())) {
  }
}

void sim_world::calm_down() {
  if (is_violated())
    return;
  trace.line("calm");
  faulty_ = false;
  machine.set_faults(false);
  mail.set_faults(false);
  relay.set_faults(false);
  machine.mend_volumes();
  look();
  machine.allow_all();
  mount();
  machine.do_work_between();
  editor.come_back();
  machine.machine.clock.set_wall(wall_began_ + elapsed());
  if (machine.hangs() || latest_end_)
    end_process(false);
  if (!running_ && !start_for_good())
    return;
  look();
  // What was believed to hang or to be silent shows itself within that time.
  rest(silent_within);
  // A feed store that has lost its files takes them up again at the next start.
  const auto described = ask_now<runtime_described>(process_->front(), describe_runtime{});
  if (described && described->feeds.read_only && !is_violated()) {
    end_process(false);
    if (!start_for_good())
      return;
  }
  constexpr int rounds = 5;
  for (int round = 0; round < rounds && !is_violated(); ++round) {
    await_answers(answered_within, false);
    await_answers(sweep_within, true);
    if (is_violated())
      return;
    if (!desk.repeat_unsettled())
      return;
    rest(settled_within);
  }
  if (!is_violated())
    violations.push_back("I3: repeated without any fault, a request's outcome is still unknown");
}

void sim_world::rest(duration time) {
  const auto until = elapsed() + time;
  while (!is_violated() && go_on(until)) {
  }
}

// A sweep whose parts have lost their answers goes on for a while.
void sim_world::await_answers(duration within, bool of_sweeps) {
  const auto awaited = [&] { return of_sweeps ? !desk.is_idle() : desk.in_flight_but_sweeps() > 0; };
  const auto until = elapsed() + within;
  while (!is_violated() && awaited() && go_on(until)) {
  }
  if (!is_violated() && awaited())
    violations.push_back("I18: " + std::to_string(desk.in_flight()) + " requests get no answer");
}

bool sim_world::start_for_good() {
  constexpr int attempts = 3;
  for (int i = 0; i < attempts && !running_; ++i)
    start_process();
  if (!running_)
    violations.push_back("I18: muster does not start without faults");
  return running_;
}

void sim_world::start_process() {
  process_ = std::make_unique<sim_process>(world, machine, relay, mail, trace, ++processes_, bug_);
  const auto started = process_->start();
  trace.line("start", processes_, started ? "done" : started.error().code);
  if (!started) {
    if (!faulty_)
      violations.push_back("I18: muster does not start: " + started.error().message);
    end_process(power_goes_too_);
    start_again_ = elapsed() + start_again_after;
    return;
  }
  running_ = true;
  desk.open(&process_->driver().system(), process_->front());
  listening.open(process_->driver().system(), process_->front(), processes_);
}

void sim_world::end_process(bool with_power) {
  trace.line("end", with_power ? "power" : "process");
  if (running_)
    tally.note(with_power ? trouble::power_lost : trouble::process_killed);
  machine.end_process();
  desk.open(nullptr, {});
  listening.close();
  if (process_)
    events_ += process_->driver().events();
  process_.reset();
  running_ = false;
  latest_end_.reset();
  power_goes_too_ = false;
  if (with_power) {
    before_boot_ = elapsed();
    machine.lose_power();
    absences.rebooted();
    boot_began_ = machine.machine.clock.boot();
  } else {
    machine.restart();
  }
  start_again_ = elapsed();
  look();
}

void sim_world::stop() {
  if (!process_)
    return;
  const auto stopped = ask_now<runtime_stopped>(process_->front(), stop_runtime{});
  if (!stopped && !is_violated())
    violations.push_back("I18: it does not stop: " + stopped.error().message);
  events_ += process_->driver().events();
  desk.open(nullptr, {});
  listening.close();
  process_.reset();
  running_ = false;
  if (machine.machine.files.open_handles() != 0)
    violations.push_back("I7: " + std::to_string(machine.machine.files.open_handles()) + " files are left open");
  machine.restart();
}

bool sim_world::go_on(duration until) {
  const auto now = elapsed();
  if (now >= until)
    return false;
  while (next_step_ < world.steps.size() && faulty_ &&
         duration{std::chrono::milliseconds{world.steps[next_step_].at_ms}} <= now && !is_violated())
    act(world.steps[next_step_++]);
  if (machine.process_is_over() || (latest_end_ && now >= *latest_end_))
    end_process(power_goes_too_);
  if (!running_ && now >= start_again_)
    start_process();
  desk.go_on();
  const bool ran = process_ && process_->driver().run_one();
  look();
  if (ran) {
    if (events_ + process_->driver().events() > most_events)
      violations.push_back("I18: there is no end to the events");
    return true;
  }
  auto next = until;
  if (next_step_ < world.steps.size() && faulty_)
    next = std::min(next, duration{std::chrono::milliseconds{world.steps[next_step_].at_ms}});
  if (!running_)
    next = std::min(next, start_again_);
  if (latest_end_)
    next = std::min(next, *latest_end_);
  if (process_)
    if (const auto timer = process_->driver().next_timer())
      next = std::min(next, now + *timer);
  const auto time = std::max(next - elapsed(), duration{0});
  if (process_)
    process_->driver().pass(time);
  else
    machine.machine.clock.advance(time);
  return true;
}

void sim_world::look() {
  if (machine.is_broken()) {
    saw_late_ = true;
    absences.look(elapsed());
    return;
  }
  const bool whole = violations.empty();
  if (machine.take_projects_touched() || saw_late_) {
    absences.look(elapsed());
    manifests.look(violations);
  }
  if (machine.take_feeds_touched() || saw_late_)
    feed.look(violations);
  saw_late_ = false;
  for (auto& each : listening.take_violations())
    violations.push_back(std::move(each));
  if (whole && !violations.empty())
    violated_at_ = elapsed();
}

void sim_world::act(const scenario_step& step) {
  trace.line("step", step.id, to_string(step.what), step.a, step.b, step.c);
  if (is_request(step.what))
    return desk.add(step);
  if (is_edit(step.what))
    return edit(step);
  switch (step.what) {
    case verb::kill_actor: kill_actor(step.a); break;
    case verb::power_loss: power_goes_too_ = true; [[fallthrough]];
    case verb::kill_process:
      if (!running_)
        break;
      machine.end_process_after(step.a);
      latest_end_ = elapsed() + process_ends_within;
      break;
    case verb::jump_clock: jump_clock(step.a); break;
    case verb::forget_relay:
      relay.forget();
      relay_forgot = true;
      if (world[knob::relay_kind] != 0)
        desk.letters().relay_forgot();
      break;
    case verb::break_volume:
      look();
      machine.break_volume(step.a, step.b);
      break;
    case verb::mend_volumes:
      machine.mend_volumes();
      look();
      break;
    case verb::unmount:
      tally.note(trouble::unmounted);
      look();
      machine.unmount();
      break;
    case verb::mount: mount(); break;
    case verb::deny:
      tally.note(trouble::denied);
      machine.deny(step.a % history.projects());
      break;
    case verb::allow: machine.allow_all(); break;
    case verb::vanish:
      desk.edited();
      tally.note(trouble::vanished);
      look();
      editor.vanish(step.a % history.projects(), step.b);
      break;
    case verb::come_back:
      look();
      editor.come_back();
      break;
    default: break;
  }
}

void sim_world::mount() {
  if (machine.is_away() && !machine.names_in(std::string(home_volume)).empty())
    violations.push_back("I16: something was made where a volume was not mounted");
  machine.mount();
  look();
}

// Half of the edits come between two calls of muster's, if it makes any.
void sim_world::edit(const scenario_step& step) {
  tally.note(trouble::edit);
  desk.edited();
  const auto work = [this, step] {
    look();
    editor.edit(step);
  };
  if (step.id % 2 == 0)
    machine.between_calls(step.id % 40, work);
  else
    work();
}

void sim_world::kill_actor(std::uint64_t which) {
  if (!running_)
    return;
  const auto name = mortal_actors[which % mortal_actors.size()];
  const auto living = process_->driver().living(name);
  if (living.empty())
    return;
  tally.note(trouble::actor_killed);
  process_->driver().kill(living[which / mortal_actors.size() % living.size()]);
}

void sim_world::jump_clock(std::uint64_t which) {
  tally.note(trouble::clock_jump);
  history.let_edits_clash();
  desk.clock_jumped();
  machine.machine.clock.jump_wall(clock_jumps[which % clock_jumps.size()]);
}

// A manifest that is there, if only for others than muster, is not gone.
bool sim_world::may_drop(const std::string& agent, const std::string& path) {
  if (desk.wanted_removed(agent, path))
    return true;
  const std::chrono::milliseconds grace{world[knob::grace_ms]};
  for (std::size_t i = 0; i < history.projects(); ++i)
    if (project_path(i) == path)
      return (saw_late_ || !absences.is_there_for(agent, i, removed_within, elapsed())) &&
             absences.absent_for(agent, i, elapsed()) >= grace;
  return false;
}

simulation_result sim_world::take_result() {
  if (process_)
    events_ += process_->driver().events();
  simulation_result result;
  result.violations = violations;
  result.violated_at_ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(violated_at_ == duration{0} ? elapsed() : violated_at_)
          .count());
  result.hash = trace.hash();
  result.events = events_;
  result.faults = tally;
  for (const auto& each : desk.all()) {
    result.done += each.how == answer_kind::done ? 1 : 0;
    result.refused += each.how == answer_kind::refused ? 1 : 0;
    result.unknown += each.how == answer_kind::unknown ? 1 : 0;
  }
  result.messages = desk.letters().taken();
  result.forbidden = desk.letters().judged();
  process_.reset();
  return result;
}

} // namespace muster::sim
