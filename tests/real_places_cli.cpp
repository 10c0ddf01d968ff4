#define CAF_SUITE real_places_cli

#include "tests/support/child_process.hpp"
#include "tests/support/own_mounts.hpp"
#include "tests/support/real_muster.hpp"

#include <caf/test/unit_test.hpp>

#include <array>
#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include <sys/stat.h>
#include <unistd.h>

using namespace muster::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* id = "01JC8Z5Q3V7XN2M4K6P8R0T2W4";

struct fixture : real_muster {
  fixture() { must({"init"}); }

  // No command may hang at what lies where a manifest should.
  [[nodiscard]] process_result within_bounds(const std::vector<std::string>& arguments) const {
    child_process command{line(arguments)};
    auto result = command.wait(20s);
    CAF_REQUIRE(result);
    return *result;
  }

  // Registering is refused with the path in the message, and the thing stays.
  void refuses_to_register(const char* what, const std::function<void(const std::string&)>& make) const {
    std::filesystem::create_directories(project(what) + "/.dork");
    make(manifest(what));
    struct stat before {};
    struct stat after {};
    CAF_REQUIRE(::lstat(manifest(what).c_str(), &before) == 0);
    const auto refused = within_bounds({"register", project(what), "--name", what, "--runtime", "codex"});
    CAF_CHECK_EQUAL(refused.exit, 4);
    CAF_CHECK(refused.out.find(project(what)) != std::string::npos);
    CAF_CHECK(::lstat(manifest(what).c_str(), &after) == 0 && before.st_ino == after.st_ino &&
              before.st_mode == after.st_mode && before.st_size == after.st_size);
    CAF_CHECK(row_at(must({"list"}), project(what)).is_null());
  }

  // A registered agent whose file became such a thing is shown so; it is
  // neither removed nor overwritten, and heals when the file is back.
  void shows_and_heals(const char* what, const std::function<void(const std::string&)>& make) const {
    make_manifest(what, hand_written_manifest(id, what, "old"));
    must({"register", project(what)});
    std::filesystem::rename(manifest(what), root() + "/aside");
    make(manifest(what));
    CAF_CHECK_EQUAL(within_bounds({"sweep"}).exit, 0);
    const auto status = text_of(row_at(must({"list"}), project(what)), "status");
    CAF_CHECK(status == "unreadable" || status == "manifest-invalid");
    const auto updated = within_bounds({"update", id, "--set", "description=new"});
    CAF_CHECK(updated.exit == 4 || updated.exit == 1);
    std::filesystem::remove(manifest(what));
    std::filesystem::rename(root() + "/aside", manifest(what));
    must({"sweep"});
    CAF_CHECK_EQUAL(text_of(row_at(must({"list"}), project(what)), "status"), "active");
    CAF_CHECK(bytes_of(manifest(what)) == hand_written_manifest(id, what, "old"));
    must({"unregister", id});
  }

  void nothing_is_wrong() const {
    CAF_CHECK_EQUAL(run({"doctor"}).exit, 0);
    CAF_CHECK_EQUAL(run({"rebuild", "--verify"}).exit, 0);
  }
};

struct thing {
  const char* what;
  void (*make)(const std::string&);
};

const std::array<thing, 4> things{{
    {"fifo", [](const std::string& at) { CAF_REQUIRE(::mkfifo(at.c_str(), 0644) == 0); }},
    {"symlink", [](const std::string& at) { CAF_REQUIRE(::symlink("/etc/hostname", at.c_str()) == 0); }},
    {"directory", [](const std::string& at) { CAF_REQUIRE(::mkdir(at.c_str(), 0755) == 0); }},
    {"gibibyte",
     [](const std::string& at) {
       put_bytes(at, "{");
       CAF_REQUIRE(::truncate(at.c_str(), off_t{1} << 30) == 0);
     }},
}};

} // namespace

CAF_TEST_FIXTURE_SCOPE(places, fixture)

CAF_TEST(what is no manifest file is refused and left alone) {
  for (const auto& each : things)
    refuses_to_register(each.what, each.make);
  nothing_is_wrong();
}

