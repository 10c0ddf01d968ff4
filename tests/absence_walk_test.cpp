#define CAF_SUITE absence_walk_test

#include "tests/support/muster_world.hpp"
#include "tests/support/worker_taps.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>

namespace muster::test {

namespace {

using namespace std::chrono_literals;

struct world : muster_world {
  /// Time goes by for the machine, and somebody sweeps every hour.
  sweep_report sweep_for(std::chrono::hours time) {
    sweep_report last;
    for (auto hour = 0h; hour < time; ++hour) {
      machine.clock.advance(1h);
      last = sweep();
    }
    return last;
  }
  sweep_report sweep(bool accepts = false) {
    auto report = ask_for<sweep_report>(sweep_now{accepts});
    CAF_REQUIRE(report);
    return std::move(*report);
  }
  void rename(const std::string& from, const std::string& to) {
    machine.files.aside([&](simulated_disk& files) {
      CAF_REQUIRE(files.rename(no_handle, from, no_handle, to, rename_mode::replace));
    });
  }
  roster_row only() {
    const auto rows = roster();
    CAF_REQUIRE_EQUAL(rows.size(), 1u);
    return rows.front();
  }
  agent_id settled(const std::string& name) {
    const auto placed = place(project(name), name);
    CAF_REQUIRE(placed);
    machine.clock.advance(1min);
    (void)sweep();
    return placed->agent;
  }
  static bool tells(const roster_row& row, std::string_view kind, std::string_view what) {
    return std::ranges::any_of(row.problems, [&](const agent_problem& each) {
      return each.kind == kind && each.message.find(what) != std::string::npos && each.since.count() > 0;
    });
  }
  static bool tells(const sweep_report& report, std::string_view kind) {
    return std::ranges::any_of(report.problems, [&](const sweep_problem& each) { return each.kind == kind; });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(absence_walk_tests, world)

CAF_TEST([RC02][RC11] one that vanishes is removed after its grace and comes back with its history) {
  start();
  const auto agent = settled("work");
  update_agent renaming;
  renaming.selector = agent.text;
  renaming.assignments = {{{"name"}, "\"second\""}};
  CAF_REQUIRE(ask_for<agent_placed>(renaming));
  (void)sweep();
  const auto registered = only().registered_at;
  rename("/home/work", "/home/away");
  CAF_CHECK_EQUAL(sweep().unreachable, 1u);
  CAF_CHECK(only().status == agent_status::unreachable);
  CAF_CHECK(tells(only(), "unreachable", "removed at the earliest in 1 d"));
  const auto before = sweep_for(23h);
  CAF_CHECK_EQUAL(before.unreachable, 1u);
  CAF_CHECK_EQUAL(before.removed, 0u);
  CAF_CHECK(tells(only(), "unreachable", "removed at the earliest in 1 h"));
  CAF_CHECK_EQUAL(sweep_for(1h).removed, 1u);
  CAF_CHECK(roster().empty());
  CAF_CHECK(machine.files.exists("/home/away/.dork/agent.json"));
  CAF_CHECK_EQUAL(sweep_for(1h).unreachable, 0u);

  rename("/home/away", "/home/work");
  register_agent back;
  back.path = "/home/work";
  const auto placed = ask_for<agent_placed>(back);
  CAF_REQUIRE(placed);
  CAF_CHECK(placed->agent == agent);
  CAF_CHECK_EQUAL(only().name, "second");
  CAF_CHECK_EQUAL(only().registered_at, registered);
  CAF_CHECK(only().status == agent_status::active);
  show_agent all;
  all.selector = agent.text;
  all.all_versions = true;
  const auto shown = ask_for<agent_shown>(all);
  CAF_REQUIRE(shown);
  CAF_CHECK(shown->versions.size() >= 4u);
}

CAF_TEST(one that is back within its grace is as it was and its grace begins anew) {
  start();
  const auto agent = settled("work");
  rename("/home/work/.dork", "/home/work/dork");
  CAF_CHECK_EQUAL(sweep().missing, 1u);
  CAF_CHECK_EQUAL(sweep_for(23h).missing, 1u);
  rename("/home/work/dork", "/home/work/.dork");
  const auto back = sweep();
  CAF_CHECK_EQUAL(back.resurrected, 1u);
  CAF_CHECK(back.problems.empty());
  CAF_CHECK(only().status == agent_status::active && only().problems.empty());
  CAF_CHECK(only().id == agent);
  CAF_CHECK_EQUAL(sweep().unchanged, 1u);
  rename("/home/work", "/home/away");
  (void)sweep();
  CAF_CHECK_EQUAL(sweep_for(23h).removed, 0u);
  CAF_CHECK_EQUAL(sweep_for(1h).removed, 1u);
}

CAF_TEST(what cannot be read is never counted) {
  for (const int code : {EACCES, EIO}) {
    start();
    const auto mount = "/stick" + std::to_string(code);
    const auto stick = machine.files.add_volume({});
    machine.files.put_directory(mount);
    machine.files.mount(stick, mount);
    machine.files.put_directory(mount + "/work");
    const auto placed = place(mount + "/work", "work");
    CAF_REQUIRE(placed);
    (void)sweep();
    rename(mount + "/work/.dork", mount + "/work/dork");
    (void)sweep();
    CAF_CHECK_EQUAL(sweep_for(10h).missing, 1u);
    machine.files.options(stick).broken = code;
    CAF_CHECK_EQUAL(sweep_for(100h).unreadable, 1u);
    CAF_CHECK(tells(only(), "unreadable", "not counted as gone"));
    machine.files.options(stick).broken = 0;
    CAF_CHECK_EQUAL(sweep_for(1h).missing, 1u);
    CAF_CHECK_EQUAL(sweep_for(13h).removed, 0u);
    CAF_CHECK_EQUAL(sweep_for(1h).removed, 1u);
    CAF_REQUIRE(stop());
  }
}

CAF_TEST(what is no manifest is told by every sweep) {
  start();
  (void)settled("work");
  edit("/home/work", "{", "");
  for (int i = 0; i < 4; ++i) {
    const auto report = sweep();
    CAF_CHECK_EQUAL(report.invalid, 1u);
    CAF_CHECK_EQUAL(report.unchanged, 0u);
    CAF_CHECK(tells(report, "manifest-invalid"));
    machine.clock.advance(1min);
  }
}

CAF_TEST([MC51][RC16] many of one device at once are kept until that is accepted or they are back) {
  start();
  machine.files.put_directory("/stick");
  const auto stick = machine.files.add_volume({});
  machine.files.mount(stick, "/stick");
  for (int i = 0; i < 12; ++i) {
    const auto path = "/stick/p" + std::to_string(i);
    machine.files.put_directory(path);
    CAF_REQUIRE(place(path, "p" + std::to_string(i)));
  }
  (void)settled("home");
  machine.files.unmount(stick);
  CAF_CHECK_EQUAL(sweep().unreachable, 12u);
  const auto braked = sweep_for(30h);
  CAF_CHECK_EQUAL(braked.removed, 0u);
  CAF_CHECK(tells(braked, "removals-braked"));
  const auto status = described();
  CAF_CHECK(
      std::ranges::any_of(status.problems, [](const finding& each) { return each.code == "removals-braked"; }) ||
      std::ranges::any_of(status.agents.problems, [](const finding& each) { return each.code == "removals-braked"; }));
  machine.files.mount(stick, "/stick");
  CAF_CHECK_EQUAL(sweep().resurrected, 12u);
  CAF_CHECK_EQUAL(roster().size(), 13u);
  machine.files.unmount(stick);
  (void)sweep();
  CAF_CHECK_EQUAL(sweep(true).removed, 0u);
  CAF_CHECK_EQUAL(sweep_for(24h).removed, 0u);
  CAF_CHECK_EQUAL(sweep(true).removed, 12u);
  CAF_CHECK_EQUAL(roster().size(), 1u);
}

CAF_TEST(a restart in the middle keeps the count and a crash loses little of it) {
  start();
  (void)settled("work");
  rename("/home/work", "/home/away");
  (void)sweep();
  (void)sweep_for(12h);
  CAF_REQUIRE(stop());
  start();
  CAF_CHECK(described().last_sweep.has_value());
  CAF_CHECK_EQUAL(described().last_sweep->unreachable, 1u);
  CAF_CHECK_EQUAL(sweep_for(6h).removed, 0u);
  kill();
  machine.restart_process();
  start();
  CAF_CHECK_EQUAL(sweep_for(5h).removed, 0u);
  CAF_CHECK_EQUAL(sweep_for(1h).removed, 1u);
  CAF_CHECK(roster().empty());
}

CAF_TEST(a displaced agent keeps its grace and its fields and the other file stays) {
  start();
  const auto agent = settled("work");
  auto other = manifest("/home/work");
  other.replace(other.find(agent.text), agent.text.size(), "01JF5K3W8RZQ0V7B2M4N6P8S9T");
  other.replace(other.find("\"work\""), 6, "\"other\"");
  machine.clock.advance(1min);
  machine.files.put_file(manifest_path("/home/work"), other);
  CAF_CHECK_EQUAL(sweep().refused, 1u);
  CAF_CHECK_EQUAL(only().name, "work");
  CAF_CHECK(tells(only(), "displaced", "01JF5K3W8RZQ0V7B2M4N6P8S9T"));
  const auto later = sweep_for(23h);
  CAF_CHECK_EQUAL(later.refused, 1u);
  CAF_CHECK(tells(later, "displaced"));
  CAF_CHECK_EQUAL(sweep_for(1h).removed, 1u);
  CAF_CHECK(roster().empty());
  CAF_CHECK_EQUAL(manifest("/home/work"), other);
}

CAF_TEST(an earlier version that came with another head is held where that is wanted) {
  options.supervisor.now.hold_checkouts = true;
  start();
  const auto agent = settled("work");
  for (const std::string each : {"/home/work/.git", "/home/work/.git/refs", "/home/work/.git/refs/heads"})
    machine.files.put_directory(each);
  machine.files.put_file("/home/work/.git/HEAD", "ref: refs/heads/main\n");
  machine.files.put_file("/home/work/.git/refs/heads/main", std::string(40, 'a'));
  const auto first = manifest("/home/work");
  edit("/home/work", "\"work\"", "\"second\"");
  machine.clock.advance(1min);
  CAF_CHECK_EQUAL(sweep().synced, 1u);
  machine.clock.advance(1min);
  (void)sweep();
  machine.files.put_file("/home/work/.git/HEAD", "ref: refs/heads/old\n");
  machine.files.put_file(manifest_path("/home/work"), first);
  machine.clock.advance(1min);
  for (int i = 0; i < 3; ++i)
    CAF_CHECK_EQUAL(sweep().synced, 0u);
  CAF_CHECK(tells(only(), "held", "earlier version"));
  CAF_CHECK_EQUAL(only().name, "second");
  CAF_CHECK(only().id == agent);
  auto now = options.supervisor.now;
  now.hold_checkouts = false;
  CAF_REQUIRE(ask_for<settings_applied>(apply_settings{now}));
  CAF_CHECK_EQUAL(sweep().synced, 1u);
  CAF_CHECK_EQUAL(only().name, "work");
  CAF_CHECK(only().problems.empty());
}

CAF_TEST(a stop ends the sweep under way at once) {
  auto board = std::make_shared<tap_board>();
  tap_workers(options, sys, board);
  start();
  (void)settled("work");
  board->rules.push_back({"look_at_places", 0, mishap::lost});
  const auto swept = ask_later<sweep_report>(muster, sweep_now{});
  sched.run();
  CAF_CHECK_EQUAL(code_of(swept), "silence");
  CAF_CHECK(stop());
  CAF_CHECK(code_of(swept) != "silence" && code_of(swept) != "done");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
