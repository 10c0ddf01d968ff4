#include "muster/actors/reconciler.hpp"

#include "muster/actors/manifest_answers.hpp"
#include "muster/messages/actor_failure.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

failure sweep_took_too_long() {
  return {failure_kind::busy, "sweep-limit",
          "the sweep has taken too long, so what it has not looked at by now is left to the next one"};
}

} // namespace

reconciler_state::reconciler_state(reconciler_actor::pointer self, index_actor index, file_store_actor files,
                                   const supervisor_actor& supervisor, const reconciler_options& options)
    : self_(self),
      limits_(self),
      index_(std::move(index)),
      files_(std::move(files)),
      supervisor_(caf::actor_cast<caf::actor_addr>(supervisor)),
      options_(options) {}

reconciler_actor::behavior_type reconciler_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](const sweep_now& m) { return request(m); },
      [this](const cancel_sweep&) { cancel(); },
  };
}

caf::result<sweep_report> reconciler_state::request(const sweep_now& asked) {
  if (running_ && running_->callers.size() + next_.size() >= options_.waiting)
    return to_error({failure_kind::busy, "sweep-waited-for", "too many wait for the sweep that is under way"});
  auto promise = self_->make_response_promise<sweep_report>();
  if (!running_)
    begin(asked.accept_removals);
  if (asked.accept_removals && !running_->accepts && running_->at >= sweep::stage::removing) {
    next_.push_back(promise);
    return promise;
  }
  running_->accepts = running_->accepts || asked.accept_removals;
  running_->callers.push_back(promise);
  return promise;
}

void reconciler_state::begin(bool accepts) {
  running_ = std::make_shared<sweep>(options_.problems);
  running_->accepts = accepts;
  running_->began = self_->clock().now();
  running_->tidies = !is_tidy_;
  running_->limit = self_->run_delayed(options_.sweep_limit, [this, weak = std::weak_ptr{running_}] {
    const auto in = weak.lock();
    if (!in || in->over)
      return;
    in->tally.failed("sweep", sweep_took_too_long());
    finish(in, {});
  });
  running_->is_ready = true;
  list_ahead(running_);
}

/// Everything that was found is settled.
void reconciler_state::go_on(const sweep_ptr& in) {
  if (in->unlisted)
    return finish(in, *in->unlisted);
  if (in->more)
    return list_due(in);
  switch (in->at) {
    case sweep::stage::looking: in->at = sweep::stage::discovering; return discover(in);
    case sweep::stage::discovering:
      // After it, for what was found elsewhere is not removed.
      in->at = sweep::stage::removing;
      in->last = {};
      return list_due(in);
    case sweep::stage::removing: in->at = sweep::stage::settling; return settle(in);
    case sweep::stage::settling: break;
  }
}

/// So that the disk is looked at all the time.
void reconciler_state::list_ahead(const sweep_ptr& in) {
  const auto pages = in->ahead.size() + (in->is_ready ? 0 : 1);
  if (in->listing || in->listed_all || in->unlisted || pages >= most_pages)
    return;
  in->listing = true;
  ask(self_, options_.list_limit, index_, list_places{in->last, options_.batch})
      .then(
          [this, in](const places_listed& listed) {
            if (in->over)
              return;
            in->listing = false;
            in->listed_all = !listed.more || listed.places.empty();
            const auto next = std::make_shared<page_ahead>(page_ahead{listed.places, listed.at, !in->listed_all});
            in->ahead.push_back(next);
            if (next->places.empty()) {
              next->looked.emplace(places_looked_at{});
            } else {
              in->last = next->places.back().agent;
              look(in, next);
            }
            turn_page(in);
          },
          [this, in](const caf::error& error) {
            in->listing = false;
            in->unlisted = to_failure(error, "list-places");
            turn_page(in);
          });
}

void reconciler_state::look(const sweep_ptr& in, const std::shared_ptr<page_ahead>& at) {
  ask(self_, options_.look_limit, files_, look_at_places{at->places})
      .then(
          [this, in, at](places_looked_at& looked) {
            at->looked.emplace(std::move(looked));
            turn_page(in);
          },
          [this, in, at](const caf::error& error) {
            at->looked.emplace(to_failure(error, "look-at-places"));
            turn_page(in);
          });
}

/// When not too much is to be taken and the next one is looked at.
void reconciler_state::turn_page(const sweep_ptr& in) {
  if (in->over || !in->is_ready)
    return;
  if (in->ahead.empty() && in->unlisted) {
    in->more = false;
    return observe_more(in);
  }
  if (in->ahead.empty() || !in->ahead.front()->looked)
    return list_ahead(in);
  const auto next = std::move(in->ahead.front());
  in->ahead.pop_front();
  in->is_ready = false;
  in->page = next->places;
  in->more = next->more;
  in->moment = next->moment;
  list_ahead(in);
  if (*next->looked)
    take_in(in, std::move(**next->looked));
  else
    not_looked_at(in, next->looked->error());
}

