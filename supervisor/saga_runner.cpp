#include "muster/supervisor/saga_runner.hpp"

#include "muster/supervisor/found_manifest.hpp"
#include "muster/supervisor/overloaded.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace muster {

namespace {

template <class Answer>
expected<void> without_value(const expected<Answer>& answer) {
  return answer ? expected<void>{} : answer.error();
}

template <class Sagas, class Fits>
std::vector<saga_id> ids_of(const Sagas& sagas, Fits fits) {
  std::vector<saga_id> result;
  for (const auto& [id, what] : sagas)
    if (fits(what))
      result.push_back(id);
  return result;
}

/// An undo compares: a manifest that somebody has changed since stays.
bool nothing_to_undo(const expected<void>& how) {
  return !how && how.error().kind == failure_kind::refused && how.error().code == "manifest-changed";
}

} // namespace

void saga_runner::begin(saga_intent intent, relay_mode relay, saga_findings known) {
  const auto id = intent.saga;
  add(id, {registration_saga{life_, std::move(intent), relay}, std::move(known)});
}

void saga_runner::resume(recovered_saga found, relay_mode relay) {
  const auto id = found.intent.saga;
  saga_findings known{std::move(found.made), held_after(found.intent), found.intent.kind == saga_kind::move};
  const auto decision = found.decision.value_or(recovery_decision::wait);
  known.written = decision == recovery_decision::roll_forward;
  add(id, {registration_saga{life_, std::move(found.intent), relay, decision}, std::move(known), found.mark,
           found.doubtful});
}

void saga_runner::add(const saga_id& id, saga what) {
  ++at_step_[static_cast<std::size_t>(saga_step::none)];
  auto& added = sagas_.emplace(id, std::move(what)).first->second;
  carry_out(id, added.machine.start());
}

template <class Event>
void saga_runner::tell_saga(const saga_id& id, Event event) {
  if (const auto found = sagas_.find(id); found != sagas_.end())
    carry_out(id, event(found->second));
}

void saga_runner::settle(const saga_id& id) {
  tell_saga(id, [](saga& what) { return what.machine.settle(); });
}

void saga_runner::cancel_all() {
  for (const auto& id : ids_of(sagas_, [](const auto&) { return true; }))
    tell_saga(id, [](saga& what) { return what.machine.cancel(); });
}

void saga_runner::abandon_all() {
  for (const auto& id : ids_of(sagas_, [](const auto&) { return true; }))
    tell_saga(id, [](saga& what) { return what.machine.abandon(); });
}

std::size_t saga_runner::under_way() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(sagas_, [](const auto& each) { return !each.second.machine.is_owing(); }));
}

std::vector<saga_id> saga_runner::owing() const {
  return ids_of(sagas_, [](const saga& what) { return what.machine.is_owing(); });
}

bool saga_runner::leads_into(std::string_view namespace_name) const {
  return std::ranges::any_of(sagas_, [&](const auto& each) {
    const auto& after = each.second.machine.intent().endpoint_after;
    return after && after->namespace_name == namespace_name;
  });
}

std::vector<endpoint_under_way> saga_runner::endpoints_under_way() const {
  auto result = late_folds_.endpoints();
  for (const auto& [id, what] : sagas_)
    if (what.machine.may_be_ahead_of_index())
      if (auto brought = endpoint_brought_by(what.machine.intent()))
        result.push_back(std::move(*brought));
  return result;
}

bool saga_runner::is_owing(const saga_id& id) const {
  const auto found = sagas_.find(id);
  return found != sagas_.end() && found->second.machine.is_owing();
}

const muster::commit* saga_runner::made_by(const saga_id& id) const {
  const auto found = sagas_.find(id);
  return found != sagas_.end() && found->second.findings.made ? &*found->second.findings.made : nullptr;
}

