#include "muster/supervisor/step_messages.hpp"

#include "muster/store/manifest_meaning.hpp"
#include "muster/supervisor/saga_steps.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <iterator>

namespace muster {

namespace {

state_endpoint statement(const saga_intent& intent, const endpoint_statement& of, endpoint_state state) {
  return {{}, intent.agent, of, state};
}

bool is_admitted(const std::optional<placement>& place) {
  return !place || place->admitted;
}

/// Of an agent at a place. The supervisor has the relay compare those that reach
/// everywhere.
agent_reach reach_at(const std::optional<placement>& place) {
  return is_admitted(place) ? agent_reach::by_rules : agent_reach::none;
}

bool leaves_subject(const saga_intent& intent) {
  return intent.endpoint_before &&
         (!intent.endpoint_after || intent.endpoint_before->subject != intent.endpoint_after->subject);
}

endpoint_statements closed_endpoint(const saga_intent& intent, const std::optional<endpoint_statement>& which,
                                    const std::optional<placement>& place) {
  endpoint_statements result;
  if (which)
    result.each.push_back(statement(intent, *which, endpoint_state::closed));
  for (auto& each : result.each)
    each.reach = reach_at(place);
  return result;
}

/// As an agent's place says it is, with what is left of another place.
endpoint_statements endpoint_at(const saga_intent& intent, const std::optional<endpoint_statement>& which,
                                const std::optional<placement>& place, const std::optional<placement>& other) {
  endpoint_statements result;
  if (!which)
    return result;
  // Mail of an agent that is not admitted is held.
  auto& made = result.each.emplace_back(
      statement(intent, *which, is_admitted(place) ? endpoint_state::open : endpoint_state::closed));
  made.reach = reach_at(place);
  made.reach_changes = reach_at(other) != made.reach;
  return result;
}

/// The mail of one that goes is the heir's, if there is one.
void add_gone(endpoint_statements& to, const saga_intent& intent, const endpoint_statement& which,
              const std::optional<placement>& place, const std::optional<endpoint_statement>& heir) {
  auto& made = to.each.emplace_back(statement(intent, which, endpoint_state::gone));
  made.reach = reach_at(place);
  made.heir = heir ? heir->subject : std::string{};
}

/// What holds from the commit on.
endpoint_statements final_endpoint(const saga_intent& intent) {
  auto result = endpoint_at(intent, intent.endpoint_after, intent.place_after, intent.place_before);
  if (leaves_subject(intent))
    add_gone(result, intent, *intent.endpoint_before, intent.place_before, intent.endpoint_after);
  return result;
}

endpoint_statements former_endpoint(const saga_intent& intent) {
  endpoint_statements result;
  const auto& after = intent.endpoint_after;
  if (after && (!intent.endpoint_before || intent.endpoint_before->subject != after->subject))
    add_gone(result, intent, *after, intent.place_after, intent.endpoint_before);
  auto before = endpoint_at(intent, intent.endpoint_before, intent.place_before, intent.place_after);
  std::ranges::move(before.each, std::back_inserter(result.each));
  return result;
}

endpoint_statements opened_endpoints(const std::vector<opened_endpoint>& which) {
  endpoint_statements result;
  for (const auto& each : which)
    result.each.push_back({{}, each.agent, each.endpoint, endpoint_state::open});
  return result;
}

std::optional<std::string> bytes_of(const std::optional<manifest_image>& image) {
  return image ? std::optional{image->bytes} : std::nullopt;
}

} // namespace

file_version version_of(const std::optional<manifest_image>& image) {
  return image ? file_version{file_hash(image->bytes)} : std::nullopt;
}

std::optional<held_file> held_after(const saga_intent& intent) {
  const auto stays = intent.place_after || intent.kind == saga_kind::write_through;
  // A move says nothing of what the file holds, which may be edited on the way.
  if (!stays || !intent.after || intent.kind == saga_kind::move)
    return std::nullopt;
  auto fields = held_fields::of_commit;
  if (intent.kind == saga_kind::adopt)
    fields = held_fields::as_adopted;
  if (intent.kind == saga_kind::write_through)
    fields = held_fields::as_folded;
  return held_file{intent.agent, intent.path, file_hash(intent.after->bytes), std::nullopt, fields};
}

std::optional<endpoint_under_way> endpoint_brought_by(const saga_intent& intent) {
  if (!intent.endpoint_after || intent.endpoint_after == intent.endpoint_before)
    return std::nullopt;
  return endpoint_under_way{intent.agent, *intent.endpoint_after};
}

step_message message_of(saga_step step, epoch life, const saga_intent& intent, const saga_findings& findings) {
  switch (step) {
    case saga_step::write_manifest:
      assert(intent.after);
      return write_manifest{life, intent.path, version_of(findings.written ? intent.after : intent.before),
                            intent.after->bytes};
    case saga_step::upsert_row: return stage_row{life, intent.saga, intent.agent, intent.path, findings.moving};
    case saga_step::set_endpoint:
    case saga_step::move_endpoint: return closed_endpoint(intent, intent.endpoint_after, intent.place_after);
    case saga_step::close_endpoint: return closed_endpoint(intent, intent.endpoint_before, intent.place_before);
    case saga_step::commit: return append_commit{life, intent.saga, intent.request, intent.request_hash, intent.ops};
    case saga_step::fold_commit:
      assert(findings.made);
      return fold_commit{life, intent.saga, *findings.made, findings.held};
    case saga_step::open_endpoint:
      if (intent.kind == saga_kind::admit)
        return opened_endpoints(findings.opens);
      return final_endpoint(intent);
    case saga_step::remove_endpoint: return final_endpoint(intent);
    case saga_step::retire_manifest: return retire_manifest{life, intent.path, version_of(intent.before), intent.where};
    case saga_step::record_held: assert(findings.held); return record_held{life, *findings.held};
    case saga_step::none:
    case saga_step::intend: break;
  }
  assert(false && "the step is nobody's to do by a message");
  std::abort();
}

step_message undo_of(saga_step step, epoch life, const saga_intent& intent) {
  assert(has_undo(step));
  if (step == saga_step::write_manifest) {
    assert(intent.after);
    return restore_manifest{life, intent.path, file_hash(intent.after->bytes), bytes_of(intent.before), intent.where};
  }
  if (step == saga_step::upsert_row)
    return unstage_row{life, intent.saga};
  return former_endpoint(intent);
}

} // namespace muster
