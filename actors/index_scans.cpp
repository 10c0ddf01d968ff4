#include "muster/actors/index_keeper.hpp"
#include "muster/store/hlc.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace muster {

namespace {

using text = roster_entry::text;

/// Placements of one agent in one namespace that are looked at. One that has more
/// there is taken for several.
constexpr std::size_t most_of_one_agent = 64;

} // namespace

expected<scan_roots_listed> index_keeper::answer(const list_scan_roots& m) {
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  scan_roots_listed result;
  std::set<std::string_view> roots;
  for (const auto& each : roster_.entries()) {
    if (index_.instances()[each.owner].id != own_)
      continue;
    if (const auto& root = roster_.scan_root(each); !root.empty())
      roots.insert(root);
    if (!each.copied || result.copies.size() >= options_.copies)
      continue;
    const agent_id agent{std::string(each.get(text::agent))};
    const std::string home(each.get(text::path));
    if (const auto seen = local_.observed(agent, home))
      for (const auto& problem : seen->problems)
        if (problem.kind == duplicate_problem)
          result.copies.push_back({agent, home, problem.path});
  }
  result.more_roots = roots.size() - std::min(roots.size(), options_.scan_roots);
  for (auto root = roots.begin(); root != roots.end() && result.roots.size() < options_.scan_roots; ++root)
    result.roots.emplace_back(*root);
  auto released = released_.since(m.after);
  result.released = std::move(released.paths);
  result.all_released = released.all;
  result.now = released_.now();
  return result;
}

expected<paths_sifted> index_keeper::answer(const sift_paths& m) {
  paths_sifted result;
  for (std::size_t i = 0; i < m.paths.size(); ++i) {
    const auto agent = agent_at(m.paths[i]);
    if (!agent)
      return agent.error();
    if (!agent->empty())
      continue;
    const auto denied = index_.denial_of(own_, m.paths[i], true);
    if (!denied)
      return denied.error();
    if (!*denied)
      result.strangers.push_back(i);
  }
  return result;
}

expected<known_paths_listed> index_keeper::answer(const list_known_paths&) {
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  const auto denials = index_.denials_of(own_);
  if (!denials)
    return denials.error();
  known_paths_listed result;
  for (const auto& [path, record] : *denials)
    result.denied.push_back({path, record.value->reason, record.value->strategy});
  for (const auto& each : roster_.entries())
    if (index_.instances()[each.owner].id == own_)
      result.placed.push_back({agent_id{std::string(each.get(text::agent))}, std::string(each.get(text::name)),
                               std::string(each.get(text::path)), std::string(each.get(text::path)), false});
  return result;
}

expected<denials_listed> index_keeper::answer(const list_denials& m) {
  denials_listed result;
  const auto add = [&](const std::string& path, const denial_record& record) {
    const auto& why = *record.value;
    result.denials.push_back({path, why.reason, why.by, time_of(record.at), why.strategy, {own_, record.seq}});
  };
  if (!m.path.empty()) {
    const auto one = index_.denial({own_, m.path});
    if (!one)
      return one.error();
    if (*one && (*one)->value)
      add(m.path, **one);
    return result;
  }
  const auto all = index_.denials_of(own_);
  if (!all)
    return all.error();
  for (const auto& [path, record] : *all)
    add(path, record);
  std::ranges::stable_sort(result.denials, std::ranges::greater{},
                           [](const known_denial& each) { return each.version.seq; });
  return result;
}

expected<unadmitted_found> index_keeper::answer(const find_unadmitted& m) {
  unadmitted_found result;
  auto read = index_.each_row(
      {.what = row_filter::by::in_namespace, .text = m.namespace_name}, [&] { result = {}; },
      [&](const index_row& row) {
        if (row.admitted || index_.instances()[row.owner].id != own_)
          return;
        if (result.agents.size() < m.limit)
          result.agents.emplace_back(std::string(row.agent));
        else
          result.more = true;
      });
  if (!read)
    return read.error();
  return result;
}

expected<namespace_found> index_keeper::answer(const find_namespace& m) {
  const auto rules = index_.rules();
  if (!rules)
    return rules.error();
  const bool has_rules =
      std::ranges::any_of(*rules, [&](const rule_put& rule) { return rule.source == m.name || rule.target == m.name; });
  namespace_found result;
  std::size_t own_rows = 0;
  auto read = index_.each_row(
      {.what = row_filter::by::in_namespace, .text = m.name, .limit = most_of_one_agent},
      [&] {
        own_rows = 0;
        result = {.in_use = has_rules};
      },
      [&](const index_row& row) {
        const bool other = row.agent != m.besides.text;
        result.in_use = result.in_use || other || ++own_rows == most_of_one_agent;
        result.has_agents_here = result.has_agents_here || (other && index_.instances()[row.owner].id == own_);
      });
  if (!read)
    return read.error();
  return result;
}

std::string index_keeper::path_here(const agent_id& agent) {
  for (const auto& each : roster_.of(agent.text))
    if (index_.instances()[each.owner].id == own_)
      return std::string(each.get(text::path));
  return {};
}

} // namespace muster
