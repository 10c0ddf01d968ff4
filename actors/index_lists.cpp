#include "muster/actors/index_keeper.hpp"
#include "muster/store/absence_wording.hpp"
#include "muster/store/manifest_rules.hpp"
#include "muster/store/namespace_rules.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

using text = roster_entry::text;

constexpr std::array healths{agent_health::active, agent_health::inactive, agent_health::stale};

/// Refuses a filter that nothing can match.
template <class Names>
expected<void> check_choice(const std::string& given, const Names& names, std::string_view code,
                            std::string_view what) {
  std::string known;
  for (const std::string_view name : names) {
    if (given.empty() || name == given)
      return {};
    known.append(known.empty() ? "" : ", ").append(name);
  }
  return failure{failure_kind::refused, code,
                 "there is no " + std::string(what) + " '" + given + "'; there are " + known};
}

expected<void> check_filters(const list_agents& m) {
  if (auto fits = check_choice(m.runtime, rules::find_field("runtime")->value.choices, "runtime-unknown", "runtime");
      !fits)
    return fits;
  std::vector<std::string_view> names;
  names.reserve(std::size(healths));
  for (const auto each : healths)
    names.push_back(to_string(each));
  return check_choice(m.health, names, "health-unknown", "health");
}

bool fits(std::string_view wanted, std::string_view is) {
  return wanted.empty() || wanted == is;
}

} // namespace

roster_view index_keeper::view() const {
  return {index_.instances(), own_, options_.now_holds, now(), options_.prefix};
}

bool index_keeper::is_roster_current() const {
  return roster_of_index_ == index_.generation() && roster_of_local_ == local_.generation();
}

expected<void> index_keeper::load_roster() {
  if (has_roster_ && is_roster_current())
    return {};
  has_roster_ = false;
  // What changed meanwhile was not seen.
  if (changes_)
    changes_->anew = true;
  auto read = index_.each_row(
      row_filter{}, [&] { roster_.clear(); }, [&](const index_row& row) { roster_.append(row); });
  if (!read)
    return read;
  roster_.sort();
  // What fails to be read now and is read again later is another generation.
  roster_of_local_ = local_.generation();
  local_.each_observed([&](std::string_view agent, std::string_view path, const observed_place& seen) {
    for (auto& entry : roster_.of(agent))
      if (index_.instances()[entry.owner].id == own_ && entry.get(text::path) == path)
        set_observed(entry, seen);
  });
  const auto see = [&](std::string_view agent, std::chrono::milliseconds at) {
    for (auto& entry : roster_.of(agent))
      entry.last_seen = at;
  };
  local_.each_last_seen(see);
  for (const auto& [agent, beat] : heartbeats_)
    see(agent.text, beat.at);
  roster_of_index_ = index_.generation();
  has_roster_ = true;
  // What came and went meanwhile was not seen.
  released_.add_all();
  return {};
}

void index_keeper::set_observed(roster_entry& entry, const observed_place& seen) {
  entry.observed = seen.status;
  entry.noted = !seen.reason.empty() || !seen.problems.empty();
  entry.key = seen.key;
  entry.device = seen.device;
  entry.copied = std::ranges::find(seen.problems, duplicate_problem, &agent_problem::kind) != seen.problems.end();
}

void index_keeper::add_observed(roster_entry& entry) {
  const agent_id agent{std::string(entry.get(text::agent))};
  entry.last_seen = last_seen(agent);
  if (index_.instances()[entry.owner].id != own_)
    return;
  const std::string path(entry.get(text::path));
  if (const auto now = recorded_.find({agent, path}); now != recorded_.end())
    set_observed(entry, now->second);
  else if (const auto seen = local_.observed(agent, path))
    set_observed(entry, *seen);
}

void index_keeper::refresh_roster(old_places notes) {
  auto touched = std::exchange(touched_, {});
  has_roster_ = has_roster_ && !touched.all && is_roster_current();
  if (has_roster_ || notes == old_places::forgotten)
    read_touched(touched, notes);
  const auto recorded = std::exchange(recorded_, {});
  // Of whom only that has changed what was seen, nothing is read anew.
  if (has_roster_)
    for (const auto& [place, seen] : recorded)
      if (!touched.agents.contains(place.first))
        for (auto& entry : roster_.of(place.first.text))
          if (lives_here(entry) && entry.get(text::path) == place.second)
            set_observed(entry, seen);
  for (const auto& [place, seen] : recorded)
    touched.agents.insert(place.first);
  note_changes(touched);
}

