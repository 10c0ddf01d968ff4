#include "muster/store/fold_view.hpp"

#include "muster/store/canonical_line.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>

namespace muster {

namespace {

constexpr std::string_view name_field = "name";

candidate spell_out(const register_head& head, const instance_table& instances) {
  return {.id = {instances[head.author].id, head.seq},
          .at = head.at,
          .origin = head.origin,
          .value = head.value,
          .by = head.by};
}

std::string conflict_id(const std::variant<field_key, rule_key>& key, const std::vector<candidate>& candidates) {
  canonical_line text;
  if (const auto* field = std::get_if<field_key>(&key))
    text.word("field").quoted(field->agent.text).quoted(field->field);
  else
    text.word("rule").quoted(std::get<rule_key>(key).source).quoted(std::get<rule_key>(key).target);
  std::vector<commit_id> ids;
  ids.reserve(candidates.size());
  for (const auto& each : candidates)
    ids.push_back(each.id);
  std::sort(ids.begin(), ids.end());
  for (const auto& id : ids)
    text.commit(id);
  return to_hex(sha256::of(text.text())).substr(0, 32);
}

void view_fields(agent_view& view, const agent_id& id, const agent_record& record, const instance_table& instances,
                 meaning_function meaning) {
  for (const auto& [name, content] : record.fields) {
    const auto judge = judge_field(instances, meaning, name);
    const auto* winner = winner_of(content, judge);
    if (winner == nullptr)
      continue;
    auto dispute = conflict_of(field_key{id, name}, content, judge);
    view.fields.push_back({name, spell_out(*winner, instances), dispute.has_value()});
    if (dispute)
      view.conflicts.push_back(std::move(*dispute));
  }
}

void view_placements(agent_view& view, const agent_record& record, const instance_table& instances) {
  for (const auto& place : record.placements)
    if (is_live(place, instances))
      view.placements.push_back({{instances[place.owner].id, place.seq}, place.at, *place.value});
  std::sort(view.placements.begin(), view.placements.end(),
            [](const placement_view& a, const placement_view& b) { return a.id < b.id; });
  view.exists = !view.placements.empty();
}

void view_history(agent_view& view, const agent_record& record, const instance_table& instances) {
  std::map<instance_id, sequence> latest;
  const auto enter = [&](instance_index instance, sequence seq) {
    auto& through = latest[instances[instance].id];
    through = std::max(through, seq);
  };
  for (const auto& field : record.fields)
    for (const auto& entry : field.content.seen)
      enter(entry.instance, entry.through);
  for (const auto& place : record.placements)
    if (place.seq != 0)
      enter(place.owner, place.seq);
  for (const auto& [instance, seq] : latest)
    view.history_head.push_back({instance, seq});
}

void view_names(agent_view& view, const agent_record& record, const instance_table& instances,
                meaning_function meaning) {
  const auto* content = record.find_field(name_field);
  const auto judge = judge_field(instances, meaning, name_field);
  const auto* winner = content != nullptr ? winner_of(*content, judge) : nullptr;
  if (winner == nullptr || !winner->value)
    return;
  const auto name = judge.key.of(winner->value);
  for (const auto& place : view.placements)
    view.names.push_back({place.value.namespace_name, name});
  std::sort(view.names.begin(), view.names.end());
  view.names.erase(std::unique(view.names.begin(), view.names.end()), view.names.end());
}

} // namespace

bool conflict::has_policy_choice() const noexcept {
  return std::any_of(candidates.begin(), candidates.end(), [](const candidate& each) {
    return each.origin == head_origin::resolved && each.by.starts_with("auto:");
  });
}

std::vector<candidate> candidates_of(const shared_register& of, const register_judge& judge) {
  std::vector<candidate> result;
  for (const auto* head : ranked_heads(of, judge))
    result.push_back(spell_out(*head, judge.instances));
  return result;
}

std::optional<conflict> conflict_of(const std::variant<field_key, rule_key>& key, const shared_register& of,
                                    const register_judge& judge) {
  if (!is_contested(of, judge))
    return std::nullopt;
  auto candidates = candidates_of(of, judge);
  auto id = conflict_id(key, candidates);
  return conflict{std::move(id), key, std::move(candidates)};
}

std::optional<rule_action> action_of(const shared_register& rule, const instance_table& instances) {
  const auto* winner = winner_of(rule, judge_rule(instances));
  if (winner == nullptr || !winner->value)
    return std::nullopt;
  return *winner->value == "allow" ? rule_action::allow : rule_action::deny;
}

agent_view view_agent(const agent_id& id, const agent_record& record, const instance_table& instances,
                      meaning_function meaning) {
  agent_view view;
  view_fields(view, id, record, instances, meaning);
  view_placements(view, record, instances);
  view_history(view, record, instances);
  view_names(view, record, instances, meaning);
  return view;
}

void name_holders::enter(const agent_id& agent, const agent_view& view) {
  for (const auto& claim : view.names)
    holders_[claim].insert(agent);
}

std::vector<name_clash> name_holders::clashes_of(const agent_id& agent, const agent_view& view) const {
  std::vector<name_clash> result;
  for (const auto& claim : view.names) {
    auto position = holders_.find(claim);
    if (position == holders_.end())
      continue;
    name_clash clash{claim, {}};
    for (const auto& other : position->second)
      if (other != agent)
        clash.others.push_back(other);
    if (!clash.others.empty())
      result.push_back(std::move(clash));
  }
  return result;
}

} // namespace muster
