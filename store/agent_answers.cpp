#include "muster/store/agent_answers.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/index_agent_row.hpp"

#include <algorithm>

namespace muster {

namespace {

/// Of two commits the later one, as far as stamps tell.
class latest_commit {
public:
  void see(stamp at, commit_id id) {
    if (id_.seq == 0 || std::tie(at, id) > std::tie(at_, id_)) {
      at_ = at;
      id_ = std::move(id);
    }
  }
  [[nodiscard]] commit_id take() { return std::move(id_); }

private:
  stamp at_;
  commit_id id_;
};

commit_id version_of(const folded_agent& agent) {
  latest_commit latest;
  for (const auto& field : agent.record.fields)
    for (const auto& head : field.content.heads)
      latest.see(head.at, {agent.instances[head.author].id, head.seq});
  for (const auto& place : agent.record.placements)
    if (place.seq != 0 && agent.instances[place.owner].id == agent.own)
      latest.see(place.at, {agent.own, place.seq});
  return latest.take();
}

const register_head* winner(const folded_agent& agent, const agent_record::named_register& field) {
  return winner_of(field.content, judge_field(agent.instances, agent.meaning.field, field.name));
}

described_conflict to_described(const conflict& dispute) {
  described_conflict result{.id = dispute.id, .field = std::get<field_key>(dispute.key).field, .candidates = {}};
  for (const auto& each : dispute.candidates)
    result.candidates.push_back({each.id, each.at, each.value, each.by});
  return result;
}

} // namespace

const placement_register* place_here(const folded_agent& agent) {
  for (const auto& place : agent.record.placements)
    if (agent.instances[place.owner].id == agent.own && is_live(place, agent.instances))
      return &place;
  return nullptr;
}

held_versions versions_now(const folded_agent& agent) {
  held_versions result;
  for (const auto& field : agent.record.fields)
    if (const auto* head = winner(agent, field))
      result.set(field.name,
                 {saw_now(field.content, agent.instances), sha256::of(agent.meaning.field(field.name, head->value))});
  return result;
}

sha256_digest content_hash_of(const folded_agent& agent) {
  std::vector<field_winner> winners;
  for (const auto& field : agent.record.fields)
    if (const auto* head = winner(agent, field))
      winners.push_back({field.name, &head->value});
  const agent_row row(agent.id.text, winners, agent.meaning.content);
  sha256_digest digest{};
  // The last column; always 64 digits.
  (void)read_hex(row.columns().back().text(), digest);
  return digest;
}

agent_found to_found(const folded_agent& agent, const held_versions& held, const std::optional<observed_place>& seen) {
  agent_found result;
  result.was_known = true;
  for (const auto& place : agent.record.placements) {
    if (!is_live(place, agent.instances))
      continue;
    result.exists = true;
    result.placements[agent.instances[place.owner].id] = place.seq;
  }
  const auto* here = place_here(agent);
  if (here)
    result.here = *here->value;
  for (const auto& field : agent.record.fields) {
    const auto* head = winner(agent, field);
    if (!head)
      continue;
    known_field known{
        .value = head->value, .saw = saw_now(field.content, agent.instances), .held = {}, .held_meaning = {}};
    if (const auto* in_file = held.find(field.name)) {
      known.held = in_file->saw;
      known.held_meaning = in_file->meaning;
    }
    result.fields.emplace(field.name, std::move(known));
  }
  if (seen) {
    result.held = seen->hash;
    result.status = seen->status;
    result.head = seen->head;
  }
  // After a move that is not noted yet it is no newcomer, and none that was seen.
  if (!result.held && !held.empty())
    result.held = sha256_digest{};
  if (here && !here->value->admitted && result.status == agent_status::active)
    result.status = agent_status::unadmitted;
  result.version = version_of(agent);
  result.content_hash = content_hash_of(agent);
  return result;
}

agent_described to_described(const folded_agent& agent, const std::optional<observed_place>& seen) {
  auto view = view_agent(agent.id, agent.record, agent.instances, agent.meaning.field);
  agent_described result;
  for (auto& place : view.placements) {
    const bool here = place.id.instance == agent.own;
    result.placements.push_back({place.id.instance, std::move(place.value), place.id, here});
  }
  for (auto& field : view.fields)
    if (field.winner.value)
      result.fields.emplace(std::move(field.name), std::move(*field.winner.value));
  for (const auto& dispute : view.conflicts)
    result.conflicts.push_back(to_described(dispute));
  result.content_hash = content_hash_of(agent);
  if (seen)
    result.file_hash = seen->hash;
  result.version = version_of(agent);
  return result;
}

} // namespace muster
