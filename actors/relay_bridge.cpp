#include "muster/actors/relay_bridge.hpp"

#include "muster/messages/actor_failure.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

failure silent(std::string_view what) {
  return {failure_kind::unreachable, "relay-silent",
          "the relay has not answered in time while " + std::string{what} + "; it is asked again by the next sweep"};
}

failure to_relay_failure(const caf::error& error) {
  auto why = to_failure(error, {});
  if (why.kind == failure_kind::unknown_outcome)
    return silent("an endpoint or a rule was stated");
  return why;
}

failure relay_ahead() {
  return {failure_kind::busy, relay_ahead_code,
          "the relay has heard from a later life of muster, which could not be noted; it is told everything anew"};
}

void keep_rules(relay_stages& stages) {
  for (auto& stage : stages)
    std::erase_if(stage, [](const relay_call& call) { return std::holds_alternative<relay_drop_rule>(call); });
  std::erase_if(stages, [](const auto& stage) { return stage.empty(); });
}

/// Many statements bring the rules of one namespace. Those of one agent come and
/// go with it.
bool is_shared(const relay_put_rule& rule) noexcept {
  return rule.priority == rule_weight::own_namespace || rule.priority == rule_weight::everybody_else;
}

bool puts_something(const relay_call& call) noexcept {
  return std::holds_alternative<relay_put_endpoint>(call) || std::holds_alternative<relay_put_rule>(call);
}

} // namespace

relay_bridge_actor::behavior_type relay_bridge_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](state_endpoint& m) { return state(m); },
      [this](state_rule& m) { return state(m); },
      [this](retract_namespace& m) { return retract(m); },
      [this](compare_relay& m) { return compare(m); },
  };
}

std::optional<failure> relay_bridge_state::admit(epoch life) {
  if (auto why = fence_.check(life))
    return why;
  if (requests_ < options_.requests)
    return {};
  return failure{failure_kind::busy, "relay-queue-full", "too much is asked of the relay at once; try again"};
}

statement_version relay_bridge_state::raised(statement_version version) const noexcept {
  version.life = std::max(version.life, least_);
  return version;
}

/// It is later than that, and there is one after it.
bool relay_bridge_state::heard_of(epoch life, epoch than) {
  if (life <= than || life.value == UINT64_MAX)
    return false;
  least_ = std::max(least_, epoch{life.value + 1});
  return true;
}

caf::result<endpoint_stated> relay_bridge_state::state(state_endpoint& statement) {
  if (auto why = admit(statement.version.life))
    return to_error(std::move(*why));
  statement.version = raised(statement.version);
  const auto key = std::pair{statement.endpoint.subject, statement.agent};
  if (const auto told = told_.find(key); told != told_.end() && statement.version < told->second)
    return endpoint_stated{};
  auto promise = self_->make_response_promise<endpoint_stated>();
  const auto which = begin(options_.statement_limit, [this, promise, key, version = statement.version](
                                                         const relay_compared&, std::optional<failure> why) mutable {
    if (why)
      return promise.deliver(to_error(std::move(*why)));
    if (told_.size() >= options_.told)
      told_.clear();
    auto& told = told_[key];
    told = std::max(told, version);
    promise.deliver(endpoint_stated{});
  });
  which->stages = plan_.state(statement);
  next_stage(which);
  make_calls();
  return promise;
}

/// Makes these calls, whatever was told before.
template <class Answer>
caf::result<Answer> relay_bridge_state::tell(relay_stages&& stages) {
  auto promise = self_->make_response_promise<Answer>();
  const auto which =
      begin(options_.statement_limit, [promise](const relay_compared&, std::optional<failure> why) mutable {
        if (why)
          promise.deliver(to_error(std::move(*why)));
        else
          promise.deliver(Answer{});
      });
  which->exact = true;
  which->stages = std::move(stages);
  next_stage(which);
  make_calls();
  return promise;
}

caf::result<rule_stated> relay_bridge_state::state(state_rule& statement) {
  if (auto why = admit(statement.version.life))
    return to_error(std::move(*why));
  statement.version = raised(statement.version);
  return tell<rule_stated>(plan_.state(statement));
}

caf::result<namespace_retracted> relay_bridge_state::retract(retract_namespace& statement) {
  if (auto why = admit(statement.version.life))
    return to_error(std::move(*why));
  statement.version = raised(statement.version);
  if (counted_on_ > statement.version)
    return namespace_retracted{};
  // From here on nobody may count on its rules, nor on an answer that is older.
  told_rules_.clear();
  compared_ = std::max(compared_, statement.version);
  return tell<namespace_retracted>(plan_.retract(statement));
}

caf::result<relay_compared> relay_bridge_state::compare(compare_relay& desired) {
  if (auto why = admit(desired.version.life))
    return to_error(std::move(*why));
  desired.version = raised(desired.version);
  auto promise = self_->make_response_promise<relay_compared>();
  // What it retires may be told already.
  told_rules_.clear();
  compared_ = std::max(compared_, desired.version);
  ++comparisons_;
  const auto which =
      begin(options_.compare_limit, [this, promise](const relay_compared& done, std::optional<failure> why) mutable {
        --comparisons_;
        if (why)
          promise.deliver(to_error(std::move(*why)));
        else
          promise.deliver(done);
      });
  which->tolerant = true;
  ask(self_, limits_, mail_, std::min(options_.call_limit * 2, options_.compare_limit), relay_, relay_list{})
      .then(
          [this, which, desired = std::move(desired)](const relay_listed& held) {
            if (std::max(held.endpoints.size(), held.rules.size()) > options_.listed)
              return conclude(which, failure{failure_kind::failed, "relay-lists-too-much",
                                             "the relay lists more than " + std::to_string(options_.listed) +
                                                 " endpoints or rules; nothing of it was used"});
            if (heard_of(plan_.latest_life(held), desired.version.life))
              return conclude(which, relay_ahead());
            which->stages = plan_.compare(desired, held);
            if (counted_on_ > desired.version)
              keep_rules(which->stages);
            next_stage(which);
            make_calls();
          },
          [this, which](const caf::error& error) { conclude(which, to_relay_failure(error)); });
  return promise;
}

