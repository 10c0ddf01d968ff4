#include "muster/actors/relay_rules.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>

namespace muster {

namespace {

using matches = boost::container::small_vector<subject_trie::number, 8>;

/// False if there are more than `limit`.
bool collect(const subject_trie& patterns, std::string_view subject, std::size_t limit, matches& into) {
  bool fits = true;
  patterns.match(subject, [&](subject_trie::number which) {
    fits = into.size() < limit;
    if (fits)
      into.push_back(which);
    return fits;
  });
  return fits;
}

bool outweighs(const access_rule& a, const access_rule& b) noexcept {
  if (a.priority != b.priority)
    return a.priority > b.priority;
  return a.action == rule_action::deny && b.action == rule_action::allow;
}

} // namespace

expected<void> relay_rules::put(const access_rule& rule) {
  if (!is_subject_pattern(rule.source, options_.subjects) || !is_subject_pattern(rule.target, options_.subjects))
    return failure{
        failure_kind::refused, "subject-invalid",
        "a side of a rule is words of visible ASCII with dots between, `*` for a word, and `>` for the rest; "
        "give another"};
  rule_place place{rule.source, rule.target, rule.priority};
  if (const auto there = rules_.find(place); there != rules_.end()) {
    there->second.rule.action = rule.action;
    return {};
  }
  if (rules_.size() >= options_.rules)
    return failure{failure_kind::busy, "relay-full", "the relay has no room for another rule; remove some"};
  const auto sides = sides_of(sources_.add(rule.source), targets_.add(rule.target));
  const auto placed = rules_.emplace(std::move(place), placed_rule{rule, sides}).first;
  auto& same_sides = by_sides_[sides];
  const auto before =
      std::ranges::find_if(same_sides, [&](const access_rule* other) { return other->priority < rule.priority; });
  same_sides.insert(before, &placed->second.rule);
  return {};
}

bool relay_rules::drop(const std::string& source, const std::string& target, int priority) {
  const auto there = rules_.find({source, target, priority});
  if (there == rules_.end())
    return false;
  unlink(there->second);
  rules_.erase(there);
  return true;
}

void relay_rules::unlink(const placed_rule& which) {
  const auto same_sides = by_sides_.find(which.sides);
  std::erase(same_sides->second, &which.rule);
  if (same_sides->second.empty())
    by_sides_.erase(same_sides);
  sources_.remove(which.rule.source);
  targets_.remove(which.rule.target);
}

access_verdict relay_rules::verdict(std::string_view from, std::string_view to) const {
  matches sources;
  matches targets;
  if (!is_subject(from, options_.subjects) || !is_subject(to, options_.subjects) ||
      !collect(sources_, from, options_.matching, sources) || !collect(targets_, to, options_.matching, targets))
    return {};
  const access_rule* best = nullptr;
  for (const auto source : sources)
    for (const auto target : targets)
      if (const auto found = by_sides_.find(sides_of(source, target)); found != by_sides_.end()) {
        // Those with the same two sides differ in priority.
        const auto* first = found->second.front();
        if (!best || outweighs(*first, *best))
          best = first;
      }
  return {best && best->action == rule_action::allow, best};
}

failure access_denied(std::string_view from, std::string_view to, const access_verdict& why) {
  std::string message = "Access denied: ";
  message.append(from).append(" -> ").append(to);
  if (!why.by)
    message += ", since no rule allows it";
  else
    message += " by the rule " + why.by->source + " -> " + why.by->target + " (priority " +
               std::to_string(why.by->priority) + ")";
  message += "; `muster access allow` lets namespaces reach each other";
  return {failure_kind::refused, "access-denied", std::move(message)};
}

} // namespace muster
