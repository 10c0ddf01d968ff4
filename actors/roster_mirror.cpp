#include "muster/actors/roster_mirror.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

using std::chrono::milliseconds;

lifecycle_event about(event_kind what, const roster_row& row, const commit_id& version, milliseconds now) {
  lifecycle_event result;
  result.at = now;
  result.what = what;
  result.row = row;
  result.version = version;
  return result;
}

/// Without what has events of its own.
bool says_the_same(const watched_row& before, const watched_row& after, bool touched) {
  const auto& a = before.row;
  const auto& b = after.row;
  // Where the content is not known a commit on the agent is taken for a change.
  const bool known = before.content != 0 && after.content != 0;
  return a.name == b.name && a.display_name == b.display_name && a.runtime == b.runtime &&
         a.namespace_name == b.namespace_name && a.subject == b.subject && a.registered_at == b.registered_at &&
         a.capabilities == b.capabilities && (known ? before.content == after.content : !touched);
}

/// What the change of status is called, if it is one to be told.
std::optional<event_kind> change_of_status(const watched_row& before, const watched_row& after) {
  const auto a = before.row.status;
  const auto b = after.row.status;
  if (is_gone(a) != is_gone(b))
    return is_gone(b) ? event_kind::unreachable : event_kind::resurrected;
  if (!before.admitted && after.admitted)
    return event_kind::admitted;
  return a == b ? std::nullopt : std::optional(event_kind::status_changed);
}

bool is_known_as(const std::map<std::string, denial_told>& denials, const denial_told& one) {
  const auto known = denials.find(one.path);
  return one.denied ? known != denials.end() && known->second == one : known == denials.end();
}

} // namespace

void roster_mirror::begin(roster_watched all, milliseconds now) {
  *this = roster_mirror(limits_);
  (void)take(std::move(all), now);
}

roster_mirror::events roster_mirror::take(roster_watched all, milliseconds now) {
  events result;
  std::set<place_key> there;
  for (const auto& each : all.rows)
    there.emplace(each.row.id, each.row.instance);
  for (auto known = rows_.begin(); known != rows_.end();)
    if (const auto here = known++; !there.contains(here->first))
      drop_row(here, {}, now, result);
  for (const auto& each : all.rows)
    put_row(each, {}, now, result);
  auto rules = take_rules(all.rules, now);
  std::move(rules.begin(), rules.end(), std::back_inserter(result));
  for (const auto& known : std::map(denials_))
    if (std::ranges::none_of(all.denials, [&](const auto& each) { return each.path == known.first; }))
      all.denials.push_back({known.first, false, {}});
  for (auto& each : all.denials) {
    auto denial = take(std::move(each), now);
    std::move(denial.begin(), denial.end(), std::back_inserter(result));
  }
  return result;
}

roster_mirror::events roster_mirror::take(watched_agent one, milliseconds now) {
  events result;
  auto [known, last] = rows_of(one.agent);
  while (known != last) {
    const auto here = known++;
    if (std::ranges::none_of(one.rows, [&](const auto& row) { return row.row.instance == here->first.second; }))
      drop_row(here, one.version, now, result);
  }
  for (const auto& each : one.rows)
    put_row(each, one.version, now, result);
  return result;
}

roster_mirror::events roster_mirror::take_rules(const std::vector<rule_put>& all, milliseconds now) {
  events result;
  std::map<rule_key, rule_action> rules;
  for (const auto& each : all)
    rules.insert_or_assign({each.source, each.target}, each.action);
  const auto say = [&](const rule_key& key, std::optional<rule_action> action) {
    auto told = about(event_kind::rule_changed, {}, {}, now);
    told.rule = rule_told{key.source, key.target, action};
    result.push_back(std::move(told));
  };
  for (const auto& [key, action] : rules_)
    if (!rules.contains(key))
      say(key, std::nullopt);
  for (const auto& [key, action] : rules)
    if (const auto known = rules_.find(key); known == rules_.end() || known->second != action)
      say(key, action);
  rules_ = std::move(rules);
  return result;
}

roster_mirror::events roster_mirror::take(denial_told one, milliseconds now) {
  if (is_known_as(denials_, one))
    return {};
  if (one.denied)
    denials_.insert_or_assign(one.path, one);
  else
    denials_.erase(one.path);
  auto told = about(event_kind::denial_changed, {}, {}, now);
  told.denial = std::move(one);
  return {std::move(told)};
}