void reconciler_state::not_looked_at(const sweep_ptr& in, const failure& why) {
  in->all_tidy = false;
  in->complete = false;
  for (const auto& place : in->page)
    in->tally.failed(place.agent, place.project, why);
  observe_more(in);
}

void reconciler_state::take_in(const sweep_ptr& in, places_looked_at looked) {
  if (in->over)
    return;
  in->tally.unchanged(looked.unchanged);
  if (looked.changed.empty() && looked.absent.empty() && !in->tidies && unsearched_.empty())
    return observe_more(in);
  std::erase_if(looked.absent, [&](std::size_t place) { return place >= in->page.size(); });
  std::set<std::size_t> back;
  std::set<std::size_t> gone;
  for (const auto each : looked.absent)
    if (in->page[each].gone == absence::no_project)
      gone.insert(each);
  for (auto& each : looked.changed)
    if (each.index < in->page.size()) {
      const auto& place = in->page[each.index];
      const auto* absent = std::get_if<no_manifest>(&each.sight);
      if (absent && absent->project_gone)
        gone.insert(each.index);
      // What was away has come back with whatever lies in it.
      if (place.gone != absence::none && !absent)
        back.insert(each.index);
      in->seen.push_back({place.agent, place.project, std::move(each.sight), false, in->moment});
    }
  for (std::size_t place = 0; place < in->page.size(); ++place)
    if (is_untidy(*in, place, gone.contains(place)) || back.contains(place))
      in->untidy.push_back({in->page, place});
  if (!looked.absent.empty())
    note(in, looked.absent);
  observe_more(in);
}

/// Where there is no directory nothing can be found: its turn comes when it is back,
/// be it that a command has seen that first.
bool reconciler_state::is_untidy(const sweep& in, std::size_t place, bool gone) {
  const auto& agent = in.page[place].agent;
  if (gone) {
    if (in.tidies)
      unsearched_.insert(agent);
    return false;
  }
  return unsearched_.erase(agent) > 0 || in.tidies;
}

void reconciler_state::note(const sweep_ptr& in, const std::vector<std::size_t>& absent) {
  note_absences what{in->moment, {}};
  std::vector<place_to_look_at> places;
  for (const auto each : absent) {
    places.push_back(in->page[each]);
    what.places.push_back({places.back().agent, places.back().project});
  }
  ++in->in_flight;
  ask(self_, options_.list_limit, index_, std::move(what))
      .then(
          [this, in, places](const absences_noted& noted) {
            for (std::size_t i = 0; i < places.size() && i < noted.grace_left.size(); ++i)
              in->tally.absent(places[i], noted.grace_left[i]);
            --in->in_flight;
            observe_more(in);
          },
          [this, in](const caf::error& error) {
            in->complete = false;
            in->tally.failed("absence", to_failure(error, "note-absences"));
            --in->in_flight;
            observe_more(in);
          });
}

/// What is braked is told by every sweep, what is due only where all was seen.
void reconciler_state::list_due(const sweep_ptr& in) {
  const bool is_first = in->last.empty();
  ask(self_, options_.list_limit, index_, list_removals{in->last, options_.batch, in->accepts})
      .then(
          [this, in, is_first](removals_listed& listed) {
            if (in->over)
              return;
            for (const auto& each : listed.braked)
              if (is_first)
                in->tally.braked(each);
            in->more = listed.more && !listed.due.empty() && (in->complete || in->accepts);
            if (!listed.due.empty())
              in->last = listed.due.back().agent;
            if (in->complete || in->accepts)
              for (auto& each : listed.due)
                in->seen.push_back(
                    {std::move(each.agent), std::move(each.path), no_manifest{}, false, in->moment, true});
            observe_more(in);
          },
          [this, in](const caf::error& error) {
            if (in->over)
              return;
            in->more = false;
            in->tally.failed("removals", to_failure(error, "list-removals"));
            go_on(in);
          });
}

/// News of a single page is little, and each sync that it does not share holds up
/// the look at the next one, so it goes together with that of others.
void reconciler_state::observe_more(const sweep_ptr& in) {
  if (in->over)
    return;
  const auto gathered = [&in] { return in->seen.size() + in->untidy.size(); };
  const bool looks = in->at == sweep::stage::looking && in->more;
  // Who is handed over alone, because one is answered, parts the groups.
  const bool has_room = in->in_flight <= options_.in_flight - a_group();
  if (has_room && (!looks || gathered() >= a_group()))
    while (in->in_flight < options_.in_flight && gathered() > 0)
      hand_over_next(in);
  if (looks && gathered() < a_group()) {
    in->is_ready = true;
    turn_page(in);
  } else if (!looks && in->in_flight == 0) {
    go_on(in);
  }
}

