#include "tests/sim/actor_driver.hpp"

#include "muster/messages/actor_failure.hpp"
#include "muster/messages/interfaces.hpp"

#include <algorithm>
#include <utility>

namespace muster::sim {

namespace {

constexpr std::uint64_t events_between_changes = 4000;

// Types have to be known before a system is made, and a system wants to know
// its scheduler.
caf::actor_system_config& on_one_thread(caf::actor_system_config& config) {
  register_message_types();
  config.set("caf.scheduler.policy", "testing");
  return config;
}

std::string_view name_of(const caf::strong_actor_ptr& who) {
  if (!who)
    return "-";
  const auto* local = dynamic_cast<const caf::local_actor*>(caf::actor_cast<caf::abstract_actor*>(who));
  return local ? std::string_view{local->name()} : std::string_view{"-"};
}

std::string_view name_of(caf::type_id_t type) {
  const auto name = caf::detail::global_meta_object(type)->type_name;
  return {name.data(), name.size()};
}

/// What went wrong, if the message says so.
std::string_view complaint_of(const caf::message& content, failure& buffer) {
  if (content.match_elements<caf::error>()) {
    buffer = to_failure(content.get_as<caf::error>(0), {});
    return buffer.code;
  }
  if (content.match_elements<manifest_changed>())
    if (const auto& error = content.get_as<manifest_changed>(0).error)
      return error->code;
  return {};
}

} // namespace

actor_driver::actor_driver(simulated_clock& clock, mail_judge& judge, sim_trace& trace, const driver_options& options)
    : clock_(clock),
      judge_(judge),
      trace_(trace),
      options_(options),
      order_(options.seed, "order"),
      ticks_(options.seed, "ticks"),
      told_(clock.boot()),
      system_(on_one_thread(config_)),
      scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())) {
  next_change_ = order_.between(1, events_between_changes);
}

actor_driver::~actor_driver() {
  // An actor that cannot end must not keep the process from telling so.
  if (!kill_all())
    system_.await_actors_before_shutdown(false);
}

bool actor_driver::run_one() {
  follow_clock();
  meet_new();
  if (scheduler_.jobs.empty())
    return false;
  std::swap(scheduler_.jobs.front(), scheduler_.jobs[choose_job()]);
  if (auto* who = dynamic_cast<caf::scheduled_actor*>(scheduler_.jobs.front()))
    choose_mail(*who);
  ++events_;
  scheduler_.try_run_once();
  pass(std::chrono::nanoseconds{
      static_cast<std::int64_t>(ticks_.below(static_cast<std::uint64_t>(options_.tick.count()) + 1))});
  return true;
}

std::optional<std::chrono::nanoseconds> actor_driver::next_timer() {
  follow_clock();
  auto& timers = scheduler_.clock().schedule;
  while (!timers.empty() && timers.begin()->second.f.disposed())
    timers.erase(timers.begin());
  if (timers.empty())
    return {};
  return std::max(timers.begin()->first - scheduler_.clock().current_time, std::chrono::nanoseconds{0});
}

void actor_driver::pass(std::chrono::nanoseconds time) {
  clock_.advance(time);
  follow_clock();
}

// A call of the disk may have taken its time, too. What is due at once is due
// without any time going by.
void actor_driver::follow_clock() {
  const auto now = std::max(clock_.boot(), told_);
  scheduler_.clock().advance_time(now - std::exchange(told_, now));
}

// Whoever is started is first seen among the jobs, for its initialisation.
void actor_driver::meet_new() {
  for (auto* job : scheduler_.jobs) {
    auto* who = dynamic_cast<caf::scheduled_actor*>(job);
    if (!who || places_.count(who->id()) > 0)
      continue;
    places_.emplace(who->id(), known_.size());
    known_.push_back({who->id(), who->name(), caf::weak_actor_ptr{who->ctrl()}, order_.next()});
  }
}

actor_driver::known_actor* actor_driver::find(caf::actor_id id) {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &known_[found->second];
}

std::size_t actor_driver::choose_job() {
  auto& jobs = scheduler_.jobs;
  if (!options_.priorities)
    return order_.below(jobs.size());
  std::size_t best = 0;
  known_actor* first = nullptr;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    auto* who = dynamic_cast<caf::scheduled_actor*>(jobs[i]);
    auto* known = who ? find(who->id()) : nullptr;
    if (known && (!first || known->priority > first->priority)) {
      first = known;
      best = i;
    }
  }
  if (first && events_ >= next_change_) {
    first->priority = 0;
    next_change_ = events_ + order_.between(1, events_between_changes);
  }
  return best;
}

