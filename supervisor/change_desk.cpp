#include "muster/supervisor/change_desk.hpp"

#include "muster/store/namespace_rules.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

/// Looks at one request's facts. Each but the first is because somebody else
/// was done with the same agent or path meanwhile.
constexpr unsigned most_looks = 8;
/// Answers without a commit that are kept.
constexpr std::size_t most_answers = 4096;

failure busy(std::string_view code, std::string sentence) {
  return {failure_kind::busy, code, std::move(sentence), {}, "claim"};
}

failure too_much(std::size_t limit) {
  return busy("too-much-in-flight", std::to_string(limit) + " requests are in flight; try again in a moment");
}

failure stopping() {
  return busy("stopping", "muster is being stopped; repeat the request afterwards");
}

failure still_unknown() {
  return {failure_kind::unknown_outcome,
          "still-unknown",
          "it is still not known whether the request was done; repeat it with the same request id",
          {},
          "request-id"};
}

bool covers(claim_set held, claim_set wanted) {
  std::ranges::sort(held);
  std::ranges::sort(wanted);
  return std::ranges::includes(held, wanted);
}

commit_id place_of(const commit& made) {
  return {made.instance, made.seq};
}

} // namespace

failure cannot_tell(failure why) {
  if (why.kind != failure_kind::unknown_outcome && why.kind != failure_kind::damaged)
    why.kind = failure_kind::busy;
  why.message += "; whether an earlier attempt of this request was done cannot be told, either";
  return why;
}

agent_placed answer_of(const commit& made, const agent_found& now, const plan_ground& ground) {
  agent_placed result;
  result.version = place_of(made);
  for (const auto& each : made.ops) {
    if (const auto* put = std::get_if<agent_put>(&each)) {
      result.agent = put->agent;
      result.adopted = put->adopted;
    } else if (const auto* place = std::get_if<place_put>(&each)) {
      result.agent = place->agent;
      result.path = place->path;
      result.namespace_name = place->namespace_name;
    } else if (const auto* gone = std::get_if<place_drop>(&each)) {
      result.agent = gone->agent;
    } else if (const auto* dropped = std::get_if<agent_drop>(&each)) {
      result.agent = dropped->agent;
    } else if (const auto* denied = std::get_if<deny_put>(&each)) {
      result.path = denied->path;
    } else if (const auto* lifted = std::get_if<deny_drop>(&each)) {
      result.path = lifted->path;
    }
  }
  if (now.here) {
    result.path = now.here->path;
    result.namespace_name = now.here->namespace_name;
  }
  if (!result.namespace_name.empty())
    result.subject = subject_of(ground.relay_prefix, result.namespace_name, result.agent);
  // Of what has been changed since, that of the version is not known any more.
  if (now.version == result.version)
    result.content_hash = now.content_hash;
  return result;
}

void change_desk::take(change_request request, change_taker answer) {
  if (stopping_ || open_.size() >= core_.options.sagas_in_flight) {
    if (request.over)
      request.over();
    return answer(stopping_ ? stopping() : too_much(core_.options.sagas_in_flight));
  }
  const auto which = std::make_shared<run>(run{core_.new_saga(), std::move(request), std::move(answer), {}});
  open_.emplace(which->id, which);
  which->limit = core_.mail.limits.after(core_.options.request_limit, [this, weak = std::weak_ptr{which}] {
    if (const auto late = weak.lock())
      time_out(late);
  });
  if (which->request.request.empty())
    look(which);
  else
    ask_ledger(which);
}

void change_desk::ask_ledger(const run_ptr& which) {
  const auto& request = which->request.request;
  const auto& hash = which->request.hash;
  const auto decision = core_.ledger.ask(request, hash, core_.now());
  if (const auto* why = std::get_if<failure>(&decision))
    return end(which, *why);
  if (std::holds_alternative<request_repeat>(decision))
    return repeat(which);
  if (const auto* running = std::get_if<request_join>(&decision)) {
    which->joined = true;
    joined_[running->saga].push_back(which);
    return;
  }
  if (const auto* unknown = std::get_if<request_look_up>(&decision)) {
    core_.sagas.settle(unknown->saga);
    return ask_feed(which, true);
  }
  if (!which->asked_feed)
    return ask_feed(which, false);
  core_.ledger.begun(request, hash, which->id, core_.now());
  which->in_ledger = true;
  look(which);
}

