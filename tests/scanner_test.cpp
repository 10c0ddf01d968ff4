#define CAF_SUITE scanner_test

#include "muster/actors/scanner.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/scan_world.hpp"

#include "muster/actors/scan_worker.hpp"

#include <cerrno>
#include <map>
#include <set>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

using paths = std::vector<std::string>;

/// What the neighbours answer, and what they were asked.
struct scan_script {
  scan_roots_listed roots;
  known_paths_listed known;
  std::optional<known_paths_listed> known_later; ///< from the second question on
  bool index_fails = false;
  std::size_t questions = 0;
  std::map<std::string, found_taken> taken; ///< by path; else discovered
  std::set<std::string> not_taken;          ///< an error instead
  std::vector<take_found> asked;
  bool hold = false; ///< whoever asks to take waits
  std::vector<caf::response_promise> held;
};
using script_ptr = std::shared_ptr<scan_script>;

failure broken() {
  return {failure_kind::failed, "broken", "it is broken"};
}

caf::behavior index_double(caf::event_based_actor*, script_ptr what) {
  return {
      [what](const list_scan_roots&) -> caf::result<scan_roots_listed> { return what->roots; },
      [what](const list_known_paths&) -> caf::result<known_paths_listed> {
        if (what->index_fails)
          return to_error(broken());
        return ++what->questions > 1 && what->known_later ? *what->known_later : what->known;
      },
  };
}

caf::behavior supervisor_double(caf::event_based_actor* self, script_ptr what) {
  return {
      [self, what](const take_found& asked) -> caf::result<found_taken> {
        what->asked.push_back(asked);
        if (what->hold) {
          what->held.push_back(self->make_response_promise());
          return what->held.back();
        }
        if (what->not_taken.contains(asked.path))
          return to_error(broken());
        const auto at = what->taken.find(asked.path);
        return at == what->taken.end() ? found_taken{found_outcome::discovered, {}, {}} : at->second;
      },
  };
}

paths paths_of(const std::vector<scanned_agent>& all) {
  paths result;
  for (const auto& each : all)
    result.push_back(each.path);
  return result;
}

// The workers go before the disk.
struct fixture : scan_world, actor_fixture {
  script_ptr what = std::make_shared<scan_script>();
  caf::actor index = sys.spawn(index_double, what);
  caf::actor supervisor = sys.spawn(supervisor_double, what);
  std::size_t workers = 0;
  scanner_actor subject;

  fixture() {
    make("/r");
    start({});
  }
  ~fixture() override {
    world.files.set_spectator(nullptr);
    what->held.clear();
    for (const auto& each : {index, supervisor})
      caf::anon_send_exit(each, caf::exit_reason::kill);
    sched.run();
  }

  void start(const scanner_options& how) {
    const scan_worker_source source = [this] {
      ++workers;
      return scan_worker_actor{sys.spawn<scan_worker>(world.view())};
    };
    subject = keep(scanner_actor{sys.spawn<scanner>(caf::actor_cast<index_actor>(index),
                                                    caf::actor_cast<supervisor_actor>(supervisor), how, source)});
    sched.run();
  }

  void mark(const std::string& project) { put(project + "/AGENTS.md"); }

  static scan_now request(paths roots = {"/r"}) {
    scan_now result;
    result.scan = "one";
    result.roots = std::move(roots);
    return result;
  }
  expected<scan_report> scan(const scan_now& asked = request()) { return get<scan_report>(subject, asked); }

  void hang(const std::string& path) {
    struct hanging final : disk_spectator {
      explicit hanging(std::string where) : path(std::move(where)) {}
      void before(simulated_disk&, const disk_call& call) override {
        if (call.path == path && call.operation == disk_operation::open)
          throw call_hung();
      }
      std::string path;
    };
    hanging_ = std::make_unique<hanging>(path);
    world.files.set_spectator(hanging_.get());
  }

private:
  std::unique_ptr<disk_spectator> hanging_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(scanner_tests, fixture)

CAF_TEST([US20] a scan of several roots ends in one answer) {
  mark("/r/a");
  mark("/s/b");
  const auto report = scan(request({"/s/", "/r"}));
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->candidates.size(), 2u);
  CAF_CHECK_EQUAL(report->roots, (paths{"/r", "/s"}));
  CAF_CHECK(!report->truncated);
  CAF_CHECK_EQUAL(report->scanned, 4u);
  CAF_CHECK_EQUAL(workers, 2u);
}

