#include "muster/store/local_last_seen.hpp"

namespace muster {

namespace {

constexpr std::string_view select_one = "SELECT at_ms FROM last_seen WHERE agent = ?";
constexpr std::string_view select_event = "SELECT event FROM last_seen WHERE agent = ?";
constexpr std::string_view select_all = "SELECT agent, at_ms FROM last_seen";
constexpr std::string_view upsert = "INSERT INTO last_seen (agent, at_ms, event) VALUES (?, ?, ?) "
                                    "ON CONFLICT (agent) DO UPDATE SET at_ms = excluded.at_ms, event = excluded.event";
constexpr std::string_view delete_one = "DELETE FROM last_seen WHERE agent = ?";

} // namespace

sqlite_result<std::optional<std::chrono::milliseconds>> local_last_seen::find(const agent_id& agent) {
  auto& row = on_.prepare(select_one).bind({agent.text});
  const sqlite_reading until_the_end(row);
  auto found = row.step();
  if (!found)
    return found.error();
  return *found ? std::optional(std::chrono::milliseconds(row.integer(0))) : std::nullopt;
}

sqlite_result<std::string> local_last_seen::event_of(const agent_id& agent) {
  auto& row = on_.prepare(select_event).bind({agent.text});
  const sqlite_reading until_the_end(row);
  auto found = row.step();
  if (!found)
    return found.error();
  return *found ? std::string(row.text(0)) : std::string();
}

sqlite_result<void> local_last_seen::put(const agent_id& agent, std::chrono::milliseconds at, std::string_view event) {
  return on_.run(upsert, {agent.text, at.count(), event});
}

sqlite_result<void> local_last_seen::drop(const agent_id& agent) {
  return on_.run(delete_one, {agent.text});
}

sqlite_result<void>
local_last_seen::each(const std::function<void(std::string_view, std::chrono::milliseconds)>& take) {
  auto& rows = on_.prepare(select_all).bind({});
  const sqlite_reading until_the_end(rows);
  while (true) {
    auto row = rows.step();
    if (!row)
      return row.error();
    if (!*row)
      return {};
    take(rows.text(0), std::chrono::milliseconds(rows.integer(1)));
  }
}

} // namespace muster
