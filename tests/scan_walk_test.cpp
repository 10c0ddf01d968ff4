#define CAF_SUITE scan_walk_test

#include "tests/support/reversed_disk.hpp"
#include "tests/support/scan_world.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <set>

using namespace muster;
using namespace muster::test;

namespace {

using paths = std::vector<std::string>;

struct fixture : scan_world {
  fixture() { make("/r"); }

  void mark(const std::string& project) { put(project + "/AGENTS.md"); }

  /// A tree in which much is to be found, and the names are out of order.
  void grow() {
    for (const char* path : {"/r/b", "/r/B", "/r/a-b/c", "/r/a/c", "/r/a/b", "/r/z/y/x", "/r/10", "/r/9"})
      mark(path);
    put_manifest("/r/a/m", "M1");
    put_manifest("/r/z/n", "M2");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(scan_walk_tests, fixture)

CAF_TEST([US01] a marker at the root makes the root a candidate) {
  mark("/r");
  CAF_CHECK_EQUAL(scan().candidates(), (paths{"/r"}));
}

CAF_TEST([US02] a marker in a directory below makes that a candidate) {
  mark("/r/atlas");
  CAF_CHECK_EQUAL(scan().candidates(), (paths{"/r/atlas"}));
}

CAF_TEST([US03] a manifest is found with its path and id and is no candidate) {
  put_manifest("/r/atlas", "01ATLAS");
  mark("/r/atlas");
  const auto result = scan();
  CAF_REQUIRE_EQUAL(result.found(), (paths{"/r/atlas"}));
  CAF_CHECK_EQUAL(result.manifests[0].agent.agent.text, "01ATLAS");
  CAF_CHECK_EQUAL(result.manifests[0].agent.name, "n-01ATLAS");
  CAF_CHECK_EQUAL(result.manifests[0].scan_root, "/r");
  CAF_CHECK(result.candidates().empty());
}

CAF_TEST([US04] what is denied is not looked into) {
  mark("/r/a/atlas/deeper");
  mark("/r/a/boron");
  denied = {{"/r/a/atlas", "mine", "codex"}, {"/r/elsewhere", "", ""}};
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  const auto result = scan();
  world.files.set_trace(nullptr);
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/r/a/boron"}));
  CAF_REQUIRE_EQUAL(result.denied(), (paths{"/r/a/atlas"}));
  CAF_CHECK_EQUAL(result.report.denied[0].reason, "mine");
  CAF_CHECK(std::ranges::none_of(trace, [](const traced_call& each) { return each.path.ends_with("atlas"); }));
}

CAF_TEST([US05] where an agent lives there is no candidate but below it there may be) {
  mark("/r/atlas");
  mark("/r/atlas/inner");
  placed = {{agent_id{"01ATLAS"}, "atlas", "/r/atlas", "/r/atlas", false}};
  const auto result = scan();
  CAF_CHECK_EQUAL(result.existing(), (paths{"/r/atlas"}));
  CAF_CHECK_EQUAL(result.report.existing.at(0).agent.text, "01ATLAS");
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/r/atlas/inner"}));
}

CAF_TEST(the manifest of an agent that lives there is not even read) {
  put_manifest("/r/atlas", "01ATLAS");
  placed = {{agent_id{"01ATLAS"}, "atlas", "/r/atlas", "/r/atlas", false}};
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  CAF_CHECK_EQUAL(scan().existing(), (paths{"/r/atlas"}));
  world.files.set_trace(nullptr);
  CAF_CHECK(std::ranges::none_of(trace, [](const traced_call& each) { return each.path.ends_with("agent.json"); }));
}

CAF_TEST([US06] nothing is found below the depth) {
  options.depth = 1;
  mark("/r/a/b");
  CAF_CHECK(scan().candidates().empty());
}

CAF_TEST([US07] what lies at the depth is found) {
  options.depth = 1;
  mark("/r/a");
  CAF_CHECK_EQUAL(scan().candidates(), (paths{"/r/a"}));
  options.depth = 0;
  CAF_CHECK_EQUAL(scan().report.scanned, 1u);
}

CAF_TEST(the depth is five unless told) {
  mark("/r/1/2/3/4/5");
  mark("/r/1/2/3/4/5/6");
  CAF_CHECK_EQUAL(scan().candidates(), (paths{"/r/1/2/3/4/5"}));
}

CAF_TEST([US08] how far a scan is can be asked all the while) {
  for (int i = 0; i < 150; ++i)
    mark("/r/p" + std::to_string(i));
  options.batch = 10;
  std::vector<scan_progress> told;
  go_on = [&](const scan_walk& walk) {
    told.push_back(walk.progress());
    return true;
  };
  (void)scan();
  CAF_CHECK(told.size() > 15);
  CAF_CHECK(std::ranges::is_sorted(told, {}, &scan_progress::scanned));
  CAF_CHECK_EQUAL(told.back().scanned, 151u);
  CAF_CHECK_EQUAL(told.back().candidates, 150u);
  CAF_CHECK_EQUAL(told.back().waiting, 0u);
}

CAF_TEST([US11] a node_modules is passed over) {
  mark("/r/node_modules/x");
  CAF_CHECK(scan().candidates().empty());
}

CAF_TEST([US12] a venv is passed over) {
  mark("/r/.venv/x");
  mark("/r/venv");
  CAF_CHECK(scan().candidates().empty());
}

CAF_TEST([US13] a Library is passed over) {
  mark("/r/Library");
  CAF_CHECK(scan().candidates().empty());
}

CAF_TEST([US14] a backup of DorkOS is no candidate) {
  mark("/r/atlas.dorkos-bak-2026");
  CAF_CHECK(scan().candidates().empty());
}

CAF_TEST([US15] nor is what lies in it) {
  mark("/r/atlas.dorkos-bak-2026/inner");
  CAF_CHECK(scan().candidates().empty());
}

CAF_TEST([US16] nor is a manifest in it found) {
  put_manifest("/r/atlas.dorkos-bak-2026", "01OLD");
  put_manifest("/r/atlas.dorkos-bak-2026/inner", "01OLDER");
  CAF_CHECK(scan().found().empty());
}

CAF_TEST([US17] a name that only resembles a backup is scanned) {
  mark("/r/dorkos-backup-notes");
  CAF_CHECK_EQUAL(scan().candidates(), (paths{"/r/dorkos-backup-notes"}));
}

CAF_TEST(every other excluded name is passed over and no tool keeps its agents from us) {
  for (const char* name : {".git", "vendor", "AppData", ".Trash", "dist", "build", ".cache", ".npm", ".nvm", ".local",
                           ".cargo", ".rustup", "__pycache__", ".tox", ".DS_Store", "extensions", ".hidden"})
    mark(std::string("/r/") + name);
  CAF_CHECK(scan().candidates().empty());
  const paths allowed{".aiassistant", ".amazonq",  ".augment",  ".claude", ".cline",
                      ".clinerules",  ".codex",    ".continue", ".cursor", ".dork",
                      ".gemini",      ".kilocode", ".roo",      ".trae",   ".windsurf"};
  paths expected;
  for (const auto& name : allowed) {
    mark("/s/" + name + "/worktrees/one");
    expected.push_back("/s/" + name + "/worktrees/one");
  }
  options.depth = 3;
  paths found;
  for (const auto& each : scan({"/s"}).candidates())
    if (each.ends_with("/one"))
      found.push_back(each);
  CAF_CHECK_EQUAL(found, expected);
}

CAF_TEST(no exclusion applies to a root that was named) {
  for (const char* root : {"/build", "/x/.hidden", "/x/node_modules", "/x/a.dorkos-bak-1", "/x/extensions"}) {
    mark(root);
    mark(std::string(root) + "/inner");
    CAF_CHECK_EQUAL(scan({root}).candidates(), (paths{root, std::string(root) + "/inner"}));
  }
}

CAF_TEST([US18] a circle of links ends) {
  mark("/r/a");
  world.files.put_symlink("/r/a/up", "/r");
  world.files.put_symlink("/r/self", "self");
  const auto result = scan();
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/r/a"}));
  CAF_CHECK_EQUAL(result.report.scanned, 2u);
}

CAF_TEST(a directory that is met again by another way is expanded once) {
  const auto terms = std::make_shared<const scan_terms>(paths{"/r"}, std::vector<scanned_agent>{}, strategies, true);
  scan_walk walk(terms, {}, options);
  std::size_t batches = 0;
  // As through a bind mount: every directory is the same one and lies in itself.
  while (auto batch = walk.next()) {
    CAF_REQUIRE(++batches < 10);
    directories_listed listed;
    listed.batch = batch->batch;
    listed.each.push_back({listing_outcome::listed, 1, 2, 1, std::string("in\0", 3)});
    walk.take(listed);
  }
  const auto report = walk.take_report();
  CAF_CHECK_EQUAL(report.counts.repeated, 1u);
  CAF_CHECK_EQUAL(report.scanned, 2u);
  CAF_CHECK(!report.truncated);
}

CAF_TEST([US19] past what cannot be read the others are found) {
  mark("/r/a");
  mark("/r/closed");
  mark("/r/z");
  set_mode("/r/closed", 0);
  world.files.set_user({.uid = 1000, .gid = 1000});
  const auto result = scan();
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/r/a", "/r/z"}));
  CAF_CHECK_EQUAL(result.report.counts.unreadable, 1u);
  CAF_REQUIRE_EQUAL(result.report.problems.size(), 1u);
  CAF_CHECK_EQUAL(result.report.problems[0].path, "/r/closed");
  CAF_CHECK_EQUAL(result.report.problems[0].kind, "disk-denied");
}

CAF_TEST([US21] a scan that has seen everything is not truncated) {
  grow();
  CAF_CHECK(!scan().report.truncated);
  go_on = [batches = 0](const scan_walk&) mutable { return ++batches < 3; };
  CAF_CHECK(scan().report.truncated);
}

CAF_TEST([SC01] neither of two copies of a manifest is a candidate) {
  put_manifest("/r/one", "01SAME");
  put_manifest("/r/two", "01SAME");
  mark("/r/one");
  mark("/r/two");
  const auto result = scan();
  CAF_CHECK(result.candidates().empty());
  CAF_CHECK_EQUAL(result.found(), (paths{"/r/one", "/r/two"}));
}

CAF_TEST([SC02] what cannot be parsed is neither taken nor a candidate but told) {
  put("/r/atlas/.dork/agent.json", "{\"id\":");
  mark("/r/atlas");
  const auto result = scan();
  CAF_CHECK(result.candidates().empty());
  CAF_CHECK(result.found().empty());
  CAF_CHECK_EQUAL(result.report.counts.invalid, 1u);
  CAF_REQUIRE_EQUAL(result.report.problems.size(), 1u);
  CAF_CHECK_EQUAL(result.report.problems[0].path, "/r/atlas");
  CAF_CHECK_EQUAL(result.report.problems[0].kind, "manifest-invalid");
  CAF_CHECK(!result.report.problems[0].message.empty());
}

CAF_TEST([SC03] a manifest that nobody may read is no candidate and told with the reason) {
  put_manifest("/r/atlas", "01ATLAS");
  mark("/r/atlas");
  set_mode("/r/atlas/.dork/agent.json", 0);
  world.files.set_user({.uid = 1000, .gid = 1000});
  const auto result = scan();
  CAF_CHECK(result.candidates().empty());
  CAF_REQUIRE_EQUAL(result.report.problems.size(), 1u);
  CAF_CHECK(result.report.problems[0].message.find("permission denied") != std::string::npos);
}

CAF_TEST([SC04] a directory in place of the manifest is no candidate and told) {
  make("/r/atlas/.dork/agent.json");
  mark("/r/atlas");
  const auto result = scan();
  CAF_CHECK(result.candidates().empty());
  CAF_CHECK_EQUAL(result.report.counts.invalid, 1u);
}

CAF_TEST([SC05] an ordinary project is a candidate) {
  put("/r/atlas/README.md");
  put("/r/atlas/CLAUDE.md");
  make("/r/atlas/.dork");
  CAF_CHECK_EQUAL(scan().candidates(), (paths{"/r/atlas"}));
}

CAF_TEST([SC06] candidates come breadth first and sorted however the disk lists them) {
  grow();
  const paths expected{"/r/10", "/r/9", "/r/B", "/r/b", "/r/a/b", "/r/a/c", "/r/a-b/c", "/r/z/y/x"};
  CAF_CHECK_EQUAL(scan().candidates(), expected);
  for (const bool tells_types : {true, false}) {
    reversed_disk other(world.files, tells_types);
    through = &other;
    for (const std::size_t batch : {1, 2, 256}) {
      options.batch = batch;
      CAF_CHECK_EQUAL(scan().candidates(), expected);
      CAF_CHECK_EQUAL(scan().found(), (paths{"/r/a/m", "/r/z/n"}));
    }
  }
}

CAF_TEST(what is found does not depend on the order of the answers) {
  grow();
  const auto expected = scan();
  options.batch = 1;
  const auto terms = std::make_shared<const scan_terms>(paths{"/r"}, placed, strategies, false);
  for (int order = 0; order < 3; ++order) {
    scan_walk walk(terms, {}, options);
    scan_lister lister(world.view());
    std::vector<list_directories> at_work;
    do {
      while (auto batch = walk.next())
        at_work.push_back(std::move(*batch));
      const auto which = order == 0 ? at_work.size() - 1 : order == 1 ? 0 : at_work.size() / 2;
      at_work[which].pulse = std::make_shared<scan_pulse>();
      walk.take(lister.list(at_work[which]));
      at_work.erase(at_work.begin() + static_cast<std::ptrdiff_t>(which));
    } while (!walk.is_over());
    scanned_tree result{{}, walk.take_manifests()};
    result.report = walk.take_report();
    CAF_CHECK_EQUAL(result.candidates(), expected.candidates());
    CAF_CHECK_EQUAL(result.found(), expected.found());
    CAF_CHECK_EQUAL(result.report.scanned, expected.report.scanned);
  }
}

CAF_TEST(several roots are one scan and what lies under two is met once) {
  mark("/r/a/b/c/d/e/f");
  mark("/r/a/b");
  mark("/s");
  const auto result = scan({"/r", "/r/a/b", "/s"});
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/s", "/r/a/b", "/r/a/b/c/d/e/f"}));
  CAF_CHECK_EQUAL(result.report.roots.size(), 3u);
  CAF_CHECK(result.report.counts.repeated > 0);
}

CAF_TEST(a root that is denied or lies in what is denied is told and not scanned) {
  mark("/r/a");
  denied = {{"/r", "", ""}};
  CAF_CHECK_EQUAL(scan({"/r"}).denied(), (paths{"/r"}));
  CAF_CHECK_EQUAL(scan({"/r/a"}).denied(), (paths{"/r"}));
  CAF_CHECK(scan({"/r/a"}).candidates().empty());
}

CAF_TEST(other file systems are left alone unless they are asked for) {
  mark("/r/disk/atlas");
  const auto volume = world.files.add_volume({});
  world.files.mount(volume, "/r/disk");
  mark("/r/disk/boron");
  const auto alone = scan();
  CAF_CHECK(alone.candidates().empty());
  CAF_CHECK_EQUAL(alone.report.counts.mounts, 1u);
  follow_mounts = true;
  CAF_CHECK_EQUAL(scan().candidates(), (paths{"/r/disk/boron"}));
}

CAF_TEST(a mount that the kernel lists is not even opened) {
  mark("/r/net/atlas");
  put("/proc/self/mountinfo", "36 35 98:0 / / rw - ext4 /dev/a rw\n40 36 0:50 / /r/net rw - nfs host:/x rw\n");
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  const auto result = scan();
  world.files.set_trace(nullptr);
  CAF_CHECK_EQUAL(result.report.counts.mounts, 1u);
  CAF_CHECK(std::ranges::none_of(trace, [](const traced_call& each) { return each.path.starts_with("/r/net"); }));
}

CAF_TEST(a bound on what waits truncates and says so) {
  for (int i = 0; i < 20; ++i)
    mark("/r/p" + std::to_string(i));
  options.waiting = 10;
  CAF_CHECK(scan().report.truncated);
  options = {};
  options.listed = 5;
  const auto result = scan();
  CAF_CHECK_EQUAL(result.candidates().size(), 5u);
  CAF_CHECK(result.report.truncated);
}

CAF_TEST(a directory with too many entries is told and what was read of it counts) {
  for (int i = 0; i < 50; ++i)
    mark("/r/p" + std::to_string(i));
  limits.entries = 20;
  const auto result = scan();
  CAF_CHECK_EQUAL(result.candidates().size(), 20u);
  CAF_CHECK_EQUAL(result.told("directory-too-large"), 1u);
  CAF_CHECK_EQUAL(result.report.counts.unreadable, 1u);
}

CAF_TEST(only so many problems are listed and the rest is counted) {
  for (int i = 0; i < 20; ++i)
    put("/r/p" + std::to_string(i) + "/.dork/agent.json", "no");
  options.problems = 5;
  const auto report = scan().report;
  CAF_CHECK_EQUAL(report.problems.size(), 5u);
  CAF_CHECK_EQUAL(report.more_problems, 15u);
}

CAF_TEST(a batch that is given up waits again without the directory that hung) {
  for (int i = 0; i < 5; ++i)
    mark("/r/p" + std::to_string(i));
  const auto terms = std::make_shared<const scan_terms>(paths{"/r"}, placed, strategies, false);
  scan_walk walk(terms, {}, options);
  scan_lister lister(world.view());
  bool hung = false;
  while (auto batch = walk.next()) {
    batch->pulse = std::make_shared<scan_pulse>();
    const bool is_children = batch->groups->front().parent.empty() && batch->groups->front().names.size() > 1;
    if (is_children && !std::exchange(hung, true)) {
      walk.abandon(batch->batch, 2);
      walk.take(lister.list(*batch));
    } else {
      walk.take(lister.list(*batch));
    }
  }
  CAF_CHECK(walk.is_over());
  scanned_tree result;
  result.report = walk.take_report();
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/r/p0", "/r/p1", "/r/p3", "/r/p4"}));
  CAF_CHECK_EQUAL(result.report.counts.hung, 1u);
  CAF_CHECK_EQUAL(result.report.scanned, 5u);
  CAF_REQUIRE_EQUAL(result.told("directory-hung"), 1u);
  CAF_CHECK_EQUAL(result.report.problems[0].path, "/r/p2");
}

CAF_TEST(git is looked for where several manifests may have to be told apart) {
  put_manifest("/r/main/tree", "M1");
  make("/r/main/.git");
  put_manifest("/r/linked", "M2");
  put("/r/linked/.git", "gitdir: elsewhere");
  put_manifest("/r/plain", "M3");
  const auto found = scan().manifests;
  CAF_REQUIRE_EQUAL(found.size(), 3u);
  const auto kinds =
      found[0].git == checkout::linked && found[1].git == checkout::none && found[2].git == checkout::main;
  CAF_CHECK(kinds);
}

CAF_TEST(the root of the file system is a root like any other) {
  mark("/r/atlas");
  const auto result = scan({"/"});
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/r/atlas"}));
  CAF_CHECK_EQUAL(result.report.candidates[0].suggested_name, "atlas");
}

CAF_TEST_FIXTURE_SCOPE_END()