CAF_TEST([AD01] a manifest that nobody owns is taken once) {
  put_manifest("/r/atlas", "01ATLAS");
  const auto report = scan();
  CAF_REQUIRE(report);
  CAF_REQUIRE_EQUAL(what->asked.size(), 1u);
  CAF_CHECK_EQUAL(what->asked[0].path, "/r/atlas");
  CAF_CHECK_EQUAL(what->asked[0].scan_root, "/r");
  CAF_REQUIRE_EQUAL(report->existing.size(), 1u);
  CAF_CHECK(report->existing[0].taken);
  CAF_CHECK_EQUAL(report->existing[0].agent.text, "01ATLAS");
}

CAF_TEST([AD02] once it lives there further scans take nothing) {
  put_manifest("/r/atlas", "01ATLAS");
  CAF_REQUIRE(scan());
  what->known.placed = {{agent_id{"01ATLAS"}, "atlas", "/r/atlas", "/r/atlas", false}};
  for (int i = 0; i < 2; ++i) {
    const auto report = scan();
    CAF_REQUIRE(report);
    CAF_CHECK_EQUAL(paths_of(report->existing), (paths{"/r/atlas"}));
    CAF_CHECK(!report->existing[0].taken);
  }
  CAF_CHECK_EQUAL(what->asked.size(), 1u);
}

CAF_TEST([AD03] of two copies the first is taken and the other told with its place) {
  put_manifest("/r/one", "01SAME");
  put_manifest("/r/two", "01SAME");
  const auto report = scan();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(what->asked.size(), 1u);
  CAF_CHECK_EQUAL(paths_of(report->existing), (paths{"/r/one"}));
  CAF_REQUIRE_EQUAL(report->duplicates.size(), 1u);
  CAF_CHECK_EQUAL(report->duplicates[0].path, "/r/two");
  CAF_CHECK_EQUAL(report->duplicates[0].home, "/r/one");
}

CAF_TEST([AD04] an agent that has moved is told with its old place) {
  put_manifest("/r/atlas", "01ATLAS");
  what->taken["/r/atlas"] = {found_outcome::moved, agent_id{"01ATLAS"}, "/old"};
  const auto report = scan();
  CAF_REQUIRE(report);
  CAF_REQUIRE_EQUAL(report->existing.size(), 1u);
  CAF_CHECK_EQUAL(report->existing[0].home, "/old");
}

CAF_TEST(who has moved into the place that another has left is followed by the same scan) {
  put_manifest("/r/b", "01A");
  put_manifest("/r/z", "01B");
  what->known.placed = {{agent_id{"01A"}, "atlas", "/r/a", {}, false}, {agent_id{"01B"}, "boron", "/r/b", {}, false}};
  what->taken["/r/z"] = {found_outcome::moved, agent_id{"01B"}, "/r/b"};
  what->taken["/r/b"] = {found_outcome::moved, agent_id{"01A"}, "/r/a"};
  const auto report = scan();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(paths_of(report->existing), (paths{"/r/b", "/r/z"}));
  CAF_CHECK_EQUAL(report->existing[0].agent.text, "01A");
  CAF_CHECK_EQUAL(report->existing[0].name, "atlas");
  CAF_CHECK_EQUAL(report->existing[0].home, "/r/a");
  CAF_CHECK(report->existing[0].taken && report->existing[1].taken);
  CAF_REQUIRE_EQUAL(what->asked.size(), 2u);
  CAF_CHECK_EQUAL(what->asked[1].scan_root, "/r");
}

CAF_TEST(a newcomer in a place that was left is told and one that is no agents is left alone) {
  for (const auto& [outcome, which] : {std::pair{found_outcome::discovered, &scan_report::existing},
                                       {found_outcome::duplicate, &scan_report::duplicates},
                                       {found_outcome::held, &scan_report::unregistered}}) {
    put_manifest("/r/b", "01C");
    put_manifest("/r/z", "01B");
    what->known.placed = {{agent_id{"01B"}, "boron", "/r/b", {}, false}};
    what->taken["/r/z"] = {found_outcome::moved, agent_id{"01B"}, "/r/b"};
    what->taken["/r/b"] = {outcome, agent_id{"01C"}, "/home"};
    const auto report = scan();
    CAF_REQUIRE(report);
    const auto& told = (*report).*which;
    CAF_CHECK(std::ranges::any_of(told, [](const auto& each) { return each.path == "/r/b" && each.name == "01C"; }));
  }
}

