#define CAF_SUITE real_moves_cli

#include "tests/support/own_mounts.hpp"
#include "tests/support/project_desk.hpp"

#include "muster/store/splitmix.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <random>
#include <set>

#include <unistd.h>

using namespace muster;
using namespace muster::test;
namespace fs = std::filesystem;

/// Projects as people treat them, with the tools that they use; after each thing
/// that befalls one, a sweep, and the list tells the truth.
namespace {

/// What befalls one project, thing by thing; each leaves the truth about it.
struct story {
  std::string name;
  std::string id;
  std::deque<std::function<void(project_truth&)>> things;
};

/// A dozen projects with a story each.
struct village : project_desk {
  std::vector<story> stories;

  story& tell(const std::string& name) { return stories.emplace_back(story{name, add(name), {}}); }

  village() {
    edited();
    broken();
    unreadable();
    manifest_deleted();
    moved_and_back();
    moved_out_and_back();
    copied();
    cloned();
    worktree();
    copied_by_rsync();
    deleted_and_restored();
    branches();
    displaced();
  }

  void edited() {
    auto& one = tell("edited");
    one.things.push_back([this](project_truth& now) { replace(now.path, "edited", now.name = "renamed"); });
    one.things.push_back([this](project_truth& now) {
      put_bytes(now.path + "/.dork/new", bytes_of(manifest_in(now.path)).value());
      fs::rename(now.path + "/.dork/new", manifest_in(now.path));
      replace(now.path, "renamed", now.name = "once more");
    });
  }

  void broken() {
    auto& one = tell("broken");
    one.things.push_back([this](project_truth& now) {
      tool({"cp", manifest_in(now.path), away("broken")});
      put_bytes(manifest_in(now.path), "{ \"name\": ");
      now.status = "manifest-invalid";
    });
    one.things.push_back([this](project_truth& now) {
      tool({"cp", away("broken"), manifest_in(now.path)});
      replace(now.path, "broken", now.name = "mended");
      now.status = "active";
    });
  }

  /// Permissions keep no root out; a link in a circle keeps out everybody.
  void unreadable() {
    auto& one = tell("unreadable");
    one.things.push_back([](project_truth& now) {
      fs::rename(now.path + "/.dork", now.path + "/dork");
      fs::create_symlink(".dork", now.path + "/.dork");
      now.status = "unreadable";
    });
    one.things.push_back([](project_truth& now) {
      fs::remove(now.path + "/.dork");
      fs::rename(now.path + "/dork", now.path + "/.dork");
      now.status = "active";
    });
    if (::geteuid() == 0)
      return;
    one.things.push_back([this](project_truth& now) {
      tool({"chmod", "000", now.path});
      now.status = "unreadable";
    });
    one.things.push_back([this](project_truth& now) {
      tool({"chmod", "755", now.path});
      now.status = "active";
    });
  }

  void manifest_deleted() {
    auto& one = tell("bare");
    one.things.push_back([this](project_truth& now) {
      tool({"mv", manifest_in(now.path), away("bare")});
      now.status = "manifest-missing";
    });
    one.things.push_back([this](project_truth& now) {
      tool({"mv", away("bare"), manifest_in(now.path)});
      now.status = "active";
    });
  }

  void moved_and_back() {
    auto& one = tell("mover");
    for (const auto* to : {"moved", "group-mover/moved", "mover"})
      one.things.push_back([this, to](project_truth& now) {
        fs::create_directories(fs::path(at(to)).parent_path());
        tool({"mv", now.path, at(to)});
        now.path = at(to);
      });
  }

  void moved_out_and_back() {
    auto& one = tell("traveller");
    one.things.push_back([this](project_truth& now) {
      tool({"mv", now.path, away("traveller")});
      now.status = "unreachable";
    });
    one.things.push_back([this](project_truth& now) {
      tool({"mv", away("traveller"), now.path});
      now.status = "active";
    });
    one.things.push_back([this, id = one.id](project_truth& now) {
      tool({"mv", now.path, away("traveller")});
      must({"move", id, now.path = away("traveller")});
    });
  }

