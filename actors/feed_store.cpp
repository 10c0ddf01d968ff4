#include "muster/actors/feed_store.hpp"

#include "muster/actors/await_company.hpp"
#include "muster/messages/actor_failure.hpp"
#include "muster/store/feed_limits.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace muster {

namespace {

// A commit that was staged always leaves room for one more.
constexpr std::size_t most_batch_bytes = feed_limits::run_bytes - feed_limits::line_bytes - 1;

commit to_draft(append_commit& request) {
  commit draft;
  draft.saga = std::move(request.saga.text);
  draft.request = std::move(request.request.text);
  draft.request_hash = std::move(request.request_hash);
  draft.ops = std::move(request.ops);
  return draft;
}

} // namespace

feed_store_state::feed_store_state(feed_store_actor::pointer self, const environment& env, handle feeds,
                                   const instance_id& own, const signing_key& key, const feed_store_options& options)
    : self_(self),
      env_(env),
      feeds_(feeds),
      own_id_(own),
      options_(options),
      own_(env, feeds, own, key, options.own),
      pages_(env, feeds, options.answers) {
  options_.batch_bytes = std::min(options_.batch_bytes, most_batch_bytes);
}

template <class Work>
std::optional<failure> feed_store_state::attempt(Work work) {
  auto why = guard_.attempt(std::move(work));
  if (!why)
    return {};
  own_.forget();
  for (auto& each : std::exchange(gathered_, {}))
    each.promise.deliver(to_error(*why));
  return why;
}

template <class Answer, class Work>
caf::result<Answer> feed_store_state::perform(Work work) {
  return look<Answer>([&] {
    own_.prepare();
    return work();
  });
}

template <class Answer, class Work>
caf::result<Answer> feed_store_state::look(Work work) {
  std::optional<expected<Answer>> answer;
  if (!guard_.stuck())
    if (auto why = attempt([&] { answer.emplace(work()); }))
      return to_error(std::move(*why));
  if (!answer) {
    unanswered_.push_back(self_->make_response_promise());
    return unanswered_.back();
  }
  if (!*answer)
    return to_error(answer->error());
  return std::move(**answer);
}

feed_store_actor::behavior_type feed_store_state::make_behavior() {
  ignore_stray_errors(self_);
  return {
      [this](append_commit& m) { return append(m); },
      [this](const find_commit& m) {
        if (gathers(m.saga, m.request))
          flush();
        return perform<commit_found>([&] { return find(m); });
      },
      [this](const read_commits& m) { return perform<commits_read>([&] { return pages_.read(m); }); },
      [this](const read_log& m) {
        return perform<log_read>([&] { return read_log_of(env_, feeds_, m, options_.answers); });
      },
      [this](const find_version& m) {
        return perform<version_found>([&] { return find_version_in(env_, feeds_, m); });
      },
      [this](const examine_feeds&) { return look<findings_told>([&] { return examine_feeds_in(env_, feeds_); }); },
      [this](const describe_feeds&) { return perform<feeds_described>([&] { return describe(); }); },
      [this](const apply_settings& m) {
        own_.set_max_skew(m.now.max_skew);
        return settings_applied{};
      },
      [this](const commit_batch_tick&) {
        if (gathered_.empty() || !company_.waits_for_others())
          tick();
      },
  };
}

caf::result<commit_appended> feed_store_state::append(append_commit& request) {
  if (auto why = fence_.check(request.life))
    return to_error(std::move(*why));
  if (gathers(request.saga, {}))
    flush();
  std::optional<expected<own_feed::entered>> entered;
  if (!guard_.stuck())
    if (auto why = attempt([&] { entered.emplace(own_.enter(to_draft(request))); }))
      return to_error(std::move(*why));
  if (!entered) {
    unanswered_.push_back(self_->make_response_promise());
    return unanswered_.back();
  }
  if (!*entered)
    return to_error(entered->error());
  if (!(*entered)->staged)
    return commit_appended{std::move((*entered)->what)};
  auto promise = self_->make_response_promise<commit_appended>();
  gathered_.push_back({std::move((*entered)->what), promise});
  if (gathered_.size() >= options_.batch_commits || own_.staged_bytes() >= options_.batch_bytes)
    flush();
  else
    // The marker queues behind the mail that is there already, so it comes when
    // that backlog has gathered here.
    await_company(
        self_, company_, gathered_.size() == 1, request.others_follow,
        [this] { tell(self_, feed_store_actor{self_}, commit_batch_tick{}); }, [this] { flush(); });
  return promise;
}

bool feed_store_state::gathers(const saga_id& saga, const request_id& request) const {
  return std::ranges::any_of(gathered_, [&](const gathered& each) {
    return (!saga.empty() && each.what.saga == saga.text) || (!request.empty() && each.what.request == request.text);
  });
}

void feed_store_state::flush() {
  if (guard_.stuck() || gathered_.empty())
    return;
  std::optional<expected<void>> done;
  const auto began = env_.clock.boot();
  const auto cut_short = attempt([&] { done.emplace(own_.flush()); }).has_value();
  company_.parted(env_.clock.boot() - began);
  if (cut_short || guard_.stuck())
    return;
  for (auto& each : std::exchange(gathered_, {})) {
    if (*done)
      each.promise.deliver(commit_appended{std::move(each.what)});
    else
      each.promise.deliver(to_error(done->error()));
  }
  tell(self_, feed_store_actor{self_}, commit_batch_tick{});
}

// A marker that comes when nothing has gathered stands behind a batch that is
// answered: there was time to spare.
void feed_store_state::tick() {
  if (guard_.stuck())
    return;
  if (!gathered_.empty())
    return flush();
  (void)attempt([&] { own_.settle(); });
}

expected<commit_found> feed_store_state::find(const find_commit& request) {
  auto found = own_.find(request.saga, request.request);
  if (!found)
    return found.error();
  return commit_found{std::move(*found)};
}

expected<feeds_described> feed_store_state::describe() {
  auto answer = describe_feeds_in(env_, feeds_, own_id_);
  if (!answer)
    return answer;
  answer->read_only = own_.read_only();
  if (const auto& problem = own_.clock_problem())
    answer->problems.push_back(*problem);
  return answer;
}

} // namespace muster