void reconciler_state::hand_over_next(const sweep_ptr& in) {
  ++in->in_flight;
  if (!in->seen.empty()) {
    const auto next = std::move(in->seen.front());
    in->seen.pop_front();
    return observe(in, next);
  }
  const auto next = std::move(in->untidy.front());
  in->untidy.pop_front();
  look_for_leftovers(in, next.get());
}

void reconciler_state::observe(const sweep_ptr& in, const observe_place& what) {
  const auto supervisor = caf::actor_cast<supervisor_actor>(supervisor_);
  if (!supervisor)
    return finish(in, failure{failure_kind::failed, "supervisor-gone", "nobody is left to take what the sweep sees"});
  ask(self_, limits_, options_.observe_limit, supervisor, what)
      .then(
          [this, in, agent = what.agent, path = what.project](const place_observed& seen) {
            in->tally.observed(agent, path, seen);
            --in->in_flight;
            observe_more(in);
          },
          [this, in, agent = what.agent, path = what.project](const caf::error& error) {
            in->tally.failed(agent, path, to_failure(error, "observe-place"));
            --in->in_flight;
            observe_more(in);
          });
}

// The supervisor finds them once more, under claims.
void reconciler_state::look_for_leftovers(const sweep_ptr& in, const place_to_look_at& place) {
  ask(self_, limits_, options_.look_limit, files_, find_leftovers{place.project})
      .then(
          [this, in, agent = place.agent, project = place.project](const leftovers_found& found) {
            // Until a sweep finds none they may be there still.
            in->all_tidy = in->all_tidy && found.leftovers.empty() && !withholds_some(found);
            if (found.project_gone)
              unsearched_.insert(agent);
            if (!found.leftovers.empty())
              in->seen.push_back({agent, project, no_manifest{}, true});
            --in->in_flight;
            observe_more(in);
          },
          [this, in](const caf::error&) {
            in->all_tidy = false;
            --in->in_flight;
            observe_more(in);
          });
}

void reconciler_state::discover(const sweep_ptr& in) {
  in->scan = std::make_shared<discovery>(self_, index_, files_, supervisor_, options_.discovery, scanned_, in->tally);
  // The sweep holds the scan.
  in->scan->start([this, weak = std::weak_ptr{in}] {
    if (const auto sweep = weak.lock())
      go_on(sweep);
  });
}

void reconciler_state::settle(const sweep_ptr& in) {
  const auto supervisor = caf::actor_cast<supervisor_actor>(supervisor_);
  if (!supervisor)
    return finish(in, failure{failure_kind::failed, "supervisor-gone", "nobody is left to settle what is owed"});
  ask(self_, options_.settle_limit, supervisor, settle_owed{})
      .then(
          [this, in](const owed_settled& settled) {
            in->tally.owed(settled);
            in->all_tidy = in->all_tidy && !settled.untidy;
            finish(in, {});
          },
          [this, in](const caf::error& error) {
            in->tally.failed("owed", to_failure(error, "settle-owed"));
            finish(in, {});
          });
}

void reconciler_state::finish(const sweep_ptr& in, const std::optional<failure>& why) {
  if (std::exchange(in->over, true))
    return;
  in->limit.dispose();
  if (in->scan)
    in->scan->stop();
  running_.reset();
  is_tidy_ = (is_tidy_ || in->tidies) && in->all_tidy && !why && in->at != sweep::stage::looking;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(self_->clock().now() - in->began);
  const auto report = std::move(in->tally).finish(took);
  const auto deliver = [in, report, why] {
    for (auto& caller : in->callers)
      if (why)
        caller.deliver(to_error(*why));
      else
        caller.deliver(report);
    in->callers.clear();
  };
  if (why)
    deliver();
  else
    // Whoever ends muster on the answer finds it remembered. The index tells
    // itself what it could not write.
    ask(self_, options_.list_limit, index_, note_sweep{report})
        .then([deliver](const sweep_noted&) { deliver(); }, [deliver](const caf::error&) { deliver(); });
  if (next_.empty())
    return;
  begin(true);
  running_->callers = std::exchange(next_, {});
}

void reconciler_state::cancel() {
  const auto why = failure{failure_kind::busy, "sweep-cancelled",
                           "the sweep was ended because muster is being stopped; the next one looks again"};
  for (auto& each : std::exchange(next_, {}))
    each.deliver(to_error(why));
  if (const auto in = running_)
    finish(in, why);
}

} // namespace muster
