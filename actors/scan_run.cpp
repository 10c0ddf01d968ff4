#include "muster/actors/scan_run.hpp"

#include "muster/actors/ask_unless_over.hpp"
#include "muster/store/namespace_rules.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

failure bad_request(std::string_view code, std::string message) {
  return {failure_kind::refused, code, std::move(message)};
}

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  return path;
}

template <class T>
void put_in_order(std::vector<T>& all) {
  std::ranges::stable_sort(all, [](const T& a, const T& b) { return is_walked_before(a.path, b.path); });
}

} // namespace

scan_run::scan_run(pointer self, scan_neighbours whom, const scan_options& options, scan_now asked)
    : self_(self), whom_(std::move(whom)), options_(options), asked_(std::move(asked)) {}

/// Asks, unless it is over; `then` is told, unless it is over by then.
template <class Answer, class Handle, class Request, class Then>
void scan_run::ask_of(const Handle& whom, std::chrono::nanoseconds limit, Request request, Then then) {
  ask_unless_over<Answer>(shared_from_this(), self_, limit, "scan", whom, std::move(request), std::move(then));
}

void scan_run::start(finished done) {
  done_ = std::move(done);
  began_ = self_->clock().now();
  if (auto why = check())
    return fail(std::move(*why));
  budget_ = self_->run_delayed(asked_.budget, [weak = weak_from_this()] {
    if (const auto me = weak.lock(); me && !me->is_over())
      me->end_walk();
  });
  find_roots();
}

std::optional<failure> scan_run::check() const {
  if (asked_.depth > options_.most_depth)
    return bad_request("scan-depth", "a scan goes at most " + std::to_string(options_.most_depth) + " levels deep");
  if (asked_.budget <= asked_.budget.zero() || asked_.budget > options_.most_budget)
    return bad_request("scan-budget", "a scan takes from 1 ms to " +
                                          std::to_string(options_.most_budget / std::chrono::seconds{1}) + " s");
  if (asked_.roots.size() > options_.roots)
    return bad_request("scan-roots", "a scan has at most " + std::to_string(options_.roots) + " roots");
  for (const auto& each : asked_.roots)
    if (!each.starts_with('/'))
      return bad_request("path-relative", "the directory to scan has to be an absolute path, not '" + each + "'");
  return {};
}

void scan_run::find_roots() {
  if (!asked_.roots.empty())
    return learn(asked_.roots);
  ask_of<scan_roots_listed>(whom_.index, options_.list_limit, list_scan_roots{},
                            [this](expected<scan_roots_listed> listed) {
                              if (!listed)
                                return fail(listed.error());
                              auto roots = std::move(listed->roots);
                              if (!options_.managed_home.empty())
                                roots.push_back(options_.managed_home);
                              if (roots.empty() && !asked_.fallback.empty())
                                roots.push_back(asked_.fallback);
                              if (roots.empty())
                                return fail(bad_request("scan-nowhere", "no agent has a scan root on record; name the "
                                                                        "directory to scan"));
                              learn(std::move(roots));
                            });
}

void scan_run::learn(std::vector<std::string> roots) {
  for (auto& each : roots)
    each = without_slashes(std::move(each));
  std::ranges::sort(roots, is_walked_before);
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
  ask_of<known_paths_listed>(whom_.index, options_.list_limit, list_known_paths{},
                             [this, roots = std::move(roots)](expected<known_paths_listed> known) {
                               if (!known)
                                 return fail(known.error());
                               walk(roots, std::move(*known));
                             });
}

void scan_run::walk(std::vector<std::string> roots, known_paths_listed known) {
  auto strategies = known_strategies();
  strategies.insert(strategies.end(), options_.strategies.begin(), options_.strategies.end());
  terms_ = std::make_shared<const scan_terms>(std::move(roots), std::move(known.placed), std::move(strategies),
                                              asked_.follow_mounts, options_.listing);
  auto how = options_.walk;
  how.depth = asked_.depth;
  walk_.emplace(terms_, std::move(known.denied), how);
  crew_ = std::make_shared<scan_crew>(self_, options_.crew, whom_.worker, *walk_, [weak = weak_from_this()] {
    if (const auto me = weak.lock(); me && !me->is_over())
      me->end_walk();
  });
  const auto crew = crew_;
  crew->start();
}

void scan_run::dismiss() {
  budget_.dispose();
  if (const auto crew = std::exchange(crew_, {}))
    crew->dismiss();
}

/// Whether all was seen or not. Before the walk there is nothing to end.
void scan_run::end_walk() {
  if (!walk_) {
    report_.truncated = true;
    return finish();
  }
  if (!crew_)
    return;
  dismiss();
  last_ = walk_->progress();
  manifests_ = walk_->take_manifests();
  for (const auto& each : manifests_)
    met_.emplace(each.agent.path, each.agent);
  const auto lost = walk_->lost_roots();
  report_ = walk_->take_report();
  if (lost == report_.roots.size() && !report_.problems.empty()) {
    const auto& first = report_.problems.front();
    const bool is_gone = first.kind == "disk-vanished";
    return fail({is_gone ? failure_kind::not_found : failure_kind::failed, is_gone ? "no-such-path" : "scan-root-lost",
                 first.message, first.path, "scan"});
  }
  if (asked_.only_look || report_.cancelled)
    tell_untaken();
  else
    choose();
}

void scan_run::cancel() {
  if (is_over())
    return;
  report_.cancelled = true;
  if (!walk_)
    return finish();
  if (crew_) {
    // The walk's report takes the place of this one.
    walk_->cancel();
    return end_walk();
  }
  tell_untaken();
}

