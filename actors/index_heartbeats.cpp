#include "muster/actors/index_keeper.hpp"

namespace muster {

namespace {

constexpr std::size_t longest_event = 256;

} // namespace

expected<heartbeat_noted> index_keeper::answer(const note_heartbeat& m) {
  if (m.event.size() > longest_event)
    return failure{failure_kind::refused, "heartbeat-event-long",
                   "the event is longer than " + std::to_string(longest_event) + " bytes; give it a short name"};
  auto there = entries({.what = row_filter::by::agent, .text = m.agent.text, .limit = 1});
  if (!there)
    return there.error();
  if (there->empty())
    return no_such_agent(m.agent);
  // It is written in a moment, if there is anywhere to.
  if (auto kept = local_.reachable(); !kept)
    return kept.error();
  const auto at = now();
  heartbeats_.insert_or_assign(m.agent, heartbeat{at, m.event});
  if (has_roster_)
    for (auto& entry : roster_.of(m.agent.text))
      entry.last_seen = at;
  return heartbeat_noted{at};
}

expected<void> index_keeper::put_heartbeats() {
  for (const auto& [agent, beat] : heartbeats_)
    if (auto put = local_.put_last_seen(agent, beat.at, beat.event); !put)
      return put;
  return {};
}

std::optional<std::chrono::milliseconds> index_keeper::waiting_heartbeat(const agent_id& agent) const {
  const auto known = heartbeats_.find(agent);
  return known == heartbeats_.end() ? std::nullopt : std::optional(known->second.at);
}

expected<void> index_keeper::write_heartbeats() {
  if (heartbeats_.empty())
    return {};
  (void)put_heartbeats();
  auto written = local_.commit();
  if (written)
    heartbeats_.clear();
  return written;
}

std::optional<std::chrono::milliseconds> index_keeper::last_seen(const agent_id& agent) {
  const auto waiting = heartbeats_.find(agent);
  return waiting != heartbeats_.end() ? std::optional(waiting->second.at) : local_.last_seen(agent);
}

} // namespace muster
