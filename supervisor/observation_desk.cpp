#include "muster/supervisor/observation_desk.hpp"

#include "muster/actors/manifest_answers.hpp"
#include "muster/store/sha256.hpp"
#include "muster/supervisor/checkout_hold.hpp"
#include "muster/supervisor/fact_gathering.hpp"
#include "muster/supervisor/field_edits.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <span>
#include <utility>

namespace muster {

namespace {

place_observed refused_now() {
  return {observation::refused, {}, {}};
}

/// It matters only then which ones are in use, and to know that is work.
bool enters_namespace(const planned_observation& plan) {
  if (!plan.change || !plan.change->intent.place_after)
    return false;
  const auto& before = plan.change->intent.place_before;
  const auto& after = *plan.change->intent.place_after;
  return !after.admitted && (!before || before->namespace_name != after.namespace_name);
}

/// What is noted of the place is as of that HEAD.
void set_head(planned_observation& plan, const std::string& head) {
  if (plan.note)
    plan.note->head = head;
  if (plan.record)
    plan.record->head = head;
  if (plan.change && plan.change->held)
    plan.change->held->head = head;
}

/// Places whose leftovers are tried again.
constexpr std::size_t most_untidy_places = 1024;
constexpr std::size_t most_contents_of_sagas = 64; ///< of one of them

/// It was noted only: it does not read, or is that of another agent. What is held stands in an
/// earlier commit.
bool is_in_no_commit(const place_observed& seen) {
  const bool is_held = std::ranges::any_of(seen.problems, [](const auto& each) { return each.kind == "held"; });
  return seen.what == observation::invalid || (seen.what == observation::refused && !is_held);
}

/// A crash leaves a file of ours empty, or as zeros.
bool is_somebodys(const leftover& which) {
  return std::ranges::any_of(which.bytes, [](char each) { return each != '\0'; });
}

/// What a write has replaced may come back after a power cut: all of it stands
/// in the history, so it is nobody's edit.
bool says_nothing_new(const leftover& which, const agent_id& agent, std::span<const commit> history) {
  const auto file = manifest_document::read(which.bytes);
  return file && file->fields().id == agent.text &&
         std::ranges::all_of(differences_of_newcomer(*file, {}, seen_values(agent, history)),
                             &field_difference::behind);
}

} // namespace

struct observation_desk::series {
  saga_id holder; ///< of the claims
  agent_id agent;
  std::string project;
  std::string written;              ///< by the saga itself; a crash may have left a piece of it
  std::set<sha256_digest> of_sagas; ///< what they wrote or replaced is nobody's edit
  std::deque<manifest_sight> sights;
  std::deque<leftover> leftovers;
  bool keeps_some = false; ///< of the leftovers

