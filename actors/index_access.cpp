#include "muster/actors/index_keeper.hpp"
#include "muster/store/namespace_rules.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace muster {

namespace {

using text = roster_entry::text;

access_party party_of(const roster_entry& entry, agent_reach reach) {
  return {entry.get(text::namespace_name), entry.get(text::agent), reach};
}

/// The rules that answers refer to, each once.
class rule_list {
public:
  std::size_t place_of(const access_rules::verdict& what, const access_party& from, const access_party& to) {
    auto rule = access_rules::because(what, from, to);
    const auto [found, is_new] =
        places_.try_emplace({rule.priority, rule.source, rule.target, rule.agent.text}, rules_.size());
    if (is_new)
      rules_.push_back(std::move(rule));
    return found->second;
  }
  [[nodiscard]] std::vector<reach_rule> take() { return std::move(rules_); }

private:
  std::map<std::tuple<int, std::string, std::string, std::string>, std::size_t> places_;
  std::vector<reach_rule> rules_;
};

/// The rules sorted, and what refers to them along with them.
void sort_rules(reach_described& answer) {
  auto sorted = answer.rules;
  sort_rules(sorted);
  std::vector<std::size_t> now_at;
  now_at.reserve(sorted.size());
  for (const auto& rule : answer.rules)
    now_at.push_back(static_cast<std::size_t>(std::ranges::find(sorted, rule) - sorted.begin()));
  for (auto& each : answer.others)
    for (auto* which : {&each.reaches_by, &each.reached_by})
      if (*which)
        *which = now_at[**which];
  answer.rules = std::move(sorted);
}

bool is_newer(const roster_entry* a, const roster_entry* b) {
  return a->newness() > b->newness();
}

} // namespace

bool index_keeper::lives_here(const roster_entry& entry) const {
  return index_.instances()[entry.owner].id == own_;
}

agent_reach index_keeper::reach_of(const roster_entry& entry, const system_names& system) {
  if (!entry.admitted)
    return agent_reach::none;
  return system.contains(entry.get(text::agent)) ? agent_reach::everywhere : agent_reach::by_rules;
}

expected<index_keeper::system_names> index_keeper::system_agents() {
  system_names result;
  for (const auto& id : options_.now_holds.system_allow) {
    const auto record = record_of(agent_id{id});
    if (!record)
      return record.error();
    const auto* said = record->find_field("isSystem");
    if (!said || said->empty())
      continue;
    const auto judge = judge_field(index_.instances(), index_.options().meaning.field, "isSystem");
    if (winner_of(*said, judge)->value == "true")
      result.insert(id);
  }
  return result;
}

expected<bool> index_keeper::is_inhabited(const std::string& namespace_name) {
  bool result = namespace_name == every_namespace;
  auto read = index_.each_row(
      {.what = row_filter::by::in_namespace, .text = namespace_name}, [] {},
      [&](const index_row& row) { result = result || index_.instances()[row.owner].id == own_; });
  if (!read)
    return read.error();
  return result;
}

expected<rule_found> index_keeper::answer(const find_rule& m) {
  auto found = index_.rule({m.source, m.target});
  if (!found)
    return found;
  for (const auto& [name, inhabited] :
       {std::pair{&m.source, &found->has_source_agents}, std::pair{&m.target, &found->has_target_agents}}) {
    auto lives = is_inhabited(*name);
    if (!lives)
      return lives.error();
    *inhabited = *lives;
  }
  return found;
}

expected<index_keeper::access_ground> index_keeper::ground_of_access() {
  auto system = system_agents();
  if (!system)
    return system.error();
  auto by_hand = index_.rules_by_hand();
  if (!by_hand)
    return by_hand.error();
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  access_ground result{std::move(*system), {every_namespace}, std::move(*by_hand)};
  for (const auto& each : roster_.entries())
    if (lives_here(each))
      result.inhabited.insert(each.get(text::namespace_name));
  for (auto& rule : result.by_hand)
    rule.without_agents = !result.inhabited.contains(rule.source) || !result.inhabited.contains(rule.target);
  return result;
}

/// Sorted as it is made, as there may be two rules for each of very many agents.
std::vector<reach_rule> index_keeper::all_rules(const access_rules& rules, const system_names& system,
                                                const std::function<bool(std::string_view)>& is_seen) const {
  std::vector<reach_rule> of_agents;
  std::vector<std::string_view> names;
  // Without a relay nobody keeps any.
  if (options_.now_holds.relay != relay_mode::none)
    for (const auto& each : roster_.entries()) {
      const auto name = each.get(text::namespace_name);
      if (!lives_here(each) || !is_seen(name))
        continue;
      names.push_back(name);
      std::ranges::move(access_rules::of_agent(party_of(each, reach_of(each, system))), std::back_inserter(of_agents));
    }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<reach_rule> by_hand;
  for (const auto& rule : rules.by_hand())
    if (rule.source == every_namespace || is_seen(rule.source) || is_seen(rule.target))
      by_hand.push_back(rule);
  muster::sort_rules(of_agents);
  muster::sort_rules(by_hand);
  auto result = std::move(of_agents);
  result.reserve(result.size() + by_hand.size() + 2 * names.size());
  for (const auto name : names)
    result.push_back(access_rules::inner_rule(name));
  std::ranges::move(by_hand, std::back_inserter(result));
  for (const auto name : names)
    result.push_back(access_rules::outer_rule(name));
  return result;
}

