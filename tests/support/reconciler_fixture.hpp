#pragma once

#include "tests/support/actor_fixture.hpp"
#include "tests/support/unexpected_requests.hpp"

#include "muster/actors/reconciler.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::test {

/// What the neighbours do, and what they were asked.
struct sweep_script {
  std::vector<place_to_look_at> places;
  std::map<std::string, manifest_sight> changed; ///< by project
  std::map<std::string, place_observed> taken;   ///< by project; else synced
  std::map<std::string, failure> refused;        ///< by project
  std::vector<absent_place> to_remove;           ///< where the brake does not hold
  std::vector<absent_place> held_back;           ///< where it does, unless that is accepted
  std::vector<braked_device> braked;
  std::optional<std::chrono::nanoseconds> grace_left = std::chrono::hours{23};
  bool list_fails = false, last_list_fails = false; ///< the first page; the last of several
  bool note_fails = false, removals_fail = false, look_fails = false;
  bool hold = false, hold_settling = false; ///< observations wait
  std::size_t left = 0;
  scan_roots_listed roots;

  std::size_t lists = 0; ///< of first pages
  std::vector<std::size_t> pages;
  std::vector<note_absences> noted;
  std::vector<list_removals> removals;
  std::vector<sweep_report> reports;
  std::vector<std::size_t> looks; ///< the size of each
  std::size_t looks_before_news = 0;
  std::vector<std::string> observed;
  std::vector<std::string> tidied; ///< where leftovers were looked for
  std::set<std::string> away;      ///< directories that are gone once leftovers are looked for
  std::size_t most_at_once = 0, settled = 0;
  std::vector<caf::typed_response_promise<place_observed>> held;
  std::vector<caf::typed_response_promise<owed_settled>> settling;

  [[nodiscard]] places_listed page(const list_places& asked) const {
    places_listed answer;
    answer.at.sweep = lists;
    auto next = std::ranges::find(places, asked.after, &place_to_look_at::agent);
    next = asked.after.empty() ? places.begin() : next + 1;
    const auto left = static_cast<std::size_t>(places.end() - next);
    const auto end = next + static_cast<std::ptrdiff_t>(std::min(left, asked.limit));
    answer.places = std::vector<place_to_look_at>(next, end);
    answer.more = end != places.end();
    return answer;
  }
  [[nodiscard]] removals_listed due(const list_removals& asked) const {
    auto all = to_remove;
    if (asked.accepted)
      all.insert(all.end(), held_back.begin(), held_back.end());
    removals_listed answer;
    auto next = std::ranges::find(all, asked.after, &absent_place::agent);
    next = asked.after.empty() ? all.begin() : next + 1;
    for (; next != all.end() && answer.due.size() < asked.limit; ++next)
      answer.due.push_back(*next);
    answer.more = next != all.end();
    if (!asked.accepted)
      answer.braked = braked;
    return answer;
  }
  sweep_noted remember(const sweep_report& report) {
    reports.push_back(report);
    return {};
  }
};
using script_ptr = std::shared_ptr<sweep_script>;

inline index_actor::behavior_type index_double(index_actor::pointer, script_ptr what) {
  return {
      unexpected<row_staged, stage_row>(),
      unexpected<row_unstaged, unstage_row>(),
      unexpected<commit_folded, fold_commit>(),
      unexpected<held_recorded, record_held>(),
      unexpected<agent_found, find_agent>(),
      unexpected<path_found, find_path>(),
      unexpected<agent_resolved, resolve_agent>(),
      unexpected<agent_described, describe_agent>(),
      unexpected<agents_listed, list_agents>(),
      unexpected<heartbeat_noted, note_heartbeat>(),
      unexpected<observation_noted, note_observation>(),
      [what](const list_places& asked) -> caf::result<places_listed> {
        if (what->list_fails)
          return to_error(broken("index-broken"));
        what->lists += asked.after.empty() ? 1 : 0;
        what->pages.push_back(asked.limit);
        auto page = what->page(asked);
        if (what->last_list_fails && !page.more)
          return to_error(broken("index-broken"));
        return page;
      },
      [what](const note_absences& asked) -> caf::result<absences_noted> {
        what->noted.push_back(asked);
        if (what->note_fails)
          return to_error(broken("index-broken"));
        absences_noted answer;
        answer.grace_left.assign(asked.places.size(), what->grace_left);
        return answer;
      },
      [what](const list_removals& asked) -> caf::result<removals_listed> {
        what->removals.push_back(asked);
        if (what->removals_fail)
          return to_error(broken("index-broken"));
        return what->due(asked);
      },
      [what](const note_sweep& asked) -> caf::result<sweep_noted> { return what->remember(asked.report); },
      [what](const list_scan_roots&) -> caf::result<scan_roots_listed> { return what->roots; },
      unexpected<paths_sifted, sift_paths>(),
      unexpected<known_paths_listed, list_known_paths>(),
      unexpected<namespace_found, find_namespace>(),
      unexpected<copies_noted, note_copies>(),
      unexpected<denials_listed, list_denials>(),
      unexpected<unadmitted_found, find_unadmitted>(),
      unexpected<endpoints_listed, list_endpoints>(),
      unexpected<rule_found, find_rule>(),
      unexpected<rules_listed, list_rules>(),
      unexpected<reach_described, who_may_reach>(),
      unexpected<topology_described, show_topology>(),
      unexpected<index_dumped, dump_index>(),
      unexpected<index_rebuilt, rebuild_index>(),
      unexpected<findings_told, examine_index>(),
      unexpected<settings_applied, apply_settings>(),
      unexpected<agents_counted, count_agents>(),
      unexpected<roster_watched, watch_roster>(),
      unexpected<void, unwatch_roster>(),
  };
}

