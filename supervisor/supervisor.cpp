#include "muster/supervisor/supervisor.hpp"

#include "muster/supervisor/request_hash.hpp"

#include <type_traits>
#include <utility>

namespace muster {

namespace {

failure stopping() {
  return {failure_kind::busy, "stopping", "muster is being stopped; repeat the request afterwards"};
}

failure starting() {
  return {failure_kind::busy, "starting", "muster is starting and too many wait already; try again in a moment"};
}

plan_ground ground_of(const instance_id& own, const supervisor_options& options) {
  return {own, options.relay_prefix, options.managed_home, options.now.system_allow};
}

std::string_view to_text(relay_mode mode) {
  switch (mode) {
    case relay_mode::strict: return "strict";
    case relay_mode::eventual: return "eventual";
    case relay_mode::none: return "none";
  }
  return {};
}

std::vector<std::string> names_in(const register_agent& asked) {
  return {asked.path};
}
std::vector<std::string> names_in(const move_agent& asked) {
  return {asked.selector, asked.path};
}
template <class Request>
std::vector<std::string> names_in(const Request& asked) {
  return {asked.selector};
}

} // namespace

supervisor_state::supervisor_state(supervisor_actor::pointer self, const environment& env, epoch life,
                                   const instance_id& own, worker_sources sources, const supervisor_options& options)
    : self_(self),
      children_(self, std::move(sources), env.random, options.restart,
                {[this](std::string_view which) { worker_returned(which); },
                 [this](const failure& why) { self_->quit(to_error(why)); }}),
      core_(self, env, life, ground_of(own, options), options, children_.handles(), *this),
      observations_(core_, entries_, [this] { check_stopped(); }),
      changes_(core_, observations_),
      found_(core_, changes_, gate_, entries_),
      denials_(core_, changes_, gate_),
      admissions_(core_, changes_),
      reads_(core_),
      relay_(core_),
      access_(core_, changes_, relay_),
      mail_(core_, relay_),
      recovery_(core_, observations_),
      sweeps_(core_) {}

supervisor_actor::behavior_type supervisor_state::make_behavior() {
  ignore_stray_errors(self_);
  start();
  const auto& by = core_.by;
  const auto change_access = [this](const auto& asked, auto then) { access_.take(asked, then); };
  return {
      [this](register_agent& m) { return change<agent_placed>(m); },
      [this](update_agent& m) { return change<agent_placed>(m); },
      [this](revert_agent& m) { return change<agent_placed>(m); },
      [this](move_agent& m) { return change<agent_placed>(m); },
      [this](unregister_agent& m) { return change<agent_unregistered>(m); },
      [this](const stamp_heartbeat& m) {
        return answer_later<heartbeat_stamped>([&](auto then) { reads_.heartbeat(m, then); });
      },
      [this, change_access](set_rule& m) { return change_by<rule_changed>(m, change_access); },
      [this, change_access](withdraw_rule& m) { return change_by<rule_changed>(m, change_access); },
      [this, &by](list_rules& m) { return pass_on<rules_listed>(by.index, m, core_.options.request_limit); },
      [this, &by](who_may_reach& m) { return pass_on<reach_described>(by.index, m, core_.options.request_limit); },
      [this, &by](show_topology& m) { return pass_on<topology_described>(by.index, m, core_.options.request_limit); },
      [this](const sweep_now& m) { return answer_later<sweep_report>([&](auto then) { sweeps_.sweep(m, then); }); },
      [this, &by](scan_now& m) { return pass_on<scan_report>(by.scanner, m, core_.options.long_limit); },
      [this, &by](look_at_scan& m) { return pass_on<scan_progress>(by.scanner, m, core_.options.request_limit); },
      [this, &by](cancel_scan& m) { return pass_on<scan_cancelled>(by.scanner, m, core_.options.request_limit); },
      [this, &by](list_agents& m) { return pass_on<agents_listed>(by.index, m, core_.options.request_limit); },
      [this](const show_agent& m) { return answer_later<agent_shown>([&](auto then) { reads_.show(m, then); }); },
      [this](const show_log& m) { return answer_later<log_read>([&](auto then) { reads_.log(m, then); }); },
      [this, &by](dump_index& m) { return pass_on<index_dumped>(by.index, m, core_.options.long_limit); },
      [this, &by](rebuild_index& m) { return pass_on<index_rebuilt>(by.index, m, core_.options.long_limit); },
      [this](const examine_all&) {
        return answer_later<findings_told>([&](auto then) { reads_.examine(own_findings(), then); });
      },
      [this](const describe_runtime&) {
        return answer_later<runtime_described>([&](auto then) { reads_.describe(describe_self(), then); });
      },
      [this, &by](read_commits& m) { return pass_on<commits_read>(by.feed, m, core_.options.request_limit); },
      [this](const apply_settings& m) { return apply(m); },
      [this](const send_message& m) { return with_mail(&mail_desk::send, m); },
      [this](const read_mail& m) { return with_mail(&mail_desk::read, m); },
      [this](const acknowledge_mail& m) { return with_mail(&mail_desk::acknowledge, m); },
      [this](const list_dead_letters& m) { return with_mail(&mail_desk::dead, m); },
      [this](const list_mailboxes& m) { return with_mail(&mail_desk::mailboxes, m); },
      [this](const watch_mail& m) { return with_mail(&mail_desk::watch, m); },
      [this](const open_mail_port& m) { return with_mail(&mail_desk::port, m); },
      [this](const stop_runtime& m) { return stop(m); },
      [this](deny_path& m) {
        return change_by<path_denied>(m, [this](const auto& asked, auto then) { denials_.deny(asked, then); });
      },
      [this](undeny_path& m) {
        return change_by<path_undenied>(m, [this](const auto& asked, auto then) { denials_.undeny(asked, then); });
      },
      [this, &by](list_denials& m) { return pass_on<denials_listed>(by.index, m, core_.options.request_limit); },
      [this](admit_agents& m) {
        return change_by<agents_admitted>(m, [this](const auto& asked, auto then) { admissions_.admit(asked, then); });
      },
      [this](const observe_place& m) { return observe(m); },
      [this](const take_found& m) { return take(m); },
      [this](const settle_owed& m) { return settle(m); },
  };
}

/// What the journal holds first, then the relay, then whoever has waited. Reads
/// wait for neither.
void supervisor_state::start() {
  children_.start();
  recovery_.start(
      [this] {
        refuse_held(*recovery_.journal_problem());
        tell_started();
      },
      [this] {
        tell_started();
        auto limit = self_->run_delayed(core_.options.relay_limit, [this] { open_gate(); });
        relay_.run([this, limit]() mutable {
          limit.dispose();
          open_gate();
        });
      });
}

void supervisor_state::open_gate() {
  if (std::exchange(open_, true))
    return;
  for (const auto& each : std::exchange(held_, {}))
    each({});
  if (core_.options.sweeps && !stopping_)
    sweeps_.start();
}

void supervisor_state::tell_started() {
  if (const auto started = std::exchange(core_.options.started, {}))
    started(own_findings());
}

void supervisor_state::admit(admitted then) {
  if (stopping_)
    return then(stopping());
  if (open_)
    return then({});
  if (recovery_.journal_problem())
    return then(*recovery_.journal_problem());
  if (held_.size() >= core_.options.sagas_in_flight)
    return then(starting());
  held_.push_back(std::move(then));
}

void supervisor_state::refuse_held(const failure& why) {
  for (const auto& each : std::exchange(held_, {}))
    each(why);
}

template <class Answer, class Request>
caf::result<Answer> supervisor_state::change(Request& asked) {
  return change_by<Answer>(asked, [this](const Request& what, auto then) {
    auto hash = what.request.empty() ? std::string{} : hash_of(what);
    changes_.take({what.request, std::move(hash), planner_of(core_, what), names_in(what), claim_conflict::wait},
                  [then](const change_answer& answer) mutable {
                    if (!answer)
                      return then(answer.error());
                    if constexpr (std::is_same_v<Answer, agent_placed>)
                      then(*answer);
                    else
                      then(Answer{answer->agent, answer->notes});
                  });
  });
}

/// `take` gets the request, once changes are taken, and what to call with the
/// answer.
template <class Answer, class Request, class Take>
caf::result<Answer> supervisor_state::change_by(Request& asked, Take take) {
  return answer_later<Answer>([&](auto then) {
    admit([this, asked = std::move(asked), take, then](const expected<void>& entered) mutable {
      if (!entered)
        return then(asked.request.empty() || asked.request == core_.options.new_request ? entered.error()
                                                                                        : cannot_tell(entered.error()));
      take(asked, then);
    });
  });
}

template <class Answer, class Handle, class Request>
caf::result<Answer> supervisor_state::pass_on(const Handle& to, Request& asked, std::chrono::nanoseconds limit) {
  return answer_later<Answer>(
      [&](auto then) { consult<Answer>(self_, core_.mail, limit, to, std::move(asked), then); });
}

/// The endpoints of a life are there before its first message is taken.
template <class Answer, class Request>
caf::result<Answer> supervisor_state::with_mail(void (mail_desk::*work)(const Request&, const mail_desk::told<Answer>&),
                                                const Request& asked) {
  return once_admitted<Answer>([this, work, asked](auto then) { (mail_.*work)(asked, then); });
}

caf::result<found_taken> supervisor_state::take(const take_found& what) {
  return once_admitted<found_taken>([this, what](auto then) { found_.take(what, then); });
}

/// A sweep that was asked for may run before the journal is read; what it has
/// found waits like any change, or it would claim what an open saga holds.
caf::result<place_observed> supervisor_state::observe(const observe_place& what) {
  return once_admitted<place_observed>([this, what](auto then) { observations_.observe(what, then); });
}

/// `ask` gets what to call with the answer, once changes are taken.
template <class Answer, class Ask>
caf::result<Answer> supervisor_state::once_admitted(Ask ask) {
  return answer_later<Answer>([&](auto then) {
    admit([ask = std::move(ask), then](const expected<void>& entered) mutable {
      if (entered)
        ask(then);
      else
        then(entered.error());
    });
  });
}

/// `ask` gets what to call with the answer.
template <class Answer, class Ask>
caf::result<Answer> supervisor_state::answer_later(Ask ask) {
  auto promise = self_->make_response_promise<Answer>();
  ask([promise](expected<Answer> answer) mutable {
    if (answer)
      promise.deliver(std::move(*answer));
    else
      promise.deliver(to_error(answer.error()));
  });
  return promise;
}

caf::result<settings_applied> supervisor_state::apply(const apply_settings& asked) {
  const auto before = std::exchange(core_.options.now, asked.now);
  core_.ground.system_allow = asked.now.system_allow;
  sweeps_.reset();
  return answer_later<settings_applied>([&](auto then) {
    tell_settings(core_.by.index, [this, then, before](const expected<settings_applied>& by_index) {
      if (before.relay == relay_mode::none || before.system_allow != core_.options.now.system_allow)
        relay_.run();
      tell_settings(core_.by.feed, [by_index, then](const expected<settings_applied>& by_feed) mutable {
        then(by_index ? by_feed : by_index);
      });
    });
  });
}

/// As they are now.
template <class Worker>
void supervisor_state::tell_settings(const Worker& worker,
                                     const std::function<void(const expected<settings_applied>&)>& then) {
  consult<settings_applied>(self_, core_.mail, core_.options.request_limit, worker, apply_settings{core_.options.now},
                            then);
}

caf::result<runtime_stopped> supervisor_state::stop(const stop_runtime& asked) {
  auto promise = self_->make_response_promise<runtime_stopped>();
  stoppers_.push_back(promise);
  if (std::exchange(stopping_, true))
    return promise;
  sweeps_.stop();
  observations_.stop();
  refuse_held(stopping());
  changes_.stop();
  self_->run_delayed(asked.within, [this] { finish(); });
  core_.sagas.cancel_all();
  // Whatever it is told, it first makes the folds that wait for others.
  tell_settings(core_.by.index, [](const expected<settings_applied>&) {});
  check_stopped();
  return promise;
}

void supervisor_state::check_stopped() {
  // Not at once: a saga whose decisions are being carried out may be the last.
  if (stopping_ && core_.sagas.under_way() == 0 && !observations_.is_at_work())
    run_behind_mail(self_, [this] { finish(); });
}

/// What is still open is in the journal, for the next start.
void supervisor_state::finish() {
  if (std::exchange(finished_, true))
    return;
  core_.sagas.abandon_all();
  consult<journal_finished>(self_, core_.mail, core_.options.question_limit, core_.by.journal, finish_journal{},
                            [this](const expected<journal_finished>& how) {
                              for (auto& each : stoppers_) {
                                if (how)
                                  each.deliver(runtime_stopped{});
                                else
                                  each.deliver(to_error(how.error()));
                              }
                              core_.mail.gathered.send();
                              children_.end();
                              self_->quit();
                            });
}

void supervisor_state::worker_returned(std::string_view which) {
  for (const auto& saga : core_.sagas.owing())
    core_.sagas.settle(saga);
  // A new one knows the settings that were at the start.
  const auto heard = [](const expected<settings_applied>&) {};
  if (which == children::index_name)
    tell_settings(core_.by.index, heard);
  if (which == children::feed_name)
    tell_settings(core_.by.feed, heard);
  if (which == children::bridge_name)
    relay_.run();
}

runtime_described supervisor_state::describe_self() const {
  runtime_described result;
  result.last_sweep = sweeps_.last();
  result.last_sweep_at = sweeps_.last_at();
  result.relay = std::string{to_text(core_.options.now.relay)};
  if (relay_.problem())
    result.relay += ": " + relay_.problem()->message;
  result.life = core_.life.value;
  result.sagas_in_flight = core_.sagas.under_way();
  result.sagas_owing = core_.sagas.owing().size();
  result.problems = own_findings();
  return result;
}

std::vector<finding> supervisor_state::own_findings() const {
  auto result = recovery_.findings();
  if (const auto& why = recovery_.journal_problem())
    result.push_back({std::string{why->code}, why->message, why->path, why->kind == failure_kind::damaged});
  constexpr std::size_t named = 5;
  const auto owing = core_.sagas.owing();
  for (const auto& each : owing) {
    if (&each - owing.data() == named) {
      result.push_back({"owed", std::to_string(owing.size() - named) + " more changes are not ended yet", {}, false});
      break;
    }
    const auto [intent, why] = core_.sagas.owed_by(each);
    result.push_back({"owed",
                      "the change '" + std::string(plan_of(intent.kind).name) + "' is not ended yet" +
                          (why.message.empty() ? "" : ": " + why.message) + "; it is tried again at each sweep",
                      intent.path, false});
  }
  return result;
}

} // namespace muster
