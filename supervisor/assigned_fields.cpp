#include "muster/supervisor/assigned_fields.hpp"

#include "muster/store/json_splice.hpp"
#include "muster/store/json_write.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace muster {

namespace {

constexpr std::string_view capabilities_field = "capabilities";

failure refused(std::string_view code, std::string message) {
  return {.kind = failure_kind::refused, .code = code, .message = std::move(message)};
}

std::string dotted(std::span<const std::string> path) {
  std::string text;
  for (const auto& each : path)
    text += (text.empty() ? "" : ".") + each;
  return text;
}

/// The text of an object with one member below it set or removed. Nothing, if
/// there is neither an object nor anything to set in one.
expected<std::optional<std::string>> with_member(const std::optional<std::string>& object,
                                                 std::span<const std::string> path,
                                                 const std::optional<std::string>& value) {
  if (!object && !value)
    return std::optional<std::string>{};
  auto document = json::document::parse(object.value_or("{}"));
  if (!document)
    return std::move(document).error();
  if (!document->root().is(json::kind::object))
    return refused("change-no-object",
                   "'" + dotted(path) + "' would be set inside of what is no object: set the whole value instead");
  json::member_change change{path.front(), value};
  if (path.size() > 1) {
    const auto inner = document->root().find(path.front());
    auto text = with_member(inner ? std::optional(std::string(inner.text())) : std::nullopt, path.subspan(1), value);
    if (!text)
      return std::move(text).error();
    change.text = std::move(*text);
  }
  if (!change.text && !document->root().find(path.front()))
    return object;
  auto result = json::splice(*document, std::span(&change, 1));
  if (!result)
    return std::move(result).error();
  return std::optional(std::move(*result));
}

/// All assignments, checked, by path.
expected<std::map<std::vector<std::string>, const field_assignment*>> by_path(const update_agent& asked) {
  std::map<std::vector<std::string>, const field_assignment*> all;
  for (const auto& each : asked.assignments) {
    if (each.path.empty())
      return refused("change-empty", "an assignment names no member: write member=value");
    if (!all.emplace(each.path, &each).second)
      return refused("manifest-change-twice", dotted(each.path) + " is changed twice at once: keep one of the changes");
  }
  for (auto at = all.begin(), next = at; at != all.end(); at = next) {
    ++next;
    if (next != all.end() && next->first.size() > at->first.size() &&
        std::equal(at->first.begin(), at->first.end(), next->first.begin()))
      return refused("manifest-change-twice", dotted(next->first) + " is changed, and " + dotted(at->first) +
                                                  ", which it is in, as well: keep one of the changes");
  }
  return all;
}

expected<std::string> changed_capabilities(const update_agent& asked, const std::optional<std::string>& present) {
  const auto listed = [](const std::vector<std::string>& in, const std::string& what) {
    return std::ranges::find(in, what) != in.end();
  };
  for (const auto& each : asked.add_capabilities)
    if (listed(asked.remove_capabilities, each))
      return refused("manifest-change-twice",
                     "the capability " + json::quote(each) + " is added and removed at once: keep one of the changes");
  std::vector<std::string> result;
  if (const auto document = json::document::parse(present.value_or("[]")))
    for (const auto each : document->root())
      if (each.is(json::kind::string) && !listed(asked.remove_capabilities, each.as_string()))
        result.push_back(each.as_string());
  for (const auto& each : asked.add_capabilities)
    if (!listed(result, each))
      result.push_back(each);
  std::string text = "[";
  for (const auto& each : result)
    text.append(text.size() == 1 ? "" : ",").append(json::quote(each));
  return text + "]";
}

} // namespace

expected<std::vector<field_change>> field_changes(const update_agent& asked, const present_value& present) {
  const auto named = asked.assignments.size() + asked.add_capabilities.size() + asked.remove_capabilities.size();
  if (named > max_assignments)
    return refused("change-too-many",
                   "one update changes at most " + std::to_string(max_assignments) + " members: make several of it");
  const auto assignments = by_path(asked);
  if (!assignments)
    return assignments.error();
  std::map<std::string, field_change> changes;
  for (const auto& [path, assignment] : *assignments) {
    const auto& field = path.front();
    if (path.size() == 1) {
      changes.emplace(field, field_change{field, assignment->value, unknown_members::keep});
      continue;
    }
    const auto at = changes.find(field);
    auto text = with_member(at == changes.end() ? present(field) : at->second.text, std::span(path).subspan(1),
                            assignment->value);
    if (!text)
      return std::move(text).error();
    // The text is the whole field as it was read, with what we do not know.
    changes.insert_or_assign(field, field_change{field, std::move(*text), unknown_members::drop});
  }
  if (!asked.add_capabilities.empty() || !asked.remove_capabilities.empty()) {
    const std::string field(capabilities_field);
    auto text = changed_capabilities(asked, present(field));
    if (!text)
      return std::move(text).error();
    if (!changes.emplace(field, field_change{field, std::move(*text), unknown_members::keep}).second)
      return refused("manifest-change-twice",
                     "capabilities are set, and single ones added or removed, at once: keep one of the changes");
  }
  std::vector<field_change> result;
  result.reserve(changes.size());
  for (auto& [field, change] : changes)
    result.push_back(std::move(change));
  return result;
}

} // namespace muster
