#include "muster/supervisor/field_edits.hpp"

#include "muster/store/index_manifest.hpp"
#include "muster/store/json_write.hpp"
#include "muster/store/manifest_check.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace muster {

namespace {

constexpr std::string_view id_field = "id";

std::string meaning_of(const std::string& field, const std::optional<std::string>& value) {
  return meaning_of_manifests().field(field, value);
}

std::string meaning_in(const manifest_document& file, const std::string& field) {
  return field_meaning(field, file.document().root().find(field)).value_or(std::string());
}

/// In order, each once.
std::vector<std::string> fields_of(const manifest_document& file, const agent_found& found) {
  const auto members = file.document().root();
  std::vector<std::string> all;
  all.reserve(members.size() + found.fields.size());
  for (const auto member : members)
    all.push_back(member.key());
  for (const auto& [field, known] : found.fields)
    all.push_back(field);
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::erase(all, id_field);
  return all;
}

const known_field* find_known(const agent_found& found, const std::string& field) {
  const auto at = found.fields.find(field);
  return at == found.fields.end() ? nullptr : &at->second;
}

bool covers(const saw_vector& all, const saw_vector& some) {
  return std::ranges::all_of(some, [&](const auto& each) {
    const auto at = all.find(each.first);
    return at != all.end() && at->second >= each.second;
  });
}

template <class IsBehind>
std::vector<field_difference> differences(const manifest_document& file, const agent_found& found, IsBehind is_behind) {
  std::vector<field_difference> all;
  for (const auto& field : fields_of(file, found)) {
    if (meaning_in(file, field) == meaning_of(field, value_in(found, field)))
      continue;
    auto value = value_in(file, field);
    const bool behind = is_behind(field, value);
    all.push_back({field, std::move(value), behind});
  }
  return all;
}

} // namespace

seen_values::seen_values(const agent_id& agent, std::span<const commit> log) {
  const agent_put* oldest = nullptr;
  for (const auto& each : log)
    for (const auto& what : each.ops) {
      if (const auto* put = std::get_if<agent_put>(&what); put && put->agent == agent) {
        oldest = put;
        for (const auto& edit : put->fields)
          see(edit.field, edit.value);
      }
      if (const auto* choice = std::get_if<resolve>(&what))
        if (const auto* key = std::get_if<field_key>(&choice->key); key && key->agent == agent)
          see(key->field, choice->value);
    }
  // What the first version did not set was absent then; of one that was cut off nobody knows.
  if (!oldest || log.size() >= most_history)
    return;
  std::set<std::string> first;
  for (const auto& edit : oldest->fields)
    first.insert(edit.field);
  for (auto& [field, meanings] : meanings_)
    if (!first.contains(field))
      meanings.insert(meaning_of(field, std::nullopt));
}

void seen_values::see(const std::string& field, const std::optional<std::string>& value) {
  meanings_[field].insert(meaning_of(field, value));
}

bool seen_values::has(const std::string& field, const std::optional<std::string>& value) const {
  const auto at = meanings_.find(field);
  return at != meanings_.end() && at->second.contains(meaning_of(field, value));
}

std::vector<field_difference> differences_of(const manifest_document& file, const agent_found& found,
                                             const seen_values& seen) {
  if (!found.held)
    return differences_of_newcomer(file, found, seen);
  const bool untouched = *found.held == file_hash(file.bytes());
  return differences(file, found, [&](const std::string& field, const auto&) {
    const auto* known = find_known(found, field);
    // What the fold has lost, or never heard of, is only in the file.
    if (!known || !covers(known->saw, known->held))
      return false;
    if (untouched || known->held == known->saw)
      return untouched;
    return known->held_meaning && *known->held_meaning == sha256::of(meaning_in(file, field));
  });
}

std::vector<field_difference> differences_of_newcomer(const manifest_document& file, const agent_found& found,
                                                      const seen_values& seen) {
  return differences(file, found, [&](const std::string& field, const auto& value) { return seen.has(field, value); });
}

field_edit found_edit(const field_difference& from, const agent_found& found) {
  const auto* known = find_known(found, from.field);
  return {from.field, from.value, known ? known->held : saw_vector{}};
}

bool is_concurrent(const field_difference& edit, const agent_found& found) {
  const auto* known = find_known(found, edit.field);
  return known && !covers(known->held, known->saw);
}

field_edit made_edit(const field_difference& from, const agent_found& found) {
  const auto* known = find_known(found, from.field);
  return {from.field, from.value, known ? known->saw : saw_vector{}};
}

std::optional<std::string> value_in(const manifest_document& file, std::string_view field) {
  const auto value = file.document().root().find(field);
  const auto* known = rules::find_field(field);
  if (!value || (known && known->when_bad == rules::tolerance::degrade && !obeys(value, known->value)))
    return std::nullopt;
  return json::canonical(value);
}

std::optional<std::string> value_in(const agent_found& found, const std::string& field) {
  const auto* known = find_known(found, field);
  return known ? known->value : std::nullopt;
}

std::string brought_up_to_date(const manifest_document& file, std::span<const field_difference> all,
                               const agent_found& found, std::vector<std::string>& left) {
  std::vector<field_change> changes;
  for (const auto& each : all)
    if (each.behind)
      changes.push_back({each.field, value_in(found, each.field), unknown_members::drop});
  if (auto bytes = apply_changes(file, changes))
    return std::move(*bytes);
  // Another instance can say anything. What can be taken is.
  std::vector<field_change> taken;
  std::string best(file.bytes());
  for (auto& change : changes) {
    taken.push_back(std::move(change));
    if (auto bytes = apply_changes(file, taken)) {
      best = std::move(*bytes);
      continue;
    }
    left.push_back(std::move(taken.back().name));
    taken.pop_back();
  }
  return best;
}

manifest_result<manifest_document> folded_manifest(const agent_id& agent, const agent_found& found) {
  std::string text = "{\"id\":" + json::quote(agent.text);
  for (const auto& [field, known] : found.fields)
    if (known.value && field != id_field)
      text.append(",").append(json::quote(field)).append(":").append(*known.value);
  return manifest_document::read(text + "}");
}

} // namespace muster
