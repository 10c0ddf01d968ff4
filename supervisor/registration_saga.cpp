#include "muster/supervisor/registration_saga.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace muster {

namespace {

std::size_t position_of(saga_kind kind, saga_step step) {
  const auto& steps = plan_of(kind).steps;
  return static_cast<std::size_t>(std::ranges::find(steps, step) - steps.begin());
}

failure no_answer(std::string_view to) {
  return {failure_kind::failed, "step-timed-out",
          "there was no answer to " + std::string{to} + " in time, so it may or may not have happened"};
}

failure unknown(std::string_view code, std::string what, const failure& why) {
  auto result = why;
  result.kind = failure_kind::unknown_outcome;
  result.code = code;
  result.message = std::move(what) + ": " + why.message + "; repeat the request with the same request id to learn it";
  return result;
}

} // namespace

registration_saga::registration_saga(epoch life, saga_intent intent, relay_mode relay)
    : life_(life), intent_(std::make_shared<const saga_intent>(std::move(intent))), relay_(relay) {}

registration_saga::registration_saga(epoch life, saga_intent intent, relay_mode relay, recovery_decision found)
    : life_(life),
      intent_(std::make_shared<const saga_intent>(std::move(intent))),
      relay_(relay),
      recovered_(found),
      answered_(true) {
  assert(is_journalled(intent_->kind));
}

saga_decisions registration_saga::start() {
  assert(phase_ == phase::fresh);
  saga_decisions out;
  if (recovered_)
    begin(*recovered_, out);
  else
    perform_from(0, out);
  return out;
}

/// Goes on where the table of recovery says.
void registration_saga::begin(recovery_decision found, saga_decisions& out) {
  look_wanted_ = false;
  switch (found) {
    case recovery_decision::finish: return pass_commit(out);
    case recovery_decision::undo: queue_ = {{saga_step::write_manifest, true}}; return work(out);
    case recovery_decision::close: return close(out);
    case recovery_decision::roll_forward:
      // Its write has happened, but nobody knows how durably.
      taken_ = {saga_step::intend, saga_step::write_manifest};
      return perform_from(position_of(intent_->kind, saga_step::write_manifest), out);
    case recovery_decision::observe:
      phase_ = phase::observing;
      out.emplace_back(saga_do::observe_manifest{next_ticket()});
      return;
    case recovery_decision::wait: look_wanted_ = true; return owe(out);
  }
}

saga_decisions registration_saga::done(const saga_ticket& by) {
  saga_decisions out;
  if (!expects(by))
    return out;
  switch (phase_) {
    case phase::performing:
      assert(current_step() != saga_step::commit && "a commit is durable somewhere");
      take(current_step());
      perform_from(position_ + 1, out);
      break;
    case phase::marking:
      mark_wanted_ = false;
      queue_undos();
      work(out);
      break;
    case phase::working:
      queue_.pop_front();
      work(out);
      break;
    case phase::observing: close(out); break;
    case phase::closing:
      phase_ = phase::over;
      out.emplace_back(saga_do::release_claims{});
      break;
    case phase::fresh:
    case phase::looking_up:
    case phase::looking:
    case phase::owing:
    case phase::over: assert(false && "nothing that is merely done was asked for"); break;
  }
  return out;
}

saga_decisions registration_saga::failed(const saga_ticket& by, failure why) {
  saga_decisions out;
  if (!expects(by))
    return out;
  switch (phase_) {
    case phase::performing: step_failed(std::move(why), false, out); break;
    case phase::marking:
      leave_unknown(unknown("refusal-not-recorded", "it is to be undone, which cannot be recorded", why), out);
      break;
    case phase::working: work_failed(out); break;
    case phase::looking_up:
    case phase::looking:
    case phase::closing: owe(out); break;
    case phase::observing:
      look_wanted_ = true;
      owe(out);
      break;
    case phase::fresh:
    case phase::owing:
    case phase::over: break;
  }
  return out;
}

saga_decisions registration_saga::timed_out(const saga_ticket& by) {
  if (!expects(by) || phase_ != phase::performing)
    return failed(by, no_answer("the journal"));
  saga_decisions out;
  step_failed(no_answer(rule_of(current_step()).name), true, out);
  return out;
}

saga_decisions registration_saga::commit_durable(const saga_ticket& by, commit_id where) {
  saga_decisions out;
  if (!expects(by))
    return out;
  assert(phase_ == phase::looking_up || (phase_ == phase::performing && current_step() == saga_step::commit));
  commit_ = std::move(where);
  commit_unknown_ = false;
  pass_commit(out);
  return out;
}

