#define CAF_SUITE roster_mirror_test

#include "muster/actors/roster_mirror.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <random>

using namespace muster;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds noon = 480'000h;
const instance_id here{"here"};

watched_row row_of(const std::string& agent, const std::string& path = {}) {
  watched_row result;
  result.row.id = agent_id{agent};
  result.row.name = agent;
  result.row.path = path.empty() ? "/p/" + agent : path;
  result.row.namespace_name = "work";
  result.row.instance = here;
  result.content = 1;
  return result;
}

watched_agent agent_of(watched_row row, sequence seq = 7) {
  watched_agent result;
  result.agent = row.row.id;
  result.version = {here, seq};
  result.rows.push_back(std::move(row));
  return result;
}

watched_agent nobody(const std::string& agent) {
  return {agent_id{agent}, {}, {here, 9}};
}

roster_watched all_of(std::vector<watched_row> rows) {
  return {1, std::move(rows), {}, {}};
}

std::string text(const roster_mirror::events& all) {
  std::string result;
  for (const auto& each : all)
    result.append(result.empty() ? "" : ", ")
        .append(to_string(each.what))
        .append(each.row.id.empty() ? "" : " " + each.row.id.text);
  return result;
}

struct fixture {
  roster_mirror mirror{{5min, 60min}};
  std::chrono::milliseconds now = noon;

