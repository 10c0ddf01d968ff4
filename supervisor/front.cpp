#include "muster/supervisor/front.hpp"

#include "muster/messages/actor_failure.hpp"
#include "muster/supervisor/random_draw.hpp"

#include <utility>

namespace muster {

namespace {

failure restarting() {
  return {failure_kind::busy, "restarting", "muster is being started again; try again in a moment"};
}

failure stopping() {
  return {failure_kind::busy, "stopping", "muster is being stopped; repeat the request afterwards"};
}

failure did_not_end() {
  return {failure_kind::busy, "stop-timed-out",
          "a part of muster hangs in a call to the disk and did not end in time; the data directory stays locked until "
          "it does"};
}

} // namespace

front_state::front_state(muster_actor::pointer self, supervisor_source source, entropy& random,
                         const front_options& options)
    : self_(self),
      limits_(self),
      source_(std::move(source)),
      random_(random),
      options_(options),
      policy_(options.restart),
      life_(options.first_life) {}

muster_actor::behavior_type front_state::make_behavior() {
  ignore_stray_errors(self_);
  self_->attach_functor([supervisor = supervisor_](const caf::error&) {
    if (*supervisor)
      ask_to_end(*supervisor);
  });
  begin_life();
  const auto usual = options_.request_limit;
  const auto longer = options_.long_limit;
  using enum asks_for;
  return {
      [this, usual](register_agent& m) { return pass_on<agent_placed>(m, change, usual); },
      [this, usual](update_agent& m) { return pass_on<agent_placed>(m, change, usual); },
      [this, usual](revert_agent& m) { return pass_on<agent_placed>(m, change, usual); },
      [this, usual](move_agent& m) { return pass_on<agent_placed>(m, change, usual); },
      [this, usual](unregister_agent& m) { return pass_on<agent_unregistered>(m, change, usual); },
      [this, usual](stamp_heartbeat& m) { return pass_on<heartbeat_stamped>(m, change, usual); },
      [this, longer](sweep_now& m) { return pass_on<sweep_report>(m, look, longer); },
      [this, usual](list_agents& m) { return pass_on<agents_listed>(m, look, usual); },
      [this, usual](show_agent& m) { return pass_on<agent_shown>(m, look, usual); },
      [this, usual](show_log& m) { return pass_on<log_read>(m, look, usual); },
      [this, longer](dump_index& m) { return pass_on<index_dumped>(m, look, longer); },
      [this, longer](rebuild_index& m) { return pass_on<index_rebuilt>(m, look, longer); },
      [this, longer](examine_all& m) { return pass_on<findings_told>(m, look, longer); },
      [this, usual](describe_runtime& m) { return pass_on<runtime_described>(m, look, usual); },
      [this, usual](read_commits& m) { return pass_on<commits_read>(m, look, usual); },
      [this, usual](apply_settings& m) {
        settings_ = m;
        return pass_on<settings_applied>(m, look, usual);
      },
      [this](const stop_runtime& m) { return stop(m); },
      [this, usual](deny_path& m) { return pass_on<path_denied>(m, change, usual); },
      [this, usual](undeny_path& m) { return pass_on<path_undenied>(m, change, usual); },
      [this, usual](list_denials& m) { return pass_on<denials_listed>(m, look, usual); },
      [this, usual](admit_agents& m) { return pass_on<agents_admitted>(m, change, usual); },
  };
}

template <class Answer, class Request>
caf::result<Answer> front_state::pass_on(Request& asked, asks_for what, std::chrono::nanoseconds limit) {
  if (gave_up_)
    return to_error(*gave_up_);
  if (stopping_)
    return to_error(stopping());
  if (!*supervisor_)
    return to_error(restarting());
  auto promise = self_->make_response_promise<Answer>();
  ask(self_, limits_, limit, *supervisor_, std::move(asked))
      .then([promise](Answer& answer) mutable { promise.deliver(std::move(answer)); },
            [promise, what](const caf::error& error) mutable {
              auto why = to_failure(error, {});
              if (why.kind == failure_kind::unknown_outcome && what == asks_for::look)
                why.kind = failure_kind::busy;
              promise.deliver(to_error(std::move(why)));
            });
  return promise;
}

void front_state::begin_life() {
  leased_ = true;
  wait_is_over_ = false;
  // Its last holder may be on any thread.
  const auto tell = [weak = weakly(self_), this, life = life_](void*) {
    run_inside(weak, [this, life] { lease_over(life); });
  };
  *supervisor_ = source_(life_, life_lease{nullptr, tell});
  watch(self_, *supervisor_, [this](const caf::error& why) { supervisor_died(why); });
  if (settings_)
    ask(self_, options_.request_limit, *supervisor_, *settings_)
        .then([](const settings_applied&) {}, [](const caf::error&) {});
}

void front_state::supervisor_died(const caf::error& why) {
  *supervisor_ = supervisor_actor{};
  if (stopping_)
    return;
  const auto said = to_failure(why, {});
  if (said.code == "restarted-too-often")
    return give_up_for(said);
  const auto now = self_->clock().now().time_since_epoch();
  const auto next = policy_.died("the supervisor", said.message, now, draw_number(random_));
  if (const auto* over = std::get_if<give_up>(&next))
    return give_up_for(over->why);
  self_->run_delayed(std::get<restart_after>(next).wait, [this] {
    wait_is_over_ = true;
    next_life();
  });
}

void front_state::give_up_for(const failure& why) {
  gave_up_ = why;
  if (options_.gave_up)
    options_.gave_up(why);
}

void front_state::lease_over(epoch life) {
  if (life != life_)
    return;
  leased_ = false;
  if (stopping_)
    return end(stopped_how_);
  next_life();
}

void front_state::next_life() {
  if (leased_ || !wait_is_over_ || stopping_ || gave_up_)
    return;
  ++life_.value;
  begin_life();
}

caf::result<runtime_stopped> front_state::stop(const stop_runtime& asked) {
  auto promise = self_->make_response_promise<runtime_stopped>();
  stoppers_.push_back(promise);
  if (std::exchange(stopping_, true))
    return promise;
  self_->run_delayed(asked.within + options_.stop_slack, [this] { end(did_not_end()); });
  if (!leased_) {
    end({});
  } else if (*supervisor_) {
    ask(self_, asked.within + options_.stop_slack, *supervisor_, asked)
        .then([](const runtime_stopped&) {},
              [this](const caf::error& error) {
                stopped_how_ = to_failure(error, {});
                if (*supervisor_)
                  ask_to_end(*supervisor_);
              });
  }
  return promise;
}

void front_state::end(const expected<void>& how) {
  for (auto& each : std::exchange(stoppers_, {})) {
    if (how)
      each.deliver(runtime_stopped{});
    else
      each.deliver(to_error(how.error()));
  }
  self_->quit();
}

} // namespace muster
