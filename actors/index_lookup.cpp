#include "muster/actors/index_keeper.hpp"
#include "muster/store/closest_name.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace muster {

namespace {

using text = roster_entry::text;

bool names_a_path(std::string_view selector) {
  return selector.find('/') != std::string_view::npos || selector.starts_with('.') || selector.starts_with('~');
}

std::string without_last_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/')
    path.pop_back();
  return path;
}

std::string spell_out(const roster_entry& entry) {
  std::string line(entry.get(text::agent));
  return line.append(" (").append(entry.get(text::name)).append(") ").append(entry.get(text::path));
}

failure ambiguous(const std::string& selector, const std::vector<roster_entry>& found, std::size_t most) {
  std::string message = "'" + selector + "' may be more than one agent; say which by its id:";
  std::size_t listed = 0;
  for (const auto& each : found) {
    if (listed == most)
      return {failure_kind::refused, "agent-ambiguous", message + ", …"};
    message.append(listed++ == 0 ? " " : ", ").append(spell_out(each));
  }
  return {failure_kind::refused, "agent-ambiguous", std::move(message)};
}

/// Who is not found may stand in what is damaged, or what the disk withholds.
failure unless_damaged(failure why, const feed_source& disk) {
  if (disk.damaged().empty())
    return why;
  auto result = disk.damaged().begin()->second;
  result.message = why.message + "; not all of the history could be read, though: " + result.message;
  result.agent = why.agent;
  return result;
}

} // namespace

failure index_keeper::no_such_agent(const agent_id& agent) const {
  return unless_damaged({.kind = failure_kind::not_found,
                         .code = "no-agent",
                         .message = "there is no agent " + agent.text + "; 'muster list' shows those there are",
                         .agent = agent.text},
                        disk_);
}

expected<std::vector<roster_entry>> index_keeper::entries(const row_filter& which) {
  return entries(std::span(&which, 1));
}

expected<std::vector<roster_entry>> index_keeper::entries(std::span<const row_filter> which) {
  std::vector<roster_entry> result;
  auto read = index_.each_row(
      which, [&] { result.clear(); }, [&](const index_row& row) { result.emplace_back(row); });
  if (!read)
    return read.error();
  return result;
}

expected<agent_record> index_keeper::record_of(const agent_id& agent) {
  auto record = index_.agent(agent);
  if (!record)
    return record.error();
  return *record ? std::move(**record) : agent_record();
}

folded_agent index_keeper::folded_view(const agent_id& id, const agent_record& record) const {
  return {id, record, index_.instances(), own_, index_.options().meaning};
}

expected<row_staged> index_keeper::answer(const stage_row& m) {
  const std::array concerned{row_filter{.what = row_filter::by::path, .text = m.path, .owner = own_},
                             row_filter{.what = row_filter::by::agent, .text = m.agent.text}};
  const auto places = entries(concerned);
  if (!places)
    return places.error();
  for (const auto& each : *places)
    if (each.get(text::agent) != m.agent.text)
      return failure{.kind = failure_kind::refused,
                     .code = "path-held",
                     .message = "the directory is that of agent " + spell_out(each) +
                                "; unregister that one, or move it, first",
                     .path = m.path,
                     .agent = std::string(each.get(text::agent))};
  for (const auto& each : *places)
    if (!m.moving && index_.instances()[each.owner].id == own_ && each.get(text::path) != m.path)
      return failure{.kind = failure_kind::refused,
                     .code = "agent-elsewhere",
                     .message = "the agent lives at " + std::string(each.get(text::path)) +
                                " already; 'muster move' makes it follow its directory, and a copy needs an id of its "
                                "own",
                     .path = std::string(each.get(text::path)),
                     .agent = m.agent.text};
  if (auto claimed = index_.claim({m.saga.text, m.agent, m.path}); !claimed)
    return claimed.error();
  return row_staged{};
}

expected<row_unstaged> index_keeper::answer(const unstage_row& m) {
  index_.release(m.saga.text);
  return row_unstaged{};
}

expected<agent_found> index_keeper::answer(const find_agent& m) {
  auto record = index_.agent(m.agent);
  if (!record)
    return record.error();
  if (!*record)
    return agent_found{};
  const auto known = folded_view(m.agent, **record);
  const auto* here = place_here(known);
  if (!here)
    return to_found(known, {}, {});
  const auto& path = here->value->path;
  const auto held = local_.held(m.agent, path);
  auto notes_away = local_.problem();
  const auto seen = local_.observed(m.agent, path);
  auto result = to_found(known, held, seen);
  result.notes_away = notes_away ? std::move(notes_away) : local_.problem();
  if (result.notes_away)
    result.held.reset();
  if (seen && is_gone(seen->status))
    result.absent_for = absence_known(m.agent, path).counted();
  return result;
}

expected<agent_id> index_keeper::agent_at(const std::string& path) {
  auto there = entries({.what = row_filter::by::path, .text = path, .owner = own_});
  if (!there)
    return there.error();
  // Of two, which only concurrent work of two processes makes, the first.
  const auto first = std::min_element(there->begin(), there->end(), [](const auto& a, const auto& b) {
    return a.get(text::agent) < b.get(text::agent);
  });
  return first == there->end() ? agent_id() : agent_id{std::string(first->get(text::agent))};
}

expected<path_found> index_keeper::answer(const find_path& m) {
  auto agent = agent_at(m.path);
  if (!agent)
    return agent.error();
  auto denied = index_.denial_of(own_, m.path, m.denied_above);
  if (!denied)
    return denied.error();
  path_found result;
  if (!agent->empty())
    result.agent = std::move(*agent);
  result.denied = std::move(*denied);
  return result;
}

