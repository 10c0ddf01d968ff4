#include "muster/supervisor/supervisor.hpp"

#include <algorithm>
#include <utility>

// What becomes of sagas after they were begun.

namespace muster {

caf::result<owed_settled> supervisor_state::settle(const settle_owed&) {
  auto promise = self_->make_response_promise<owed_settled>();
  settlers_.push_back(promise);
  if (settlers_.size() > 1)
    return promise;
  if (!relay_.is_at_work())
    relay_.run();
  observations_.tidy_again();
  const auto owing = core_.sagas.owing();
  settling_.insert(owing.begin(), owing.end());
  settling_from_ = owing.size();
  for (const auto& saga : owing) {
    core_.sagas.settle(saga);
    if (!core_.sagas.has(saga) || core_.sagas.is_owing(saga))
      settling_.erase(saga);
  }
  check_settled();
  return promise;
}

void supervisor_state::check_settled() {
  if (!settling_.empty())
    return;
  const auto left = core_.sagas.owing().size();
  for (auto& each : std::exchange(settlers_, {}))
    each.deliver(owed_settled{settling_from_ - std::min(settling_from_, left), left, observations_.was_untidy()});
}

void supervisor_state::saga_rests(const saga_id& saga) {
  recovery_.saga_rests(saga);
  if (settling_.erase(saga) > 0)
    check_settled();
  check_stopped();
}

void supervisor_state::saga_answered(const saga_intent& intent, const saga_answer& what) {
  changes_.saga_answered(intent, what);
  access_.saga_answered(intent, what);
  observations_.saga_answered(intent, what);
}

void supervisor_state::saga_owes(const saga_id& saga, const failure& why) {
  core_.claims.owes(saga, why);
  saga_rests(saga);
}

void supervisor_state::saga_over(const saga_intent& intent) {
  core_.claims.release(intent.saga);
  access_.saga_over(intent);
  // A manifest that was there before may have something beside it.
  if (!stopping_ && (intent.kind == saga_kind::adopt || intent.kind == saga_kind::move))
    observations_.take_in(intent, {});
  saga_rests(intent.saga);
}

void supervisor_state::saga_leaves_endpoint(const saga_intent&, const failure& why) {
  relay_.left_behind(why);
}

void supervisor_state::saga_saw(const saga_intent& intent, const manifest_changed& what) {
  observations_.take_in(intent, what.witnessed);
}

void supervisor_state::observe_for(const saga_intent& intent, std::function<void(expected<void>)> then) {
  // The saga itself keeps its claims.
  observations_.observe_held({}, intent.agent, intent.path,
                             [then = std::move(then)](const expected<place_observed>& what) {
                               then(what ? expected<void>{} : expected<void>{what.error()});
                             });
}

} // namespace muster
