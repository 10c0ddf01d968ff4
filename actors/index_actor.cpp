#include "muster/actors/index_actor.hpp"

#include "muster/actors/index_concern.hpp"
#include "muster/messages/actor_failure.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace muster {

namespace {

/// What a change that was made is answered.
struct to_answer {
  caf::message operator()(const fold_commit&, const change_made&) const { return caf::make_message(commit_folded{}); }
  caf::message operator()(const record_held&, const change_made&) const { return caf::make_message(held_recorded{}); }
  caf::message operator()(const note_observation&, const change_made& made) const { return caf::make_message(made); }
  caf::message operator()(const note_copies&, const change_made&) const { return caf::make_message(copies_noted{}); }
};

} // namespace

template <class Answer, class Request>
caf::result<Answer> index_actor_state::answer_when_kept(const Request& request) {
  make_gathered();
  return answer_at_once<Answer>(request);
}

template <class Answer, class Request>
caf::result<Answer> index_actor_state::answer_when_folded(const Request& request) {
  carry_out_gathered();
  return answer_at_once<Answer>(request);
}

template <class Answer, class Request>
caf::result<Answer> index_actor_state::answer_at_once(const Request& request) {
  std::optional<expected<Answer>> result;
  if (!guard_.stuck()) {
    auto why = guard_.attempt([&] {
      if (auto opened = keeper_.open(); !opened)
        result.emplace(opened.error());
      else
        result.emplace(keeper_.answer(request));
    });
    if (why)
      return to_error(std::move(*why));
  }
  if (guard_.stuck() || !result) {
    unanswered_.push_back(self_->make_response_promise());
    return unanswered_.back();
  }
  tell_changes();
  if (!*result)
    return to_error(result->error());
  return std::move(**result);
}

template <class Answer, class Request>
caf::result<Answer> index_actor_state::fenced(const Request& request) {
  if (auto why = fence_.check(request.life))
    return to_error(std::move(*why));
  return answer_at_once<Answer>(request);
}

template <class Answer, class Request>
caf::result<Answer> index_actor_state::gather(Request& request) {
  if constexpr (requires { request.life; })
    if (auto why = fence_.check(request.life))
      return to_error(std::move(*why));
  auto promise = self_->make_response_promise();
  gathered_.push_back({std::move(request), promise});
  if (gathered_.size() >= options_.batch) {
    make_gathered();
    return promise;
  }
  switch (company_.joined(gathered_.back().what, gathered_.size())) {
    case change_company::wait::as_before: break;
    case change_company::wait::for_mail: carry_out_behind_mail(); break;
    case change_company::wait::for_others: carry_out_later(); break;
  }
  return promise;
}

void index_actor_state::carry_out_later() {
  self_->run_delayed(company_.patience(), [this, group = company_.group()] {
    if (group == company_.group())
      carry_out_gathered();
  });
}

// It queues behind the mail that is there already, so it comes when that backlog
// has gathered here.
void index_actor_state::carry_out_behind_mail() {
  run_behind_mail(self_, [this, group = company_.group()] {
    if (group == company_.group())
      carry_out_gathered();
  });
}

void index_actor_state::make_gathered() {
  carry_out_gathered();
  keep_made();
}

// Whoever has asked meanwhile has the answer before the disk is waited for.
void index_actor_state::carry_out_gathered() {
  if (gathered_.empty())
    return;
  if (done_.size() + gathered_.size() > options_.batch)
    keep_made();
  company_.parted();
  const auto why = carry_out(std::exchange(gathered_, {}));
  if (why || guard_.stuck())
    return deliver_made(why);
  run_behind_mail(self_, [this, last = done_.size(), kept = kept_] {
    if (kept == kept_ && last == done_.size())
      keep_unless_joined();
  });
}

std::optional<failure> index_actor_state::carry_out(std::vector<gathered_change> what) {
  std::vector<index_change> changes;
  changes.reserve(what.size());
  // What is left of each still tells which answer is its.
  for (auto& each : what)
    changes.push_back(std::move(each.what));
  std::move(what.begin(), what.end(), std::back_inserter(done_));
  if (guard_.stuck())
    return {};
  return guard_.attempt([&] {
    if (auto opened = keeper_.open(); !opened)
      made_.each.resize(done_.size(), opened.error());
    else
      keeper_.carry_out(std::move(changes), made_);
  });
}

// What has gathered since, and is about to be carried out, shares the sync.
void index_actor_state::keep_unless_joined() {
  if (!company_.ends_with_mail())
    keep_made();
}

void index_actor_state::keep_made() {
  if (done_.empty())
    return;
  ++kept_;
  std::optional<failure> why;
  const auto began = self_->clock().now();
  if (!guard_.stuck())
    why = guard_.attempt([&] { keeper_.keep(made_); });
  company_.kept(self_->clock().now() - began);
  deliver_made(why);
}

void index_actor_state::deliver_made(const std::optional<failure>& why) {
  auto done = std::exchange(done_, {});
  const auto made = std::exchange(made_, {}).each;
  for (std::size_t i = 0; i < done.size(); ++i) {
    auto& promise = done[i].promise;
    if (guard_.stuck())
      unanswered_.push_back(std::move(promise));
    else if (why)
      promise.deliver(to_error(*why));
    else if (!made[i])
      promise.deliver(to_error(made[i].error()));
    else
      promise.deliver(std::visit([&](const auto& what) { return to_answer()(what, *made[i]); }, done[i].what));
  }
  tell_changes();
}

caf::result<roster_watched> index_actor_state::watch_for(const watch_roster& request) {
  auto result = answer_when_kept<roster_watched>(request);
  watcher_ = caf::actor_cast<caf::weak_actor_ptr>(request.watcher);
  watch_ = request.watch;
  return result;
}

