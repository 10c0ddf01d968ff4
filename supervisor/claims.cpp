#include "muster/supervisor/claims.hpp"

#include <algorithm>
#include <cassert>

namespace muster {

namespace {

failure full(std::string what) {
  return {failure_kind::busy, "claims-full", std::move(what) + "; try again in a moment", {}, "claim"};
}

} // namespace

failure claims::taken(const claim_key& key, const entry& by, const agent_id& asking) {
  if (key.what == claim_key::kind::path && by.agent != asking)
    return {failure_kind::refused,
            "path-claimed",
            key.text + " is being given to agent " + by.agent.text +
                "; choose another directory or wait for that to end",
            key.text,
            "claim",
            by.agent.text};
  return {failure_kind::busy,
          "claims-taken",
          "something else is being done to " + key.text + "; try again in a moment",
          key.what == claim_key::kind::path ? key.text : std::string{},
          "claim",
          asking.text};
}

std::optional<failure> claims::too_much(std::size_t keys) const {
  if (keys > options_.keys)
    return failure{failure_kind::refused,
                   "claims-too-many",
                   "one change may touch " + std::to_string(options_.keys) + " agents and paths at most, this one " +
                       std::to_string(keys) + "; make it smaller",
                   {},
                   "claim"};
  if (in_flight() >= options_.in_flight)
    return full(std::to_string(options_.in_flight) + " changes are in flight");
  if (owing_ >= options_.owing)
    return full("too much is owed from changes that failed (muster doctor lists it)");
  return std::nullopt;
}

claim_outcome claims::take(const saga_id& saga, const agent_id& agent, claim_set keys, claim_conflict when_taken) {
  assert(!keys.empty() && !entries_.contains(saga));
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const bool outlasts = when_taken == claim_conflict::outlast;
  if (auto why = outlasts ? std::nullopt : too_much(keys.size()))
    return *why;
  claims_waiting waiting;
  entry asking{agent, std::move(keys), state::waiting, outlasts, 0, ++turns_};
  for (const auto& key : asking.keys) {
    const auto line = lines_.find(key);
    if (line == lines_.end())
      continue;
    const auto& first = entries_.at(line->second.front());
    if (when_taken == claim_conflict::refuse)
      return taken(key, first, agent);
    ++asking.behind;
    if (first.now == state::owing && !std::ranges::count(waiting.settle, line->second.front()))
      waiting.settle.push_back(line->second.front());
  }
  for (const auto& key : asking.keys)
    lines_[key].push_back(saga);
  const auto free = asking.behind == 0;
  asking.now = free ? state::holding : state::waiting;
  entries_.emplace(saga, std::move(asking));
  if (free)
    return claims_granted{};
  return waiting;
}

std::vector<saga_id> claims::release(const saga_id& saga) {
  std::vector<saga_id> granted;
  const auto found = entries_.find(saga);
  if (found == entries_.end())
    return granted;
  owing_ -= found->second.now == state::owing ? 1 : 0;
  for (const auto& key : found->second.keys) {
    const auto line = lines_.find(key);
    const auto was_first = line->second.front() == saga;
    std::erase(line->second, saga);
    if (line->second.empty()) {
      lines_.erase(line);
    } else if (was_first) {
      auto& next = entries_.at(line->second.front());
      assert(next.now == state::waiting && next.behind > 0);
      if (--next.behind == 0) {
        next.now = state::holding;
        granted.push_back(line->second.front());
      }
    }
  }
  entries_.erase(found);
  std::ranges::sort(granted, {}, [&](const saga_id& next) { return entries_.at(next).turn; });
  return granted;
}

void claims::hand_over(const saga_id& from, const saga_id& to) {
  assert(holds(from) && !entries_.contains(to));
  auto moved = entries_.extract(from);
  moved.key() = to;
  for (const auto& key : entries_.insert(std::move(moved)).position->second.keys)
    std::ranges::replace(lines_.at(key), from, to);
}

bool claims::owe(const saga_id& saga) {
  auto& found = entries_.at(saga);
  assert(found.now != state::waiting);
  owing_ += found.now == state::holding ? 1 : 0;
  found.now = state::owing;
  return std::ranges::any_of(found.keys, [&](const claim_key& key) { return lines_.at(key).size() > 1; });
}

std::vector<saga_id> claims::settling_failed(const saga_id& owing, std::vector<saga_id>& granted) {
  std::vector<saga_id> refused;
  const auto found = entries_.find(owing);
  assert(found != entries_.end() && found->second.now == state::owing);
  for (const auto& key : found->second.keys)
    for (const auto& waiting : lines_.at(key))
      if (waiting != owing && !entries_.at(waiting).outlasts && !std::ranges::count(refused, waiting))
        refused.push_back(waiting);
  for (const auto& saga : refused)
    for (auto& other : release(saga))
      granted.push_back(std::move(other));
  // Some that got their keys on the way were refused themselves.
  std::erase_if(granted, [&](const saga_id& saga) { return !entries_.contains(saga); });
  return refused;
}

failure claims::refusal_behind(const saga_id& owing, const failure& why) {
  return {failure_kind::busy,
          "saga-owed",
          "an earlier change (" + owing.text + ") still owes something here and cannot be settled: " + why.message,
          why.path,
          "claim",
          why.agent,
          why.system_errno};
}

bool claims::holds(const saga_id& saga) const {
  const auto found = entries_.find(saga);
  return found != entries_.end() && found->second.now != state::waiting;
}

std::vector<saga_id> claims::owing_sagas() const {
  std::vector<saga_id> result;
  for (const auto& [saga, entry] : entries_)
    if (entry.now == state::owing)
      result.push_back(saga);
  return result;
}

} // namespace muster