CAF_TEST(an agent whose manifest became something else is shown so and heals) {
  for (const auto& each : things)
    shows_and_heals(each.what, each.make);
  nothing_is_wrong();
}

CAF_TEST(a manifest that is a mount point is read and never half changed) {
  const auto permission = ask_to_mount("real_places_cli", "a mount point in place of a manifest");
  CAF_CHECK(permission.fine);
  if (!permission.granted)
    return;
  make_manifest("atlas", hand_written_manifest("01JC8Z5Q3V7XN2M4K6P8R0T2W5", "below", "below"));
  put_bytes(root() + "/mounted", hand_written_manifest(id, "atlas", "old"));
  {
    const auto mounted = own_mount::again(root() + "/mounted", manifest("atlas"));
    CAF_CHECK_EQUAL(within_bounds({"register", project("atlas")}).exit, 0);
    const auto refused = within_bounds({"update", id, "--set", "description=new"});
    CAF_CHECK(refused.exit == 1 || refused.exit == 4);
    CAF_CHECK(bytes_of(manifest("atlas")) == hand_written_manifest(id, "atlas", "old"));
    CAF_CHECK_EQUAL(text_of(member(must({"show", id}), "agent"), "description"), "old");
    CAF_CHECK(leftovers_below(root()).empty());
    must({"unregister", id, "--keep-manifest"});
  }
  nothing_is_wrong();
}

CAF_TEST(a data directory may have a path longer than that of a socket) {
  std::string longer = root();
  while (longer.size() < 200)
    longer += "/" + std::string(std::min<std::size_t>(60, 200 - longer.size()), 'd');
  std::filesystem::create_directories(longer.substr(0, longer.rfind('/')));
  use_data(longer);
  must({"init"});
  make_project("atlas");
  make_project("borealis");
  {
    child_process daemon{line({"serve"})};
    CAF_REQUIRE(wait_for_socket(data(), 20s));
    must({"register", project("atlas"), "--name", "atlas", "--runtime", "codex"});
    daemon.signal(SIGTERM);
    const auto ended = daemon.wait(10s);
    CAF_CHECK(ended && ended->exit == 0);
  }
  must({"register", project("borealis"), "--name", "borealis", "--runtime", "codex"});
  CAF_CHECK_EQUAL(member(must({"list"}), "agents").as_array().size(), 2u);
  nothing_is_wrong();
}

CAF_TEST(a data directory that cannot be written to is refused and keeps every project as it is) {
  const auto permission = ask_to_mount("real_places_cli", "a read-only data directory");
  CAF_CHECK(permission.fine);
  if (!permission.granted)
    return;
  make_manifest("atlas", hand_written_manifest(id, "atlas", "old"));
  make_project("borealis");
  must({"register", project("atlas")});
  {
    const auto frozen = own_mount::read_only(data());
    for (const auto& change :
         {std::vector<std::string>{"register", project("borealis"), "--name", "b", "--runtime", "codex"},
          {"update", id, "--set", "description=new"},
          {"unregister", id}}) {
      const auto refused = within_bounds(change);
      CAF_CHECK_EQUAL(refused.exit, 1);
      // What became of an earlier attempt cannot be told without the feed: busy.
      auto again = change;
      again.insert(again.end(), {"--request-id", "asked-before"});
      CAF_CHECK_EQUAL(within_bounds(again).exit, 8);
    }
    CAF_CHECK_EQUAL(run({"relay", "send", "atlas", "hello"}).exit, 1);
    CAF_CHECK_EQUAL(run({"heartbeat", "atlas"}).exit, 1);
    CAF_CHECK(bytes_of(manifest("atlas")) == hand_written_manifest(id, "atlas", "old"));
    CAF_CHECK(!bytes_of(manifest("borealis")));
    // Reads go on.
    CAF_CHECK_EQUAL(text_of(row_at(run({"list"}).document, project("atlas")), "id"), id);
    CAF_CHECK_EQUAL(run({"doctor"}).exit, 0);
  }
  must({"update", id, "--set", "description=new"});
  nothing_is_wrong();
}

CAF_TEST_FIXTURE_SCOPE_END()