CAF_TEST(a place that was left empty is told no more) {
  make("/r/b");
  put_manifest("/r/z", "01B");
  what->known.placed = {{agent_id{"01B"}, "boron", "/r/b", {}, false}};
  what->taken["/r/z"] = {found_outcome::moved, agent_id{"01B"}, "/r/b"};
  what->taken["/r/b"] = {found_outcome::nothing, {}, {}};
  const auto report = scan();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(paths_of(report->existing), (paths{"/r/z"}));
}

CAF_TEST([AD05] one that cannot be taken does not keep the others from it) {
  for (const char* name : {"a", "b", "c"})
    put_manifest(std::string("/r/") + name, std::string("01") + name);
  what->not_taken = {"/r/b"};
  const auto report = scan();
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(paths_of(report->existing), (paths{"/r/a", "/r/c"}));
  CAF_CHECK_EQUAL(paths_of(report->unregistered), (paths{"/r/b"}));
  CAF_REQUIRE_EQUAL(report->problems.size(), 1u);
  CAF_CHECK_EQUAL(report->problems[0].kind, "broken");
}

CAF_TEST(each outcome of a manifest is told in its list) {
  const std::vector<std::pair<found_outcome, std::string>> all{{found_outcome::nothing, "nothing"},
                                                               {found_outcome::unadmitted, "unadmitted"},
                                                               {found_outcome::duplicate, "duplicate"},
                                                               {found_outcome::waiting, "waiting"},
                                                               {found_outcome::held, "held"}};
  for (const auto& [outcome, name] : all) {
    put_manifest("/r/" + name, "01" + name);
    what->taken["/r/" + name] = {outcome, agent_id{"01" + name}, "/home"};
  }
  const auto report = scan();
  CAF_REQUIRE(report);
  CAF_CHECK(report->existing.empty());
  CAF_CHECK_EQUAL(paths_of(report->unadmitted), (paths{"/r/unadmitted"}));
  CAF_CHECK_EQUAL(paths_of(report->duplicates), (paths{"/r/duplicate", "/r/waiting"}));
  CAF_CHECK_EQUAL(report->duplicates[0].home, "/home");
  CAF_CHECK_EQUAL(paths_of(report->unregistered), (paths{"/r/held"}));
}

CAF_TEST(who only looks has nothing taken) {
  put_manifest("/r/atlas", "01ATLAS");
  put_manifest("/r/boron", "01BORON");
  what->known.placed = {{agent_id{"01BORON"}, "boron", "/home", "/home", false}};
  auto asked = request();
  asked.only_look = true;
  const auto report = scan(asked);
  CAF_REQUIRE(report);
  CAF_CHECK(what->asked.empty());
  CAF_CHECK_EQUAL(paths_of(report->unregistered), (paths{"/r/atlas"}));
  CAF_REQUIRE_EQUAL(report->duplicates.size(), 1u);
  CAF_CHECK_EQUAL(report->duplicates[0].home, "/home");
}

CAF_TEST(without roots it looks where agents lie and else in the fallback) {
  scanner_options how;
  how.scan.managed_home = "/managed";
  start(how);
  mark("/r/a");
  mark("/managed/b");
  mark("/home/c");
  what->roots.roots = {"/r"};
  auto asked = request({});
  asked.fallback = "/home";
  CAF_CHECK_EQUAL(scan(asked)->roots, (paths{"/managed", "/r"}));
  start({});
  what->roots.roots = {};
  CAF_CHECK_EQUAL(scan(asked)->roots, (paths{"/home"}));
  asked.fallback.clear();
  CAF_CHECK_EQUAL(code_of(scan(asked)), "scan-nowhere");
}

