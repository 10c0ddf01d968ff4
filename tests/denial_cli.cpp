#define CAF_SUITE denial_cli

#include "tests/support/daemon_process.hpp"
#include "tests/support/muster_command.hpp"
#include "tests/support/raw_client.hpp"

#include "muster/store/json.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

using namespace muster::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

struct fixture : muster_command {
  std::string src = place.path() + "/src";

  fixture() { fs::create_directories(src); }

  std::string json(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "--json");
    return muster(std::move(arguments)).out;
  }
  std::string project(const std::string& name) const {
    const auto path = src + "/" + name;
    fs::create_directories(path);
    return path;
  }
  /// A project with a manifest that nobody has registered.
  std::string left(const std::string& name, const std::string& id, const std::string& name_space = {}) const {
    auto path = project(name);
    fs::create_directories(path + "/.dork");
    std::ofstream(path + "/.dork/agent.json")
        << R"({"id":")" << id << R"(","name":")" << fs::path(name).filename().string() << R"(","runtime":"other")"
        << (name_space.empty() ? "" : R"(,"namespace":")" + name_space + "\"")
        << R"(,"registeredAt":"2026-01-31T08:30:00.000Z","registeredBy":"me"})";
    return path;
  }
  /// A daemon that answers.
  std::unique_ptr<daemon_process> serve() const {
    auto daemon = std::make_unique<daemon_process>(line({"serve"}), place.path() + "/said");
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (status_of(ask("list", "{}")) != 200 && std::chrono::steady_clock::now() < give_up)
      std::this_thread::yield();
    return daemon;
  }
  std::string ask(const std::string& operation, const std::string& request) const {
    raw_client client(data);
    return client.connected() && client.send(post(operation, request)) ? client.answer() : "";
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t members(const std::string& text, std::string_view list) {
  const auto document = muster::json::document::parse(text);
  return document ? document->root().find(list).size() : 99;
}

constexpr const char* id_a = "01JF5K3W8RZQ0V7B2M4N6P8S9A";
constexpr const char* id_b = "01JF5K3W8RZQ0V7B2M4N6P8S9B";

} // namespace

CAF_TEST_FIXTURE_SCOPE(denials, fixture)

CAF_TEST([GP18] a directory is denied and listed and taken back) {
  const auto no = project("no");
  CAF_CHECK(contains(muster({"denied"}).out, "nothing is denied"));
  const auto said = muster({"deny", no, "--reason", "not ours"});
  CAF_CHECK_EQUAL(said.exit, 0);
  CAF_CHECK(contains(said.out, "denied " + no + " (not ours)"));
  const auto listed = muster({"denied"});
  CAF_CHECK(contains(listed.out, "PATH") && contains(listed.out, no) && contains(listed.out, "not ours"));
  CAF_CHECK(contains(listed.out, "just now"));
  const auto document = json({"denied"});
  for (const auto* key :
       {R"("path":")", R"("reason":"not ours")", R"("by":")", R"("at":"20)", R"("strategy":"manual")"})
    CAF_CHECK(contains(document, key));
  CAF_CHECK_EQUAL(json({"deny", no}), document);
  CAF_CHECK_EQUAL(muster({"undeny", no}).exit, 0);
  CAF_CHECK_EQUAL(members(json({"denied"}), "denied"), 0u);
  const auto again = muster({"undeny", no});
  CAF_CHECK_EQUAL(again.exit, 0);
  CAF_CHECK(contains(again.out, "was not denied"));
  CAF_CHECK(contains(json({"undeny", no}), R"("wasDenied":false)"));
}

CAF_TEST([GP21] a denial by a link or by dots is of the directory and outlives it) {
  const auto no = project("no");
  fs::create_symlink(src, place.path() + "/link");
  process_setup there;
  there.directory = no;
  CAF_CHECK_EQUAL(muster({"deny", "."}, there).exit, 0);
  CAF_CHECK(contains(json({"denied"}), R"("path":")" + no + "\""));
  CAF_CHECK_EQUAL(muster({"undeny", place.path() + "/link/no"}).exit, 0);
  CAF_CHECK_EQUAL(members(json({"deny", place.path() + "/link/no/"}), "denied"), 1u);
  fs::remove_all(no);
  fs::create_symlink(place.path(), no);
  CAF_CHECK(contains(json({"undeny", no}), R"("wasDenied":true)"));
  CAF_CHECK_EQUAL(members(json({"denied"}), "denied"), 0u);
}

