#include "muster/runner/field_assignments.hpp"

#include "muster/runner/terminal_text.hpp"
#include "muster/store/closest_name.hpp"
#include "muster/store/json_text.hpp"
#include "muster/store/manifest_rules.hpp"

#include <set>
#include <string_view>

namespace muster {

namespace {

using rules::rule;
using rules::shape;

failure refused(std::string_view code, std::string message) {
  return {failure_kind::refused, code, std::move(message)};
}

std::vector<std::string> names_of(const std::string& path) {
  std::vector<std::string> names;
  std::size_t from = 0;
  for (auto dot = path.find('.'); dot != std::string::npos; from = dot + 1, dot = path.find('.', from))
    names.push_back(path.substr(from, dot - from));
  names.push_back(path.substr(from));
  return names;
}

const rule any_text{.form = shape::text};

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& each : names)
    list += (list.empty() ? "" : ", ") + each;
  return list;
}

// The rule of the value at a path of names.
expected<const rule*> rule_at(const std::string& path) {
  auto members = rules::manifest_fields();
  const rule* at = nullptr;
  std::string_view where = "a manifest";
  for (const auto& name : names_of(path)) {
    if (at && at->form == shape::text_map)
      return &any_text;
    if (at && at->form != shape::object)
      return refused("no-such-field",
                     "'" + printable(path) + "' leads into a value that has no members; set the whole of it");
    const auto* field = rules::find_field(members, name);
    if (!field) {
      std::vector<std::string> known;
      for (const auto& each : members)
        known.emplace_back(each.name);
      const auto near = closest_name(name, known);
      return refused(
          "no-such-field",
          std::string(where) + " has no field '" + printable(name) + "'" +
              (near.empty() ? "; it has " + listed(known) + ", and what other programs keep in it is edited in the file"
                            : "; did you mean '" + near + "'?"));
    }
    at = &field->value;
    where = field->name;
    members = at->members;
  }
  return at;
}

std::string choices_of(const rule& wanted) {
  std::string list;
  for (const auto& each : wanted.choices)
    list += (list.empty() ? "" : ", ") + std::string(each);
  return list;
}

failure wrong_value(const std::string& path, const std::string& wanted) {
  return refused("bad-value", "'" + printable(path) + "' takes " + wanted);
}

expected<std::string> as_json(const std::string& path, const std::string& typed, json::kind wanted,
                              const std::string& looks) {
  const auto document = json::document::parse(typed);
  if (!document || !document->root().is(wanted))
    return wrong_value(path, looks + "; '" + printable(typed, 64) + "' is not that");
  return typed;
}

expected<std::string> as_choice(const std::string& path, const std::string& typed, const rule& wanted) {
  std::vector<std::string> known;
  for (const auto& each : wanted.choices) {
    if (each == typed)
      return json_text(typed);
    known.emplace_back(each);
  }
  const auto near = closest_name(typed, known);
  return wrong_value(path,
                     "one of " + choices_of(wanted) +
                         (near.empty() ? ", not '" + printable(typed, 64) + "'" : "; did you mean '" + near + "'?"));
}

// What was typed for a value, as JSON of the type that its rule wants.
expected<std::string> typed_value(const std::string& path, const std::string& typed, const rule& wanted) {
  switch (wanted.form) {
    case shape::text:
      if (!json::is_utf8(typed))
        return wrong_value(path, "text in UTF-8");
      return json_text(typed);
    case shape::choice: return as_choice(path, typed, wanted);
    case shape::flag: return as_json(path, typed, json::kind::boolean, "true or false");
    case shape::integer: return as_json(path, typed, json::kind::number, "a whole number");
    case shape::number: return as_json(path, typed, json::kind::number, "a number such as 0.5");
    case shape::list: return as_json(path, typed, json::kind::array, "a list in JSON, such as '[\"code\",\"review\"]'");
    case shape::text_map:
    case shape::object:
    case shape::tagged: return as_json(path, typed, json::kind::object, "an object in JSON, such as '{\"humor\":2}'");
  }
  return typed;
}

std::string path_member(const std::string& path) {
  std::string out = "{\"field\":[";
  for (const auto& name : names_of(path))
    out += (out.ends_with('[') ? "" : ",") + json_text(name);
  return out + "]";
}

expected<void> name_once(std::set<std::string>& seen, const std::string& path) {
  if (!seen.insert(path).second)
    return refused("named-twice", "'" + printable(path) + "' is named twice; which of the two is meant?");
  return {};
}

} // namespace

expected<std::string> field_changes(const std::vector<std::string>& set, const std::vector<std::string>& unset) {
  std::string changes;
  std::set<std::string> seen;
  for (const auto& assignment : set) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0)
      return failure{failure_kind::usage, "no-assignment",
                     "--set takes FIELD=VALUE, such as description='Reviews code', not '" + printable(assignment, 64) +
                         "'"};
    const auto path = assignment.substr(0, equals);
    const auto wanted = rule_at(path);
    if (!wanted)
      return wanted.error();
    if (auto once = name_once(seen, path); !once)
      return once.error();
    const auto value = typed_value(path, assignment.substr(equals + 1), **wanted);
    if (!value)
      return value.error();
    changes += (changes.empty() ? "" : ",") + path_member(path) + ",\"value\":" + *value + "}";
  }
  for (const auto& path : unset) {
    if (const auto wanted = rule_at(path); !wanted)
      return wanted.error();
    if (auto once = name_once(seen, path); !once)
      return once.error();
    changes += (changes.empty() ? "" : ",") + path_member(path) + "}";
  }
  return changes.empty() ? "" : "[" + changes + "]";
}

} // namespace muster