CAF_TEST(what was denied or registered meanwhile is told so) {
  mark("/r/a/inner");
  mark("/r/b");
  mark("/r/c");
  what->known_later = known_paths_listed{};
  what->known_later->denied = {{"/r/a", "no", ""}};
  what->known_later->placed = {{agent_id{"01B"}, "b", "/r/b", "/r/b", false}};
  const auto report = scan();
  CAF_REQUIRE(report);
  CAF_REQUIRE_EQUAL(report->candidates.size(), 2u);
  CAF_CHECK(!report->candidates[0].denied && report->candidates[0].path == "/r/c");
  CAF_CHECK(report->candidates[1].denied && report->candidates[1].path == "/r/a/inner");
  CAF_CHECK_EQUAL(paths_of(report->existing), (paths{"/r/b"}));
}

CAF_TEST(refuses what means nothing) {
  const auto refused = [this](void (*change)(scan_now&)) {
    auto asked = request();
    change(asked);
    return code_of(scan(asked));
  };
  CAF_CHECK_EQUAL(refused([](scan_now& m) { m.roots = {"relative"}; }), "path-relative");
  CAF_CHECK_EQUAL(refused([](scan_now& m) { m.depth = 1025; }), "scan-depth");
  CAF_CHECK_EQUAL(refused([](scan_now& m) { m.budget = 0s; }), "scan-budget");
  CAF_CHECK_EQUAL(refused([](scan_now& m) { m.budget = 11min; }), "scan-budget");
  CAF_CHECK_EQUAL(refused([](scan_now& m) { m.roots.assign(1025, "/r"); }), "scan-roots");
  CAF_CHECK_EQUAL(refused([](scan_now& m) { m.roots = {"/nowhere"}; }), "no-such-path");
  CAF_CHECK_EQUAL(refused([](scan_now& m) { m.roots = {"/r", "/nowhere"}; }), "done");
  what->index_fails = true;
  CAF_CHECK_EQUAL(refused([](scan_now&) {}), "broken");
}

CAF_TEST(a directory that hangs is given up on and the rest is seen) {
  for (const char* name : {"/r/a", "/r/stuck", "/r/z", "/r/z/in"})
    mark(name);
  hang("/r/stuck");
  const auto report = ask_later<scan_report>(subject, request());
  sched.run();
  CAF_CHECK(!*report);
  for (int i = 0; i < 8 && !*report; ++i)
    pass(1s);
  CAF_REQUIRE(*report);
  CAF_REQUIRE(**report);
  const auto& told = (**report).value();
  CAF_CHECK_EQUAL(told.candidates.size(), 3u);
  CAF_CHECK_EQUAL(told.counts.hung, 1u);
  CAF_CHECK(!told.truncated);
  CAF_CHECK_EQUAL(workers, 3u);
  CAF_REQUIRE_EQUAL(told.problems.size(), 1u);
  CAF_CHECK_EQUAL(told.problems[0].path, "/r/stuck");
  CAF_CHECK_EQUAL(told.problems[0].kind, "directory-hung");
}

CAF_TEST([US09] a budget that is over ends it with what there is) {
  mark("/r/stuck");
  mark("/r/a");
  hang("/r/stuck");
  auto asked = request();
  asked.budget = 1ms;
  const auto report = ask_later<scan_report>(subject, asked);
  pass(1ms);
  CAF_REQUIRE(*report);
  CAF_REQUIRE(**report);
  CAF_CHECK((**report)->truncated);
}

CAF_TEST([US10] so it does before it has begun) {
  // The clock is further than the budget when the first answer comes.
  for (int i = 0; i < 200; ++i)
    mark("/r/p" + std::to_string(i));
  hang("/r");
  auto asked = request();
  asked.budget = 1ms;
  const auto report = ask_later<scan_report>(subject, asked);
  pass(1ms);
  CAF_REQUIRE(*report);
  CAF_REQUIRE(**report);
  CAF_CHECK((**report)->truncated);
  CAF_CHECK_EQUAL((**report)->scanned, 0u);
}

