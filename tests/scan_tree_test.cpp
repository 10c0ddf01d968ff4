#define CAF_SUITE scan_tree_test

#include "muster/store/scan_forest.hpp"
#include "muster/store/scan_names.hpp"
#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>

using namespace muster;
using namespace std::chrono_literals;

namespace {

using paths = std::vector<std::string>;

struct walked_all {
  paths found;
  std::vector<found_project> projects;
  std::vector<failure> problems;
  std::size_t pages = 0;
  bool gone = false;
  bool truncated = false;
};

struct fixture {
  simulated_environment world;
  std::vector<traced_call> trace;
  scan_forest_options options;
  std::optional<scan_forest> forest;

  fixture() {
    make("/r");
    restart();
    later();
    world.files.set_trace(&trace);
  }

  void restart() { forest.emplace(options); }
  void later() { world.clock.advance(1h); }

  void make(const std::string& path) {
    for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
      const auto part = path.substr(0, slash);
      if (!world.files.exists(part))
        world.files.put_directory(part);
      if (slash == std::string::npos)
        return;
    }
  }
  void project(const std::string& path) {
    make(path + "/.dork");
    world.files.put_file(path + "/.dork/agent.json", "{}");
  }
  void rename(const std::string& from, const std::string& to) {
    world.files.aside(
        [&](disk& files) { CAF_REQUIRE(files.rename(no_handle, from, no_handle, to, rename_mode::no_replace)); });
  }
  void set_mode(const std::string& path, std::uint32_t mode) {
    world.files.aside([&](disk& files) {
      open_how how;
      how.directory = true;
      const auto directory = files.open(no_handle, path, how);
      CAF_REQUIRE(directory);
      CAF_REQUIRE(files.change_mode(*directory, mode));
      (void)files.close(*directory);
    });
  }

