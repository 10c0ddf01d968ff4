#include "muster/actors/event_hub.hpp"

#include "muster/messages/actor_failure.hpp"
#include "muster/store/ulid.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_alive = 4096;

failure no_listener() {
  return {failure_kind::usage, "no-listener", "a subscription needs an actor that listens"};
}

failure stopping() {
  return {failure_kind::busy, "stopping", "muster is being stopped; repeat the request afterwards"};
}

failure too_many_listeners(std::size_t most) {
  return {failure_kind::busy, "too-many-listeners",
          "muster tells " + std::to_string(most) + " listeners already; subscribe again when one has ended"};
}

failure too_many_readers(std::size_t most) {
  return {failure_kind::busy, "too-many-readers",
          std::to_string(most) + " readers wait for events already; ask again without waiting, or when one has ended"};
}

} // namespace

event_hub_state::event_hub_state(event_hub_actor::pointer self, const environment& env,
                                 const event_hub_options& options)
    : self_(self),
      limits_(self),
      env_(env),
      options_(options),
      log_(ulid_generator(env.clock, env.random).next(), options.kept),
      mirror_(health_limits_of(options.now_holds)) {}

event_hub_actor::behavior_type event_hub_state::make_behavior() {
  ignore_stray_errors(self_);
  self_->set_exit_handler([this](caf::exit_msg& why) {
    if (!why.reason)
      return;
    stop();
    self_->quit(why.reason);
  });
  return {
      [this](const subscribe_events& m) { return subscribe(m); },
      [this](const unsubscribe_events& m) {
        if (m.listener)
          drop(m.listener.id());
        return events_unsubscribed{};
      },
      [this](const read_events& m) { return read(m); },
      [this](const apply_settings& m) {
        publish(mirror_.take_limits(health_limits_of(m.now), now()));
        arm();
        return settings_applied{};
      },
      [this](const index_began& m) { use(m); },
      [this](roster_changed& m) { take(m); },
      [this](const agent_seen& m) {
        if (!is_of_watch(m.watch))
          return;
        publish(mirror_.take_seen(m.agent, m.at, now()));
        arm();
      },
      [this](note_mail& m) { take_mail(m); },
  };
}

// -- listeners ------------------------------------------------------------------

caf::result<events_subscribed> event_hub_state::subscribe(const subscribe_events& asked) {
  if (!asked.listener)
    return to_error(no_listener());
  auto promise = self_->make_response_promise<events_subscribed>();
  when_watching([this, asked, promise](const expected<void>& how) mutable {
    if (!how)
      return promise.deliver(to_error(how.error()));
    if (!subscribers_.contains(asked.listener.id()) && subscribers_.size() >= options_.listeners)
      return promise.deliver(to_error(too_many_listeners(options_.listeners)));
    promise.deliver(add(asked));
    serve(asked.listener.id());
  });
  return promise;
}

events_subscribed event_hub_state::add(const subscribe_events& asked) {
  const auto id = asked.listener.id();
  subscriber next;
  next.listener = asked.listener;
  next.after = asked.after ? log_.number_of(*asked.after) : log_.last();
  next.at_once = std::clamp<std::size_t>(asked.at_once, 1, options_.at_once);
  next.with_roster = asked.with_roster;
  next.wants_roster = asked.with_roster && !asked.after;
  next.subscription = ++subscriptions_;
  events_subscribed result{{log_.name(), next.after}};
  subscribers_.insert_or_assign(id, std::move(next));
  // One that comes and goes is watched once.
  if (watched_.insert(id).second)
    watch(self_, asked.listener, [this, id](const caf::error&) {
      watched_.erase(id);
      drop(id);
    });
  return result;
}

void event_hub_state::drop(caf::actor_id listener) {
  if (subscribers_.erase(listener) > 0)
    end_watch_if_idle();
}

void event_hub_state::serve(caf::actor_id listener) {
  const auto found = subscribers_.find(listener);
  if (found == subscribers_.end() || found->second.is_busy)
    return;
  auto& to = found->second;
  if (!to.wants_roster && !log_.has_more(to.after))
    return;
  to.is_busy = true;
  ask(self_, limits_, options_.listener_limit, to.listener, next_for(to))
      .then([this, listener, subscription = to.subscription] { told(listener, subscription, {}); },
            [this, listener, subscription = to.subscription](const caf::error& why) {
              told(listener, subscription, why);
            });
}

events_told event_hub_state::next_for(subscriber& to) const {
  auto page = log_.read(to.after, to.at_once);
  events_told result{log_.name(), page.missed, {}, std::move(page.events), false};
  if (to.wants_roster || (page.missed && to.with_roster)) {
    // As of now, so that what would lead there is not told.
    result.roster = mirror_.rows();
    result.events.clear();
    page.next = log_.last();
  }
  to.wants_roster = false;
  to.after = page.next;
  return result;
}

void event_hub_state::told(caf::actor_id listener, std::uint64_t subscription, const caf::error& why) {
  const auto found = subscribers_.find(listener);
  if (found == subscribers_.end() || found->second.subscription != subscription)
    return;
  if (!why) {
    found->second.is_busy = false;
    return serve(listener);
  }
  tell(self_, found->second.listener, events_told{log_.name(), {}, {}, {}, true});
  drop(listener);
}

// -- readers --------------------------------------------------------------------

caf::result<events_read> event_hub_state::read(const read_events& asked) {
  auto promise = self_->make_response_promise<events_read>();
  when_watching([this, asked, promise](const expected<void>& how) mutable {
    if (how)
      read_now(asked, promise);
    else
      promise.deliver(to_error(how.error()));
  });
  return promise;
}

