#include "muster/actors/event_hub.hpp"

#include <utility>

namespace muster {

namespace {

failure no_index() {
  return {failure_kind::busy, "restarting", "muster is being started again; try again in a moment"};
}

failure too_many_wait() {
  return {failure_kind::busy, "too-many-readers", "too many wait for events already; try again when one has ended"};
}

} // namespace

void event_hub_state::use(const index_began& what) {
  if (what.life < life_)
    return;
  const bool is_next = std::exchange(life_, what.life) < what.life && has_mirror_;
  index_ = what.index;
  watching_ = false;
  asking_ = false;
  watch(self_, index_, [this, which = index_.id()](const caf::error&) {
    if (!index_ || index_.id() != which)
      return;
    index_ = roster_source{};
    watching_ = false;
    asking_ = false;
  });
  if (is_next) {
    lifecycle_event began;
    began.what = event_kind::restarted;
    began.life = life_.value;
    publish({std::move(began)});
  }
  if (is_wanted())
    begin_watch();
}

void event_hub_state::when_watching(const once_watching& then) {
  if (watching_)
    return then({});
  if (waiting_.size() >= options_.listeners + options_.readers)
    return then(too_many_wait());
  const auto which = ++waits_;
  waiting_.emplace(which, then);
  // Once it is answered this finds nothing.
  self_->run_delayed(options_.start_limit, [this, which] {
    if (const auto late = waiting_.extract(which))
      late.mapped()(no_index());
    end_watch_if_idle();
  });
  begin_watch();
}

void event_hub_state::begin_watch() {
  if (!index_ || asking_)
    return;
  watching_ = false;
  asking_ = true;
  missed_ = false;
  const auto number = ++watch_;
  ask(self_, limits_, options_.question_limit, index_, watch_roster{number, roster_watcher{self_}})
      .then(
          [this](roster_watched& all) {
            if (all.watch == watch_)
              watch_began(all);
          },
          [this, number](const caf::error&) { watch_failed(number); });
}

void event_hub_state::watch_failed(std::uint64_t watch) {
  if (watch != watch_)
    return;
  asking_ = false;
  self_->run_delayed(options_.pause, [this, watch] {
    if (watch == watch_ && is_wanted())
      begin_watch();
  });
}

void event_hub_state::watch_began(roster_watched& all) {
  if (!std::exchange(asking_, false))
    return;
  if (missed_)
    return begin_watch();
  watching_ = true;
  if (std::exchange(has_mirror_, true))
    publish(mirror_.take(std::move(all), now()));
  else
    mirror_.begin(std::move(all), now());
  arm();
  answer_waiting({});
}

void event_hub_state::answer_waiting(const expected<void>& how) {
  for (const auto& [which, then] : std::exchange(waiting_, {}))
    then(how);
}

bool event_hub_state::is_wanted() const {
  return !subscribers_.empty() || !waiting_.empty() || !readers_.empty() || reads_lately();
}

void event_hub_state::end_watch_if_idle() {
  if (is_wanted() || (!has_mirror_ && !asking_))
    return;
  if (index_)
    tell(self_, index_, unwatch_roster{watch_});
  // An answer that is still to come is to another question.
  ++watch_;
  asking_ = false;
  watching_ = false;
  last_read_.reset();
  if (std::exchange(has_mirror_, false))
    log_.break_off();
  mirror_.begin({}, now());
  alive_.clear();
  arm();
}

/// What comes before the answer to the watch may be newer than that.
bool event_hub_state::is_of_watch(std::uint64_t number) {
  if (number != watch_)
    return false;
  missed_ = missed_ || !watching_;
  return watching_;
}

} // namespace muster
