#define CAF_SUITE real_scan_cli

#include "tests/support/child_process.hpp"
#include "tests/support/daemon_process.hpp"
#include "tests/support/own_mounts.hpp"
#include "tests/support/real_muster.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

using namespace muster::test;
using namespace std::chrono_literals;

namespace {

struct fixture : real_muster {
  fixture() { must({"init"}); }

  void mark(const std::string& name, std::string_view text = "# A\n\nwhat it does\n") const {
    std::filesystem::create_directories(project(name));
    put_bytes(project(name) + "/CLAUDE.md", text);
  }

  [[nodiscard]] boost::json::value scan(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"scan", root()});
    return must(more);
  }
  // The paths in one of the lists, below the root.
  [[nodiscard]] std::vector<std::string> paths(const boost::json::value& scanned, std::string_view list) const {
    std::vector<std::string> result;
    for (const auto& each : member(scanned, list).as_array())
      result.push_back(text_of(each, "path").substr(root().size() + 1));
    return result;
  }
  [[nodiscard]] std::size_t agents() const { return must({"list"}).at("agents").as_array().size(); }
};

std::int64_t count_of(const boost::json::value& scanned, std::string_view what) {
  return member(member(scanned, "notSeen"), what).to_number<std::int64_t>();
}

using names = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(real_scans, fixture)

CAF_TEST([MC01] what a scan has found is registered and is no candidate any more) {
  mark("team/atlas");
  mark("team/boron");
  const auto first = scan();
  CAF_CHECK(paths(first, "candidates") == (names{"team/atlas", "team/boron"}));
  CAF_CHECK_EQUAL(agents(), 0u);
  const auto all = scan({"--register-all"});
  CAF_CHECK_EQUAL(member(all, "registered").as_array().size(), 2u);
  CAF_CHECK(member(all, "failed").as_array().empty());
  const auto list = must({"list"});
  const auto& row = row_at(list, project("team/atlas"));
  CAF_CHECK_EQUAL(text_of(row, "namespace"), "team");
  CAF_CHECK_EQUAL(text_of(row, "name"), "atlas");
  CAF_CHECK(bytes_of(manifest("team/atlas"))->find("what it does") != std::string::npos);
  const auto again = scan();
  CAF_CHECK(paths(again, "candidates").empty());
  CAF_CHECK(paths(again, "existing") == (names{"team/atlas", "team/boron"}));
  must({"unregister", project("team/atlas")});
  must({"unregister", project("team/boron")});
  CAF_CHECK_EQUAL(agents(), 0u);
}

CAF_TEST([AD06] [AD07] a manifest that is there is registered by the scan and told once) {
  make_manifest("team/atlas", hand_written_manifest("01JC8Z5Q3V7XN2M4K6P8R0T2W4", "atlas", "by hand"));
  std::filesystem::create_directories(project("copy"));
  std::filesystem::copy(project("team/atlas"), project("copy"), std::filesystem::copy_options::recursive);
  const auto first = scan();
  CAF_CHECK_EQUAL(paths(first, "existing").size(), 1u);
  CAF_CHECK_EQUAL(paths(first, "duplicates").size(), 1u);
  CAF_CHECK_EQUAL(agents(), 1u);
  const auto second = scan();
  CAF_CHECK_EQUAL(paths(second, "existing").size(), 1u);
  CAF_CHECK_EQUAL(paths(second, "duplicates").size(), 1u);
  const auto& existing = member(second, "existing").as_array()[0];
  CAF_CHECK(member(existing, "registered").is_null());
}

CAF_TEST(whatever lies about ends no scan) {
  mark("fine/deeper");
  make_project("broken/.dork");
  put_bytes(manifest("broken"), "{");
  CAF_REQUIRE(::truncate(manifest("broken").c_str(), off_t{1} << 30) == 0);
  mark("broken");
  for (const char* name : {"CLAUDE.md", ".dork", ".codex"}) {
    make_project("odd");
    CAF_REQUIRE(::mkfifo((project("odd") + "/" + name).c_str(), 0644) == 0);
  }
  CAF_REQUIRE(::symlink(root().c_str(), (root() + "/loop").c_str()) == 0);
  mark("new\nline");
  mark("esc\x1b[31m");
  mark("\xff\xfe");
  std::string deep = "deep";
  for (int i = 0; i < 1000; ++i)
    deep += "/d";
  std::error_code ignored;
  std::filesystem::create_directories(project(deep), ignored);
  child_process command{line({"scan", root(), "--depth", "1000"})};
  const auto done = command.wait(20s);
  CAF_REQUIRE(done);
  CAF_CHECK_EQUAL(done->exit, 0);
  CAF_CHECK(done->out.find('\x1b') == std::string::npos);
  const auto scanned = scan();
  CAF_CHECK_EQUAL(member(scanned, "candidates").as_array().size(), 4u);
  CAF_CHECK_EQUAL(count_of(scanned, "invalid"), 1);
  CAF_CHECK_EQUAL(agents(), 0u);
}

CAF_TEST(mounts are entered when that is asked for and a circle of them ends) {
  const auto may = ask_to_mount("real_scan_cli", "scans through mounts");
  CAF_CHECK(may.fine);
  if (!may.granted)
    return;
  mark("fine");
  make_project("disk");
  make_project("circle");
  const auto other = own_mount::memory(project("disk"), 1U << 20U);
  const auto circle = own_mount::again(root(), project("circle"));
  mark("disk/atlas");
  const auto alone = scan();
  CAF_CHECK(paths(alone, "candidates") == (names{"fine"}));
  CAF_CHECK_EQUAL(count_of(alone, "mounts"), 2);
  const auto all = scan({"--follow-mounts"});
  CAF_CHECK(paths(all, "candidates") == (names{"fine", "disk/atlas"}));
  CAF_CHECK(count_of(all, "repeated") > 0);
}

CAF_TEST(a daemon answers it the same and tells how far it is) {
  mark("team/atlas");
  const auto alone = scan();
  daemon_process daemon(line({"serve"}), scratch() + "/daemon.out");
  CAF_REQUIRE(wait_for_socket(data(), 10s));
  const auto served = scan();
  CAF_CHECK(member(served, "candidates") == member(alone, "candidates"));
  CAF_CHECK_EQUAL(member(served, "scannedDirs"), member(alone, "scannedDirs"));
  CAF_CHECK_EQUAL(run({"scan", root() + "/nowhere"}).exit, 3);
  daemon.signal(SIGTERM);
  CAF_CHECK_EQUAL(daemon.wait(), 0);
}

CAF_TEST(a budget that is over is told and no failure) {
  for (int i = 0; i < 300; ++i)
    make_project("p" + std::to_string(i));
  const auto report = scan({"--timeout", "1"});
  // On a fast machine even that may do.
  CAF_CHECK(member(report, "truncated").as_bool() || member(report, "scannedDirs").to_number<int>() == 301);
  CAF_CHECK_EQUAL(run({"scan", root(), "--depth", "1025"}).exit, 4);
  CAF_CHECK_EQUAL(run({"scan", root(), "--timeout", "0"}).exit, 4);
}

CAF_TEST_FIXTURE_SCOPE_END()