  walked_all walk(walk_root asked) {
    trace.clear();
    walked_all result;
    while (true) {
      auto page = forest->walk(world.view(), asked);
      ++result.pages;
      for (const auto& each : page.found) {
        result.found.push_back(each.path);
        result.projects.push_back(each);
      }
      result.problems.insert(result.problems.end(), page.problems.begin(), page.problems.end());
      result.gone = result.gone || page.gone;
      result.truncated = result.truncated || page.truncated;
      if (!page.next)
        break;
      asked = walk_root{asked.project, page.next, {}, {}, false};
    }
    std::ranges::sort(result.found);
    return result;
  }
  walked_all walk(const std::string& root = "/r") { return walk(walk_root{root, std::string{}, {}, {}, false}); }
  /// Whatever is found is settled, and time goes by.
  paths settle(const std::string& root = "/r") {
    auto found = walk(root).found;
    (void)forest->walk(world.view(), {root, std::nullopt, found, {}, false});
    later();
    return found;
  }
  std::size_t count(disk_operation operation) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(trace, [&](const auto& each) { return each.operation == operation; }));
  }
  checkout git_at(const walked_all& what, const std::string& path) {
    const auto at = std::ranges::find(what.projects, path, &found_project::path);
    CAF_REQUIRE(at != what.projects.end());
    return at->git;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(scan_tree_tests, fixture)

CAF_TEST(finds what has a manifest at the root and down to two directories below it) {
  for (const auto* each : {"/r", "/r/a", "/r/g/b", "/r/g/d/too-deep"})
    project(each);
  make("/r/empty");
  later();
  CAF_CHECK_EQUAL(walk().found, (paths{"/r", "/r/a", "/r/g/b"}));
}

CAF_TEST(an idle walk costs one stat above the deepest level and one for each manifest that is not settled) {
  for (const auto* each : {"/r/g1/a", "/r/g1/b", "/r/g2/c"})
    project(each);
  make("/r/g2/plain");
  later();
  CAF_CHECK_EQUAL(settle().size(), 3u);
  (void)walk();
  CAF_CHECK(walk().found.empty());
  // Of /r, g1 and g2 their own and that of a manifest, and that of a manifest in `plain`.
  CAF_CHECK_EQUAL(count(disk_operation::status), 7u);
  // The list of what is mounted.
  CAF_CHECK_EQUAL(count(disk_operation::open), 1u);
  CAF_CHECK_EQUAL(trace.size(), 8u);
}

CAF_TEST(what is not settled is found at each walk and what is settled when that is over) {
  project("/r/g/a");
  project("/r/g");
  later();
  CAF_CHECK_EQUAL(walk().found.size(), 2u);
  CAF_CHECK_EQUAL(walk().found.size(), 2u);
  (void)settle();
  CAF_CHECK(walk().found.empty());
  CAF_CHECK_EQUAL(walk({"/r", std::string{}, {}, {"/r/g/a"}, false}).found, paths{"/r/g/a"});
  (void)settle();
  CAF_CHECK_EQUAL(walk({"/r", std::string{}, {}, {"/r/g"}, false}).found.size(), 2u);
  (void)settle();
  CAF_CHECK_EQUAL(walk({"/r", std::string{}, {}, {}, true}).found.size(), 2u);
  (void)settle();
  CAF_CHECK(walk({"/r", std::string{}, {}, {"/other", "/r/gg"}, false}).found.empty());
}

CAF_TEST(only a directory that has changed is listed again) {
  project("/r/g/a");
  make("/r/h");
  later();
  (void)settle();
  (void)walk();
  project("/r/g/new");
  CAF_CHECK_EQUAL(walk().found, paths{"/r/g/new"});
  CAF_CHECK_EQUAL(count(disk_operation::open), 2u);
  later();
  (void)walk();
  CAF_CHECK_EQUAL(count(disk_operation::open), 2u);
  (void)walk();
  CAF_CHECK_EQUAL(count(disk_operation::open), 1u);
}

CAF_TEST(a manifest that comes into a directory that was there is found) {
  make("/r/g/a/.dork");
  later();
  CAF_CHECK(walk().found.empty());
  world.files.put_file("/r/g/a/.dork/agent.json", "{}");
  CAF_CHECK_EQUAL(walk().found, paths{"/r/g/a"});
}

CAF_TEST(a directory listed right after a change is listed again) {
  (void)walk();
  make("/r/a");
  CAF_CHECK(walk().found.empty());
  // In the very instant of the change.
  project("/r/b");
  CAF_CHECK_EQUAL(walk().found, paths{"/r/b"});
}

CAF_TEST(nothing is followed and no other file system entered) {
  make("/elsewhere");
  project("/elsewhere/a");
  project("/r/real");
  world.files.put_symlink("/r/link", "/elsewhere");
  world.files.put_symlink("/r/real/link", "/elsewhere/a");
  world.files.put_special("/r/pipe", file_type::fifo);
  make("/r/mount");
  make("/r/real/mount");
  for (const auto* mount : {"/r/mount", "/r/real/mount"}) {
    world.files.mount(world.files.add_volume({}), mount);
    project(std::string(mount) + "/there");
  }
  project("/r/real/mount");
  later();
  CAF_CHECK_EQUAL(walk().found, paths{"/r/real"});
}

CAF_TEST(the root itself may be a link and a mount) {
  make("/real");
  project("/real/a");
  world.files.put_symlink("/link", "/real");
  make("/m");
  world.files.mount(world.files.add_volume({}), "/m");
  project("/m/a");
  later();
  CAF_CHECK_EQUAL(walk("/link").found, paths{"/link/a"});
  CAF_CHECK_EQUAL(walk("/m").found, paths{"/m/a"});
}

CAF_TEST(what tools keep for themselves is left out below the root only) {
  for (const auto* each : {"/r/node_modules", "/r/.git", "/r/.claude", "/r/x.dorkos-bak-1", "/r/build", "/build/a"})
    project(each);
  later();
  CAF_CHECK_EQUAL(walk().found, paths{"/r/.claude"});
  CAF_CHECK_EQUAL(walk("/build").found, paths{"/build/a"});
  CAF_CHECK(is_walked_name("Build") && is_walked_name("a") && !is_walked_name(".dork") && !is_walked_name(".x"));
}

CAF_TEST(names may be anything) {
  const paths names{std::string(255, 'n'), "line\nend", "\xff\xfe not utf-8", "\x01", "a b", "a", "a!", "a\x01z"};
  std::set<std::string> all;
  for (const auto& name : names) {
    project("/r/" + name);
    all.insert("/r/" + name);
    if (name.size() < 200) {
      project("/r/" + name + "/" + name);
      all.insert("/r/" + name + "/" + name);
    }
  }
  later();
  const auto found = settle();
  CAF_CHECK_EQUAL(std::set<std::string>(found.begin(), found.end()), all);
  CAF_CHECK(walk().found.empty());
  CAF_CHECK_EQUAL(walk({"/r", std::string{}, {}, {"/r/a"}, false}).found, (paths{"/r/a", "/r/a/a"}));
  rename("/r/a", "/r/z");
  const auto moved = walk();
  CAF_CHECK_EQUAL(moved.found, (paths{"/r/z", "/r/z/a"}));
  CAF_CHECK_EQUAL(forest->directories(), all.size() + 1);
}

CAF_TEST(a directory that cannot be listed is a problem and what is known below it stands) {
  project("/r/g/a");
  project("/r/h/b");
  later();
  (void)walk();
  set_mode("/r/g", 0);
  world.files.set_user({1000, 1000});
  const auto closed = walk();
  CAF_CHECK_EQUAL(closed.found, paths{"/r/h/b"});
  // Its manifest cannot be looked for either, nor that of what is below it.
  CAF_CHECK_EQUAL(closed.problems.size(), 2u);
  CAF_CHECK_EQUAL(closed.problems.front().path, "/r/g");
  CAF_CHECK_EQUAL(closed.problems.front().code, "disk-denied");
  CAF_CHECK_EQUAL(forest->directories(), 5u);
  world.files.set_user({});
  set_mode("/r/g", 0755);
  later();
  CAF_CHECK_EQUAL(walk().found, (paths{"/r/g/a", "/r/h/b"}));
}

CAF_TEST(a root that is gone is told and found again) {
  project("/r/a");
  later();
  (void)walk();
  rename("/r", "/away");
  const auto gone = walk();
  CAF_CHECK(gone.gone && gone.problems.empty() && gone.found.empty());
  rename("/away", "/r");
  CAF_CHECK_EQUAL(walk().found, paths{"/r/a"});
  CAF_CHECK(walk("/nowhere").gone);
}

CAF_TEST(a root whose file system is another one is listed anew) {
  const auto usual = world.files.add_volume({});
  world.files.mount(usual, "/r");
  project("/r/a");
  later();
  CAF_CHECK_EQUAL(walk().found, paths{"/r/a"});
  world.files.unmount(usual);
  CAF_CHECK(walk().found.empty());
  world.files.mount(usual, "/r");
  CAF_CHECK_EQUAL(walk().found, paths{"/r/a"});
}

CAF_TEST(a rename of a directory with many projects finds all of them at their new places) {
  for (int i = 0; i < 300; ++i)
    project("/r/old/a" + std::to_string(i));
  later();
  (void)settle();
  rename("/r/old", "/r/new");
  const auto found = walk().found;
  CAF_CHECK_EQUAL(found.size(), 300u);
  CAF_CHECK(std::ranges::all_of(found, [](const auto& each) { return each.starts_with("/r/new/"); }));
  CAF_CHECK_EQUAL(forest->directories(), 302u);
}

CAF_TEST(pages end early and miss nothing) {
  paths all;
  for (int i = 0; i < 40; ++i) {
    all.push_back("/r/g" + std::to_string(i % 7) + "/a" + std::to_string(i));
    project(all.back());
  }
  std::ranges::sort(all);
  later();
  options.tree.page_directories = 3;
  restart();
  const auto by_directories = walk();
  CAF_CHECK_EQUAL(by_directories.found, all);
  CAF_CHECK_EQUAL(by_directories.pages, 16u);
  options = {};
  options.tree.page_found = 1;
  restart();
  CAF_CHECK_EQUAL(walk().found, all);
  // Each call takes so long that a page has one directory.
  options = {};
  restart();
  fault_plan slow;
  slow.add({.what = {.what = fault::kind::delay, .length = 200ms},
            .operations = {disk_operation::status},
            .persistent = true});
  world.files.set_plan(slow);
  const auto by_time = walk();
  CAF_CHECK_EQUAL(by_time.found, all);
  CAF_CHECK_EQUAL(by_time.pages, 48u);
}

CAF_TEST(what comes and goes between two pages ends no walk) {
  for (const auto* each : {"/r/a/1", "/r/b/1", "/r/c/1"})
    project(each);
  later();
  options.tree.page_directories = 1;
  restart();
  auto page = forest->walk(world.view(), {"/r", std::string{}, {}, {}, false});
  rename("/r/a", "/r/d");
  std::set<std::string> found;
  while (page.next) {
    page = forest->walk(world.view(), {"/r", page.next, {}, {}, false});
    for (const auto& each : page.found)
      found.insert(each.path);
  }
  CAF_CHECK_EQUAL(found, (std::set<std::string>{"/r/b/1", "/r/c/1"}));
  CAF_CHECK_EQUAL(walk().found, (paths{"/r/b/1", "/r/c/1", "/r/d/1"}));
}

CAF_TEST(no more is remembered than the bound and that is said) {
  for (int i = 0; i < 20; ++i)
    project("/r/a" + std::to_string(i));
  later();
  options.tree.directories = 11;
  restart();
  auto walked = walk();
  CAF_CHECK(walked.truncated);
  CAF_CHECK_EQUAL(walked.found.size(), 10u);
  CAF_CHECK_EQUAL(forest->directories(), 11u);
  // What is gone makes room.
  for (const auto& each : walked.found)
    rename(each, "/" + each.substr(3));
  later();
  walked = walk();
  CAF_CHECK_EQUAL(walked.found.size(), 10u);
  CAF_CHECK(!walked.truncated);
  options = {};
  options.tree.bytes = 128 * 6;
  restart();
  CAF_CHECK(walk().truncated);
  options = {};
  options.tree.entries = 5;
  restart();
  walked = walk();
  CAF_CHECK(walked.truncated);
  CAF_CHECK_EQUAL(walked.found.size(), 5u);
}

CAF_TEST(roots share the bound and the one not walked for longest is forgotten) {
  for (const auto* each : {"/r/a", "/s/a", "/t/a"})
    project(each);
  later();
  options.roots = 2;
  restart();
  for (const auto* root : {"/r", "/s", "/r", "/t"})
    (void)walk(root);
  CAF_CHECK_EQUAL(forest->directories(), 4u);
  options.roots = 3;
  options.tree.directories = 3;
  restart();
  (void)walk("/r");
  CAF_CHECK(walk("/s").truncated);
}

CAF_TEST(a checkout of git is told by what is nearest within the root) {
  project("/r/main");
  make("/r/main/.git");
  project("/r/linked");
  world.files.put_file("/r/linked/.git", "gitdir: /r/main/.git/worktrees/linked");
  project("/r/linked/inside");
  project("/r/plain");
  make("/.git");
  later();
  const auto walked = walk();
  CAF_CHECK(git_at(walked, "/r/main") == checkout::main);
  CAF_CHECK(git_at(walked, "/r/linked") == checkout::linked);
  CAF_CHECK(git_at(walked, "/r/linked/inside") == checkout::linked);
  CAF_CHECK(git_at(walked, "/r/plain") == checkout::none);
}

CAF_TEST(lists only so many problems and counts the others) {
  for (int i = 0; i < 9; ++i)
    make("/r/a" + std::to_string(i));
  later();
  options.tree.problems = 4;
  restart();
  (void)walk();
  for (int i = 0; i < 9; ++i)
    set_mode("/r/a" + std::to_string(i), 0);
  world.files.set_user({1000, 1000});
  const auto page = forest->walk(world.view(), {"/r", std::string{}, {}, {}, false});
  CAF_CHECK_EQUAL(page.problems.size(), 4u);
  CAF_CHECK_EQUAL(page.more_problems, 5u);
}

CAF_TEST(whatever call fails nothing is lost and the next walk is right) {
  const paths all{"/r", "/r/g1", "/r/g1/a", "/r/g1/b", "/r/g2/c", "/r/p"};
  for (const auto& each : all)
    project(each);
  make("/r/g2/.git");
  later();
  std::size_t runs = 0;
  std::size_t lost = 0;
  std::size_t unsaid = 0;
  std::size_t invented = 0;
  std::size_t wrong_next = 0;
  for (const bool warm : {false, true})
    for (const int code : {EIO, EACCES, EINTR, ENOMEM, ESTALE})
      for (std::uint64_t nth = 1;; ++nth) {
        restart();
        if (warm) {
          (void)walk();
          // All of it is listed again.
          for (const auto* each : {"/r/new", "/r/g1/new", "/r/g2/new"})
            make(each);
        }
        const auto before = forest->directories();
        fault_plan plan;
        plan.add({.what = {.what = fault::kind::error, .code = code}, .nth = nth, .operations = operation_set::all()});
        world.files.set_plan(plan);
        const auto broken = walk();
        const bool fired = world.files.plan().fired() > 0;
        world.files.set_plan({});
        if (!fired)
          break;
        ++runs;
        lost += forest->directories() < before;
        unsaid += broken.found.size() < all.size() && broken.problems.empty();
        invented += !std::ranges::includes(all, broken.found) || broken.gone;
        wrong_next += walk().found != all;
      }
  std::printf("lane scan_tree_test: %zu failed calls\n", runs);
  CAF_CHECK(runs > 200);
  CAF_CHECK_EQUAL(lost, 0u);
  CAF_CHECK_EQUAL(unsaid, 0u);
  CAF_CHECK_EQUAL(invented, 0u);
  CAF_CHECK_EQUAL(wrong_next, 0u);
}

CAF_TEST(no handle is left open) {
  for (const auto* each : {"/r/g/a", "/r/b"})
    project(each);
  later();
  const auto before = world.files.open_handles();
  (void)walk();
  CAF_CHECK_EQUAL(world.files.open_handles(), before);
}

CAF_TEST(a mount below the root is not even looked at) {
  make("/proc/self");
  world.files.put_file("/proc/self/mountinfo", "22 21 0:5 / /r/nas rw - nfs server:/x rw\n"
                                               "23 21 0:5 / /r/g/nas rw - nfs server:/x rw\n");
  for (const auto* each : {"/r/nas/a", "/r/g/nas", "/r/g/b"})
    project(each);
  later();
  CAF_CHECK_EQUAL(walk().found, paths{"/r/g/b"});
  CAF_CHECK(std::ranges::none_of(trace, [](const auto& each) { return each.path.find("nas") != std::string::npos; }));
}

CAF_TEST_FIXTURE_SCOPE_END()
