#include "muster/actors/relay.hpp"

#include "muster/messages/actor_failure.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace muster {

namespace {

failure takes_no_mail() {
  return {failure_kind::refused, "no-mail", "this relay keeps no mail"};
}

template <class Answer>
caf::result<Answer> to_result(expected<Answer> answer) {
  if (!answer)
    return to_error(answer.error());
  return std::move(*answer);
}

// A cause is looked up in the sender's.
std::array<const std::string*, 2> mailboxes_of(const relay_send& what) {
  return {&what.to, &what.from};
}

std::array<const std::string*, 1> mailboxes_of(const relay_ack& what) {
  return {&what.subject};
}

template <class Promises, class Answer>
void answer_all(Promises& waiting, const expected<Answer>& answer) {
  for (auto& each : waiting) {
    if (answer)
      each.deliver(*answer);
    else
      each.deliver(to_error(answer.error()));
  }
}

} // namespace

relay_state::relay_state(relay_actor::pointer self, const relay_table_options& options)
    : self_(self), options_{.table = options}, table_(options) {}

relay_state::relay_state(relay_actor::pointer self, const environment& env, std::string home,
                         const relay_options& options)
    : self_(self),
      options_(options),
      table_(options.table),
      post_(std::in_place, env, std::move(home), table_, options.post) {}

relay_actor::behavior_type relay_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](const relay_put_endpoint& m) { return put(m); },
      [this](const relay_drop_endpoint& m) { return drop(m); },
      [this](const relay_put_rule& m) {
        flush();
        return to_result(table_.put(m));
      },
      [this](const relay_drop_rule& m) {
        flush();
        return to_result(table_.drop(m));
      },
      [this](const relay_list&) { return caf::result<relay_listed>{table_.list()}; },
      [this](const relay_send& m) {
        return gather<relay_sent>(
            m, [this](const relay_send& what) { return post_->send(what); }, senders_);
      },
      [this](const relay_read_inbox& m) {
        read_by_somebody(m.subject);
        return perform<relay_inbox>([this, &m] { return post_->read(m); });
      },
      [this](const relay_ack& m) {
        return gather<relay_acked>(
            m, [this](const relay_ack& what) { return post_->acknowledge(what); }, ackers_);
      },
      [this](const relay_list_dead& m) { return perform<relay_dead>([this, &m] { return post_->dead(m.limit); }); },
      [this](const relay_count_mail&) { return perform<relay_mail_counted>([this] { return post_->count(); }); },
      [this](const relay_subscribe& m) { return subscribe(m); },
  };
}

/// Answers with what `work` gives, behind what has gathered, or not at all once a
/// call has not returned.
template <class Answer, class Work>
caf::result<Answer> relay_state::perform(Work work) {
  if (!post_)
    return to_error(takes_no_mail());
  flush();
  std::optional<expected<Answer>> answer;
  if (!guard_.stuck())
    if (auto why = guard_.attempt([&] { answer.emplace(work()); }))
      return to_error(std::move(*why));
  if (!answer) {
    unanswered_.push_back(self_->make_response_promise());
    return unanswered_.back();
  }
  return to_result(std::move(*answer));
}

template <class Answer, class Request, class Enter>
caf::result<Answer> relay_state::gather(const Request& what, Enter enter,
                                        std::vector<std::vector<caf::typed_response_promise<Answer>>>& waiting) {
  if (!post_)
    return to_error(takes_no_mail());
  for (const auto* subject : mailboxes_of(what))
    if (post_->gathers_elsewhere(*subject))
      flush();
  using entry = post_office::entered<Answer>;
  std::optional<expected<entry>> entered;
  if (!guard_.stuck())
    if (auto why = guard_.attempt([&] { entered.emplace(enter(what)); }))
      return to_error(std::move(*why));
  if (!entered) {
    unanswered_.push_back(self_->make_response_promise());
    return unanswered_.back();
  }
  if (!*entered)
    return to_error(entered->error());
  if ((*entered)->now)
    return std::move(*(*entered)->now);
  auto promise = self_->template make_response_promise<Answer>();
  const auto number = (*entered)->number;
  // The marker queues behind the mail that is there already, so it comes when
  // that backlog has gathered here.
  if (senders_.empty() && ackers_.empty())
    run_behind_mail(self_, [this] { flush(); });
  waiting.resize(std::max(waiting.size(), number + 1));
  waiting[number].push_back(promise);
  if (post_->gathered() >= options_.batch)
    flush();
  return promise;
}

