#define CAF_SUITE examples_cli

#include "tests/support/muster_command.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>

using namespace muster::test;

namespace {

struct fixture : muster_command {
  [[nodiscard]] std::string project(const char* name) const {
    auto path = place.path() + "/" + name;
    std::filesystem::create_directory(path);
    return path;
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(examples, fixture)

CAF_TEST(register_one registers a directory that the commands then know) {
  const auto atlas = project("atlas");
  const auto registered = run_process({program("register_one"), data, atlas});
  CAF_CHECK_EQUAL(registered.exit, 0);
  CAF_CHECK(contains(registered.out, "registered at " + atlas));
  CAF_CHECK(contains(muster({"list"}).out, atlas));
  CAF_CHECK_EQUAL(muster({"doctor"}).exit, 0);
}

CAF_TEST(register_one tells why it did not) {
  const auto refused = run_process({program("register_one"), data, place.path() + "/nowhere"});
  CAF_CHECK(refused.exit != 0);
  CAF_CHECK(contains(refused.err, "nowhere"));
}

CAF_TEST(a host registers and lists and hears of every change once) {
  const auto atlas = project("atlas");
  const auto borealis = project("borealis");
  const auto host = run_process({program("embed_in_host"), data, atlas, borealis});
  CAF_CHECK_EQUAL(host.exit, 0);
  CAF_CHECK_EQUAL(host.err, "");
  for (const auto& path : {atlas, borealis}) {
    CAF_CHECK(contains(host.out, " at " + path + ", active"));
    const auto first = host.out.find(" lives at " + path + "\n");
    CAF_CHECK(first != std::string::npos);
    CAF_CHECK(host.out.find(" lives at " + path + "\n", first + 1) == std::string::npos);
  }
  // The same request ids again: nothing is made twice.
  CAF_CHECK_EQUAL(run_process({program("embed_in_host"), data, atlas, borealis}).exit, 0);
  CAF_CHECK_EQUAL(muster({"rebuild", "--verify"}).exit, 0);
}

CAF_TEST(a host keeps a roster of its own by what it is told) {
  const auto atlas = project("atlas");
  const auto borealis = project("borealis");
  CAF_CHECK_EQUAL(run_process({program("register_one"), data, project("there")}).exit, 0);
  const auto host = run_process({program("watch_events"), data, atlas, borealis});
  CAF_CHECK_EQUAL(host.exit, 0);
  CAF_CHECK_EQUAL(host.err, "");
  for (const auto& path : {atlas, borealis})
    for (const auto* what : {" registered ", " health-changed ", " removed "}) {
      const auto line = what + path.substr(path.rfind('/') + 1) + " at " + path + ", ";
      const auto first = host.out.find(line);
      CAF_CHECK(first != std::string::npos);
      CAF_CHECK(host.out.find(line, first + 1) == std::string::npos);
    }
  const auto last = host.out.rfind("the roster has 1 agents");
  CAF_CHECK(last != std::string::npos && last != host.out.find("the roster has 1 agents"));
}

CAF_TEST(a host has a relay of its own through which its agents speak) {
  const auto host =
      run_process({program("own_relay"), data, place.path() + "/mail", project("atlas"), project("borealis")});
  CAF_CHECK_EQUAL(host.exit, 0);
  CAF_CHECK_EQUAL(host.err, "");
  CAF_CHECK(contains(host.out, "carries \"good morning\" from relay.agent.example."));
  CAF_CHECK(contains(host.out, "read \"good morning\" from relay.agent.example."));
  CAF_CHECK(contains(host.out, "acknowledged 1\n"));
}

CAF_TEST_FIXTURE_SCOPE_END()
