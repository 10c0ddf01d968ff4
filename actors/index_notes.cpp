#include "muster/actors/index_keeper.hpp"
#include "muster/store/displacement.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

/// What the roster knows better by itself is not observed.
agent_status observable(agent_status status) noexcept {
  return status == agent_status::unadmitted || status == agent_status::remote ? agent_status::active : status;
}

/// A problem that was there before is as old as it was.
void keep_ages(std::vector<agent_problem>& problems, const std::vector<agent_problem>& before,
               std::chrono::milliseconds now) {
  for (auto& each : problems) {
    const auto old = std::find_if(before.begin(), before.end(), [&](const agent_problem& other) {
      return other.kind == each.kind && other.path == each.path;
    });
    each.since = old == before.end() ? now : old->since;
  }
}

/// After a crash a saga says once more what it has said, or what it said was not written
/// at first, and the file was edited since: what was seen there stands.
held_versions told_late(const held_file& held, const commit& made, held_versions known, meaning_function meaning) {
  if (held.fields != held_fields::as_before)
    known.take_late(made, held.agent, meaning);
  return known;
}

bool has(const std::vector<agent_problem>& problems, std::string_view kind) {
  return std::ranges::find(problems, kind, &agent_problem::kind) != problems.end();
}

/// Whose manifest it was that stood there nobody can tell now.
bool is_in_doubt(agent_status status) noexcept {
  return status == agent_status::unreadable || status == agent_status::manifest_invalid;
}

} // namespace

expected<change_made> index_keeper::record(const held_file& held, const commit* made) {
  const auto before = local_.observed(held.agent, held.path);
  const auto held_before = local_.held(held.agent, held.path);
  if (made && held_before.has_noted(*made)) {
    const auto versions = told_late(held, *made, held_before, index_.options().meaning.field);
    if (versions == held_before)
      return change_made{};
    if (auto put = local_.put_held(held.agent, held.path, versions); !put)
      return put.error();
    return change_made{true, {}};
  }
  auto versions = held_before;
  switch (held.fields) {
    case held_fields::as_before: break;
    case held_fields::of_commit:
      if (made)
        versions.take(*made, held.agent, index_.options().meaning.field);
      break;
    case held_fields::as_folded:
    case held_fields::as_adopted: {
      const auto record = record_of(held.agent);
      if (!record)
        return record.error();
      versions = versions_now(folded_view(held.agent, *record));
      versions.note(held_before.noted());
      if (made && held.fields == held_fields::as_adopted)
        versions.take(*made, held.agent, index_.options().meaning.field);
      break;
    }
  }
  if (made)
    versions.note({made->instance, made->seq});
  auto seen = before.value_or(observed_place());
  // The key of a file that was seen otherwise is not of what is told now, which
  // may be told late.
  if (held.key || seen.hash != held.hash || seen.status != agent_status::active)
    seen.key = held.key;
  seen.hash = held.hash;
  seen.reason.clear();
  if (std::exchange(seen.status, agent_status::active) != agent_status::active)
    seen.since = now();
  if (held.key)
    seen.device = held.key->device;
  if (held.head)
    seen.head = *held.head;
  seen.absent = {};
  const bool other = !before || versions != held_before;
  if (other)
    if (auto put = local_.put_held(held.agent, held.path, versions); !put)
      return put.error();
  const auto changed = put_seen(held.agent, held.path, before, seen);
  if (!changed)
    return changed.error();
  return change_made{other || *changed, {}};
}

expected<change_made> index_keeper::record(const note_observation& m) {
  const auto before = local_.observed(m.agent, m.path);
  auto seen = before.value_or(observed_place());
  seen.key = m.key;
  seen.reason = m.reason;
  // The copies are told apart from the rest, and stand until that is told anew.
  const bool keeps_displaced = is_in_doubt(m.status) && !has(m.problems, displaced_problem);
  std::erase_if(seen.problems, [&](const auto& each) {
    return each.kind != duplicate_problem && !(keeps_displaced && each.kind == displaced_problem);
  });
  seen.problems.insert(seen.problems.begin(), m.problems.begin(), m.problems.end());
  keep_ages(seen.problems, before ? before->problems : std::vector<agent_problem>(), now());
  if (std::exchange(seen.status, observable(m.status)) != seen.status)
    seen.since = now();
  if (m.head)
    seen.head = *m.head;
  seen.absent = absence_known(m.agent, m.path);
  const bool gone = is_gone(seen.status);
  if (gone && m.at)
    seen.absent.gone(look_of(*m.at));
  else if (gone || seen.status == agent_status::unreadable)
    seen.absent.cannot_tell();
  else
    seen.absent.there();
  if (m.key && !gone && seen.status != agent_status::unreadable)
    seen.device = m.key->device;
  const auto changed = put_seen(m.agent, m.path, before, seen);
  if (!changed)
    return changed.error();
  change_made result{*changed, {}};
  if (gone)
    result.grace_left = seen.absent.left_of(options_.now_holds.sweep_grace);
  return result;
}

expected<change_made> index_keeper::record(const note_copies& m) {
  const auto places = entries({.what = row_filter::by::agent, .text = m.agent.text});
  if (!places)
    return places.error();
  const bool is_there = std::ranges::any_of(*places, [&](const roster_entry& each) {
    return index_.instances()[each.owner].id == own_ && each.get(roster_entry::text::path) == m.path;
  });
  if (!is_there)
    return change_made{};
  const auto before = local_.observed(m.agent, m.path);
  auto seen = before.value_or(observed_place());
  std::erase_if(seen.problems, [](const auto& each) { return each.kind == duplicate_problem; });
  seen.problems.insert(seen.problems.end(), m.copies.begin(), m.copies.end());
  keep_ages(seen.problems, before ? before->problems : std::vector<agent_problem>(), now());
  const auto changed = put_seen(m.agent, m.path, before, seen);
  if (!changed)
    return changed.error();
  return change_made{*changed, {}};
}

expected<bool> index_keeper::put_seen(const agent_id& agent, const std::string& path,
                                      const std::optional<observed_place>& before, const observed_place& seen) {
  const bool counts = seen.absent != absence_count() || absences_.find(agent, path);
  if (counts)
    absences_.put(agent, path, seen.absent, false);
  if (seen == before.value_or(observed_place()))
    return false;
  if (auto put = local_.put_observed(agent, path, seen); !put)
    return put.error();
  if (counts)
    absences_.put(agent, path, seen.absent, true);
  recorded_.insert_or_assign({agent, path}, seen);
  return true;
}

} // namespace muster
