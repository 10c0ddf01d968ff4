#include "muster/actors/index_keeper.hpp"

#include <algorithm>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t commits_at_once = 1000;

/// Enters which agents a commit is about.
struct touch {
  std::set<agent_id>& agents;
  std::set<agent_id>& placed;
  bool& all;

  void place(const agent_id& agent) const {
    agents.insert(agent);
    placed.insert(agent);
  }
  void operator()(const agent_put& put) const { agents.insert(put.agent); }
  void operator()(const agent_drop& drop) const { place(drop.agent); }
  void operator()(const place_put& put) const { place(put.agent); }
  void operator()(const place_drop& drop) const { place(drop.agent); }
  void operator()(const rule_put&) const {}
  void operator()(const rule_drop&) const {}
  void operator()(const deny_put&) const {}
  void operator()(const deny_drop&) const {}
  void operator()(const resolve& choice) const {
    if (const auto* key = std::get_if<field_key>(&choice.key))
      agents.insert(key->agent);
  }
  void operator()(const peer_retire&) const { all = true; }
};

/// Enters what only a watch wants to know.
struct touch_for_watch {
  std::map<agent_id, commit_id>& versions;
  bool& rules;
  std::set<std::string>& denials;
  commit_id made;
  const instance_id& own;

  void deny(const instance_id& owner, const std::string& path) const {
    if (owner == own)
      denials.insert(path);
  }
  void operator()(const agent_put& put) const { versions.insert_or_assign(put.agent, made); }
  void operator()(const agent_drop& drop) const { versions.insert_or_assign(drop.agent, made); }
  void operator()(const place_put& put) const { versions.insert_or_assign(put.agent, made); }
  void operator()(const place_drop& drop) const { versions.insert_or_assign(drop.agent, made); }
  void operator()(const rule_put&) const { rules = true; }
  void operator()(const rule_drop&) const { rules = true; }
  void operator()(const deny_put& put) const { deny(put.owner, put.path); }
  void operator()(const deny_drop& drop) const { deny(drop.owner, drop.path); }
  void operator()(const resolve& choice) const {
    if (const auto* key = std::get_if<field_key>(&choice.key))
      versions.insert_or_assign(key->agent, made);
    else
      rules = true;
  }
  void operator()(const peer_retire&) const {}
};

/// What is held depends on what is folded at that moment.
bool is_of_fold(held_fields fields) noexcept {
  return fields == held_fields::as_folded || fields == held_fields::as_adopted;
}

} // namespace

std::vector<expected<change_made>> index_keeper::take(std::vector<index_change> changes) {
  changes_made made;
  carry_out(std::move(changes), made);
  keep(made);
  return std::move(made.each);
}

void index_keeper::carry_out(std::vector<index_change> changes, changes_made& result) {
  const auto first = result.each.size();
  result.each.resize(first + changes.size(), change_made{});
  std::vector<commit> run;
  std::optional<failure> not_folded;
  const auto fold_run = [&] {
    if (auto done = fold(std::exchange(run, {})); !done && !not_folded)
      not_folded = done.error();
  };
  const auto begun = local_.begin();
  const auto note = [&](std::size_t i, auto&& work) {
    result.to_keep.push_back(first + i);
    result.each[first + i] = begun ? work() : expected<change_made>(begun.error());
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (auto* made = std::get_if<fold_commit>(&changes[i])) {
      const bool of_fold = made->held && is_of_fold(made->held->fields);
      if (of_fold) {
        run.push_back(made->made);
        fold_run();
      }
      if (made->held)
        note(i, [&] { return record(*made->held, &made->made); });
      if (!of_fold)
        run.push_back(std::move(made->made));
    } else if (const auto* held = std::get_if<record_held>(&changes[i])) {
      if (is_of_fold(held->held.fields))
        fold_run();
      note(i, [&] { return record(held->held, nullptr); });
    } else if (const auto* seen = std::get_if<note_observation>(&changes[i])) {
      note(i, [&] { return record(*seen); });
    } else if (const auto* copies = std::get_if<note_copies>(&changes[i])) {
      // Its agent may have come there by a commit of this very run.
      fold_run();
      note(i, [&] { return record(*copies); });
    }
  }
  fold_run();
  for (std::size_t i = 0; i < changes.size(); ++i)
    if (const auto* made = std::get_if<fold_commit>(&changes[i])) {
      if (not_folded)
        result.each[first + i] = *not_folded;
      else if (!made->saga.empty())
        index_.release(made->saga.text);
    }
  refresh_roster(begun ? old_places::forgotten : old_places::kept);
  take_notices();
}