/// What this life does not know of may stand in a commit of an earlier one.
void change_desk::ask_feed(const run_ptr& which, bool was_unknown) {
  which->asked_feed = true;
  look_up<commit_found>(core_, core_.by.feed, find_commit{{}, which->request.request},
                        [this, which, was_unknown](const expected<commit_found>& found) {
                          if (!open_.contains(which->id))
                            return;
                          const auto& request = which->request.request;
                          if (!found) {
                            const bool is_first = request == core_.options.new_request && !was_unknown;
                            return end(which, is_first ? found.error() : cannot_tell(found.error()));
                          }
                          if (found->made) {
                            core_.ledger.found(request, found->made->request_hash, place_of(*found->made), core_.now());
                            return ask_ledger(which);
                          }
                          if (was_unknown) {
                            const auto again = core_.ledger.ask(request, which->request.hash, core_.now());
                            const auto* unknown = std::get_if<request_look_up>(&again);
                            if (unknown && core_.sagas.has(unknown->saga))
                              return end(which, still_unknown());
                            core_.ledger.absent(request);
                          }
                          ask_ledger(which);
                        });
}

void change_desk::repeat(const run_ptr& which) {
  look_up<commit_found>(core_, core_.by.feed, find_commit{{}, which->request.request},
                        [this, which](const expected<commit_found>& found) {
                          if (!found)
                            return end(which, cannot_tell(found.error()));
                          if (!found->made)
                            return repeat_without_commit(which);
                          auto made = *found->made;
                          which->made = std::make_shared<const commit>(made);
                          const auto agent = answer_of(made, {}, core_.ground).agent;
                          look_up<agent_found>(core_, core_.by.index, find_agent{agent},
                                               [this, which, made](const expected<agent_found>& now) {
                                                 if (!now)
                                                   return end(which, cannot_tell(now.error()));
                                                 end(which, answer_of(made, *now, core_.ground));
                                               });
                        });
}

void change_desk::keep_answer(const run& which, const agent_placed& answer) {
  if (!which.in_ledger)
    return;
  // Ids are mostly ULIDs, so the first is the oldest.
  if (without_commit_.size() >= most_answers)
    without_commit_.erase(without_commit_.begin());
  without_commit_.insert_or_assign(which.request.request, answer);
}

/// It was done, and nothing had to be committed.
void change_desk::repeat_without_commit(const run_ptr& which) {
  const auto known = without_commit_.find(which->request.request);
  if (known != without_commit_.end())
    end(which, known->second);
  else
    look(which);
}

void change_desk::look(const run_ptr& which) {
  if (++which->looks > most_looks)
    return end(which, busy("too-much-contention", "others keep changing the same; try again in a moment"));
  which->looked_at = core_.claims.moment();
  which->looking = true;
  core_.sagas.expect_one();
  which->request.plan([this, which](expected<planned> how) { planned_as(which, std::move(how)); });
}

void change_desk::looked(run& which) {
  if (std::exchange(which.looking, false))
    core_.sagas.expect_one_less();
}

void change_desk::planned_as(const run_ptr& which, expected<planned> how) {
  looked(*which);
  if (!open_.contains(which->id) || waits_for_others(which, how))
    return;
  if (!how)
    return end(which, how.error());
  if (const auto* nothing = std::get_if<nothing_new>(&*how)) {
    keep_answer(*which, nothing->answer);
    return end(which, nothing->answer);
  }
  auto& change = std::get<planned_change>(*how);
  if (core_.claims.holds(which->id) && covers(which->claimed, change.claims))
    return begin(which, std::move(change));
  core_.claims.release(which->id);
  claim(which, std::move(change));
}

/// What is owed, or under way, is not as it will be, so it is no reason to refuse anything, or
/// to do nothing: once it is over the request is looked at anew. False: nobody is in the way.
bool change_desk::waits_for_others(const run_ptr& which, const expected<planned>& how) {
  if (which->has_waited || (how && std::holds_alternative<planned_change>(*how)))
    return false;
  auto names = which->request.names;
  if (!how)
    names.insert(names.end(), {how.error().agent, how.error().path});
  else
    names.insert(names.end(), {std::get<nothing_new>(*how).answer.agent.text, std::get<nothing_new>(*how).answer.path});
  auto others = core_.claims.owed_with(names);
  if (others.empty() && which->request.when_taken == claim_conflict::wait)
    others = core_.claims.wanted_by_others(which->id, names);
  if (others.empty())
    return false;
  // Who waits wants what others want, and is wanted to be waited for with all of it.
  std::ranges::sort(others);
  others.erase(std::unique(others.begin(), others.end()), others.end());
  which->has_waited = true;
  core_.claims.release(which->id);
  which->claimed = std::move(others);
  core_.claims.take(which->id, {}, which->claimed, claim_conflict::wait, [this, which](const expected<void>& granted) {
    if (granted)
      look(which);
    else
      end(which, granted.error());
  });
  return true;
}