// Nothing asked here is answered at once, so the saga is not told of an event
// while its decisions are being carried out.
void saga_runner::carry_out(const saga_id& id, const saga_decisions& decisions) {
  auto& what = sagas_.at(id);
  const auto& intent = what.machine.intent();
  come_to(what, saga_step::none);
  const auto one = overloaded{
      [&](const saga_do::perform& d) { perform(what, d.by, d.step); },
      [&](const saga_do::undo& d) {
        send(what, undo_of(d.step, life_, intent),
             [this, by = d.by](const auto& how) { conclude(by, nothing_to_undo(how) ? expected<void>{} : how); });
      },
      [&](const saga_do::mark_aborting& d) {
        record(d.by, journal_aborting{id, d.mark});
      },
      [&](const saga_do::answer& d) { listener_.saga_answered(intent, d.what); },
      [&](const saga_do::keep_claims& d) {
        // What is lost of this is found out again by trying.
        if (!d.owed.empty() && is_journalled(intent.kind))
          consult<journal_written>(self_, mail_, options_.step_limit, by_.journal,
                                   write_journal{journal_owed{id, d.owed}}, [](const auto&) {});
        listener_.saga_owes(id, what.last);
      },
      [&](const saga_do::leave_to_sweep& d) {
        if (d.step == saga_step::fold_commit)
          fold_later(what);
        else
          listener_.saga_leaves_endpoint(intent, what.last);
      },
      [&](const saga_do::look_up_commit& d) { look_up(d.by); },
      [&](const saga_do::look_at_manifest& d) { look(what, d.by); },
      [&](const saga_do::observe_manifest& d) {
        listener_.observe_for(intent, [this, by = d.by](const expected<void>& how) { conclude(by, how); });
      },
      [&](const saga_do::close& d) {
        if (d.durable)
          record(d.by, journal_closed{id});
        else
          tell(self_, mail_.gathered, by_.journal, close_later{id});
      },
      [](const saga_do::release_claims&) {},
  };
  for (const auto& decision : decisions)
    std::visit(one, decision);
  if (!what.machine.is_over())
    return;
  give_back_unused(what);
  --at_step_[static_cast<std::size_t>(what.at)];
  const auto over = sagas_.extract(id);
  listener_.saga_over(over.mapped().machine.intent());
}

void saga_runner::come_to(saga& what, saga_step step) {
  --at_step_[static_cast<std::size_t>(what.at)];
  what.at = step;
  ++at_step_[static_cast<std::size_t>(step)];
}

std::size_t saga_runner::number_at(std::initializer_list<saga_step> steps) const {
  std::size_t result = 0;
  for (const auto step : steps)
    result += at_step_[static_cast<std::size_t>(step)];
  return result;
}

bool saga_runner::others_follow_to(saga_step step) const {
  using enum saga_step;
  if (!options_.company)
    return false;
  if (step == intend)
    return expected_ > 0;
  if (step == write_manifest)
    return number_at({intend}) > 0;
  return step == commit && number_at({upsert_row, set_endpoint, move_endpoint, close_endpoint}) > 0;
}

early_step* saga_runner::early(saga& what, saga_step step) {
  if (step == saga_step::upsert_row)
    return &what.row;
  return step == saga_step::set_endpoint ? &what.endpoint : nullptr;
}

void saga_runner::ask_early(saga& what, saga_step step) {
  if (!what.machine.comes_to(step))
    return;
  const auto& intent = what.machine.intent();
  early(what, step)->asked();
  send(what, message_of(step, life_, intent, what.findings), [this, id = intent.saga, step](const auto& how) {
    const auto found = sagas_.find(id);
    if (found == sagas_.end())
      return;
    if (const auto by = early(found->second, step)->answered(how))
      conclude(*by, how);
  });
}

void saga_runner::take_early(early_step& what, const saga_ticket& by) {
  if (auto how = what.come(by))
    run_behind_mail(self_, [this, by, how = std::move(*how)] { conclude(by, how); });
}