expected<std::string> index_keeper::suggestion(const std::string& selector) {
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  std::vector<std::string> names;
  names.reserve(roster_.entries().size());
  for (const auto& each : roster_.entries())
    names.emplace_back(each.get(text::name));
  return closest_name(selector, names);
}

expected<agent_resolved> index_keeper::answer(const resolve_agent& m) {
  if (m.selector.empty())
    return failure{failure_kind::refused, "agent-unnamed", "name an agent by its id, path or name"};
  auto exact = entries({.what = row_filter::by::agent, .text = m.selector, .limit = 1});
  if (!exact)
    return exact.error();
  if (!exact->empty())
    return agent_resolved{agent_id{m.selector}};
  if (names_a_path(m.selector)) {
    const auto path = without_last_slashes(m.selector);
    auto there = agent_at(path);
    if (!there)
      return there.error();
    if (there->empty())
      return unless_damaged({.kind = failure_kind::not_found,
                             .code = "no-agent-at-path",
                             .message = "no agent lives at " + path + "; 'muster list' shows where they live",
                             .path = path},
                            disk_);
    return agent_resolved{std::move(*there)};
  }
  return resolve_by_name(m.selector);
}

expected<agent_resolved> index_keeper::resolve_by_name(const std::string& selector) {
  // An agent may have a placement on each instance.
  const auto most = options_.candidates * 8;
  auto found = entries({.what = row_filter::by::id_prefix, .text = selector, .limit = most});
  if (!found)
    return found.error();
  auto named = entries({.what = row_filter::by::name, .text = selector, .limit = most});
  if (!named)
    return named.error();
  std::move(named->begin(), named->end(), std::back_inserter(*found));
  std::stable_sort(found->begin(), found->end(),
                   [](const auto& a, const auto& b) { return a.get(text::agent) < b.get(text::agent); });
  const auto same = [](const auto& a, const auto& b) { return a.get(text::agent) == b.get(text::agent); };
  found->erase(std::unique(found->begin(), found->end(), same), found->end());
  if (found->size() == 1)
    return agent_resolved{agent_id{std::string(found->front().get(text::agent))}};
  if (!found->empty())
    return ambiguous(selector, *found, options_.candidates);
  auto close = suggestion(selector);
  if (!close)
    return close.error();
  return unless_damaged(
      {failure_kind::not_found, "no-agent",
       "there is no agent '" + selector + "'; " +
           (close->empty() ? "'muster list' shows those there are" : "did you mean '" + *close + "'?")},
      disk_);
}

expected<agent_described> index_keeper::answer(const describe_agent& m) {
  constexpr int most_tries = 3;
  for (int tries = 0; tries != most_tries; ++tries) {
    const auto generation = index_.generation();
    auto described = describe(m.agent);
    // Instances have other numbers in an index that was made anew on the way.
    if (!described || generation == index_.generation())
      return described;
  }
  return failure{failure_kind::busy, "index-unsteady",
                 "the index had to be opened anew again and again; look at the data directory, and try again"};
}

expected<agent_described> index_keeper::describe(const agent_id& agent) {
  auto places = entries({.what = row_filter::by::agent, .text = agent.text});
  if (!places)
    return places.error();
  if (places->empty())
    return no_such_agent(agent);
  const auto before = [&](const roster_entry& a, const roster_entry& b) {
    const auto& of_a = index_.instances()[a.owner].id;
    const auto& of_b = index_.instances()[b.owner].id;
    return std::pair(of_a != own_, of_a) < std::pair(of_b != own_, of_b);
  };
  auto& shown = *std::min_element(places->begin(), places->end(), before);
  add_observed(shown);
  const auto generation = index_.generation();
  const auto others = namesakes_of(shown);
  if (!others)
    return others.error();
  auto record = index_.agent(agent);
  if (!record)
    return record.error();
  if (!*record || generation != index_.generation())
    return agent_described();
  const auto known = folded_view(agent, **record);
  const auto* here = place_here(known);
  auto result = to_described(known, here ? local_.observed(agent, here->value->path) : std::nullopt);
  result.row = to_row(shown, view(), *others);
  if (const auto waiting = heartbeats_.find(agent); waiting != heartbeats_.end())
    result.last_seen_event = waiting->second.event;
  else
    result.last_seen_event = local_.last_event(agent);
  auto rules = index_.rules();
  if (!rules)
    return rules.error();
  std::erase_if(*rules, [&](const rule_put& rule) {
    return std::ranges::none_of(std::array{rule.source, rule.target},
                                [&](const auto& name) { return name == result.row.namespace_name || name == "*"; });
  });
  result.rules = std::move(*rules);
  if (!shown.noted)
    return result;
  // How many are gone beside it matters only then.
  if (is_gone(shown.observed))
    if (auto loaded = load_roster(); !loaded)
      return loaded.error();
  add_reasons(result.row, is_gone(shown.observed) ? holds() : removal_holds());
  return result;
}

expected<std::size_t> index_keeper::namesakes_of(const roster_entry& entry) {
  std::set<std::string, std::less<>> others;
  const auto name = entry.get(text::name);
  if (name.empty())
    return std::size_t{0};
  auto named = entries({.what = row_filter::by::name, .text = std::string(name)});
  if (!named)
    return named.error();
  for (const auto& each : *named)
    if (each.get(text::namespace_name) == entry.get(text::namespace_name) &&
        each.get(text::agent) != entry.get(text::agent))
      others.emplace(each.get(text::agent));
  return others.size();
}

} // namespace muster