void index_actor_state::unwatch(const unwatch_roster& request) {
  if (request.watch == watch_)
    keeper_.unwatch();
}

// What is carried out and not kept yet is told when it is.
void index_actor_state::tell_changes() {
  if (!keeper_.is_watched() || !done_.empty() || guard_.stuck())
    return;
  auto changes = keeper_.take_changes();
  if (!changes)
    return;
  if (const auto watcher = caf::actor_cast<roster_watcher>(watcher_))
    tell(self_, watcher, std::move(*changes));
  else
    keeper_.unwatch();
}

/// What has gathered is made first only if it concerns the question.
template <class Answer, class Request, class Concerns>
caf::result<Answer> index_actor_state::find(const Request& request, Concerns concerns) {
  std::optional<Answer> found;
  const auto look = [&] {
    if (!keeper_.open())
      return;
    auto known = keeper_.answer(request);
    if (known && std::ranges::none_of(gathered_, [&](const auto& each) { return concerns(each.what, *known); }))
      found = std::move(*known);
  };
  // What goes wrong here goes wrong with the whole question, too.
  if (!gathered_.empty() && !guard_.stuck())
    (void)guard_.attempt(look);
  if (found)
    return std::move(*found);
  return answer_when_folded<Answer>(request);
}

caf::result<heartbeat_noted> index_actor_state::beat(const note_heartbeat& request) {
  auto result = answer_when_kept<heartbeat_noted>(request);
  if (keeper_.is_watched() && !guard_.stuck())
    if (const auto at = keeper_.waiting_heartbeat(request.agent))
      if (const auto watcher = caf::actor_cast<roster_watcher>(watcher_))
        tell(self_, watcher, agent_seen{watch_, request.agent, *at});
  if (keeper_.has_heartbeats() && !timer_runs_ && !guard_.stuck()) {
    timer_runs_ = true;
    self_->run_delayed(options_.heartbeat_delay, [this] {
      timer_runs_ = false;
      keep_made();
      // What fails stays to be written with the next change, and is told.
      if (!guard_.stuck())
        (void)guard_.attempt([&] { (void)keeper_.write_heartbeats(); });
    });
  }
  return result;
}

void index_actor_state::finish(const caf::exit_msg& why) {
  if (!why.reason)
    return;
  make_gathered();
  if (!guard_.stuck())
    (void)guard_.attempt([&] { keeper_.close(); });
  self_->quit(why.reason);
}

index_actor::behavior_type index_actor_state::make_behavior() {
  ignore_stray_errors(self_);
  self_->set_exit_handler([this](caf::exit_msg& why) { finish(why); });
  return {
      [this](const stage_row& m) { return fenced<row_staged>(m); },
      [this](const unstage_row& m) { return fenced<row_unstaged>(m); },
      [this](fold_commit& m) { return gather<commit_folded>(m); },
      [this](record_held& m) { return gather<held_recorded>(m); },
      [this](const find_agent& m) {
        return find<agent_found>(m, [&](const auto& change, const auto&) { return concerns_agent(change, m.agent); });
      },
      [this](const find_path& m) {
        return find<path_found>(
            m, [&](const auto& change, const auto& known) { return concerns_path(change, m.path, known.agent); });
      },
      [this](const resolve_agent& m) { return answer_when_folded<agent_resolved>(m); },
      [this](const describe_agent& m) { return answer_when_folded<agent_described>(m); },
      [this](const list_agents& m) { return answer_when_folded<agents_listed>(m); },
      [this](const note_heartbeat& m) { return beat(m); },
      [this](note_observation& m) { return gather<observation_noted>(m); },
      [this](const list_places& m) { return answer_when_folded<places_listed>(m); },
      [this](const note_absences& m) { return answer_when_kept<absences_noted>(m); },
      [this](const list_removals& m) { return answer_when_kept<removals_listed>(m); },
      [this](const note_sweep& m) { return answer_when_kept<sweep_noted>(m); },
      [this](const list_scan_roots& m) { return answer_when_kept<scan_roots_listed>(m); },
      [this](const sift_paths& m) { return answer_when_kept<paths_sifted>(m); },
      [this](const list_known_paths& m) { return answer_when_kept<known_paths_listed>(m); },
      [this](const find_namespace& m) { return answer_when_kept<namespace_found>(m); },
      [this](note_copies& m) { return gather<copies_noted>(m); },
      [this](const list_denials& m) { return answer_when_folded<denials_listed>(m); },
      [this](const find_unadmitted& m) { return answer_when_folded<unadmitted_found>(m); },
      [this](const list_endpoints& m) { return answer_when_kept<endpoints_listed>(m); },
      [this](const find_rule& m) { return answer_when_folded<rule_found>(m); },
      [this](const list_rules& m) { return answer_when_folded<rules_listed>(m); },
      [this](const who_may_reach& m) { return answer_when_folded<reach_described>(m); },
      [this](const show_topology& m) { return answer_when_folded<topology_described>(m); },
      [this](const dump_index& m) { return answer_when_kept<index_dumped>(m); },
      [this](const rebuild_index& m) { return answer_when_kept<index_rebuilt>(m); },
      [this](const examine_index& m) { return answer_when_kept<findings_told>(m); },
      [this](const apply_settings& m) { return answer_when_kept<settings_applied>(m); },
      [this](const count_agents& m) { return answer_when_kept<agents_counted>(m); },
      [this](const watch_roster& m) { return watch_for(m); },
      [this](const unwatch_roster& m) { unwatch(m); },
  };
}

} // namespace muster