inline file_store_actor::behavior_type files_double(file_store_actor::pointer, script_ptr what) {
  return {
      unexpected<manifest_read, read_manifest>(),
      unexpected<manifest_changed, write_manifest>(),
      unexpected<manifest_changed, restore_manifest>(),
      unexpected<manifest_changed, retire_manifest>(),
      [what](const look_at_places& asked) -> caf::result<places_looked_at> {
        what->looks.push_back(asked.places.size());
        if (what->look_fails && what->looks.size() == 1)
          return to_error(broken("store-broken"));
        places_looked_at answer;
        for (std::size_t i = 0; i < asked.places.size(); ++i)
          if (const auto at = what->changed.find(asked.places[i].project); at != what->changed.end())
            answer.changed.push_back({i, at->second});
          else if (asked.places[i].gone != absence::none)
            answer.absent.push_back(i);
          else
            ++answer.unchanged;
        return answer;
      },
      unexpected<head_read, read_head>(),
      [what](const find_leftovers& asked) -> caf::result<leftovers_found> {
        what->tidied.push_back(asked.project);
        return leftovers_found{{}, {}, false, what->away.contains(asked.project)};
      },
      unexpected<leftover_forgotten, forget_leftover>(),
      unexpected<root_walked, walk_root>(),
      unexpected<path_resolved, resolve_path>(),
  };
}

/// Answers what the reconciler asks, what it holds when it is told to.
inline caf::behavior supervisor_double(caf::event_based_actor* self, script_ptr what) {
  return {
      [self, what](const observe_place& asked) -> caf::result<place_observed> {
        if (what->observed.empty())
          what->looks_before_news = what->looks.size();
        what->observed.push_back(asked.project);
        if (const auto at = what->refused.find(asked.project); at != what->refused.end())
          return to_error(at->second);
        if (asked.due)
          return place_observed{observation::removed, {}, {}};
        if (what->hold) {
          auto promise = self->make_response_promise<place_observed>();
          what->held.push_back(promise);
          what->most_at_once = std::max(what->most_at_once, what->held.size());
          return promise;
        }
        const auto at = what->taken.find(asked.project);
        return at == what->taken.end() ? place_observed{observation::synced, {}, {}} : at->second;
      },
      [self, what](const settle_owed&) -> caf::result<owed_settled> {
        ++what->settled;
        if (what->hold_settling) {
          what->settling.push_back(self->make_response_promise<owed_settled>());
          return what->settling.back();
        }
        return owed_settled{0, what->left};
      },
      [what](const report_when_done&) {
        for (auto& each : std::exchange(what->held, {}))
          each.deliver(place_observed{observation::synced, {}, {}});
        for (auto& each : std::exchange(what->settling, {}))
          each.deliver(owed_settled{});
      },
  };
}

/// A reconciler between doubles.
struct reconciler_fixture : actor_fixture {
  script_ptr what = std::make_shared<sweep_script>();
  index_actor index = keep(index_actor{sys.spawn(index_double, what)});
  file_store_actor files = keep(file_store_actor{sys.spawn(files_double, what)});
  caf::actor supervisor = sys.spawn(supervisor_double, what);
  reconciler_actor subject;

  reconciler_fixture() { start({}); }
  ~reconciler_fixture() override {
    what->held.clear();
    what->settling.clear();
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    sched.run();
  }

  void start(const reconciler_options& options) {
    subject = keep(
        reconciler_actor{sys.spawn<reconciler>(index, files, caf::actor_cast<supervisor_actor>(supervisor), options)});
    sched.run();
  }
  void add(std::size_t places, bool changed) {
    for (std::size_t i = 0; i < places; ++i) {
      const auto n = std::to_string(what->places.size());
      what->places.push_back({agent_id{n}, "/p" + n, {}});
      if (changed)
        what->changed["/p" + n] = no_manifest{};
    }
  }

  void take(const std::string& project, observation seen) { what->taken[project] = {seen, {}, {}}; }
  expected<sweep_report> sweep() { return get<sweep_report>(subject, sweep_now{}); }

  /// Answers what is held until nothing more is asked.
  void let_go() {
    while (!what->held.empty()) {
      tell_from_outside(supervisor, report_when_done{});
      sched.run();
    }
  }
};

} // namespace muster::test