void index_keeper::keep(changes_made& what) {
  // They wait in memory until they are written.
  const bool told = !heartbeats_.empty() && local_.begin() && put_heartbeats();
  if (const auto written = local_.commit(); !written)
    for (const auto i : what.to_keep) {
      if (what.each[i])
        what.each[i] = written.error();
    }
  else if (told)
    heartbeats_.clear();
}

sequence index_keeper::folded(const instance_id& instance) const {
  const auto known = index_.instances().find(instance);
  return known ? index_.instances()[*known].folded : 0;
}

expected<void> index_keeper::fold(std::vector<commit> run) {
  if (run.empty())
    return {};
  std::sort(run.begin(), run.end(), [](const commit& a, const commit& b) { return a.seq < b.seq; });
  bool gap = false;
  auto last = folded(own_);
  std::vector<commit> next;
  for (auto& each : run) {
    if (each.instance == own_)
      source_.add(each);
    if (each.instance == own_ && each.seq == last + 1) {
      ++last;
      next.push_back(std::move(each));
    } else if (each.instance != own_ || each.seq > last) {
      gap = true;
    }
  }
  if (!next.empty())
    if (auto done = apply(next); !done)
      return done;
  // What cannot be read now waits in the tail, or in its feed.
  if (gap || source_.has(folded(own_) + 1))
    (void)fold_from_source();
  return {};
}

expected<void> index_keeper::fold_from_source() {
  state_vector have;
  for (const auto& record : index_.instances().records())
    have[record.id] = record.folded;
  std::vector<commit> run;
  auto read = source_.read(have, [&](const commit& next) -> expected<void> {
    run.push_back(next);
    return run.size() < commits_at_once ? expected<void>() : apply(std::exchange(run, {}));
  });
  return read && !run.empty() ? apply(run) : read;
}

/// Until our own feed was read to its end nothing is answered: what it says last
/// may be what is asked. From then on its commits come by themselves. Another's
/// feed may be as long in coming as it is.
expected<void> index_keeper::catch_up() {
  const auto time = env_.clock.boot();
  if (disk_.withheld() && (disk_.withholds(own_) || time - caught_up_ >= options_.heal_pause)) {
    caught_up_ = time;
    auto read = fold_from_source();
    refresh_roster(old_places::kept);
    if (!read && !is_complete_)
      return read;
  }
  const auto* why = disk_.why_withheld(own_);
  is_complete_ = is_complete_ || !why;
  return is_complete_ ? expected<void>() : *why;
}

expected<void> index_keeper::apply(const std::vector<commit>& run) {
  auto done = index_.apply(run);
  // It lies in the tail and is folded when those before it have come.
  if (!done && done.error().code != "feed-gap")
    return done;
  note_touched(run);
  return {};
}

void index_keeper::note_touched(const std::vector<commit>& run) {
  for (const auto& made : run)
    for (const auto& each : made.ops) {
      std::visit(touch{touched_.agents, touched_.placed, touched_.all}, each);
      if (changes_)
        std::visit(
            touch_for_watch{touched_.versions, touched_.rules, touched_.denials, {made.instance, made.seq}, own_},
            each);
      if (const auto* lifted = std::get_if<deny_drop>(&each); lifted && made.instance == own_)
        released_.add(lifted->path);
    }
}

/// Each agent is read once, for the roster and for what is noted of it here.
void index_keeper::read_touched(const touched_agents& touched, old_places notes) {
  const auto& agents = has_roster_ ? touched.agents : touched.placed;
  std::map<agent_id, std::string> before;
  if (has_roster_)
    for (const auto& agent : agents)
      if (auto path = path_here(agent); !path.empty())
        before.emplace(agent, std::move(path));
  std::map<agent_id, std::string> here;
  std::vector<roster_entry> entries;
  const auto begin = [&] {
    here.clear();
    entries.clear();
  };
  const auto read = index_.each_row_of(agents, begin, [&](const index_row& row) {
    if (index_.instances()[row.owner].id == own_)
      here.insert_or_assign(agent_id{std::string(row.agent)}, std::string(row.path));
    if (has_roster_)
      add_observed(entries.emplace_back(roster_.made_of(row)));
  });
  if (read && notes == old_places::forgotten)
    for (const auto& agent : touched.placed) {
      const auto now = here.find(agent);
      forget_other_places(agent, now == here.end() ? std::string() : now->second);
    }
  // Another index may have answered, of which the rest of the roster is not.
  has_roster_ = has_roster_ && read && is_roster_current();
  if (!has_roster_)
    return;
  roster_.replace(agents, std::move(entries));
  for (const auto& [agent, path] : before)
    if (const auto now = here.find(agent); now == here.end() || now->second != path)
      released_.add(path);
}

} // namespace muster
