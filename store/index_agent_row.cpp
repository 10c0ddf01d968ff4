#include "muster/store/index_agent_row.hpp"

#include "muster/store/canonical_line.hpp"
#include "muster/store/json.hpp"

#include <algorithm>

namespace muster {

namespace {

enum class column_kind : std::uint8_t { text, flag, object, list };

struct column {
  std::string_view field;
  std::size_t place; ///< in `agent_row::columns`
  column_kind kind;
};

constexpr std::size_t registered_at_place = 100;
constexpr std::size_t registered_by_place = 101;
constexpr std::size_t extras_place = 20;
constexpr std::size_t content_hash_place = 21;

// Sorted by field.
constexpr std::array columns_by_field{
    column{"account", 16, column_kind::text},
    column{"behavior", 5, column_kind::object},
    column{"budget", 19, column_kind::object},
    column{"capabilities", 4, column_kind::list},
    column{"color", 11, column_kind::text},
    column{"conventions", 10, column_kind::object},
    column{"description", 2, column_kind::text},
    column{"displayName", 1, column_kind::text},
    column{"effort", 15, column_kind::text},
    column{"enabledToolGroups", 17, column_kind::object},
    column{"icon", 12, column_kind::text},
    column{"isSystem", 13, column_kind::flag},
    column{"mcpServers", 18, column_kind::list},
    column{"model", 14, column_kind::text},
    column{"name", 0, column_kind::text},
    column{"namespace", 6, column_kind::text},
    column{"persona", 7, column_kind::text},
    column{"personaEnabled", 8, column_kind::flag},
    column{"registeredAt", registered_at_place, column_kind::text},
    column{"registeredBy", registered_by_place, column_kind::text},
    column{"runtime", 3, column_kind::text},
    column{"traits", 9, column_kind::object},
};

const column* column_of(std::string_view field) noexcept {
  auto place = std::lower_bound(columns_by_field.begin(), columns_by_field.end(), field,
                                [](const column& each, std::string_view name) { return each.field < name; });
  return place != columns_by_field.end() && place->field == field ? &*place : nullptr;
}

/// The text of a JSON string; nothing for anything else.
std::optional<std::string> decode(std::string_view json) {
  if (json.size() >= 2 && json.front() == '"' && json.find('\\') == std::string_view::npos)
    return std::string(json.substr(1, json.size() - 2));
  auto document = json::document::parse(std::string(json), {.bytes = json.size()});
  if (!document || !document->root().is(json::kind::string))
    return std::nullopt;
  return document->root().as_string();
}

void add_member(std::string& object, std::string_view name, std::string_view value) {
  object += object.empty() ? '{' : ',';
  object.append(canonical_line{}.quoted(name).text()).append(1, ':').append(value);
}

std::string manifest_of(std::string_view id, const std::vector<field_winner>& winners) {
  constexpr std::string_view id_field = "id";
  std::string text;
  bool has_id = false;
  for (const auto& winner : winners) {
    if (!has_id && winner.field >= id_field) {
      has_id = true;
      if (winner.field != id_field)
        add_member(text, id_field, canonical_line{}.quoted(id).text());
    }
    if (*winner.value)
      add_member(text, winner.field, **winner.value);
  }
  if (!has_id)
    add_member(text, id_field, canonical_line{}.quoted(id).text());
  return text.append("}");
}

} // namespace

std::string hash_of_text(const std::string& manifest) {
  return to_hex(sha256::of(manifest));
}

agent_row::agent_row(std::string_view id, const std::vector<field_winner>& winners, content_hash_function hash)
    : content_hash_(hash(manifest_of(id, winners))) {
  columns_.fill(nullptr);
  // The values point into it.
  decoded_.reserve(winners.size());
  for (const auto& [field, value] : winners)
    if (*value && !place(field, **value))
      add_member(extras_, field, **value);
  if (!extras_.empty())
    columns_[extras_place] = extras_.append("}");
  columns_[content_hash_place] = content_hash_;
}

bool agent_row::place(std::string_view field, std::string_view json) {
  const auto* column = column_of(field);
  if (!column)
    return false;
  sqlite_value value = nullptr;
  switch (column->kind) {
    case column_kind::text: {
      auto text = decode(json);
      if (!text)
        return false;
      value = decoded_.emplace_back(std::move(*text));
      break;
    }
    case column_kind::flag:
      if (json != "true" && json != "false")
        return false;
      value = json == "true";
      break;
    case column_kind::object:
    case column_kind::list:
      if (!json.starts_with(column->kind == column_kind::object ? '{' : '['))
        return false;
      value = json;
      break;
  }
  if (column->place == registered_at_place)
    registered_at_ = value;
  else if (column->place == registered_by_place)
    registered_by_ = value;
  else
    columns_[column->place] = value;
  return true;
}

} // namespace muster