expected<rules_listed> index_keeper::answer(const list_rules&) {
  auto ground = ground_of_access();
  if (!ground)
    return ground.error();
  const access_rules rules(std::move(ground->by_hand));
  return rules_listed{all_rules(rules, ground->system, [](std::string_view) { return true; }), rules.open_mesh()};
}

expected<reach_described> index_keeper::answer(const who_may_reach& m) {
  const auto meant = answer(resolve_agent{m.selector});
  if (!meant)
    return meant.error();
  auto ground = ground_of_access();
  if (!ground)
    return ground.error();
  const access_rules rules(std::move(ground->by_hand));
  const auto places = roster_.of(meant->agent.text);
  const auto home = std::ranges::find_if(places, [&](const auto& each) { return lives_here(each); });
  if (home == places.end())
    return failure{.kind = failure_kind::refused,
                   .code = "agent-not-here",
                   .message = "agent " + meant->agent.text +
                              " does not live on this instance, whose relay is not asked of it: ask where it lives",
                   .agent = meant->agent.text};
  const auto how = view();
  const auto me = party_of(*home, reach_of(*home, ground->system));
  reach_described result{
      meant->agent, std::string(home->get(text::name)), std::string(me.namespace_name), status_of(*home, how), {}, {}};
  rule_list made;
  for (const auto& each : roster_.entries()) {
    if (&each == &*home || !lives_here(each))
      continue;
    const auto other = party_of(each, reach_of(each, ground->system));
    const auto out = rules.decide(me, other);
    const auto in = rules.decide(other, me);
    result.others.push_back({agent_id{std::string(other.agent)}, std::string(each.get(text::name)),
                             std::string(each.get(text::display_name)), std::string(other.namespace_name),
                             std::string(each.get(text::path)), status_of(each, how), out.allowed,
                             made.place_of(out, me, other), in.allowed, made.place_of(in, other, me)});
  }
  result.rules = made.take();
  sort_rules(result);
  std::ranges::sort(result.others, {}, [](const reach_row& row) {
    return std::tuple<std::string_view, std::string_view, std::string_view>(row.namespace_name, row.name, row.id.text);
  });
  return result;
}

/// The agents that live here, the newest first, by namespace.
std::vector<topology_namespace> index_keeper::grouped(const std::function<bool(std::string_view)>& is_seen) {
  std::vector<const roster_entry*> chosen;
  for (const auto& each : roster_.entries())
    if (lives_here(each) && is_seen(each.get(text::namespace_name)))
      chosen.push_back(&each);
  std::ranges::stable_sort(chosen, is_newer);
  std::vector<topology_namespace> result;
  boost::unordered_flat_map<std::string_view, std::size_t> places;
  auto rows = rows_of(chosen, view());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto [place, is_new] = places.try_emplace(chosen[i]->get(text::namespace_name), result.size());
    if (is_new)
      result.push_back({rows[i].namespace_name, {}});
    result[place->second].agents.push_back(std::move(rows[i]));
  }
  return result;
}

expected<topology_described> index_keeper::answer(const show_topology& m) {
  auto ground = ground_of_access();
  if (!ground)
    return ground.error();
  const access_rules rules(std::move(ground->by_hand));
  topology_described result;
  result.caller = m.namespace_name.empty() ? std::string(every_namespace) : m.namespace_name;
  if (const auto normal = normal_namespace(result.caller); !normal.empty())
    result.caller = normal;
  result.open_mesh = rules.open_mesh();
  const bool sees_all = result.caller == every_namespace;
  boost::unordered_flat_map<std::string_view, bool> known;
  const auto is_seen = [&](std::string_view name) {
    if (sees_all)
      return true;
    const auto [found, is_new] = known.try_emplace(name, false);
    if (is_new)
      found->second = rules.opens(result.caller, name);
    return found->second;
  };
  result.namespaces = grouped(is_seen);
  result.rules = all_rules(rules, ground->system, is_seen);
  std::set<std::string> empty;
  for (const auto& rule : result.rules)
    for (const auto* name : {&rule.source, &rule.target})
      if (!ground->inhabited.contains(*name))
        empty.insert(*name);
  result.without_agents.assign(empty.begin(), empty.end());
  return result;
}

} // namespace muster
