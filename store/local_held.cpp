#include "muster/store/local_held.hpp"

namespace muster {

namespace {

// In the order of the key, so that nothing is sorted: few agents have two rows.
constexpr std::string_view select_of_agent = "SELECT versions_json, path = ?2 FROM held WHERE agent = ?1 ORDER BY path";
constexpr std::string_view upsert = "INSERT INTO held (agent, path, versions_json) VALUES (?, ?, ?) "
                                    "ON CONFLICT (agent, path) DO UPDATE SET versions_json = excluded.versions_json";
constexpr std::string_view delete_others =
    "DELETE FROM held WHERE agent = ?1 AND path <> ?2 AND (?2 = '' OR EXISTS (SELECT 1 FROM held AS best WHERE "
    "best.agent = ?1 AND best.path = ?2))";

} // namespace

sqlite_result<held_versions> local_held::find(const agent_id& agent, const std::string& path) {
  auto& row = on_.prepare(select_of_agent).bind({agent.text, path});
  const sqlite_reading until_the_end(row);
  std::optional<held_versions> best;
  for (bool first = true, exact = false; !exact; first = false) {
    const auto found = row.step();
    if (!found)
      return found.error();
    if (!*found)
      break;
    exact = row.integer(1) != 0;
    if (first || exact)
      best = held_versions::decode(row.text(0));
  }
  return best ? std::move(*best) : held_versions();
}

sqlite_result<void> local_held::put(const agent_id& agent, const std::string& path, const held_versions& what) {
  const auto text = what.encode();
  return on_.run(upsert, {agent.text, path, text});
}

sqlite_result<void> local_held::keep_only(const agent_id& agent, const std::string& path) {
  return on_.run(delete_others, {agent.text, path});
}

} // namespace muster