  [[nodiscard]] bool is_nobodys(const std::string& bytes, const sha256_digest& hash) const {
    return of_sagas.contains(hash) || written.starts_with(bytes);
  }
};

void observation_desk::observe(const observe_place& seen, const taker& then) {
  if (stopped_)
    return then(refused_now());
  if (seen.leftovers) {
    take_leftovers(seen.agent, seen.project);
    return then(place_observed{});
  }
  taking how{core_.new_saga(), seen.agent, seen.project, seen.at, seen.due};
  core_.claims.take(how.as, seen.agent, claims_on(seen.agent, {seen.project}), claim_conflict::refuse,
                    [this, how, sight = seen.sight, then](const expected<void>& granted) mutable {
                      if (!granted)
                        return then(refused_now());
                      how.with = company_.set_out();
                      const auto done = [this, how, then](const expected<place_observed>& what) {
                        company_.end(how.with);
                        // A saga lets go of its claims itself.
                        if (!core_.sagas.has(how.as))
                          core_.claims.release(how.as);
                        then(what);
                      };
                      // What could not be seen a moment ago is not waited for.
                      if (std::holds_alternative<manifest_obscured>(sight))
                        return take(how, sight, done);
                      look(how.project, [this, how, done](manifest_sight now) { take(how, std::move(now), done); });
                    });
}

void observation_desk::observe_held(const saga_id& holder, const agent_id& agent, const std::string& project,
                                    taker then) {
  look(project, [this, holder, agent, project, then = std::move(then)](manifest_sight sight) {
    take_held(holder, agent, project, std::move(sight), then);
  });
}

void observation_desk::take_held(const saga_id& holder, const agent_id& agent, const std::string& project,
                                 manifest_sight sight, const taker& then) {
  const auto as = core_.new_saga();
  take({as, agent, project}, std::move(sight), [this, holder, as, then](const expected<place_observed>& how) {
    if (!how && core_.sagas.has(as))
      core_.claims.hand_over(holder, as);
    then(how);
  });
}

void observation_desk::look(const std::string& project, const sight_taker& then) {
  look_up<manifest_read>(core_, core_.by.files, read_manifest{project}, [then](expected<manifest_read> read) {
    then(read ? std::move(read->sight) : manifest_sight{manifest_obscured{read.error()}});
  });
}

void observation_desk::take(const taking& how, manifest_sight sight, const taker& then) {
  gather_agent(core_, how.agent, std::move(sight), [this, how, then](const expected<agent_facts>& known) {
    if (!known)
      return then(known.error());
    auto plan = plan_for_place(how, *known);
    if (!enters_namespace(plan))
      return hold_or_carry_out(how, std::move(plan), *known, then);
    const auto name = plan.change->intent.place_after->namespace_name;
    const bool entered = entries_.is_entered(name, how.project);
    look_up<namespace_found>(
        core_, core_.by.index, find_namespace{name, how.agent},
        [this, how, name, entered, known = *known, then](const expected<namespace_found>& found) mutable {
          if (!found)
            return then(found.error());
          known.namespaces_in_use.emplace();
          if (found->in_use || entered || entries_.is_entered(name, how.project))
            known.namespaces_in_use->push_back(name);
          entries_.enter(how.project, name);
          auto again = plan_for_place(how, known);
          hold_or_carry_out(how, std::move(again), known, [this, project = how.project, then](const auto& what) {
            entries_.leave(project);
            then(what);
          });
        });
  });
}

planned_observation observation_desk::plan_for_place(const taking& how, const agent_facts& known) const {
  auto plan = how.due ? plan_removal(how.project, known, core_.options.now.sweep_grace, core_.ground)
                      : plan_observation(how.project, known, core_.ground);
  if (plan.note)
    plan.note->at = how.at;
  return plan;
}

/// Only what a sweep finds by itself is held: who names an agent has decided.
void observation_desk::hold_or_carry_out(const taking& how, planned_observation plan, const agent_facts& known,
                                         const taker& then) {
  const auto* seen = std::get_if<manifest_bytes>(&known.sight);
  if (!seen || !how.at || !core_.options.now.hold_checkouts) {
    // What was known of HEAD would be too old when it matters again.
    if (seen && !core_.options.now.hold_checkouts)
      set_head(plan, {});
    return carry_out(how, std::move(plan), then);
  }
  look_up<head_read>(core_, core_.by.files, read_head{how.project},
                     [this, how, plan = std::move(plan), known, then](const expected<head_read>& read) mutable {
                       const auto head = read ? read->head : std::string{};
                       if (!may_be_checkout(plan, known, head)) {
                         set_head(plan, head);
                         return carry_out(how, std::move(plan), then);
                       }
                       look_up<log_read>(core_, core_.by.feed, read_log{how.agent, {}, {}, most_history},
                                         [this, how, plan = std::move(plan), known, head,
                                          then](const expected<log_read>& log) mutable {
                                           if (!log)
                                             return then(log.error());
                                           const auto file =
                                               manifest_document::read(std::get<manifest_bytes>(known.sight).bytes);
                                           if (file && is_earlier_version(*file, how.agent, log->commits))
                                             plan = hold_checkout(std::move(plan));
                                           else
                                             set_head(plan, head);
                                           carry_out(how, std::move(plan), then);
                                         });
                     });
}

void observation_desk::carry_out(const taking& how, planned_observation plan, const taker& then) {
  company_.begin(how.with, [this, how, plan = std::move(plan), then]() mutable { begin(how, std::move(plan), then); });
}

void observation_desk::begin(const taking& how, planned_observation plan, const taker& then) {
  if (stopped_ && how.with)
    return then(refused_now());
  if (!plan.change)
    return note(how, std::move(plan), then);
  auto change = std::move(*plan.change);
  change.intent.saga = how.as;
  plan.change.reset();
  sagas_.emplace(how.as, [this, how, plan = std::move(plan), then](const saga_answer& what) {
    if (what.what == saga_answer::outcome::done)
      note(how, plan, then);
    else
      then(*what.why);
  });
  const auto strict = core_.options.now.relay == relay_mode::strict;
  core_.sagas.begin(std::move(change.intent), strict ? relay_mode::eventual : core_.options.now.relay,
                    {std::nullopt, std::move(change.held), change.moving});
}

void observation_desk::note(const taking& how, planned_observation plan, const taker& then) {
  company_.note(how.with, [this, plan = std::move(plan), then]() mutable { write_note(std::move(plan), then); });
}

/// What the file holds comes first; the index writes both at once.
void observation_desk::write_note(planned_observation plan, const taker& then) {
  place_observed result{plan.what, {}, {}};
  if (!plan.note)
    return then(result);
  const auto unrecorded = std::make_shared<std::optional<failure>>();
  if (plan.record)
    look_up<held_recorded>(core_, core_.by.index, record_held{core_.life, std::move(*plan.record)},
                           [unrecorded](const expected<held_recorded>& recorded) {
                             if (!recorded)
                               *unrecorded = recorded.error();
                           });
  result.problems = problems_to_report(plan);
  plan.note->life = core_.life;
  look_up<observation_noted>(
      core_, core_.by.index, std::move(*plan.note),
      [result = std::move(result), unrecorded, then](const expected<observation_noted>& noted) mutable {
        if (*unrecorded)
          return then(**unrecorded);
        if (!noted)
          return then(noted.error());
        result.grace_left = noted->grace_left;
        then(result);
      });
}

void observation_desk::saga_answered(const saga_intent& intent, const saga_answer& what) {
  if (const auto follows = sagas_.extract(intent.saga))
    follows.mapped()(what);
}

void observation_desk::tidy_again() {
  if (stopped_)
    return;
  std::vector<place> again;
  for (const auto& [where, of_sagas] : untidy_places_)
    again.push_back(where);
  for (const auto& [agent, project] : again)
    take_leftovers(agent, project);
}

void observation_desk::take_leftovers(const agent_id& agent, const std::string& project) {
  saga_intent nobodys;
  nobodys.agent = agent;
  nobodys.path = project;
  take_in(nobodys, {});
}

void observation_desk::take_in(const saga_intent& intent, std::vector<manifest_sight> witnessed) {
  auto what = std::make_shared<series>(series{core_.new_saga(), intent.agent, intent.path, {}, {}, {}, {}});
  if (intent.after)
    what->written = intent.after->bytes;
  for (const auto& image : {intent.before, intent.after})
    if (image)
      what->of_sagas.insert(sha256::of(image->bytes));
  what->sights.assign(std::make_move_iterator(witnessed.begin()), std::make_move_iterator(witnessed.end()));
  ++taking_in_;
  core_.claims.take(what->holder, what->agent, claims_on(what->agent, {what->project}), claim_conflict::wait,
                    [this, what](const expected<void>& granted) {
                      if (granted) {
                        if (const auto earlier = untidy_places_.extract({what->agent, what->project}))
                          what->of_sagas.merge(earlier.mapped());
                        return go_on(what);
                      }
                      // A saga that is owed holds it, and may be all that knows the place.
                      what->keeps_some = true;
                      end(*what);
                    });
}

void observation_desk::end(series& what) {
  core_.claims.release(what.holder);
  if (what.keeps_some) {
    auto& kept = untidy_places_[{what.agent, what.project}];
    kept.merge(what.of_sagas);
    while (kept.size() > most_contents_of_sagas)
      kept.erase(kept.begin());
    if (untidy_places_.size() > most_untidy_places) {
      untidy_places_.erase({what.agent, what.project});
      untidy_ = true;
    }
  }
  if (--taking_in_ == 0)
    rested_();
}

void observation_desk::go_on(const std::shared_ptr<series>& what) {
  if (what->sights.empty())
    return find_more(what);
  auto sight = std::move(what->sights.front());
  what->sights.pop_front();
  const auto* seen = std::get_if<manifest_bytes>(&sight);
  if (!seen || what->is_nobodys(seen->bytes, seen->hash))
    return go_on(what);
  take_held(what->holder, what->agent, what->project, std::move(sight),
            [this, what](const expected<place_observed>& how) {
              if (how)
                return go_on(what);
              what->keeps_some = true;
              end(*what);
            });
}

void observation_desk::find_more(const std::shared_ptr<series>& what) {
  look_up<leftovers_found>(core_, core_.by.files, find_leftovers{what->project},
                           [this, what](expected<leftovers_found> found) {
                             untidy_ = untidy_ || !found || found->project_gone || withholds_some(*found);
                             what->keeps_some = !found;
                             if (found)
                               what->leftovers.assign(std::make_move_iterator(found->leftovers.begin()),
                                                      std::make_move_iterator(found->leftovers.end()));
                             forget_next(what);
                           });
}

/// Each leftover is taken like any other sight, and forgotten; at last the file.
void observation_desk::forget_next(const std::shared_ptr<series>& what) {
  if (what->leftovers.empty())
    return observe_held(what->holder, what->agent, what->project, [this, what](const expected<place_observed>& seen) {
      // A sweep has to see that the directory is away, and when it is back.
      untidy_ = untidy_ || !seen || seen->what == observation::unreachable;
      end(*what);
    });
  auto next = std::move(what->leftovers.front());
  what->leftovers.pop_front();
  if (what->is_nobodys(next.bytes, next.hash))
    return forget(what, std::move(next));
  look_up<log_read>(core_, core_.by.feed, read_log{what->agent, {}, {}, most_history},
                    [this, what, next = std::move(next)](const expected<log_read>& log) mutable {
                      if (!log)
                        return keep(what);
                      if (says_nothing_new(next, what->agent, log->commits))
                        forget(what, std::move(next));
                      else
                        take_leftover(what, std::move(next));
                    });
}

// Whether it is an edit or what one of ours has replaced cannot be told now.
void observation_desk::keep(const std::shared_ptr<series>& what) {
  untidy_ = true;
  what->keeps_some = true;
  forget_next(what);
}

void observation_desk::take_leftover(const std::shared_ptr<series>& what, leftover which) {
  const manifest_sight sight = manifest_bytes{which.bytes, which.hash, {}};
  take_held(what->holder, what->agent, what->project, sight,
            [this, what, which = std::move(which)](const expected<place_observed>& how) {
              if (how)
                return forget(what, which, is_in_no_commit(*how) && is_somebodys(which));
              untidy_ = true;
              what->keeps_some = true;
              end(*what);
            });
}

void observation_desk::forget(const std::shared_ptr<series>& what, leftover which, bool aside) {
  look_up<leftover_forgotten>(core_, core_.by.files, forget_leftover{what->project, std::move(which), aside},
                              [this, what](const expected<leftover_forgotten>& how) {
                                untidy_ = untidy_ || !how;
                                what->keeps_some = what->keeps_some || !how;
                                forget_next(what);
                              });
}

} // namespace muster