/// What was done early for a saga that did not come to that step. An index that
/// gives no answer has given the row back when it does anything else, or has died
/// with all that was taken; of an endpoint a sweep makes good what is left.
void saga_runner::give_back_unused(const saga& what) {
  const auto& intent = what.machine.intent();
  if (what.endpoint.is_unused())
    send(what, undo_of(saga_step::set_endpoint, life_, intent),
         [this, kept = what.machine.shared_intent()](const auto& how) {
           if (!how)
             listener_.saga_leaves_endpoint(*kept, how.error());
         });
  if (what.row.is_unused())
    send(what, undo_of(saga_step::upsert_row, life_, intent), [](const auto&) {});
}

void saga_runner::perform(saga& what, const saga_ticket& by, saga_step step) {
  come_to(what, step);
  if (step == saga_step::commit)
    return commit(what, by);
  if (auto* before = early(what, step); before && before->was_asked())
    return take_early(*before, by);
  if (step == saga_step::intend) {
    ask_early(what, saga_step::upsert_row);
    return intend(what, by);
  }
  send(what, message_of(step, life_, what.machine.intent(), what.findings),
       [this, by](const auto& how) { conclude(by, how); });
  // Nobody else has what it is about.
  if (step == saga_step::write_manifest && what.row.has_succeeded() && !what.machine.intent().endpoint_before)
    ask_early(what, saga_step::set_endpoint);
}

void saga_runner::intend(const saga& what, const saga_ticket& by) {
  consult<journal_written>(self_, mail_, options_.step_limit, by_.journal,
                           write_intent{what.machine.shared_intent(), others_follow_to(saga_step::intend)},
                           [this, by](const expected<journal_written>& how) {
                             auto result = without_value(how);
                             // Only an answer of the journal says that the intent is not in it.
                             if (!how && how.error().kind == failure_kind::unknown_outcome) {
                               auto why = how.error();
                               why.code = worker_silent;
                               result = why;
                             }
                             conclude(by, result);
                           });
}

void saga_runner::conclude(const saga_ticket& by, const expected<void>& how) {
  tell_saga(by.saga, [&](saga& what) {
    if (how)
      return what.machine.done(by);
    what.last = how.error();
    if (how.error().code == worker_silent)
      return what.machine.timed_out(by);
    return what.machine.failed(by, how.error());
  });
}

void saga_runner::record(const saga_ticket& by, journal_record what) {
  consult<journal_written>(self_, mail_, options_.step_limit, by_.journal, write_journal{std::move(what)},
                           [this, by](const expected<journal_written>& how) { conclude(by, without_value(how)); });
}

void saga_runner::send(const saga& of, step_message what, step_done then) {
  const auto limit = options_.step_limit;
  const auto plain = [&then] { return [then = std::move(then)](const auto& how) { then(without_value(how)); }; };
  const auto to_files = [&](auto& m) {
    // The saga may be over when the answer comes.
    consult<manifest_changed>(self_, mail_, limit, by_.files, std::move(m),
                              [this, kept = of.machine.shared_intent(), then = std::move(then)](
                                  const expected<manifest_changed>& how) { change_file(*kept, how, then); });
  };
  std::visit(
      overloaded{
          [&](write_manifest& m) {
            m.others_follow = others_follow_to(saga_step::write_manifest);
            to_files(m);
          },
          [&](restore_manifest& m) { to_files(m); },
          [&](retire_manifest& m) { to_files(m); },
          [&](stage_row& m) { consult<row_staged>(self_, mail_, limit, by_.index, std::move(m), plain()); },
          [&](unstage_row& m) { consult<row_unstaged>(self_, mail_, limit, by_.index, std::move(m), plain()); },
          [&](fold_commit& m) { consult<commit_folded>(self_, mail_, limit, by_.index, std::move(m), plain()); },
          [&](record_held& m) { consult<held_recorded>(self_, mail_, limit, by_.index, std::move(m), plain()); },
          [&](append_commit& m) { consult<commit_appended>(self_, mail_, limit, by_.feed, std::move(m), plain()); },
          [&](endpoint_statements& m) { state(std::move(m), then); },
      },
      what);
}

