#include "muster/store/field_merge.hpp"

#include "muster/store/json_write.hpp"
#include "muster/store/manifest_meaning.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace muster {

namespace {

using json::kind;
using rules::shape;

/// What the members of an object can be, by its rule.
rules::table<rules::field> members_of(const rules::rule& rule, json::value object) {
  if (rule.form != shape::tagged)
    return rule.members;
  const auto tag = object.find(rule.tag);
  return tag.is(kind::string) ? rules::members_for(rule, tag.as_string()) : rules::table<rules::field>{};
}

/// Writes an object from members of two others.
class member_list {
public:
  void add(json::value member, std::string_view content) {
    text_ += text_.size() == 1 ? "" : ",";
    text_ += member.key_text();
    text_ += ':';
    text_ += content;
  }

  [[nodiscard]] std::string finish() { return text_ + '}'; }

private:
  std::string text_ = "{";
};

std::string merged_object(json::value old, json::value fresh, const rules::rule& rule, unknown_members unknown) {
  const auto known_now = members_of(rule, fresh);
  const auto known_before = members_of(rule, old);
  member_list merged;
  for (const auto member : fresh) {
    const auto* known = rules::find_member(known_now, member);
    const auto before = old.find(member.key());
    merged.add(member,
               known && before ? merged_value(before, member, known->value, unknown) : std::string(member.text()));
  }
  for (const auto member : old) {
    if (fresh.find(member.key()))
      continue;
    const auto* known = rules::find_member(known_now, member);
    const bool is_default = known && meaning_under(&known->value, member) == known->absent.meaning;
    const bool is_unknown = !known && !rules::find_member(known_before, member);
    if (is_default || (is_unknown && unknown == unknown_members::keep))
      merged.add(member, member.text());
  }
  return merged.finish();
}

/// For each entry of a new list, the old one of the same identity, or an absent value.
std::vector<json::value> predecessors(json::value old, json::value fresh, std::string_view identity) {
  std::vector<json::value> left(old.begin(), old.end());
  std::vector<json::value> found;
  for (const auto element : fresh) {
    const auto name = element.find(identity);
    const auto before = std::find_if(left.begin(), left.end(), [&](json::value candidate) {
      const auto other = candidate.find(identity);
      return name && other && json::same_meaning(name, other);
    });
    found.push_back(before == left.end() ? json::value() : *before);
    if (before != left.end())
      left.erase(before);
  }
  return found;
}

/// The new list, each entry that has a predecessor written by `write(predecessor, entry)`.
template <class Write>
std::string list_after(const std::vector<json::value>& before, json::value fresh, Write write) {
  std::string text = "[";
  std::size_t index = 0;
  for (const auto element : fresh) {
    text += index == 0 ? "" : ",";
    text += before[index] ? write(before[index], element) : std::string(element.text());
    ++index;
  }
  return text + ']';
}

bool is_identified_list(json::value old, json::value fresh, const rules::rule& rule) {
  return !rule.identity.empty() && old.is(kind::array) && fresh.is(kind::array);
}

} // namespace

std::string merged_value(json::value old, json::value fresh, const rules::rule& rule, unknown_members unknown) {
  if (meaning_under(&rule, old) == meaning_under(&rule, fresh))
    return std::string(old.text());
  const bool has_members = rule.form == shape::object || rule.form == shape::tagged;
  if (has_members && old.is(kind::object) && fresh.is(kind::object))
    return merged_object(old, fresh, rule, unknown);
  if (!is_identified_list(old, fresh, rule))
    return std::string(fresh.text());
  return list_after(predecessors(old, fresh, rule.identity), fresh, [&](json::value before, json::value element) {
    return merged_value(before, element, *rule.element, unknown);
  });
}

std::optional<std::string> reordered_value(json::value old, json::value fresh, const rules::rule& rule) {
  if (!is_identified_list(old, fresh, rule))
    return std::nullopt;
  const auto before = predecessors(old, fresh, rule.identity);
  const auto in_place = [](json::value a, json::value b) { return a && a.offset() == b.offset(); };
  if (std::equal(before.begin(), before.end(), old.begin(), old.end(), in_place))
    return std::nullopt;
  return list_after(before, fresh, [](json::value entry, json::value) { return std::string(entry.text()); });
}

} // namespace muster