  roster_mirror::events take(watched_row row, sequence seq = 7) {
    return mirror.take(agent_of(std::move(row), seq), now);
  }
  fixture() { mirror.begin(all_of({row_of("one")}), now); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(roster_mirror_tests, fixture)

CAF_TEST(what is known from the beginning is not told) {
  CAF_CHECK_EQUAL(text(take(row_of("one"))), "");
  CAF_CHECK_EQUAL(text(mirror.take(all_of({row_of("one")}), now)), "");
  CAF_CHECK_EQUAL(mirror.find(agent_id{"one"})->path, "/p/one");
  CAF_CHECK(!mirror.find(agent_id{"two"}));
}

CAF_TEST(a new agent is registered with its row and its commit) {
  const auto told = take(row_of("two"), 12);
  CAF_CHECK_EQUAL(text(told), "registered two");
  CAF_CHECK_EQUAL(told.front().row.path, "/p/two");
  CAF_CHECK(told.front().version == (commit_id{here, 12}));
  CAF_CHECK_EQUAL(text(take(row_of("two"), 12)), "");
}

CAF_TEST(one that is gone from the roster is removed with the row it had) {
  const auto told = mirror.take(nobody("one"), now);
  CAF_CHECK_EQUAL(text(told), "removed one");
  CAF_CHECK_EQUAL(told.front().row.path, "/p/one");
  CAF_CHECK_EQUAL(text(mirror.take(nobody("one"), now)), "");
  CAF_CHECK_EQUAL(text(mirror.take(nobody("never"), now)), "");
}

CAF_TEST(one at another path has moved from where it was) {
  const auto told = take(row_of("one", "/p/there"));
  CAF_CHECK_EQUAL(text(told), "moved one");
  CAF_CHECK_EQUAL(told.front().path_before, "/p/one");
  CAF_CHECK_EQUAL(told.front().row.path, "/p/there");
}

CAF_TEST(each text of a row and its content make an update) {
  const std::vector<std::function<void(watched_row&)>> edits{
      [](auto& row) { row.row.name = "x"; },           [](auto& row) { row.row.display_name = "x"; },
      [](auto& row) { row.row.runtime = "codex"; },    [](auto& row) { row.row.namespace_name = "lab"; },
      [](auto& row) { row.row.subject = "x"; },        [](auto& row) { row.row.registered_at = "x"; },
      [](auto& row) { row.row.capabilities = {"x"}; }, [](auto& row) { row.content = 2; },
  };
  auto row = row_of("one");
  for (const auto& edit : edits) {
    edit(row);
    CAF_CHECK_EQUAL(text(take(row)), "updated one");
    CAF_CHECK_EQUAL(text(take(row)), "");
  }
}

CAF_TEST(where the content is not known a commit on the agent is an update) {
  auto row = row_of("one");
  row.content = 0;
  CAF_CHECK_EQUAL(text(take(row, 0)), "");
  CAF_CHECK_EQUAL(text(take(row, 8)), "updated one");
}

CAF_TEST([MC32][MC33] what is gone is unreachable and what is back is resurrected) {
  auto row = row_of("one");
  row.row.status = agent_status::unreachable;
  const auto gone = take(row, 0);
  CAF_CHECK_EQUAL(text(gone), "unreachable one");
  CAF_CHECK(gone.front().status_before == agent_status::active);
  row.row.status = agent_status::manifest_missing;
  CAF_CHECK_EQUAL(text(take(row, 0)), "status-changed one");
  row.row.status = agent_status::manifest_invalid;
  CAF_CHECK_EQUAL(text(take(row, 0)), "resurrected one");
  row.row.status = agent_status::active;
  const auto well = take(row, 0);
  CAF_CHECK_EQUAL(text(well), "status-changed one");
  CAF_CHECK(well.front().status_before == agent_status::manifest_invalid);
}

CAF_TEST(an admission is told and not its change of status) {
  auto row = row_of("one");
  row.admitted = false;
  row.row.status = agent_status::unadmitted;
  CAF_CHECK_EQUAL(text(take(row)), "status-changed one");
  row.admitted = true;
  row.row.status = agent_status::active;
  CAF_CHECK_EQUAL(text(take(row)), "admitted one");
}

CAF_TEST(several changes at once are several events in a fixed order) {
  auto row = row_of("one", "/p/there");
  row.content = 3;
  row.row.status = agent_status::unreadable;
  row.row.last_seen = noon;
  CAF_CHECK_EQUAL(text(take(row)), "moved one, updated one, status-changed one, health-changed one");
}

CAF_TEST(everything anew tells who left first) {
  (void)take(row_of("two"));
  const auto told = mirror.take(all_of({row_of("one"), row_of("three", "/p/two")}), now);
  CAF_CHECK_EQUAL(text(told), "removed two, registered three");
}

CAF_TEST(an agent that lives on several instances has an event for each row) {
  auto there = row_of("one", "/q/one");
  there.row.instance = instance_id{"there"};
  there.row.status = agent_status::remote;
  auto both = agent_of(row_of("one"));
  both.rows.push_back(there);
  CAF_CHECK_EQUAL(text(mirror.take(both, now)), "registered one");
  CAF_CHECK_EQUAL(mirror.find(agent_id{"one"})->path, "/p/one");
  CAF_CHECK_EQUAL(text(mirror.take_seen(agent_id{"one"}, now, now)), "health-changed one, health-changed one");
  there.row.last_seen = now;
  CAF_CHECK_EQUAL(text(mirror.take(agent_of(there), now)), "removed one");
  CAF_CHECK(mirror.knows_signs_of_life());
  CAF_CHECK_EQUAL(mirror.find(agent_id{"one"})->path, "/q/one");
}

CAF_TEST(rules are told when they come and change and go) {
  const rule_put allow{"work", "lab", rule_action::allow, {}};
  auto deny = allow;
  deny.action = rule_action::deny;
  const auto came = mirror.take_rules({allow}, now);
  CAF_CHECK_EQUAL(text(came), "rule-changed");
  CAF_CHECK(came.front().rule == (rule_told{"work", "lab", rule_action::allow}));
  CAF_CHECK(mirror.take_rules({allow}, now).empty());
  CAF_CHECK(mirror.take_rules({deny}, now).front().rule->action == rule_action::deny);
  const auto went = mirror.take_rules({}, now);
  CAF_CHECK(went.size() == 1 && went.front().rule == (rule_told{"work", "lab", {}}));
}

CAF_TEST(denials are told when they come and change and are lifted) {
  CAF_CHECK_EQUAL(text(mirror.take(denial_told{"/no", true, "noise"}, now)), "denial-changed");
  CAF_CHECK(mirror.take(denial_told{"/no", true, "noise"}, now).empty());
  CAF_CHECK_EQUAL(text(mirror.take(denial_told{"/no", true, "other"}, now)), "denial-changed");
  auto anew = all_of({row_of("one")});
  const auto lifted = mirror.take(anew, now);
  CAF_CHECK(lifted.size() == 1 && lifted.front().denial == (denial_told{"/no", false, {}}));
  CAF_CHECK(mirror.take(denial_told{"/no", false, {}}, now).empty());
}

CAF_TEST(a heartbeat makes active and time makes inactive and stale) {
  CAF_CHECK(!mirror.next_change());
  const auto beat = mirror.take_seen(agent_id{"one"}, now, now);
  CAF_CHECK_EQUAL(text(beat), "health-changed one");
  CAF_CHECK(beat.front().health_before == agent_health::stale && beat.front().row.health == agent_health::active);
  CAF_CHECK(mirror.next_change() == noon + 5min);
  CAF_CHECK(mirror.take_time(noon + 5min - 1ms).empty());
  const auto silent = mirror.take_time(noon + 5min);
  CAF_CHECK(silent.size() == 1 && silent.front().row.health == agent_health::inactive);
  CAF_CHECK(mirror.next_change() == noon + 60min);
  CAF_CHECK(mirror.take_time(noon + 60min).front().row.health == agent_health::stale);
  CAF_CHECK(!mirror.next_change());
  CAF_CHECK(mirror.take_seen(agent_id{"nobody"}, now, now).empty());
}

CAF_TEST(a heartbeat of one who is active is not told and puts the change off) {
  (void)mirror.take_seen(agent_id{"one"}, now, now);
  CAF_CHECK(mirror.take_seen(agent_id{"one"}, noon + 1min, noon + 1min).empty());
  CAF_CHECK(mirror.next_change() == noon + 6min);
}

CAF_TEST(a time that skips inactive is one change) {
  (void)mirror.take_seen(agent_id{"one"}, now, now);
  const auto told = mirror.take_time(noon + 2h);
  CAF_CHECK(told.size() == 1 && told.front().row.health == agent_health::stale &&
            told.front().health_before == agent_health::active);
}

CAF_TEST(a clock that is set back is followed) {
  (void)mirror.take_seen(agent_id{"one"}, now, now);
  (void)mirror.take_time(noon + 10min);
  const auto told = mirror.take_time(noon + 1min);
  CAF_CHECK(told.size() == 1 && told.front().row.health == agent_health::active);
  CAF_CHECK(mirror.next_change() == noon + 5min);
}

CAF_TEST(other limits are told where they make a difference) {
  (void)mirror.take_seen(agent_id{"one"}, noon - 2min, now);
  CAF_CHECK(mirror.take_limits({5min, 50min}, now).empty());
  const auto told = mirror.take_limits({1min, 50min}, now);
  CAF_CHECK(told.size() == 1 && told.front().row.health == agent_health::inactive);
  CAF_CHECK(mirror.next_change() == noon + 48min);
}

CAF_TEST(a roster that is built of events alone is the roster) {
  std::mt19937_64 chance(4711);
  std::map<std::string, watched_row> roster{{"one", row_of("one")}};
  std::map<std::string, roster_row> built;
  for (const auto& [id, row] : roster)
    built[id] = row.row;
  std::size_t violations = 0;
  std::size_t told = 0;
  const auto take_in = [&](const roster_mirror::events& all) {
    told += all.size();
    for (const auto& each : all)
      if (each.what == event_kind::removed)
        violations += built.erase(each.row.id.text) == 1 ? 0 : 1;
      else
        built[each.row.id.text] = each.row;
  };
  for (int step = 0; step < 20'000; ++step) {
    now += std::chrono::milliseconds(chance() % 200'000);
    const auto id = std::string(1, static_cast<char>('a' + chance() % 8));
    const auto agent = agent_id{id};
    auto& row = roster.try_emplace(id, row_of(id)).first->second;
    switch (chance() % 8) {
      case 0: roster.erase(id); break;
      case 1: row.row.path = "/p/" + std::to_string(chance() % 9); break;
      case 2: row.row.status = static_cast<agent_status>(chance() % 5); break;
      case 3: row.row.name = std::to_string(chance() % 3); break;
      case 4: row.content = chance() % 4; break;
      case 5: row.row.last_seen = now - std::chrono::milliseconds(chance() % 4'000'000); break;
      default: break;
    }
    const auto known = roster.find(id);
    watched_agent one{agent, {}, {}};
    if (known != roster.end())
      one.rows.push_back(known->second);
    if (chance() % 16 == 0) {
      std::vector<watched_row> rows;
      for (const auto& [name, each] : roster)
        rows.push_back(each);
      take_in(mirror.take(all_of(std::move(rows)), now));
    } else {
      take_in(mirror.take(std::move(one), now));
    }
    take_in(mirror.take_time(now));
    violations += roster.size() == built.size() ? 0 : 1;
    for (const auto& [name, each] : roster) {
      const auto& seen = built[name];
      violations += seen.path == each.row.path && seen.status == each.row.status && seen.name == each.row.name &&
                            seen.health == health_of(each.row.last_seen, now, {5min, 60min})
                        ? 0
                        : 1;
    }
  }
  CAF_CHECK_EQUAL(violations, 0u);
  CAF_CHECK(told > 1000);
}

CAF_TEST_FIXTURE_SCOPE_END()
