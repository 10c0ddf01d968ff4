#include "muster/actors/reconciler.hpp"

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
      index_(std::move(index)),
      files_(std::move(files)),
      supervisor_(caf::actor_cast<caf::actor_addr>(supervisor)),
      options_(options) {}

reconciler_actor::behavior_type reconciler_state::make_behavior() {
  ignore_stray_errors(self_);
  return {[this](const sweep_now& m) { return request(m); }};
}

caf::result<sweep_report> reconciler_state::request(const sweep_now&) {
  if (running_ && running_->callers.size() >= options_.waiting)
    return to_error({failure_kind::busy, "sweep-waited-for", "too many wait for the sweep that is under way"});
  auto promise = self_->make_response_promise<sweep_report>();
  if (!running_)
    begin();
  running_->callers.push_back(promise);
  return promise;
}

void reconciler_state::begin() {
  running_ = std::make_shared<sweep>(options_.problems);
  running_->began = self_->clock().now();
  running_->tidies = !is_tidy_;
  running_->limit = self_->run_delayed(options_.sweep_limit, [this, weak = std::weak_ptr{running_}] {
    const auto in = weak.lock();
    if (!in || in->over)
      return;
    in->tally.failed("sweep", sweep_took_too_long());
    finish(in, {});
  });
  ask(self_, options_.list_limit, index_, list_places{})
      .then(
          [this, in = running_](places_listed& listed) {
            in->places = std::move(listed.places);
            look_further(in);
          },
          [this, in = running_](const caf::error& error) { finish(in, to_failure(error, "list-places")); });
}

void reconciler_state::look_further(const sweep_ptr& in) {
  if (in->over)
    return;
  if (in->next == in->places.size())
    return discover(in);
  const auto first = in->next;
  in->next += std::min(options_.batch, in->places.size() - first);
  const auto at = [&](std::size_t place) { return in->places.begin() + static_cast<std::ptrdiff_t>(place); };
  ask(self_, options_.look_limit, files_, look_at_places{{at(first), at(in->next)}})
      .then([this, in, first](places_looked_at& looked) { take_in(in, first, std::move(looked)); },
            [this, in, first](const caf::error& error) {
              const auto why = to_failure(error, "look-at-places");
              in->all_tidy = false;
              for (auto place = first; place < in->next; ++place)
                in->tally.failed(in->places[place].agent, in->places[place].project, why);
              look_further(in);
            });
}

void reconciler_state::take_in(const sweep_ptr& in, std::size_t first, places_looked_at looked) {
  if (in->over)
    return;
  in->tally.unchanged(looked.unchanged);
  for (auto& each : looked.changed) {
    if (each.index >= in->next - first)
      continue;
    auto& place = in->places[first + each.index];
    in->seen.push_back({place.agent, place.project, std::move(each.sight)});
  }
  for (auto place = first; in->tidies && place < in->next; ++place)
    in->untidy.push_back(place);
  observe_more(in);
}

void reconciler_state::observe_more(const sweep_ptr& in) {
  if (in->over)
    return;
  while (in->in_flight < options_.in_flight && !in->seen.empty()) {
    const auto next = std::move(in->seen.front());
    in->seen.pop_front();
    ++in->in_flight;
    observe(in, next);
  }
  while (in->in_flight < options_.in_flight && !in->untidy.empty()) {
    const auto place = in->untidy.front();
    in->untidy.pop_front();
    ++in->in_flight;
    look_for_leftovers(in, in->places[place]);
  }
  if (in->in_flight == 0)
    look_further(in);
}

void reconciler_state::observe(const sweep_ptr& in, const observe_place& what) {
  const auto supervisor = caf::actor_cast<supervisor_actor>(supervisor_);
  if (!supervisor)
    return finish(in, failure{failure_kind::failed, "supervisor-gone", "nobody is left to take what the sweep sees"});
  ask(self_, options_.observe_limit, supervisor, what)
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
  ask(self_, options_.look_limit, files_, find_leftovers{place.project})
      .then(
          [this, in, agent = place.agent, project = place.project](const leftovers_found& found) {
            // Until a sweep finds none they may be there still.
            in->all_tidy = in->all_tidy && found.leftovers.empty();
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
      settle(sweep);
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
            is_tidy_ = is_tidy_ && !settled.untidy;
            in->all_tidy = in->all_tidy && !settled.untidy;
            finish(in, {});
          },
          [this, in](const caf::error& error) {
            in->tally.failed("owed", to_failure(error, "settle-owed"));
            finish(in, {});
          });
}

void reconciler_state::finish(const sweep_ptr& in, std::optional<failure> why) {
  if (std::exchange(in->over, true))
    return;
  in->limit.dispose();
  if (in->scan)
    in->scan->stop();
  running_.reset();
  is_tidy_ = is_tidy_ || (in->tidies && in->all_tidy && !why && in->next == in->places.size());
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(self_->clock().now() - in->began);
  const auto report = std::move(in->tally).finish(took);
  for (auto& caller : in->callers)
    if (why)
      caller.deliver(to_error(*why));
    else
      caller.deliver(report);
  in->callers.clear();
}

} // namespace muster