void relay_state::flush() {
  if (!post_ || guard_.stuck() || post_->gathered() == 0)
    return;
  std::optional<post_office::flushed> done;
  if (auto why = guard_.attempt([&] { done.emplace(post_->flush()); })) {
    post_->forget_gathered();
    for (auto& each : std::exchange(senders_, {}))
      answer_all(each, expected<relay_sent>{*why});
    for (auto& each : std::exchange(ackers_, {}))
      answer_all(each, expected<relay_acked>{*why});
    return;
  }
  if (!done)
    return;
  const auto senders = std::exchange(senders_, {});
  const auto ackers = std::exchange(ackers_, {});
  for (std::size_t i = 0; i < senders.size(); ++i) {
    auto waiting = senders[i];
    answer_all(waiting, done->sends[i]);
  }
  for (std::size_t i = 0; i < ackers.size(); ++i) {
    auto waiting = ackers[i];
    answer_all(waiting, done->acks[i]);
  }
  for (const auto& each : done->news)
    tell_listeners(each);
  tidy_later();
}

// -- endpoints ---------------------------------------------------------------

caf::result<relay_done> relay_state::put(const relay_put_endpoint& what) {
  flush();
  auto done = table_.put(what);
  if (!done || !post_ || guard_.stuck())
    return to_result(std::move(done));
  std::optional<mail_waiting> news;
  (void)guard_.attempt([&] {
    post_->endpoint_put(what.subject, what.agent);
    if (what.open && !listeners_.empty())
      news = post_->waiting(what.subject);
  });
  if (news)
    tell_listeners(*news);
  tidy_later();
  return to_result(std::move(done));
}

caf::result<relay_done> relay_state::drop(const relay_drop_endpoint& what) {
  flush();
  auto done = table_.drop(what);
  // A late one says nothing about what is there now.
  if (!done || !post_ || guard_.stuck() || table_.find(what.subject))
    return to_result(std::move(done));
  std::optional<mail_waiting> news;
  (void)guard_.attempt([&] {
    post_->endpoint_dropped(what);
    if (!what.heir.empty() && !listeners_.empty())
      news = post_->waiting(what.heir);
  });
  read_by_somebody(what.subject);
  if (news)
    tell_listeners(*news);
  return to_result(std::move(done));
}

// -- listeners ---------------------------------------------------------------

caf::result<relay_done> relay_state::subscribe(const relay_subscribe& what) {
  if (!post_)
    return to_error(takes_no_mail());
  if (!what.listener || !is_subject_pattern(what.pattern))
    return to_error({failure_kind::refused, "subject-invalid",
                     "a listener listens to words with dots between, `*` for a word, and `>` for the rest"});
  if (listeners_.size() >= options_.listeners)
    return to_error({failure_kind::busy, "too-many-listeners", "the relay tells enough listeners; end some"});
  flush();
  const auto number = ++last_listener_;
  listeners_[number] = {what.listener, what.pattern, {}};
  by_pattern_[patterns_.add(what.pattern)].insert(number);
  watch(self_, what.listener, [this, number](const caf::error&) { forget_listener(number); });
  std::vector<mail_waiting> news;
  if (!guard_.stuck())
    (void)guard_.attempt([&] {
      if (!post_->is_idle())
        for (const auto& each : table_.list().endpoints)
          if (each.open && subject_matches(what.pattern, each.subject))
            if (auto waits = post_->waiting(each.subject))
              news.push_back(std::move(*waits));
    });
  for (const auto& each : news)
    tell_listeners(each);
  return relay_done{};
}

void relay_state::tell_listeners(const mail_waiting& news) {
  patterns_.match(news.subject, [&](subject_trie::number pattern) {
    for (const auto number : by_pattern_.at(pattern))
      if (auto& each = listeners_.at(number); each.told.insert(news.subject).second)
        tell(self_, each.who, news);
    return true;
  });
}

void relay_state::read_by_somebody(const std::string& subject) {
  for (auto& [number, each] : listeners_)
    each.told.erase(subject);
}

void relay_state::forget_listener(std::size_t number) {
  const auto found = listeners_.find(number);
  if (found == listeners_.end())
    return;
  // Its number is that of the pattern for as long as somebody has it.
  for (auto each = by_pattern_.begin(); each != by_pattern_.end();) {
    each->second.erase(number);
    each = each->second.empty() ? by_pattern_.erase(each) : std::next(each);
  }
  patterns_.remove(found->second.pattern);
  listeners_.erase(found);
}

void relay_state::tidy_later() {
  if (tidies_ || !post_ || guard_.stuck() || post_->is_idle())
    return;
  tidies_ = true;
  self_->run_delayed(options_.tidy_interval, [this] {
    tidies_ = false;
    flush();
    if (!guard_.stuck())
      (void)guard_.attempt([this] { post_->tidy(); });
    tidy_later();
  });
}

} // namespace muster