void index_keeper::add_reasons(roster_row& row, const removal_holds& holds) {
  auto seen = local_.observed(row.id, row.path);
  if (!seen)
    return;
  if (!seen->reason.empty()) {
    const auto outlook = outlook_of(row.id, row.path, *seen, holds);
    row.problems.push_back({std::string(to_string(seen->status)),
                            outlook.empty() ? seen->reason : seen->reason + "; " + outlook, seen->since, row.path});
  }
  std::move(seen->problems.begin(), seen->problems.end(), std::back_inserter(row.problems));
}

expected<agents_listed> index_keeper::answer(const list_agents& m) {
  if (auto sensible = check_filters(m); !sensible)
    return sensible.error();
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  const auto how = view();
  std::vector<const roster_entry*> chosen;
  for (const auto& each : roster_.entries())
    if ((m.all_instances || how.instances[each.owner].id == own_) && fits(m.runtime, each.get(text::runtime)) &&
        fits(m.namespace_name, each.get(text::namespace_name)) && fits(m.health, to_string(health_of(each, how))) &&
        (m.capability.empty() || each.has_capability(m.capability)))
      chosen.push_back(&each);
  // By agent already.
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const auto* a, const auto* b) { return a->newness() > b->newness(); });
  return agents_listed{rows_of(chosen, how)};
}

std::vector<roster_row> index_keeper::rows_of(const std::vector<const roster_entry*>& chosen, const roster_view& how) {
  const namesake_counts namesakes(roster_.entries());
  const auto any_gone = std::ranges::any_of(chosen, [](const auto* each) { return is_gone(each->observed); });
  const auto held_back = any_gone ? holds() : removal_holds();
  std::vector<roster_row> rows;
  rows.reserve(chosen.size());
  for (const auto* each : chosen) {
    rows.push_back(to_row(*each, how, namesakes.of(*each)));
    if (each->noted)
      add_reasons(rows.back(), held_back);
  }
  return rows;
}

expected<endpoints_listed> index_keeper::answer(const list_endpoints&) {
  // First, for it may open the index anew, and with it the roster.
  auto rules = index_.rules();
  if (!rules)
    return rules.error();
  const auto system = system_agents();
  if (!system)
    return system.error();
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  endpoints_listed result{{}, std::move(*rules)};
  result.endpoints.reserve(roster_.entries().size());
  const auto how = view();
  for (const auto& each : roster_.entries()) {
    const auto status = status_of(each, how);
    if (status == agent_status::remote)
      continue;
    // Mail to one that cannot be reached now waits for it.
    const auto state = status == agent_status::active ? endpoint_state::open : endpoint_state::closed;
    desired_endpoint wanted{.agent = agent_id{std::string(each.get(text::agent))}, .endpoint = {}, .state = state};
    wanted.reach = reach_of(each, *system);
    wanted.endpoint.namespace_name = each.get(text::namespace_name);
    wanted.endpoint.subject = subject_of(options_.prefix, wanted.endpoint.namespace_name, wanted.agent);
    result.endpoints.push_back(std::move(wanted));
  }
  return result;
}

expected<agents_counted> index_keeper::answer(const count_agents&) {
  auto conflicts = index_.conflicts();
  if (!conflicts)
    return conflicts.error();
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  const auto ends = source_.ends();
  if (!ends)
    return ends.error();
  agents_counted result;
  const auto how = view();
  for (const auto& each : roster_.entries()) {
    const auto status = status_of(each, how);
    if (status == agent_status::remote)
      continue;
    ++result.total;
    ++result.by_runtime[std::string(each.get(text::runtime))];
    ++result.by_namespace[std::string(each.get(text::namespace_name))];
    ++result.by_project[std::string(each.get(text::path))];
    // Each agent counts once.
    if (status == agent_status::unreachable)
      ++result.unreachable;
    else
      switch (health_of(each, how)) {
        case agent_health::active: ++result.active; break;
        case agent_health::inactive: ++result.inactive; break;
        case agent_health::stale: ++result.stale; break;
      }
  }
  for (const auto& [instance, end] : *ends)
    result.held += end;
  for (const auto& record : how.instances.records()) {
    result.folded += record.folded;
    result.refused += record.refused;
  }
  result.conflicts = *conflicts;
  result.problems = problems();
  for (const auto& each : brake().held())
    result.problems.push_back({"removals-braked", brake_sentence(each), each.path, false});
  if (const auto* last = last_sweep()) {
    result.last_sweep = last->report;
    result.last_sweep_at = last->ended;
  }
  return result;
}

} // namespace muster