relay_bridge_state::errand_ptr
relay_bridge_state::begin(std::chrono::nanoseconds limit,
                          std::function<void(const relay_compared&, std::optional<failure>)> answer) {
  auto made = std::make_shared<errand>();
  made->answer = std::move(answer);
  ++requests_;
  made->limit = limits_.after(limit, [this, weak = std::weak_ptr{made}] {
    if (const auto which = weak.lock())
      conclude(which, silent("it was told what it has to hold"));
  });
  return made;
}

void relay_bridge_state::next_stage(const errand_ptr& which) {
  if (which->over)
    return;
  if (which->stage == which->stages.size())
    return conclude(which, {});
  which->calls = std::move(which->stages[which->stage++]);
  which->made = 0;
  ready_.push_back(which);
}

// One call of each errand in turn, so that a long comparison holds nobody up.
void relay_bridge_state::make_calls() {
  while (in_flight_ < options_.in_flight && !ready_.empty()) {
    const auto which = std::move(ready_.front());
    ready_.pop_front();
    if (which->all_made())
      continue;
    auto& next = which->calls[which->made++];
    if (!which->all_made())
      ready_.push_back(which);
    if (takes_for_told(*which, next)) {
      if (which->stage_done())
        next_stage(which);
      continue;
    }
    ++in_flight_;
    ++which->open;
    call(which, std::make_shared<const relay_call>(std::move(next)), 1);
  }
}

/// A comparison has just heard that the relay lacks what it asks for.
bool relay_bridge_state::takes_for_told(const errand& of, const relay_call& what) {
  const auto* rule = std::get_if<relay_put_rule>(&what);
  if (!rule || !is_shared(*rule) || of.tolerant || of.exact || comparisons_ > 0)
    return false;
  const auto told = told_rules_.find(std::tie(rule->source, rule->target, rule->priority));
  if (told == told_rules_.end() || told->second.action != rule->action || told->second.version == rule->version ||
      self_->clock().now() >= told->second.until)
    return false;
  counted_on_ = std::max(counted_on_, rule->version);
  return true;
}

void relay_bridge_state::note_told(const relay_call& what) {
  const auto* rule = std::get_if<relay_put_rule>(&what);
  // One that came too late was taken and changed nothing.
  if (!rule || rule->version < compared_)
    return;
  if (told_rules_.size() >= options_.told)
    told_rules_.clear();
  auto& told = told_rules_[{rule->source, rule->target, rule->priority}];
  if (told.version <= rule->version)
    told = {rule->action, rule->version, self_->clock().now() + options_.rule_life};
}

void relay_bridge_state::call(const errand_ptr& of, const call_ptr& what, unsigned attempt) {
  std::visit(
      [&](auto message) {
        message.version = raised(message.version);
        ask(self_, limits_, mail_, options_.call_limit, relay_, std::move(message))
            .then([this, of, what, attempt](const relay_done& done) { call_answered(of, what, attempt, done); },
                  [this, of, what, attempt](const caf::error& error) { call_failed(of, what, attempt, error); });
      },
      *what);
}

void relay_bridge_state::call_answered(const errand_ptr& of, const call_ptr& what, unsigned attempt,
                                       const relay_done& done) {
  const auto life = std::visit([&](const auto& message) { return raised(message.version).life; }, *what);
  if (heard_of(done.newer, life) && attempt < options_.attempts && !of->over) {
    if (!of->tolerant)
      return call(of, what, attempt + 1);
    // What was stated since it was asked for would be older than what it says.
    return call_ended(of, *what, relay_ahead());
  }
  note_told(*what);
  call_ended(of, *what, {});
}

void relay_bridge_state::call_failed(const errand_ptr& of, const call_ptr& what, unsigned attempt,
                                     const caf::error& error) {
  told_rules_.clear();
  auto why = to_relay_failure(error);
  if (why.kind == failure_kind::refused || attempt >= options_.attempts || of->over)
    return call_ended(of, *what, std::move(why));
  auto pause = options_.pause;
  for (unsigned i = 1; i < attempt; ++i)
    pause *= 2;
  self_->run_delayed(pause, [this, of, what, attempt] {
    if (of->over)
      call_ended(of, *what, {});
    else
      call(of, what, attempt + 1);
  });
}

void relay_bridge_state::call_ended(const errand_ptr& of, const relay_call& what, std::optional<failure> why) {
  --in_flight_;
  --of->open;
  if (!why)
    ++(puts_something(what) ? of->done.asserted : of->done.retired);
  else if (of->tolerant && why->kind == failure_kind::refused && !relay_plan::denies(what))
    of->done.refused.push_back(std::move(*why));
  else
    conclude(of, std::move(why));
  if (of->stage_done())
    next_stage(of);
  make_calls();
}

void relay_bridge_state::conclude(const errand_ptr& which, std::optional<failure> why) {
  if (std::exchange(which->over, true))
    return;
  --requests_;
  which->make_no_more();
  which->limit.dispose();
  std::exchange(which->answer, {})(which->done, std::move(why));
}

} // namespace muster
