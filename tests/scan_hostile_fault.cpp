#define CAF_SUITE scan_hostile_fault

#include "tests/support/scan_world.hpp"
#include "tests/support/test_scale.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <cstdio>
#include <set>

using namespace muster;
using namespace muster::test;

namespace {

using paths = std::vector<std::string>;

/// Does one thing to the disk before a call on a path.
class meddler final : public disk_spectator {
public:
  meddler(std::string path, disk_operation operation, std::function<void(simulated_disk&)> what)
      : path_(std::move(path)), operation_(operation), what_(std::move(what)) {}

  void before(simulated_disk& files, const disk_call& call) override {
    if (done_ || call.operation != operation_ || call.path != path_)
      return;
    done_ = true;
    what_(files);
  }
  [[nodiscard]] bool done() const noexcept { return done_; }

private:
  std::string path_;
  disk_operation operation_;
  std::function<void(simulated_disk&)> what_;
  bool done_ = false;
};

struct fixture : scan_world {
  fixture() { make("/r"); }

  void mark(const std::string& project) { put(project + "/AGENTS.md", "# A\n\nwhat it does\n"); }

  /// A bit of everything.
  void grow() {
    mark("/r/a");
    mark("/r/a/inner");
    put_manifest("/r/b", "01BORON");
    mark("/r/b");
    put("/r/c/.dork/agent.json", "{");
    make("/r/d/.github/agents");
    make("/r/e/.codex");
    put("/r/e/real.md", "x");
    world.files.put_symlink("/r/e/CLAUDE.md", "real.md");
    make("/r/f/g/h");
  }

  scanned_tree meddled(meddler& who) {
    world.files.set_spectator(&who);
    auto result = scan();
    world.files.set_spectator(nullptr);
    CAF_CHECK(who.done());
    return result;
  }