saga_decisions registration_saga::commit_absent(const saga_ticket& by) {
  saga_decisions out;
  if (!expects(by))
    return out;
  assert(phase_ == phase::looking_up);
  commit_unknown_ = false;
  abort(*first_, false, out);
  return out;
}

saga_decisions registration_saga::looked(const saga_ticket& by, recovery_decision found) {
  saga_decisions out;
  if (!expects(by))
    return out;
  assert(phase_ == phase::looking);
  begin(found, out);
  return out;
}

saga_decisions registration_saga::cancel() {
  saga_decisions out;
  const failure stopping{failure_kind::busy, "stopping", "muster is being stopped; repeat the request afterwards"};
  if (phase_ == phase::fresh) {
    answer({saga_answer::outcome::not_done, {}, named(stopping, current_step())}, out);
    phase_ = phase::over;
    out.emplace_back(saga_do::release_claims{});
  } else if (phase_ == phase::performing && current_step() != saga_step::commit) {
    abort(named(stopping, current_step()), true, out);
  }
  return out;
}

saga_decisions registration_saga::abandon() {
  if (phase_ == phase::fresh)
    return cancel();
  saga_decisions out;
  if (!answered_) {
    // Once aborting is in the journal the next start undoes what is left.
    const auto refused = first_ && !commit_unknown_ && !mark_wanted_;
    const failure why{failure_kind::failed, "stopped", "muster was stopped before it came to an end"};
    if (refused)
      answer({saga_answer::outcome::not_done, {}, first_}, out);
    else
      answer({saga_answer::outcome::unknown,
              {},
              named(unknown("stopped", "it may or may not be done", why), current_step())},
             out);
  }
  phase_ = phase::over;
  return out;
}

saga_decisions registration_saga::settle() {
  saga_decisions out;
  if (phase_ != phase::owing)
    return out;
  if (commit_unknown_) {
    phase_ = phase::looking_up;
    out.emplace_back(saga_do::look_up_commit{next_ticket()});
  } else if (look_wanted_) {
    phase_ = phase::looking;
    out.emplace_back(saga_do::look_at_manifest{next_ticket()});
  } else if (mark_wanted_) {
    mark(out);
  } else {
    queue_.assign(owed_.begin(), owed_.end());
    owed_.clear();
    work(out);
  }
  return out;
}

saga_ticket registration_saga::next_ticket() {
  return {life_, intent_->saga, ++tickets_};
}

bool registration_saga::expects(const saga_ticket& by) const {
  const auto waits = phase_ != phase::fresh && phase_ != phase::owing && phase_ != phase::over;
  return waits && by.life == life_ && by.n == tickets_ && by.saga == intent_->saga;
}

/// What an endpoint is, it is as before and after too, if nobody is admitted.
bool registration_saga::changes_endpoint() const {
  const auto is_open = [](const std::optional<placement>& place) { return !place || place->admitted; };
  return intent_->kind == saga_kind::admit || intent_->endpoint_before != intent_->endpoint_after ||
         is_open(intent_->place_before) != is_open(intent_->place_after);
}

/// Steps that would change nothing are left out.
bool registration_saga::applies(saga_step step) const {
  if (step == saga_step::write_manifest)
    return intent_->before != intent_->after;
  if (is_endpoint_step(step))
    return relay_ != relay_mode::none && !endpoint_left_ && changes_endpoint();
  return true;
}

/// The journal has the intent, or may have it.
bool registration_saga::is_recorded() const {
  return recovered_ || std::ranges::count(taken_, saga_step::intend) > 0;
}

bool registration_saga::is_lenient() const noexcept {
  return relay_ == relay_mode::eventual || intent_->kind == saga_kind::observe || recovered_;
}

failure registration_saga::named(failure why, saga_step step) const {
  why.step = rule_of(step).name;
  if (why.agent.empty())
    why.agent = intent_->agent.text;
  if (why.path.empty())
    why.path = intent_->path;
  return why;
}

void registration_saga::perform_from(std::size_t position, saga_decisions& out) {
  const auto& steps = plan_of(intent_->kind).steps;
  phase_ = phase::performing;
  for (position_ = position; position_ < steps.size() && steps[position_] != saga_step::none; ++position_)
    if (applies(steps[position_])) {
      out.emplace_back(saga_do::perform{next_ticket(), steps[position_]});
      return;
    }
  assert(!has_commit(intent_->kind));
  pass_commit(out);
}