void event_hub_state::read_now(const read_events& asked, caf::typed_response_promise<events_read> promise) {
  note_reader();
  const auto after = asked.after ? log_.number_of(*asked.after) : log_.last();
  const auto limit = std::clamp<std::size_t>(asked.limit, 1, options_.at_once);
  const auto wait = std::min(asked.wait, options_.longest_wait);
  if (!asked.after || log_.has_more(after) || wait <= milliseconds{0})
    return promise.deliver(page_for(after, limit));
  if (readers_.size() >= options_.readers)
    return promise.deliver(to_error(too_many_readers(options_.readers)));
  const auto which = ++reads_;
  auto timer = limits_.after(wait, [this, which] { answer_reader(which); });
  readers_.emplace(which, reader{after, limit, std::move(promise), std::move(timer)});
}

events_read event_hub_state::page_for(std::uint64_t after, std::size_t limit) const {
  auto page = log_.read(after, limit);
  return {page.missed, std::move(page.events), {log_.name(), page.next}};
}

void event_hub_state::answer_readers() {
  while (!readers_.empty())
    answer_reader(readers_.begin()->first);
}

void event_hub_state::answer_reader(std::uint64_t which) {
  auto found = readers_.extract(which);
  if (!found)
    return;
  auto& who = found.mapped();
  who.timer.dispose();
  note_reader();
  who.promise.deliver(page_for(who.after, who.limit));
}

/// Whoever reads may do so again.
void event_hub_state::note_reader() {
  last_read_ = self_->clock().now();
  if (!std::exchange(awaits_reader_, true))
    await_reader();
}

void event_hub_state::await_reader() {
  self_->run_delayed(options_.reader_patience, [this] {
    awaits_reader_ = reads_lately();
    if (awaits_reader_)
      await_reader();
    else
      end_watch_if_idle();
  });
}

bool event_hub_state::reads_lately() const {
  return last_read_ && self_->clock().now() - *last_read_ < options_.reader_patience;
}

// -- what happens ---------------------------------------------------------------

void event_hub_state::take(roster_changed& what) {
  if (!is_of_watch(what.watch))
    return;
  if (what.anew)
    return begin_watch();
  roster_mirror::events all;
  const auto add = [&all](roster_mirror::events more) { std::ranges::move(more, std::back_inserter(all)); };
  const auto time = now();
  for (auto& each : what.agents)
    add(mirror_.take(std::move(each), time));
  if (what.rules)
    add(mirror_.take_rules(*what.rules, time));
  for (auto& each : what.denials)
    add(mirror_.take(std::move(each), time));
  publish(std::move(all));
  arm();
}

void event_hub_state::take_mail(note_mail& what) {
  const auto time = now();
  if (has_mirror_ && is_news(what.what.message)) {
    lifecycle_event came;
    came.what = event_kind::mail;
    // Of one who has left meanwhile there is no row to put into a roster.
    if (const auto* row = mirror_.find(what.agent))
      came.row = *row;
    came.mail = std::move(what.what);
    publish({std::move(came)});
  }
  if (what.sender.empty() || !index_)
    return;
  auto& last = alive_[what.sender];
  if (last != milliseconds{0} && time >= last && time - last < options_.sign_of_life)
    return;
  last = time;
  if (alive_.size() > most_alive)
    alive_.clear();
  ask(self_, limits_, options_.question_limit, index_, note_heartbeat{what.sender, "mail"})
      .then([](const heartbeat_noted&) {}, [](const caf::error&) {});
}

/// A request that is repeated has the message that it had.
bool event_hub_state::is_news(const std::string& message) {
  if (message.empty())
    return true;
  if (!mail_told_.insert(message).second)
    return false;
  mail_in_order_.push_back(message);
  if (mail_in_order_.size() > options_.kept) {
    mail_told_.erase(mail_in_order_.front());
    mail_in_order_.pop_front();
  }
  return true;
}

void event_hub_state::publish(roster_mirror::events what) {
  if (what.empty())
    return;
  for (auto& each : what) {
    each.at = now();
    log_.add(std::move(each));
  }
  // Serving one may drop another.
  std::vector<caf::actor_id> all;
  all.reserve(subscribers_.size());
  for (const auto& [id, subscriber] : subscribers_)
    all.push_back(id);
  for (const auto id : all)
    serve(id);
  answer_readers();
}

/// One timer, which is early rather than late.
void event_hub_state::arm() {
  auto next = has_mirror_ ? mirror_.next_change() : std::nullopt;
  // The clock may be set back.
  if (!next && has_mirror_ && mirror_.knows_signs_of_life())
    next = now() + options_.longest_nap;
  if (!next) {
    timer_.dispose();
    armed_.reset();
    return;
  }
  if (armed_ && *armed_ <= *next)
    return;
  timer_.dispose();
  const auto time = now();
  const auto nap = std::clamp(*next - time, milliseconds{1}, options_.longest_nap);
  armed_ = time + nap;
  timer_ = self_->run_delayed(nap, [this] {
    armed_.reset();
    publish(mirror_.take_time(now()));
    arm();
  });
}

/// Nobody waits for what does not come any more.
void event_hub_state::stop() {
  for (const auto& [id, subscriber] : std::exchange(subscribers_, {}))
    tell(self_, subscriber.listener, events_told{log_.name(), {}, {}, {}, true});
  answer_readers();
  answer_waiting(stopping());
}

} // namespace muster