CAF_TEST(too many that hang end the scan) {
  scanner_options how;
  how.scan.crew.left_behind = 2;
  how.scan.walk.batch = 1;
  start(how);
  for (int i = 0; i < 9; ++i)
    make("/r/p" + std::to_string(i) + "/in");
  struct all_hang final : disk_spectator {
    void before(simulated_disk&, const disk_call& call) override {
      if (call.path.starts_with("/r/") && call.operation == disk_operation::open)
        throw call_hung();
    }
  } all;
  world.files.set_spectator(&all);
  const auto report = ask_later<scan_report>(subject, request());
  for (int i = 0; i < 40 && !*report; ++i)
    pass(1s);
  world.files.set_spectator(nullptr);
  CAF_REQUIRE(*report);
  CAF_REQUIRE(**report);
  CAF_CHECK((**report)->truncated);
  CAF_CHECK_EQUAL((**report)->counts.hung, 3u);
}

CAF_TEST(it can be looked at and cancelled by its name) {
  for (int i = 0; i < 5; ++i)
    mark("/r/p" + std::to_string(i));
  hang("/r/p3");
  const auto report = ask_later<scan_report>(subject, request());
  sched.run();
  const auto progress = get<scan_progress>(subject, look_at_scan{"one"});
  CAF_REQUIRE(progress);
  CAF_CHECK_EQUAL(progress->scanned, 1u);
  CAF_CHECK_EQUAL(progress->waiting, 5u);
  CAF_CHECK_EQUAL(code_of(get<scan_progress>(subject, look_at_scan{"other"})), "no-such-scan");
  CAF_CHECK(!get<scan_cancelled>(subject, cancel_scan{"other"})->was_there);
  CAF_CHECK(get<scan_cancelled>(subject, cancel_scan{"one"})->was_there);
  CAF_REQUIRE(*report);
  CAF_REQUIRE(**report);
  CAF_CHECK((**report)->cancelled);
  CAF_CHECK((**report)->truncated);
  CAF_CHECK_EQUAL(code_of(get<scan_progress>(subject, look_at_scan{"one"})), "no-such-scan");
}

CAF_TEST(it can be cancelled while agents are taken) {
  put_manifest("/r/a", "01A");
  put_manifest("/r/b", "01B");
  what->hold = true;
  const auto report = ask_later<scan_report>(subject, request());
  sched.run();
  CAF_CHECK_EQUAL(what->asked.size(), 2u);
  CAF_CHECK(get<scan_cancelled>(subject, cancel_scan{"one"})->was_there);
  CAF_REQUIRE(*report);
  CAF_REQUIRE(**report);
  CAF_CHECK((**report)->cancelled);
  CAF_CHECK_EQUAL(paths_of((**report)->unregistered), (paths{"/r/a", "/r/b"}));
}

CAF_TEST(scans run beside each other up to a bound and one name is of one scan) {
  hang("/r");
  std::vector<awaited<scan_report>> asked;
  for (int i = 0; i < 5; ++i) {
    auto next = request();
    next.scan = std::to_string(i);
    asked.push_back(ask_later<scan_report>(subject, next));
    sched.run();
  }
  CAF_CHECK_EQUAL(code_of(asked[4]), "scans-under-way");
  CAF_CHECK(get<scan_cancelled>(subject, cancel_scan{"0"})->was_there);
  auto same = request();
  same.scan = "1";
  CAF_CHECK_EQUAL(code_of(scan(same)), "scan-exists");
  for (int i = 0; i < 20; ++i)
    pass(1s);
  for (int i = 1; i < 4; ++i)
    CAF_CHECK(*asked[static_cast<std::size_t>(i)]);
}

CAF_TEST(whatever call fails the scan ends with an answer) {
  put_manifest("/r/atlas", "01ATLAS");
  mark("/r/b/c");
  std::size_t runs = 0;
  for (const int code : {EIO, EACCES, ENOENT, EMFILE, ELOOP}) {
    for (std::uint64_t nth = 1;; ++nth) {
      world.files.set_plan(fault_plan({{fault::kind::error, code}, nth, operation_set::all(), nth % 2 == 0}));
      const auto report = scan();
      const bool fired = world.files.plan().fired() > 0;
      world.files.set_plan({});
      world.files.restart();
      ++runs;
      if (code_of(report) == "silence")
        CAF_ERROR("no answer");
      if (!fired)
        break;
    }
  }
  std::printf("lane scanner_test: %zu runs\n", runs);
  CAF_CHECK(runs > 50);
}

CAF_TEST_FIXTURE_SCOPE_END()