void registration_saga::step_failed(failure why, bool timed_out, saga_decisions& out) {
  const auto step = current_step();
  if (is_endpoint_step(step) && is_lenient()) {
    take(step);
    endpoint_left_ = true;
    out.emplace_back(saga_do::leave_to_sweep{step});
    return perform_from(position_ + 1, out);
  }
  if (step == saga_step::commit && (timed_out || why.kind == failure_kind::unknown_outcome)) {
    commit_unknown_ = true;
    return leave_unknown(unknown("commit-unknown", "it cannot be told whether the commit is in the feed", why), out);
  }
  // What the journal and the feed refuse is not in them.
  const auto answers_for_it = !timed_out && (step == saga_step::commit || step == saga_step::intend);
  const auto nothing_done = answers_for_it || why.kind == failure_kind::refused;
  abort(named(std::move(why), step), !nothing_done, out);
}

/// From here on nothing can fail the request.
void registration_saga::pass_commit(saga_decisions& out) {
  committed_ = true;
  answer({saga_answer::outcome::done, commit_.value_or(commit_id{}), {}}, out);
  queue_.clear();
  for (const auto duty : plan_of(intent_->kind).duties)
    if (duty != saga_step::none)
      queue_.push_back({duty, false});
  work(out);
}

void registration_saga::leave_unknown(failure why, saga_decisions& out) {
  why = named(std::move(why), current_step());
  if (!first_)
    first_ = why;
  answer({saga_answer::outcome::unknown, {}, std::move(why)}, out);
  owe(out);
}

void registration_saga::abort(failure why, bool undo_current, saga_decisions& out) {
  if (!first_)
    first_ = std::move(why);
  if (undo_current)
    take(current_step());
  mark(out);
}

void registration_saga::mark(saga_decisions& out) {
  mark_wanted_ = is_recorded();
  if (!mark_wanted_) {
    queue_undos();
    return work(out);
  }
  phase_ = phase::marking;
  const auto written = std::ranges::count(taken_, saga_step::write_manifest) > 0;
  out.emplace_back(
      saga_do::mark_aborting{next_ticket(), written ? abort_mark::maybe_written : abort_mark::nothing_written});
}

void registration_saga::queue_undos() {
  queue_.clear();
  for (auto step = taken_.rbegin(); step != taken_.rend(); ++step)
    if (has_undo(*step))
      queue_.push_back({*step, true});
}

/// Does the first of the queue, or concludes when it is empty.
void registration_saga::work(saga_decisions& out) {
  phase_ = phase::working;
  while (!queue_.empty() && !queue_.front().is_undo && !applies(queue_.front().step))
    queue_.pop_front();
  if (queue_.empty())
    return conclude(out);
  if (queue_.front().is_undo)
    out.emplace_back(saga_do::undo{next_ticket(), queue_.front().step});
  else
    out.emplace_back(saga_do::perform{next_ticket(), queue_.front().step});
}

void registration_saga::work_failed(saga_decisions& out) {
  const auto debt = queue_.front();
  queue_.pop_front();
  const auto left = debt.is_undo ? is_endpoint_step(debt.step) && is_lenient() : !is_held_duty(debt.step);
  if (left)
    out.emplace_back(saga_do::leave_to_sweep{debt.step});
  else
    owed_.push_back(debt);
  work(out);
}

void registration_saga::conclude(saga_decisions& out) {
  if (!answered_ && !owed_.empty())
    first_->message +=
        "; undoing " + std::string{rule_of(owed_.front().step).name} + " has failed, too, and is tried again";
  if (!answered_)
    answer({saga_answer::outcome::not_done, {}, first_}, out);
  if (owed_.empty())
    close(out);
  else
    owe(out);
}

/// The loss of a close is harmless only where doing the duties again is: where
/// they touch no file.
void registration_saga::close(saga_decisions& out) {
  const auto durable = !committed_ || std::ranges::any_of(plan_of(intent_->kind).duties, is_held_duty);
  phase_ = is_recorded() && durable ? phase::closing : phase::over;
  if (is_recorded())
    out.emplace_back(saga_do::close{next_ticket(), durable});
  if (phase_ == phase::over)
    out.emplace_back(saga_do::release_claims{});
}

void registration_saga::owe(saga_decisions& out) {
  phase_ = phase::owing;
  out.emplace_back(saga_do::keep_claims{owed_});
}

void registration_saga::answer(saga_answer what, saga_decisions& out) {
  if (answered_)
    return;
  answered_ = true;
  out.emplace_back(saga_do::answer{std::move(what)});
}

} // namespace muster
