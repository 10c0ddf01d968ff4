#include "muster/store/index_tables.hpp"
#include "muster/store/index_writer.hpp"
#include "muster/store/row_hash.hpp"

#include <algorithm>

namespace muster {

namespace {

constexpr std::string_view upsert_agent =
    "INSERT INTO agents (number, id, live, name, display_name, description, runtime, capabilities_json, behavior_json, "
    "namespace, registered_at, registered_by, persona, persona_enabled, traits_json, conventions_json, color, icon, "
    "is_system, model, effort, account, enabled_tool_groups_json, mcp_servers_json, budget_json, extras, content_hash) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (number) DO UPDATE SET live = excluded.live, name = excluded.name, "
    "display_name = excluded.display_name, description = excluded.description, runtime = excluded.runtime, "
    "capabilities_json = excluded.capabilities_json, behavior_json = excluded.behavior_json, "
    "namespace = excluded.namespace, persona = excluded.persona, persona_enabled = excluded.persona_enabled, "
    "traits_json = excluded.traits_json, conventions_json = excluded.conventions_json, color = excluded.color, "
    "icon = excluded.icon, is_system = excluded.is_system, model = excluded.model, effort = excluded.effort, "
    "account = excluded.account, enabled_tool_groups_json = excluded.enabled_tool_groups_json, "
    "mcp_servers_json = excluded.mcp_servers_json, budget_json = excluded.budget_json, extras = excluded.extras, "
    "content_hash = excluded.content_hash";
constexpr std::string_view update_registration =
    "UPDATE agents SET registered_at = ?, registered_by = ? WHERE number = ?";
constexpr std::string_view select_agent =
    "SELECT number, id, live, name, display_name, description, runtime, capabilities_json, behavior_json, namespace, "
    "registered_at, registered_by, persona, persona_enabled, traits_json, conventions_json, color, icon, is_system, "
    "model, effort, account, enabled_tool_groups_json, mcp_servers_json, budget_json, extras, content_hash "
    "FROM agents WHERE number = ?";
constexpr std::string_view select_winners =
    "SELECT key, value FROM heads WHERE subject = ? AND rank <= 0 ORDER BY key, rank";
constexpr std::string_view select_live =
    "SELECT EXISTS (SELECT 1 FROM placements JOIN instances ON instances.number = placements.owner "
    "WHERE placements.agent = ? AND path IS NOT NULL AND dropped = 0 AND retired_by IS NULL)";

constexpr std::size_t columns_before_registration = 7;

} // namespace

sqlite_result<void> index_writer::put_agent(std::int64_t number, std::string_view id, bool live,
                                            const std::vector<field_winner>& winners, bool is_new, registration what) {
  if (!is_new)
    if (auto done = discount(select_agent, index_table::agents, {number}); !done)
      return done;
  const agent_row row(id, winners, content_hash_);
  std::array<sqlite_value, agent_row::count + 5> values{number, id, live};
  auto into = std::copy_n(row.columns().begin(), columns_before_registration, values.begin() + 3);
  *into++ = row.registered_at();
  *into++ = row.registered_by();
  std::copy(row.columns().begin() + columns_before_registration, row.columns().end(), into);
  if (auto done = put(upsert_agent, index_table::agents, values); !done)
    return done.error();
  if (!is_new && what == registration::follows)
    return to_.run(update_registration, {row.registered_at(), row.registered_by(), number});
  return {};
}

sqlite_result<void> index_writer::put_new_agent(std::int64_t number, std::string_view id, const agent_record& record) {
  std::vector<field_winner> winners;
  winners.reserve(record.fields.size());
  for (const auto& [field, content] : record.fields)
    if (const auto* winner = winner_of(content, judge_field(instances_, meaning_, field)))
      winners.push_back({field, &winner->value});
  const auto live = std::any_of(record.placements.begin(), record.placements.end(),
                                [&](const placement_register& place) { return is_live(place, instances_); });
  return put_agent(number, id, live, winners, true, registration::follows);
}

sqlite_result<void> index_writer::refresh_agent(std::int64_t number, std::string_view id, registration what) {
  // The statement's texts are gone at the next step.
  std::vector<std::pair<std::string, std::optional<std::string>>> values;
  {
    auto& rows = to_.prepare(select_winners).bind({number});
    const sqlite_reading until_the_end(rows);
    while (true) {
      auto row = rows.step();
      if (!row)
        return row.error();
      if (!*row)
        break;
      // Rank 0 comes after rank -1 and stands in for it.
      if (!values.empty() && values.back().first == rows.text(0))
        values.back().second = rows.optional_text(1);
      else
        values.emplace_back(rows.text(0), rows.optional_text(1));
    }
  }
  std::vector<field_winner> winners;
  winners.reserve(values.size());
  for (const auto& [field, value] : values)
    winners.push_back({field, &value});
  auto live = to_.number(select_live, {number});
  if (!live)
    return live.error();
  return put_agent(number, id, *live != 0, winners, false, what);
}

} // namespace muster