std::pair<roster_mirror::known_rows::iterator, roster_mirror::known_rows::iterator>
roster_mirror::rows_of(const agent_id& agent) {
  const auto first = rows_.lower_bound({agent, {}});
  auto last = first;
  while (last != rows_.end() && last->first.first == agent)
    ++last;
  return {first, last};
}

void roster_mirror::drop_row(known_rows::iterator which, const commit_id& version, milliseconds now, events& into) {
  const auto agent = which->first.first;
  into.push_back(about(event_kind::removed, which->second.row, version, now));
  rows_.erase(which);
  if (const auto [first, last] = rows_of(agent); first == last)
    schedule(agent, std::nullopt, now);
}

void roster_mirror::put_row(const watched_row& row, const commit_id& version, milliseconds now, events& into) {
  latest_ = std::max(latest_, now);
  const auto [place, is_new] = rows_.try_emplace({row.row.id, row.row.instance}, row);
  auto& known = place->second;
  if (is_new) {
    known.row.health = health_of(row.row.last_seen, now, limits_);
    into.push_back(about(event_kind::registered, known.row, version, now));
    schedule(row.row.id, row.row.last_seen, now);
    return;
  }
  const auto before = std::exchange(known, row);
  // How it is comes from one place only.
  known.row.health = before.row.health;
  const auto& after = known.row;
  if (before.row.path != after.path) {
    into.push_back(about(event_kind::moved, after, version, now));
    into.back().path_before = before.row.path;
  }
  if (!says_the_same(before, known, version.seq != 0))
    into.push_back(about(event_kind::updated, after, version, now));
  if (const auto what = change_of_status(before, known)) {
    into.push_back(about(*what, after, version, now));
    into.back().status_before = before.row.status;
  }
  check_health(row.row.id, now, into);
}

void roster_mirror::check_health(const agent_id& agent, milliseconds now, events& into) {
  const auto [first, last] = rows_of(agent);
  std::optional<milliseconds> seen;
  for (auto each = first; each != last; ++each) {
    auto& row = each->second.row;
    seen = row.last_seen;
    const auto before = std::exchange(row.health, health_of(seen, now, limits_));
    if (before == row.health)
      continue;
    into.push_back(about(event_kind::health_changed, row, {}, now));
    into.back().health_before = before;
  }
  schedule(agent, seen, now);
}

void roster_mirror::schedule(const agent_id& agent, std::optional<milliseconds> last_seen, milliseconds now) {
  if (last_seen)
    heard_of_.insert(agent);
  else
    heard_of_.erase(agent);
  const auto next = next_health_change(last_seen, now, limits_);
  const auto known = due_.find(agent);
  if (known != due_.end()) {
    if (next == known->second)
      return;
    schedule_.erase({known->second, agent});
    due_.erase(known);
  }
  if (!next)
    return;
  due_.emplace(agent, *next);
  schedule_.emplace(*next, agent);
}

roster_mirror::events roster_mirror::take_seen(const agent_id& agent, milliseconds at, milliseconds now) {
  events result;
  const auto [first, last] = rows_of(agent);
  for (auto each = first; each != last; ++each)
    each->second.row.last_seen = at;
  if (first != last)
    check_health(agent, now, result);
  return result;
}

roster_mirror::events roster_mirror::take_time(milliseconds now) {
  // What was past may be to come again.
  if (now < latest_)
    return take_limits(limits_, now);
  latest_ = now;
  events result;
  while (!schedule_.empty() && schedule_.begin()->first <= now)
    check_health(agent_id(schedule_.begin()->second), now, result);
  return result;
}

std::optional<milliseconds> roster_mirror::next_change() const {
  return schedule_.empty() ? std::nullopt : std::optional(schedule_.begin()->first);
}

roster_mirror::events roster_mirror::take_limits(const health_limits& by, milliseconds now) {
  limits_ = by;
  latest_ = now;
  events result;
  for (auto each = rows_.begin(); each != rows_.end();) {
    const auto agent = each->first.first;
    check_health(agent, now, result);
    each = rows_of(agent).second;
  }
  return result;
}

std::vector<roster_row> roster_mirror::rows() const {
  std::vector<roster_row> result;
  result.reserve(rows_.size());
  for (const auto& [key, row] : rows_)
    result.push_back(row.row);
  return result;
}

const roster_row* roster_mirror::find(const agent_id& agent) const {
  const roster_row* result = nullptr;
  for (auto each = rows_.lower_bound({agent, {}}); each != rows_.end() && each->first.first == agent; ++each)
    if (!result || each->second.row.status != agent_status::remote)
      result = &each->second.row;
  return result;
}

} // namespace muster
