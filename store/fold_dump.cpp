#include "muster/store/fold_dump.hpp"

#include "muster/store/canonical_line.hpp"

#include <algorithm>
#include <cstdlib>

namespace muster {

namespace {

std::string_view to_string(head_origin origin) {
  switch (origin) {
    case head_origin::put: return "put";
    case head_origin::adopted: return "adopted";
    case head_origin::resolved: return "resolved";
  }
  std::abort();
}

} // namespace

fold_dump::fold_dump(const instance_table& instances, meaning_function meaning)
    : instances_(instances), meaning_(meaning) {}

void fold_dump::enter_heads(std::string_view kind, const std::string& first, const std::string& second,
                            const std::vector<candidate>& candidates) {
  for (const auto& head : candidates)
    lines_.push_back(canonical_line{}
                         .word(kind)
                         .quoted(first)
                         .quoted(second)
                         .commit(head.id)
                         .at(head.at)
                         .word(to_string(head.origin))
                         .quoted(head.by)
                         .value(head.value)
                         .text());
}

void fold_dump::enter_conflict(const conflict& dispute) {
  canonical_line line;
  line.word("conflict").word(dispute.id);
  if (const auto* field = std::get_if<field_key>(&dispute.key))
    line.word("field").quoted(field->agent.text).quoted(field->field);
  else
    line.word("rule").quoted(std::get<rule_key>(dispute.key).source).quoted(std::get<rule_key>(dispute.key).target);
  for (const auto& each : dispute.candidates)
    line.commit(each.id);
  lines_.push_back(line.text());
}

void fold_dump::enter(const agent_id& id, const agent_record& record) {
  const auto view = view_agent(id, record, instances_, meaning_);
  // A drop of what never came is no agent.
  if (view.history_head.empty())
    return;
  lines_.push_back(canonical_line{}.word("agent").quoted(id.text).word(view.exists ? "live" : "gone").text());
  for (const auto& field : view.fields) {
    lines_.push_back(
        canonical_line{}.word("field").quoted(id.text).quoted(field.name).value(field.winner.value).text());
    enter_heads("head", id.text, field.name,
                candidates_of(*record.find_field(field.name), judge_field(instances_, meaning_, field.name)));
  }
  for (const auto& place : view.placements)
    lines_.push_back(canonical_line{}
                         .word("place")
                         .quoted(id.text)
                         .commit(place.id)
                         .at(place.at)
                         .word(place.value.admitted ? "admitted" : "unadmitted")
                         .quoted(place.value.namespace_name)
                         .quoted(place.value.path)
                         .quoted(place.value.scan_root)
                         .text());
  for (const auto& dispute : view.conflicts)
    enter_conflict(dispute);
  names_.enter(id, view);
}

void fold_dump::enter(const rule_key& key, const shared_register& record) {
  const auto judge = judge_rule(instances_);
  const auto candidates = candidates_of(record, judge);
  if (candidates.empty())
    return;
  lines_.push_back(
      canonical_line{}.word("rule").quoted(key.source).quoted(key.target).value(candidates.front().value).text());
  enter_heads("rule-head", key.source, key.target, candidates);
  if (const auto dispute = conflict_of(key, record, judge))
    enter_conflict(*dispute);
}

void fold_dump::enter(const denial_key& key, const denial_record& record) {
  if (!record.value)
    return;
  lines_.push_back(canonical_line{}
                       .word("denial")
                       .commit({key.owner, record.seq})
                       .at(record.at)
                       .quoted(key.path)
                       .quoted(record.value->reason)
                       .quoted(record.value->by)
                       .quoted(record.value->strategy)
                       .text());
}

void fold_dump::enter_instance(const instance_record& record) {
  if (record.folded != 0)
    lines_.push_back(canonical_line{}.word("folded").instance(record.id).number(record.folded).text());
  if (record.retired_by)
    lines_.push_back(canonical_line{}.word("retired").instance(record.id).commit(*record.retired_by).text());
  if (record.refused != 0)
    lines_.push_back(canonical_line{}.word("refused").instance(record.id).number(record.refused).text());
  for (const auto& each : record.refusals)
    lines_.push_back(canonical_line{}
                         .word("refusal")
                         .commit({record.id, each.seq})
                         .number(each.position)
                         .word(muster::to_string(each.reason))
                         .text());
}

std::string fold_dump::finish() {
  for (const auto& record : instances_.records())
    enter_instance(record);
  for (const auto& [claim, agents] : names_.all())
    if (agents.size() > 1)
      for (const auto& agent : agents)
        lines_.push_back(
            canonical_line{}.word("clash").quoted(claim.namespace_name).quoted(agent.text).value(claim.name).text());
  // By bytes: std::string compares as unsigned char.
  std::sort(lines_.begin(), lines_.end());
  std::string text = "muster dump 1\n";
  for (const auto& line : lines_) {
    text += line;
    text += '\n';
  }
  return text;
}

std::string dump(const fold_memory& memory, meaning_function meaning) {
  fold_dump writer{memory.instances(), meaning};
  for (const auto& [id, record] : memory.agents())
    writer.enter(*id, *record);
  for (const auto& [key, record] : memory.rules())
    writer.enter(key, record);
  for (const auto& [key, record] : memory.denials())
    writer.enter(key, record);
  return writer.finish();
}

} // namespace muster