void scan_run::choose() {
  found_agents found(options_.walk.listed, options_.copies);
  for (const auto& each : manifests_)
    (void)found.add(each.agent.agent, {each.agent.path, each.scan_root, each.modified, each.git});
  for (auto& each : found.take())
    taking_.push_back(std::move(each));
  take_more();
}

void scan_run::take_more() {
  const auto supervisor = caf::actor_cast<supervisor_actor>(whom_.supervisor);
  while (supervisor && in_flight_ < options_.in_flight && !taking_.empty()) {
    auto next = std::move(taking_.front());
    taking_.pop_front();
    ++in_flight_;
    take_found request{next.first.path, next.first.scan_root};
    ask_of<found_taken>(supervisor, options_.take_limit, std::move(request),
                        [this, next = std::move(next)](const expected<found_taken>& what) {
                          --in_flight_;
                          ++last_.taken;
                          if (what)
                            take_outcome(next, *what);
                          else
                            tell(next.first.path, what.error());
                          take_more();
                        });
  }
  if (in_flight_ == 0)
    tell_untaken();
}

void scan_run::take_outcome(const found_agent& which, const found_taken& what) {
  if (what.what == found_outcome::moved)
    take_vacated(what.home);
  auto agent = taken_agent(which, what);
  if (agent.agent.empty())
    return;
  std::string home = agent.path;
  agent.home = what.home;
  agent.taken = true;
  switch (what.what) {
    case found_outcome::nothing: return;
    case found_outcome::discovered:
    case found_outcome::moved: report_.existing.push_back(agent); break;
    case found_outcome::unadmitted: report_.unadmitted.push_back(agent); break;
    case found_outcome::duplicate:
    case found_outcome::waiting:
      agent.taken = false;
      home = what.home;
      report_.duplicates.push_back(agent);
      break;
    case found_outcome::held:
      agent.taken = false;
      report_.unregistered.push_back(agent);
      return;
  }
  for (const auto& each : which.others)
    if (const auto copy = met_.extract(each)) {
      copy.mapped().home = home;
      report_.duplicates.push_back(copy.mapped());
    }
}

/// The walk took it for the place of whom it knew there. By now that one lives
/// elsewhere, and another may have moved in.
void scan_run::take_vacated(const std::string& home) {
  const auto walked = std::ranges::find(report_.existing, home, &scanned_agent::path);
  if (walked == report_.existing.end())
    return;
  report_.existing.erase(walked);
  found_agent next;
  next.first.path = home;
  for (const auto& root : terms_->roots())
    if (root.size() >= next.first.scan_root.size() && is_below(home, root))
      next.first.scan_root = root;
  taking_.push_back(std::move(next));
}

/// As it was met, or of a place that was vacated as whoever is there now; nobody if it was told before.
scanned_agent scan_run::taken_agent(const found_agent& which, const found_taken& what) {
  if (auto met = met_.extract(which.first.path))
    return std::move(met.mapped());
  scanned_agent result;
  if (which.agent.empty() && what.what != found_outcome::nothing) {
    result.agent = what.agent;
    result.path = which.first.path;
    const auto known = std::ranges::find(terms_->placed(), what.agent, &scanned_agent::agent);
    result.name = known == terms_->placed().end() ? what.agent.text : known->name;
  }
  return result;
}

/// What nobody has taken is told as it was met.
void scan_run::tell_untaken() {
  taking_.clear();
  std::map<std::string_view, std::string_view> homes;
  for (const auto& each : terms_->placed())
    homes.emplace(each.agent.text, each.path);
  for (auto& [path, agent] : std::exchange(met_, {})) {
    const auto home = homes.find(agent.agent.text);
    const bool lives_here = home != homes.end();
    if (lives_here)
      agent.home = home->second;
    (lives_here ? report_.duplicates : report_.unregistered).push_back(std::move(agent));
  }
  if (report_.cancelled || report_.candidates.empty())
    return finish();
  ask_of<known_paths_listed>(whom_.index, options_.list_limit, list_known_paths{},
                             [this](const expected<known_paths_listed>& known) {
                               if (known)
                                 compare(*known);
                               finish();
                             });
}

/// What has changed while it was walked.
void scan_run::compare(const known_paths_listed& known) {
  std::map<std::string_view, const scanned_agent*> placed;
  for (const auto& each : known.placed)
    placed.emplace(each.path, &each);
  std::erase_if(report_.candidates, [&](const scan_candidate& each) {
    const auto found = placed.find(each.path);
    if (found != placed.end())
      report_.existing.push_back(*found->second);
    return found != placed.end();
  });
  std::set<std::string_view> denied;
  for (const auto& each : known.denied)
    denied.insert(each.path);
  for (auto& each : report_.candidates)
    for (std::string_view path = each.path; path.starts_with('/') && !each.denied;
         path = path.substr(0, path.rfind('/')))
      each.denied = denied.contains(path);
}

void scan_run::tell(const std::string& path, const failure& why) {
  if (report_.problems.size() < options_.walk.problems)
    report_.problems.push_back({path, std::string(why.code), why.message});
  else
    ++report_.more_problems;
}

void scan_run::finish() {
  const auto done = std::exchange(done_, {});
  dismiss();
  put_in_order(report_.existing);
  put_in_order(report_.duplicates);
  put_in_order(report_.unadmitted);
  put_in_order(report_.unregistered);
  report_.took = std::chrono::duration_cast<std::chrono::milliseconds>(self_->clock().now() - began_);
  done(std::move(report_));
}

void scan_run::fail(failure why) {
  const auto done = std::exchange(done_, {});
  dismiss();
  done(std::move(why));
}

scan_progress scan_run::progress() const noexcept {
  return crew_ ? walk_->progress() : last_;
}

} // namespace muster