  void copied() {
    auto& one = tell("original");
    one.things.push_back([this](project_truth& now) {
      tool({"cp", "-a", now.path, at("original-copy")});
      now.copies = {at("original-copy")};
    });
    one.things.push_back([this](project_truth& now) {
      tool({"cp", "-a", now.path, at("original-second")});
      now.copies.insert(at("original-second"));
    });
    one.things.push_back([this](project_truth& now) {
      tool({"rm", "-rf", at("original-copy")});
      now.copies.erase(at("original-copy"));
    });
    one.things.push_back([this](project_truth& now) {
      tool({"rm", "-rf", now.path});
      now.path = at("original-second");
      now.copies.clear();
    });
  }

  void cloned() {
    auto& one = tell("upstream");
    one.things.push_back([this](project_truth& now) {
      tool({"git", "init", "--quiet", now.path});
      commit_all(now.path);
      git(now.path, {"clone", "--quiet", now.path, at("clone")});
      now.copies = {at("clone")};
    });
    one.things.push_back([this](project_truth&) { replace(at("clone"), "upstream", "of the clone"); });
    one.things.push_back([this](project_truth& now) {
      tool({"rm", "-rf", now.path});
      // The agent moves as it is; what its new file says otherwise is an edit for the sweep after.
      (void)must({"sweep"});
      now = {at("clone"), "of the clone"};
    });
  }

  void worktree() {
    auto& one = tell("tree");
    one.things.push_back([this](project_truth& now) {
      tool({"git", "init", "--quiet", now.path});
      commit_all(now.path);
      git(now.path, {"worktree", "add", "--quiet", "-b", "side", at("side-tree")});
      now.copies = {at("side-tree")};
    });
    one.things.push_back([this](project_truth& now) {
      git(now.path, {"worktree", "remove", "--force", at("side-tree")});
      now.copies.clear();
    });
  }

  void copied_by_rsync() {
    auto& one = tell("mirrored");
    one.things.push_back([this](project_truth& now) {
      tool({"rsync", "-a", now.path + "/", at("mirror")});
      now.copies = {at("mirror")};
    });
    one.things.push_back([this](project_truth& now) {
      tool({"mv", now.path, away("mirrored")});
      now.path = at("mirror");
      now.copies.clear();
    });
    one.things.push_back([this](project_truth&) {
      tool({"rsync", "-a", "--delete", away("mirrored") + "/", at("mirror")});
    });
  }

  void deleted_and_restored() {
    auto& one = tell("deleted");
    one.things.push_back([this](project_truth& now) {
      tool({"rsync", "-a", now.path + "/", away("backup")});
      tool({"rm", "-rf", now.path});
      now.status = "unreachable";
    });
    one.things.push_back([this](project_truth& now) {
      tool({"rsync", "-a", away("backup") + "/", now.path});
      now.status = "active";
    });
    one.things.push_back([this](project_truth& now) {
      tool({"rm", "-rf", now.path});
      put_bytes(now.path, "a file where a directory was");
      now.status = "unreachable";
    });
    one.things.push_back([this](project_truth& now) {
      tool({"rm", now.path});
      tool({"cp", "-a", away("backup"), now.path});
      now.status = "active";
    });
  }

  void branches() {
    auto& one = tell("branched");
    one.things.push_back([this](project_truth& now) {
      tool({"git", "init", "--quiet", now.path});
      commit_all(now.path);
      git(now.path, {"switch", "--quiet", "-c", "other"});
      replace(now.path, "branched", now.name = "on the branch");
      commit_all(now.path);
    });
    one.things.push_back([this](project_truth& now) {
      git(now.path, {"switch", "--quiet", "-"});
      now.name = "branched";
    });
    one.things.push_back([this](project_truth& now) {
      git(now.path, {"switch", "--quiet", "other"});
      now.name = "on the branch";
    });
  }