CAF_TEST(a place of an agent is refused with what to type) {
  const auto atlas = project("atlas");
  CAF_REQUIRE_EQUAL(muster({"register", atlas, "--name", "atlas"}).exit, 0);
  const auto said = muster({"deny", atlas});
  CAF_CHECK_EQUAL(said.exit, 4);
  CAF_CHECK(contains(said.err, "--keep-manifest"));
  CAF_REQUIRE_EQUAL(muster({"unregister", "atlas", "--keep-manifest"}).exit, 0);
  CAF_CHECK(contains(json({"denied"}), R"("reason":"unregistered","by":"muster")"));
  CAF_CHECK_EQUAL(muster({"register", atlas}).exit, 0);
  CAF_CHECK_EQUAL(members(json({"denied"}), "denied"), 0u);
  const auto no = project("no");
  CAF_REQUIRE_EQUAL(muster({"deny", no}).exit, 0);
  const auto refused = muster({"register", no, "--name", "no"});
  CAF_CHECK_EQUAL(refused.exit, 4);
  CAF_CHECK(contains(refused.err, "muster undeny " + no));
}

CAF_TEST(a daemon takes neither what is denied nor into a namespace that is in use without a word) {
  const auto daemon = serve();
  CAF_REQUIRE_EQUAL(muster({"register", project("team/own"), "--name", "own", "--scan-root", src}).exit, 0);
  const auto no = left("team/no", id_b);
  (void)left("team/found", id_a);
  CAF_REQUIRE_EQUAL(muster({"deny", no}).exit, 0);
  CAF_REQUIRE_EQUAL(muster({"sweep"}).exit, 0);
  const auto listed = muster({"list"});
  CAF_CHECK(contains(listed.out, "unadmitted"));
  CAF_CHECK(contains(listed.out, std::string("`muster admit ") + id_a + "`"));
  CAF_CHECK(!contains(listed.out, id_b));
  const auto admitted = muster({"admit", "found"});
  CAF_CHECK_EQUAL(admitted.exit, 0);
  CAF_CHECK(contains(admitted.out, "admitted:") && contains(admitted.out, id_a));
  CAF_CHECK(contains(json({"admit", "found"}), R"("subject":"relay.agent.team.)" + std::string(id_a)));
  CAF_CHECK(!contains(muster({"list"}).out, "unadmitted"));
  CAF_CHECK_EQUAL(muster({"undeny", no}).exit, 0);
  CAF_REQUIRE_EQUAL(muster({"sweep"}).exit, 0);
  CAF_CHECK(contains(json({"admit", "--namespace", "team"}), R"("more":false)"));
  CAF_CHECK(contains(muster({"admit", "--namespace", "team"}).out, "no agent waits"));
  CAF_CHECK_EQUAL(muster({"admit"}).exit, 2);
  CAF_CHECK_EQUAL(muster({"admit", "found", "--namespace", "team"}).exit, 2);
  CAF_CHECK_EQUAL(muster({"admit", "nobody"}).exit, 3);
  CAF_CHECK_EQUAL(status_of(ask("denied", "{}")), 200);
  CAF_CHECK_EQUAL(status_of(ask("deny", R"({"path":"relative"})")), 422);
  CAF_CHECK_EQUAL(status_of(ask("admit", R"({"agent":"a","namespace":"b"})")), 400);
}

CAF_TEST(the same request id is the same answer and with another path a refusal) {
  const auto no = project("no");
  const auto first = json({"--request-id", "r1", "deny", no, "--reason", "noise"});
  CAF_CHECK_EQUAL(json({"--request-id", "r1", "deny", no, "--reason", "noise"}), first);
  CAF_CHECK_EQUAL(muster({"--request-id", "r1", "deny", src}).exit, 4);
}

CAF_TEST(a path that is no UTF-8 is denied and taken back) {
  const auto odd = project("odd\xff");
  CAF_CHECK_EQUAL(muster({"deny", odd}).exit, 0);
  CAF_CHECK(contains(json({"denied"}), R"("path":"hex:)"));
  CAF_CHECK(contains(json({"undeny", odd}), R"("wasDenied":true)"));
}

CAF_TEST_FIXTURE_SCOPE_END()
