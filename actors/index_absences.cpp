#include "muster/actors/index_keeper.hpp"
#include "muster/store/absence_wording.hpp"
#include "muster/store/displacement.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

using text = roster_entry::text;

constexpr std::size_t most_at_once = 4096;

} // namespace

expected<places_listed> index_keeper::answer(const list_places& m) {
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  if (m.after.empty())
    ++sweep_;
  places_listed result;
  result.at = {sweep_, env_.clock.boot()};
  const auto how = view();
  const auto limit = std::clamp<std::size_t>(m.limit, 1, most_at_once);
  std::vector<place_to_look_at> places;
  places.reserve(std::min(limit, roster_.entries().size()));
  for (const auto& each : roster_.after(m.after.text)) {
    if (how.instances[each.owner].id != own_)
      continue;
    result.more = places.size() == limit;
    if (result.more)
      break;
    // What is no manifest is read in each sweep, as each one tells of it.
    const auto known = each.observed == agent_status::manifest_invalid ? std::nullopt : each.key;
    places.push_back({agent_id{std::string(each.get(text::agent))}, std::string(each.get(text::path)), known,
                      absence_of(each, how)});
  }
  result.places = std::move(places);
  return result;
}

absence_count index_keeper::absence_known(const agent_id& agent, const std::string& path) {
  if (const auto* known = absences_.find(agent, path))
    return *known;
  const auto seen = local_.observed(agent, path);
  return seen ? seen->absent : absence_count();
}

absent_look index_keeper::look_of(const look_moment& at) const {
  return {env_.self.boot_id, at.boot, env_.clock.boot(), now(), at.sweep};
}

bool index_keeper::is_gone_now(const absent_place& which) {
  const auto how = view();
  return std::ranges::any_of(roster_.of(which.agent.text), [&](const roster_entry& each) {
    return absence_of(each, how) != absence::none && each.get(text::path) == which.path;
  });
}

void index_keeper::forget_other_places(const agent_id& agent, const std::string& here) {
  (void)local_.keep_only(agent, here);
  absences_.keep_only(agent, here);
  if (here.empty())
    heartbeats_.erase(agent);
}

std::optional<std::chrono::nanoseconds> index_keeper::note_absence(const absent_place& which, const absent_look& look) {
  if (!is_gone_now(which))
    return std::nullopt;
  const auto grace = options_.now_holds.sweep_grace;
  auto count = absence_known(which.agent, which.path);
  if (!absences_.find(which.agent, which.path))
    absences_.put(which.agent, which.path, count, true);
  count.gone(look);
  const auto left = count.left_of(grace);
  absences_.put(which.agent, which.path, std::move(count), false);
  return left;
}

expected<absences_noted> index_keeper::answer(const note_absences& m) {
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  // One of a sweep that was given up.
  if (m.at.sweep != sweep_)
    return absences_noted{std::vector<std::optional<std::chrono::nanoseconds>>(m.places.size())};
  absences_noted result;
  const auto look = look_of(m.at);
  bool writes = false;
  for (const auto& each : m.places) {
    result.grace_left.push_back(note_absence(each, look));
    writes = writes || absences_.is_worth_a_write(each.agent, options_.now_holds.sweep_grace);
  }
  if (writes) {
    write_absences();
    // What is not written waits in memory, and that is told.
    (void)local_.commit();
  }
  return result;
}

/// All of them, as one transaction costs what it costs.
void index_keeper::write_absences() {
  absences_.write([&](const agent_id& agent, const std::string& path, const absence_count& count) {
    (void)local_.put_absence(agent, path, count);
  });
}

/// Fails where not all can be read.
expected<standing_elsewhere> index_keeper::seen_elsewhere() {
  standing_elsewhere result;
  const auto lives = [&](std::string_view agent, std::string_view path) {
    return std::ranges::any_of(roster_.of(agent), [&](const roster_entry& place) {
      return lives_here(place) && place.get(text::path) == path;
    });
  };
  local_.each_observed([&](std::string_view agent, std::string_view path, const observed_place& seen) {
    for (const auto& each : seen.problems)
      if (each.kind == displaced_problem && lives(agent, path))
        if (auto other = displacing_agent(each.message))
          result.emplace(std::move(*other), path);
  });
  if (const auto& why = local_.problem())
    return *why;
  return result;
}

removal_brake index_keeper::brake() const {
  removal_brake result;
  const auto how = view();
  for (const auto& each : roster_.entries())
    if (how.instances[each.owner].id == own_)
      result.count(each.device, absence_of(each, how) != absence::none, each.get(text::path));
  return result;
}

/// Of the roster, which is loaded.
removal_holds index_keeper::holds() {
  removal_holds result{brake(), {}};
  // What cannot be read is among the problems of the index.
  if (auto elsewhere = seen_elsewhere())
    result.elsewhere = std::move(*elsewhere);
  return result;
}

expected<removals_listed> index_keeper::answer(const list_removals& m) {
  if (auto loaded = load_roster(); !loaded)
    return loaded.error();
  removals_listed result;
  const auto how = view();
  const auto held_back = m.accepted ? removal_brake() : brake();
  result.braked = held_back.held();
  const auto limit = std::clamp<std::size_t>(m.limit, 1, most_at_once);
  std::optional<standing_elsewhere> elsewhere;
  for (const auto& each : roster_.after(m.after.text)) {
    if (absence_of(each, how) == absence::none || held_back.holds(each.device))
      continue;
    absent_place which{agent_id{std::string(each.get(text::agent))}, std::string(each.get(text::path))};
    // Only what this very sweep has seen gone.
    const auto* count = absences_.find(which.agent, which.path);
    if (!count || !count->last() || count->last()->sweep != sweep_ || count->counted() < options_.now_holds.sweep_grace)
      continue;
    if (!elsewhere) {
      auto seen = seen_elsewhere();
      if (!seen)
        return seen.error();
      elsewhere = std::move(*seen);
    }
    if (elsewhere->contains(which.agent))
      continue;
    result.more = result.due.size() == limit;
    if (result.more)
      break;
    result.due.push_back(std::move(which));
  }
  return result;
}

std::string index_keeper::outlook_of(const agent_id& agent, const std::string& path, const observed_place& seen,
                                     const removal_holds& holds) {
  if (!is_gone(seen.status))
    return std::string(status_outlook(seen.status));
  if (const auto stands = holds.elsewhere.find(agent); stands != holds.elsewhere.end())
    return elsewhere_outlook(stands->second);
  if (holds.brake.holds(seen.device))
    return braked_outlook(seen.device);
  return removal_outlook(absence_known(agent, path).left_of(options_.now_holds.sweep_grace));
}

const remembered_sweep* index_keeper::last_sweep() {
  if (!std::exchange(knows_sweeps_, true))
    if (const auto written = local_.last_sweep())
      sweeps_.go_on_from(*written);
  return sweeps_.last();
}

expected<sweep_noted> index_keeper::answer(const note_sweep& m) {
  (void)last_sweep();
  const auto ended = now();
  const auto boot = env_.clock.boot();
  if (sweeps_.add({0, ended - m.report.took, ended, env_.self.boot_id, boot - m.report.took, m.report})) {
    (void)local_.put_sweep(*sweeps_.last());
    if (auto written = local_.commit(); !written)
      return written.error();
    sweeps_.wrote();
  }
  return sweep_noted{};
}

} // namespace muster