void saga_runner::change_file(const saga_intent& intent, const expected<manifest_changed>& how, const step_done& then) {
  if (!how)
    return then(how.error());
  const auto edited = how->error && how->error->kind == failure_kind::refused;
  if (edited || !how->witnessed.empty() || how->leftovers)
    listener_.saga_saw(intent, *how);
  then(how->error ? expected<void>{*how->error} : expected<void>{});
}

/// All at once: they are about different subjects. The first failure counts,
/// when all have been answered.
void saga_runner::state(endpoint_statements what, const step_done& then) {
  if (what.each.empty()) {
    self_->run_delayed(caf::timespan{0}, [then] { then({}); });
    return;
  }
  struct progress {
    std::size_t open;
    expected<void> result;
  };
  const auto shared = std::make_shared<progress>(progress{what.each.size(), {}});
  for (auto& each : what.each) {
    each.version = versions_.next();
    consult<endpoint_stated>(self_, mail_, options_.step_limit, by_.bridge, std::move(each),
                             [shared, then](const expected<endpoint_stated>& how) {
                               if (!how && shared->result)
                                 shared->result = how.error();
                               if (--shared->open == 0)
                                 then(shared->result);
                             });
  }
}

void saga_runner::commit(saga& what, const saga_ticket& by) {
  auto message = message_of(saga_step::commit, life_, what.machine.intent(), what.findings);
  auto& appended = std::get<append_commit>(message);
  appended.others_follow = others_follow_to(saga_step::commit);
  consult<commit_appended>(self_, mail_, options_.step_limit, by_.feed, std::move(appended),
                           [this, by](expected<commit_appended> how) {
                             if (!how)
                               return conclude(by, how.error());
                             tell_saga(by.saga, [&](saga& found) {
                               const commit_id where{how->made.instance, how->made.seq};
                               found.findings.made = std::move(how->made);
                               return found.machine.commit_durable(by, where);
                             });
                           });
}

void saga_runner::look_up(const saga_ticket& by) {
  consult<commit_found>(self_, mail_, options_.step_limit, by_.feed, find_commit{by.saga, {}},
                        [this, by](expected<commit_found> how) {
                          if (!how)
                            return conclude(by, how.error());
                          tell_saga(by.saga, [&](saga& found) {
                            if (!how->made)
                              return found.machine.commit_absent(by);
                            const commit_id where{how->made->instance, how->made->seq};
                            found.findings.made = std::move(how->made);
                            return found.machine.commit_durable(by, where);
                          });
                        });
}

void saga_runner::fold_later(const saga& what) {
  const auto& intent = what.machine.intent();
  late_folds_.add(std::get<fold_commit>(message_of(saga_step::fold_commit, life_, intent, what.findings)),
                  endpoint_brought_by(intent));
}

/// First the feed, then the file, then the table of recovery.
void saga_runner::look(const saga& what, const saga_ticket& by) {
  const auto question = question_after(what.machine.intent());
  consult<commit_found>(
      self_, mail_, options_.step_limit, by_.feed, find_commit{by.saga, {}},
      [this, by, question](expected<commit_found> commits) {
        if (!commits)
          return conclude(by, commits.error());
        consult<manifest_read>(
            self_, mail_, options_.step_limit, by_.files, question,
            [this, by, made = std::move(commits->made)](const expected<manifest_read>& read) {
              if (!read && !made)
                return conclude(by, read.error());
              tell_saga(by.saga, [&](saga& found) {
                const auto file = read ? found_against(found.machine.intent(), read->sight) : found_file::unreadable;
                const auto decision = recover({made.has_value(), found.mark, found.doubtful, file}).decision;
                found.findings.made = made;
                found.findings.written = decision == recovery_decision::roll_forward;
                return found.machine.looked(by, decision);
              });
            });
      });
}

} // namespace muster
