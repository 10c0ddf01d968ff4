#include "muster/actors/relay_table.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace muster {

namespace {

expected<relay_done> answer(statement_fate fate, std::string_view what) {
  switch (fate) {
    case statement_fate::taken:
    case statement_fate::late: return relay_done{};
    case statement_fate::too_old:
      return failure{failure_kind::busy, "statement-too-old",
                     "the statement about " + std::string{what} + " is older than the relay remembers; make a new one"};
    case statement_fate::full:
      return failure{failure_kind::busy, "relay-full",
                     "the relay has no room for " + std::string{what} + "; remove agents or rules"};
  }
  std::abort();
}

/// Of an earlier life nothing is taken where a later one has spoken.
template <class Map, class Key>
std::optional<relay_done> outlived(const Map& held, const Key& key, epoch life) {
  const auto newest = held.newest(key).life;
  return newest > life ? std::optional{relay_done{newest}} : std::nullopt;
}

} // namespace

expected<relay_done> relay_table::put(const relay_put_endpoint& statement) {
  if (!is_subject(statement.subject, limits()))
    return failure{failure_kind::refused, "subject-invalid",
                   "an endpoint's subject is words of visible ASCII with dots between and no wildcard; give another"};
  const auto holder = endpoints_.entries().lower_bound({statement.subject, {}});
  if (holder != endpoints_.entries().end() && holder->first.subject == statement.subject &&
      holder->first.agent != statement.agent)
    return failure{failure_kind::refused,
                   "subject-held",
                   statement.subject + " is the endpoint of another agent; remove that first",
                   {},
                   {},
                   holder->first.agent.text};
  const endpoint_key key{statement.subject, statement.agent};
  if (const auto late = outlived(endpoints_, key, statement.version.life))
    return *late;
  return answer(endpoints_.put(key, statement.version, {statement.namespace_name, statement.open}), statement.subject);
}

expected<relay_done> relay_table::drop(const relay_drop_endpoint& statement) {
  const endpoint_key key{statement.subject, statement.agent};
  if (const auto late = outlived(endpoints_, key, statement.version.life))
    return *late;
  return answer(endpoints_.drop(key, statement.version), statement.subject);
}

std::optional<held_endpoint> relay_table::find(const std::string& subject) const {
  const auto holder = endpoints_.entries().lower_bound({subject, {}});
  if (holder == endpoints_.entries().end() || holder->first.subject != subject)
    return {};
  return held_endpoint{holder->first.agent, holder->second.value.open};
}

expected<relay_done> relay_table::put(const relay_put_rule& statement) {
  if (std::max(statement.source.size(), statement.target.size()) > options_.subject_bytes)
    return failure{failure_kind::refused, "subject-invalid", "a rule's subject is too long; give a shorter one"};
  const rule_place key{statement.source, statement.target, statement.priority};
  if (const auto late = outlived(rules_, key, statement.version.life))
    return *late;
  const auto fate = rules_.put(key, statement.version, statement);
  // One whose sides are no patterns is held, and matches nobody.
  if (fate == statement_fate::taken)
    (void)decides_.put({statement.source, statement.target, statement.priority, statement.action});
  return answer(fate, "a rule from " + statement.source);
}

expected<relay_done> relay_table::drop(const relay_drop_rule& statement) {
  const rule_place key{statement.source, statement.target, statement.priority};
  if (const auto late = outlived(rules_, key, statement.version.life))
    return *late;
  const auto fate = rules_.drop(key, statement.version);
  if (fate == statement_fate::taken)
    (void)decides_.drop(statement.source, statement.target, statement.priority);
  return answer(fate, "a rule from " + statement.source);
}

relay_listed relay_table::list() const {
  relay_listed result;
  result.endpoints.reserve(endpoints_.entries().size());
  for (const auto& [key, entry] : endpoints_.entries())
    result.endpoints.push_back({entry.version, key.subject, entry.value.namespace_name, key.agent, entry.value.open});
  result.rules.reserve(rules_.entries().size());
  for (const auto& [key, entry] : rules_.entries()) {
    result.rules.push_back(entry.value);
    result.rules.back().version = entry.version;
  }
  return result;
}

} // namespace muster