void change_desk::claim(const run_ptr& which, planned_change change) {
  which->claimed = change.claims;
  const auto agent = change.intent.agent;
  // It has its turn at once, or it has to look again.
  auto at_once = std::make_shared<bool>(true);
  // A turn is copied, and this is large.
  const auto kept = std::make_shared<planned_change>(std::move(change));
  core_.claims.take(which->id, agent, which->claimed, which->request.when_taken,
                    [this, which, at_once, kept](const expected<void>& granted) {
                      if (!granted)
                        return end(which, granted.error());
                      if (*at_once && !core_.claims.given_back_since(which->looked_at, which->claimed))
                        return begin(which, std::move(*kept));
                      look(which);
                    });
  *at_once = false;
}

void change_desk::begin(const run_ptr& which, planned_change change) {
  if (change.observe_first)
    return observe(which, change.intent);
  which->begun = true;
  which->result = std::move(change.answer);
  which->result.notes = std::move(change.notes);
  change.intent.saga = which->id;
  change.intent.request = which->request.request;
  change.intent.request_hash = which->request.request.empty() ? std::string{} : which->request.hash;
  auto relay = core_.options.now.relay;
  if (change.relay_may_owe && relay == relay_mode::strict)
    relay = relay_mode::eventual;
  core_.sagas.begin(std::move(change.intent), relay,
                    {std::nullopt, std::move(change.held), change.moving, std::move(change.opens)});
}

void change_desk::observe(const run_ptr& which, const saga_intent& intent) {
  which->observing = true;
  observations_.observe_held(which->id, intent.agent, intent.path, [this, which](const expected<place_observed>& seen) {
    which->observing = false;
    if (!open_.contains(which->id))
      return;
    if (!which->answer)
      return end(which, busy("request-timed-out", "it was answered before its turn came"));
    // Of the request itself nothing was begun.
    if (!seen && seen.error().kind == failure_kind::unknown_outcome)
      return end(which, busy(seen.error().code, "an edit of the manifest could not be recorded (" +
                                                    seen.error().message + "); try again in a moment"));
    if (!seen)
      return end(which, seen.error());
    look(which);
  });
}

void change_desk::saga_answered(const saga_intent& intent, const saga_answer& what) {
  const auto found = open_.find(intent.saga);
  if (found == open_.end())
    return;
  const auto which = found->second;
  if (what.what != saga_answer::outcome::done)
    return settle(which, what, *what.why);
  if (has_commit(intent.kind))
    which->result.version = what.commit;
  else
    keep_answer(*which, which->result);
  if (const auto* made = core_.sagas.made_by(intent.saga); made && which->request.made)
    which->made = std::make_shared<const commit>(*made);
  settle(which, what, which->result);
}

void change_desk::end(const run_ptr& which, const change_answer& answer) {
  core_.claims.release(which->id);
  saga_answer what;
  if (answer)
    what.commit = answer->version;
  else
    what = {saga_answer::outcome::not_done, {}, answer.error()};
  settle(which, what, answer);
}

void change_desk::settle(const run_ptr& which, const saga_answer& what, const change_answer& answer) {
  if (open_.erase(which->id) == 0)
    return;
  looked(*which);
  which->limit.dispose();
  if (which->in_ledger)
    core_.ledger.ended(which->request.request, what, core_.now());
  if (which->request.over)
    which->request.over();
  reply(*which, answer);
  if (const auto waiting = joined_.extract(which->id))
    for (const auto& other : waiting.mapped()) {
      other->made = which->made;
      end(other, answer);
    }
}

void change_desk::reply(run& which, const change_answer& answer) {
  const auto taker = std::exchange(which.answer, {});
  if (!taker)
    return;
  if (answer && which.made && which.request.made)
    which.request.made(*which.made);
  taker(answer);
}

/// A saga that has begun goes on; the ledger learns how it ends.
void change_desk::time_out(const run_ptr& which) {
  if (which->begun || which->joined) {
    const failure why{failure_kind::unknown_outcome,
                      "request-timed-out",
                      "it was not done in time and is still under way; repeat the request with the same request id",
                      {},
                      "request"};
    reply(*which, why);
    if (which->begun)
      return;
  }
  refuse(which, busy("request-timed-out", "its turn did not come in time; try again in a moment"));
}

/// What has not begun. Its claims stay as long as another saga is at work under them.
void change_desk::refuse(const run_ptr& which, const failure& why) {
  if (which->observing)
    reply(*which, why);
  else
    end(which, why);
}

void change_desk::stop() {
  stopping_ = true;
  std::vector<run_ptr> waiting;
  for (const auto& [id, which] : open_)
    // One that has joined is answered with the one it has joined.
    if (!which->begun && !which->joined)
      waiting.push_back(which);
  for (const auto& which : waiting)
    refuse(which, stopping());
}

} // namespace muster
