#include "muster/actors/index_keeper.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace muster {

watched_row index_keeper::to_watched(const roster_entry& entry, const roster_view& how) const {
  watched_row result{to_row(entry, how, 0), entry.admitted, entry.content};
  result.row.problems.clear();
  return result;
}

expected<roster_watched> index_keeper::answer(const watch_roster& m) {
  changes_.reset();
  // First, for they may open the index anew, and with it the roster.
  auto rules = index_.rules();
  if (!rules)
    return rules.error();
  const auto denials = index_.denials_of(own_);
  if (!denials)
    return denials.error();
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  roster_watched result{m.watch, {}, std::move(*rules), {}};
  result.rows.reserve(roster_.entries().size());
  const auto how = view();
  for (const auto& each : roster_.entries())
    result.rows.push_back(to_watched(each, how));
  for (const auto& [path, record] : *denials)
    result.denials.push_back({path, true, record.value->reason});
  changes_.emplace();
  changes_->watch = m.watch;
  return result;
}

/// What was folded in one go is one change of each agent.
void index_keeper::note_changes(const touched_agents& touched) {
  if (!changes_ || changes_->anew)
    return;
  if (!has_roster_ || !note_other_changes(touched) || !is_roster_current()) {
    changes_->anew = true;
    return;
  }
  const auto how = view();
  std::vector<watched_agent> agents;
  for (const auto& agent : touched.agents) {
    watched_agent now{agent, {}, {}};
    for (const auto& each : roster_.of(agent.text))
      now.rows.push_back(to_watched(each, how));
    if (const auto by = touched.versions.find(agent); by != touched.versions.end())
      now.version = by->second;
    agents.push_back(std::move(now));
  }
  // In the order of their commits; who leaves a path is told before who comes there.
  std::ranges::stable_sort(agents, {}, &watched_agent::version);
  std::ranges::move(agents, std::back_inserter(changes_->agents));
}

expected<void> index_keeper::note_other_changes(const touched_agents& touched) {
  if (touched.rules) {
    auto rules = index_.rules();
    if (!rules)
      return rules.error();
    changes_->rules = std::move(*rules);
  }
  for (const auto& path : touched.denials) {
    const auto denial = index_.denial({own_, path});
    if (!denial)
      return denial.error();
    const bool stands = *denial && (*denial)->value;
    changes_->denials.push_back({path, stands, stands ? (*denial)->value->reason : std::string()});
  }
  return {};
}

std::optional<roster_changed> index_keeper::take_changes() {
  if (!changes_ || (changes_->agents.empty() && !changes_->rules && changes_->denials.empty() && !changes_->anew))
    return std::nullopt;
  auto result = std::move(*changes_);
  changes_.reset();
  roster_changed nothing_yet;
  nothing_yet.watch = result.watch;
  if (result.anew) {
    nothing_yet.anew = true;
    return nothing_yet;
  }
  changes_ = std::move(nothing_yet);
  return result;
}

} // namespace muster