  void remove(simulated_disk& files, const std::string& path, unlink_kind kind) {
    (void)files.aside([&](disk& all) { return all.unlink(no_handle, path, kind); });
  }
};

struct way_to_fail {
  const char* name;
  fault what;
  bool persistent;
};

std::vector<way_to_fail> ways_to_fail() {
  std::vector<way_to_fail> all;
  for (const auto& [name, code] : {std::pair{"EIO", EIO},
                                   {"EACCES", EACCES},
                                   {"EMFILE", EMFILE},
                                   {"EINTR", EINTR},
                                   {"ESTALE", ESTALE},
                                   {"ENOMEM", ENOMEM},
                                   {"ETIMEDOUT", ETIMEDOUT}})
    for (const bool persistent : {false, true})
      all.push_back({name, {fault::kind::error, code}, persistent});
  all.push_back({"short", {fault::kind::short_transfer}, false});
  all.push_back({"short", {fault::kind::short_transfer}, true});
  return all;
}

bool is_part_of(const paths& part, const paths& whole) {
  return std::ranges::all_of(part, [&](const auto& each) { return std::ranges::count(whole, each) == 1; });
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(scan_hostile_faults, fixture)

CAF_TEST(FIFOs and devices and sockets named like anything are passed over) {
  for (const auto type : {file_type::fifo, file_type::socket, file_type::char_device, file_type::block_device}) {
    const auto project = "/r/p" + std::to_string(static_cast<int>(type));
    put_special(project + "/CLAUDE.md", type);
    put_special(project + "/.dork", type);
    const auto other = "/r/q" + std::to_string(static_cast<int>(type));
    put_special(other + "/.dork/agent.json", type);
    mark(other);
  }
  const auto result = scan();
  CAF_CHECK(result.candidates().empty());
  CAF_CHECK(result.found().empty());
  CAF_CHECK_EQUAL(result.report.counts.invalid, 4u);
}

CAF_TEST(a manifest that is far too large is told and not read) {
  make("/r/atlas/.dork");
  world.files.aside([](disk& files) {
    const auto file = files.open(no_handle, "/r/atlas/.dork/agent.json",
                                 {.access = open_how::access_mode::read_write, .create = true});
    CAF_REQUIRE(file);
    CAF_REQUIRE(files.truncate(*file, std::uint64_t{1} << 21U));
    (void)files.close(*file);
  });
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  const auto result = scan();
  world.files.set_trace(nullptr);
  CAF_CHECK_EQUAL(result.report.counts.invalid, 1u);
  CAF_CHECK_EQUAL(std::ranges::count(trace, disk_operation::read, &traced_call::operation), 0);
}

CAF_TEST(links in place of anything lead nowhere) {
  mark("/outside/secret");
  put_manifest("/outside/other", "01OTHER");
  make("/r/atlas");
  world.files.put_symlink("/r/atlas/.dork", "/outside/other/.dork");
  make("/r/boron/.dork");
  world.files.put_symlink("/r/boron/.dork/agent.json", "/outside/other/.dork/agent.json");
  world.files.put_symlink("/r/carbon", "/outside/secret");
  make("/r/deep");
  world.files.put_symlink("/r/deep/self", ".");
  const auto result = scan();
  CAF_CHECK(result.found().empty());
  CAF_CHECK(result.candidates().empty());
  CAF_CHECK_EQUAL(result.report.counts.invalid, 2u);
}

CAF_TEST(names with line ends and escapes and bytes that are no UTF-8 are names) {
  const paths names{"/r/a\nb",     "/r/\x1b[31mred", "/r/\xff\xfe",  "/r/\xc3(",
                    "/r/ leading", "/r/-n",          "/r/tab\there", "/r/" + std::string(255, 'x')};
  for (const auto& each : names)
    mark(each);
  auto expected = names;
  std::ranges::sort(expected, is_walked_before);
  const auto result = scan();
  CAF_CHECK_EQUAL(result.candidates(), expected);
  for (const auto& each : result.report.candidates)
    CAF_CHECK_EQUAL("/r/" + each.suggested_name, each.path);
}

CAF_TEST(a thousand levels are walked when that is asked for as far as a path can be) {
  std::string path = "/r";
  paths marked;
  for (int depth = 1; depth <= 1000; ++depth) {
    path += "/d";
    world.files.put_directory(path);
    if (depth % 250 == 0) {
      mark(path);
      marked.push_back(path);
    }
  }
  options.depth = 1000;
  const auto result = scan();
  CAF_CHECK_EQUAL(result.candidates(), marked);
  CAF_CHECK_EQUAL(result.report.scanned, 1001u);
  options.depth = 5;
  CAF_CHECK_EQUAL(scan().report.scanned, 6u);
}

CAF_TEST(a path longer than the kernel takes is told and ends nothing) {
  // A real disk refuses the call; the names come from a listing that lies.
  const auto terms = std::make_shared<const scan_terms>(paths{"/r"}, placed, strategies, false);
  scan_lister lister(world.view());
  list_directories asked{terms, std::make_shared<scan_pulse>(), 1, 0, false, {}};
  const std::string name(255, 'n');
  std::string parent = name;
  while (parent.size() < 4096)
    parent += "/" + name;
  mark("/r/fine");
  asked.groups = std::make_shared<std::vector<directory_group>>(
      std::vector<directory_group>{{parent, name + '\0', 1}, {{}, std::string("fine\0", 5), 1}});
  const auto listed = lister.list(asked);
  CAF_REQUIRE_EQUAL(listed.each.size(), 2u);
  CAF_CHECK(listed.each[0].how != listing_outcome::listed);
  CAF_CHECK(listed.each[1].how == listing_outcome::listed);
  CAF_CHECK_EQUAL(listed.matches.size(), 1u);
}

CAF_TEST(so many entries in one directory are read) {
  const std::size_t entries = test_scale(100000);
  for (std::size_t i = 0; i < entries; ++i)
    if (i % 100 == 0)
      world.files.put_directory("/r/d" + std::to_string(i));
    else
      world.files.put_file("/r/f" + std::to_string(i), "");
  put("/r/zz/GEMINI.md");
  const auto result = scan();
  CAF_CHECK_EQUAL(result.report.scanned, entries / 100 + 2);
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/r/zz"}));
}

CAF_TEST(a directory that vanishes before its turn is counted) {
  mark("/r/a");
  make("/r/gone");
  mark("/r/z");
  meddler who("/r/gone", disk_operation::open,
              [&](simulated_disk& files) { remove(files, "/r/gone", unlink_kind::directory); });
  const auto result = meddled(who);
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/r/a", "/r/z"}));
  CAF_CHECK_EQUAL(result.report.counts.vanished, 1u);
  CAF_CHECK(result.report.problems.empty());
}

CAF_TEST(a directory that becomes a link or a file before its turn is not followed) {
  mark("/outside/secret");
  make("/r/swapped");
  meddler who("/r/swapped", disk_operation::open, [&](simulated_disk& files) {
    remove(files, "/r/swapped", unlink_kind::directory);
    files.put_symlink("/r/swapped", "/outside");
  });
  const auto linked = meddled(who);
  CAF_CHECK(linked.candidates().empty());
  CAF_CHECK_EQUAL(linked.report.counts.vanished, 1u);
}

CAF_TEST(a directory above that becomes a link is not followed either) {
  mark("/outside/in/secret");
  make("/r/up/in");
  options.batch = 1;
  meddler who("/r/up/in", disk_operation::open, [&](simulated_disk& files) {
    remove(files, "/r/up/in", unlink_kind::directory);
    remove(files, "/r/up", unlink_kind::directory);
    files.put_symlink("/r/up", "/outside");
  });
  const auto result = meddled(who);
  CAF_CHECK(result.candidates().empty());
  CAF_CHECK_EQUAL(result.report.counts.vanished, 1u);
}

CAF_TEST(a directory that changes while it is read counts as what was read of it) {
  mark("/r/a");
  meddler who("/r/a", disk_operation::read_entries, [&](simulated_disk& files) {
    remove(files, "/r/a/AGENTS.md", unlink_kind::file);
    files.put_directory("/r/a/new");
    files.put_file("/r/a/GEMINI.md", "");
  });
  const auto result = meddled(who);
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/r/a"}));
  CAF_CHECK_EQUAL(result.report.candidates[0].strategy, "gemini");
}

CAF_TEST(a scan changes nothing and keeps nothing open) {
  grow();
  const auto before = world.files.fingerprint();
  const auto result = scan();
  CAF_CHECK_EQUAL(world.files.fingerprint(), before);
  CAF_CHECK_EQUAL(world.files.open_handles(), 0u);
  CAF_CHECK_EQUAL(result.candidates(), (paths{"/r/a", "/r/d", "/r/e", "/r/a/inner"}));
  CAF_CHECK_EQUAL(result.found(), (paths{"/r/b"}));
}

CAF_TEST(whichever call fails in whatever way nothing is invented and what is missed is told) {
  grow();
  const auto whole = scan();
  const auto before = world.files.fingerprint();
  std::size_t runs = 0;
  std::size_t points = 0;
  std::set<std::string> findings;
  for (const auto& way : ways_to_fail()) {
    for (std::uint64_t nth = 1;; ++nth) {
      world.files.set_plan(fault_plan({way.what, nth, operation_set::all(), way.persistent}));
      const auto result = scan();
      const bool fired = world.files.plan().fired() > 0;
      const auto where = std::string(way.name) + " at " + std::to_string(nth);
      if (!is_part_of(result.candidates(), whole.candidates()) || !is_part_of(result.found(), whole.found()))
        findings.insert("something was invented: " + where);
      const bool is_whole = result.candidates() == whole.candidates() && result.found() == whole.found();
      const bool is_told =
          std::ranges::any_of(result.report.problems, [](const scan_problem& each) { return each.path != "/r/c"; });
      if (!is_whole && !is_told)
        findings.insert("something was missed silently: " + where);
      world.files.set_plan({});
      if (world.files.fingerprint() != before)
        findings.insert("something was changed: " + where);
      // A close that fails leaves the handle.
      world.files.restart();
      ++runs;
      if (!fired)
        break;
      points = std::max<std::size_t>(points, nth);
    }
  }
  for (const auto& each : findings)
    CAF_ERROR(each);
  CAF_CHECK(points > 50);
  std::printf("lane scan_hostile_fault: %zu calls, %zu runs, %zu findings\n", points, runs, findings.size());
}

CAF_TEST_FIXTURE_SCOPE_END()