// The first message of each sender may be the next.
void actor_driver::choose_mail(caf::scheduled_actor& who) {
  if (who.mailbox().closed() || who.mailbox().blocked())
    return;
  who.mailbox().fetch_more();
  if (who.get_urgent_queue().peek())
    return;
  auto& queue = who.get_normal_queue();
  waiting_.clear();
  while (auto each = queue.take_front())
    waiting_.push_back(std::move(each));
  if (waiting_.empty())
    return; // its initialisation
  std::vector<std::size_t> firsts;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const auto same_sender = [&](std::size_t k) { return waiting_[k]->sender == waiting_[i]->sender; };
    if (std::none_of(firsts.begin(), firsts.end(), same_sender))
      firsts.push_back(i);
  }
  deliver(who, firsts[order_.below(firsts.size())]);
}

void actor_driver::deliver(caf::scheduled_actor& who, std::size_t chosen) {
  auto next = std::move(waiting_[chosen]);
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(chosen));
  auto& queue = who.get_normal_queue();
  const mail what{name_of(next->sender), who.name(), *next};
  if (judge_.deals_with(what, *next))
    return keep_waiting(who);
  switch (judge_.judge(what)) {
    case mail_fate::delivered: tell_trace("run", who, *next); break;
    case mail_fate::lost:
      tell_trace("lose", who, *next);
      next.reset();
      break;
    case mail_fate::late:
      tell_trace("delay", who, *next);
      scheduler_.clock().schedule_message(scheduler_.clock().current_time + judge_.delay(),
                                          caf::strong_actor_ptr{who.ctrl()}, std::move(next));
      break;
    case mail_fate::twice:
      tell_trace("repeat", who, *next);
      waiting_.push_back(caf::make_mailbox_element(next->sender, next->mid, next->stages, next->payload));
      break;
  }
  if (next)
    queue.push_back(std::move(next));
  keep_waiting(who);
}

void actor_driver::keep_waiting(caf::scheduled_actor& who) {
  for (auto& each : waiting_)
    who.get_normal_queue().push_back(std::move(each));
  waiting_.clear();
}

void actor_driver::tell_trace(std::string_view verb, const caf::scheduled_actor& who,
                              const caf::mailbox_element& what) {
  failure buffer;
  const auto types = what.payload.types();
  const std::string_view kind = what.mid.is_response() ? "answer" : what.mid.is_request() ? "request" : "message";
  trace_.line(events_, static_cast<std::uint64_t>(clock_.boot().count()), verb, who.name(), who.id(), "from",
              name_of(what.sender), what.sender ? what.sender->id() : 0, kind, what.mid.request_id().integer_value(),
              types.empty() ? std::string_view{"-"} : name_of(types[0]), complaint_of(what.payload, buffer));
}

std::vector<caf::strong_actor_ptr> actor_driver::living(std::string_view name) {
  meet_new();
  std::vector<caf::strong_actor_ptr> result;
  for (const auto& each : known_)
    if (each.name == name)
      if (auto who = each.where.lock())
        if (auto* actor = dynamic_cast<caf::monitorable_actor*>(who->get());
            actor && !actor->getf(caf::abstract_actor::is_terminated_flag))
          result.push_back(std::move(who));
  return result;
}

void actor_driver::kill(const caf::strong_actor_ptr& which) {
  trace_.line(events_, "kill", name_of(which), which->id());
  caf::anon_send_exit(which, caf::exit_reason::kill);
}

bool actor_driver::kill_all() {
  constexpr int rounds = 64; // an actor may start others while it ends
  scheduler_.clock().schedule.clear();
  for (int round = 0; round < rounds && system_.registry().running() > 0; ++round) {
    meet_new();
    for (const auto& each : known_)
      if (auto who = each.where.lock())
        caf::anon_send_exit(who, caf::exit_reason::kill);
    while (scheduler_.try_run_once())
      meet_new();
    scheduler_.clock().schedule.clear();
  }
  return system_.registry().running() == 0;
}

} // namespace muster::sim