  void displaced() {
    auto& one = tell("house");
    one.things.push_back([this, id = one.id](project_truth& now) {
      tool({"cp", manifest_in(now.path), away("house")});
      auto text = bytes_of(manifest_in(now.path)).value();
      text.replace(text.find(id), id.size(), "01JC8Z5Q3V7XN2M4K6P8R0TWXX");
      put_bytes(manifest_in(now.path), text);
      now.status = "manifest-missing";
    });
    one.things.push_back([this](project_truth& now) {
      tool({"cp", away("house"), manifest_in(now.path)});
      now.status = "active";
    });
  }
};

std::uint64_t seed() {
  const auto* given = std::getenv("MUSTER_TEST_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

/// Lives through all stories in an order that is drawn. With a daemon, which is
/// another one from time to time.
void live_through(bool served) {
  const auto chosen = seed();
  splitmix chance(chosen);
  village all;
  all.sweep("registering");
  while (!all.stories.empty()) {
    if (served && chance.below(4) == 0)
      all.serve_anew();
    auto& one = all.stories[chance.below(all.stories.size())];
    one.things.front()(all.agents[one.id]);
    one.things.pop_front();
    all.sweep(one.name);
    if (one.things.empty())
      std::erase_if(all.stories, [](const auto& each) { return each.things.empty(); });
  }
  const auto idle = all.sweep("nothing");
  for (const auto* counter : {"synced", "discovered", "moved", "resurrected", "removed", "errors"})
    CAF_CHECK_EQUAL(member(idle, counter).to_number<int>(), 0);
  all.nothing_is_wrong();
  std::printf("lane real_moves_cli: %zu sweeps of %zu projects%s, seed %llu\n", all.sweeps, all.agents.size(),
              served ? " by daemons" : "", static_cast<unsigned long long>(chosen));
}

} // namespace

CAF_TEST(whatever befalls a dozen projects in any order the list tells the truth after each sweep) {
  live_through(false);
}

CAF_TEST(a daemon that lives through it tells the same and so does one that comes later) {
  live_through(true);
}

CAF_TEST(a volume that is taken away and comes back has lost nobody) {
  const auto permission = ask_to_mount("real_moves_cli", "a volume that is taken away");
  CAF_CHECK(permission.fine);
  if (!permission.granted)
    return;
  project_desk all;
  fs::create_directory(all.at("volume"));
  {
    const auto mounted = own_mount::again(all.away(""), all.at("volume"));
    for (int i = 0; i < 12; ++i)
      (void)all.add("volume/" + std::to_string(i));
    all.sweep("registering");
  }
  for (auto& [id, one] : all.agents)
    one.status = "unreachable";
  all.sweep("taking it away");
  all.sweep("a while");
  for (auto& [id, one] : all.agents)
    one.status = "active";
  {
    const auto mounted = own_mount::again(all.away(""), all.at("volume"));
    const auto report = all.sweep("bringing it back");
    CAF_CHECK_EQUAL(member(report, "resurrected").to_number<int>(), 12);
    all.nothing_is_wrong();
  }
}

/// None may take the place of the other while that one has its grace.
CAF_TEST(two projects that change places wait for each other and lose nothing when one makes way) {
  project_desk all;
  const auto one = all.add("one");
  const auto two = all.add("two");
  const auto swap = [&] {
    fs::rename(all.at("one"), all.at("third"));
    fs::rename(all.at("two"), all.at("one"));
    fs::rename(all.at("third"), all.at("two"));
  };
  const auto both_are = [&](const std::string& status) { all.agents[one].status = all.agents[two].status = status; };
  swap();
  both_are("manifest-missing");
  all.sweep("a swap");
  swap();
  both_are("active");
  all.sweep("a swap back");
  swap();
  (void)all.must({"sweep"});
  (void)all.must({"unregister", one});
  (void)all.must({"sweep"});
  all.agents[one].path = all.at("two");
  all.agents[two].path = all.at("one");
  all.sweep("making way");
  all.nothing_is_wrong();
}

CAF_TEST(of two copies whose original is gone the main worktree wins and else the older manifest) {
  project_desk all;
  const auto tree = all.add("tree");
  all.tool({"git", "init", "--quiet", all.at("tree")});
  all.commit_all(all.at("tree"));
  all.tool({"git", "clone", "--quiet", all.at("tree"), all.at("z-main")});
  all.git(all.at("z-main"), {"worktree", "add", "--quiet", "-b", "side", all.at("a-side")});
  const auto plain = all.add("plain");
  all.tool({"cp", "-a", all.at("plain"), all.at("z-older")});
  all.tool({"cp", "-a", all.at("plain"), all.at("a-newer")});
  all.tool({"touch", "-d", "2020-01-01", project_desk::manifest_in(all.at("z-older"))});
  all.tool({"rm", "-rf", all.at("tree"), all.at("plain")});
  all.agents[tree] = {all.at("z-main"), "tree", "active", {all.at("a-side")}};
  all.agents[plain] = {all.at("z-older"), "plain", "active", {all.at("a-newer")}};
  (void)all.must({"sweep"});
  all.sweep("the originals went");
  all.nothing_is_wrong();
}
