#define CAF_SUITE access_cli

#include "tests/support/daemon_process.hpp"
#include "tests/support/muster_command.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

using namespace muster::test;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct fixture : muster_command {
  std::string no_programs = place.path() + "/empty";

  fixture() { std::filesystem::create_directory(no_programs); }

  /// Where `dot` is found is what `path` says.
  process_result muster(std::vector<std::string> arguments, const std::string& path = {}) const {
    process_setup setup;
    setup.environment = {"PATH=" + (path.empty() ? no_programs : path)};
    return muster_command::muster(std::move(arguments), setup);
  }
  process_result json(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "--json");
    return muster(std::move(arguments));
  }
  void add(const std::string& name, const std::string& space) const {
    const auto project = place.path() + "/" + name;
    std::filesystem::create_directory(project);
    const auto done = muster({"register", project, "--name", name, "--namespace", space, "--runtime", "codex"});
    CAF_REQUIRE_EQUAL(done.exit, 0);
  }
  void add_two() const {
    add("atlas", "lab");
    add("bot", "web");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(access_commands, fixture)

CAF_TEST(a rule is made and listed and explained and withdrawn) {
  add_two();
  const auto none = muster({"access", "who", "atlas"});
  CAF_CHECK_EQUAL(none.exit, 0);
  CAF_CHECK(contains(none.out, "no other agent may be reached, and none may reach it"));
  const auto made = muster({"access", "allow", "Lab", "web"});
  CAF_CHECK_EQUAL(made.exit, 0);
  CAF_CHECK(contains(made.out, "agents of lab may reach those of web"));
  CAF_CHECK_EQUAL(made.err, "");
  const auto listed = json({"access", "list"});
  CAF_CHECK(
      contains(listed.out, R"({"source":"lab","target":"web","action":"allow","priority":50,"origin":"explicit")"));
  CAF_CHECK(
      contains(listed.out, R"({"source":"lab","target":"lab","action":"allow","priority":100,"origin":"default"})"));
  CAF_CHECK(contains(listed.out, R"({"source":"web","target":"*","action":"deny","priority":10,"origin":"default"})"));
  const auto table = muster({"access", "list"});
  CAF_CHECK(contains(table.out, "SOURCE") && contains(table.out, "in each of 2 namespaces"));
  const auto who = muster({"access", "who", "atlas"});
  CAF_CHECK(contains(who.out, "yes, lab to web is allowed by hand"));
  CAF_CHECK(contains(who.out, "no, nothing allows it"));
  const auto document = json({"access", "who", "bot"});
  CAF_CHECK(contains(document.out, R"("reaches":{"allowed":false,"rule":1},"reachedBy":{"allowed":true,"rule":0})"));
  CAF_CHECK_EQUAL(muster({"access", "deny", "lab", "web"}).exit, 0);
  CAF_CHECK(contains(muster({"access", "who", "atlas", "--all"}).out, "lab to web is denied by hand"));
  CAF_CHECK_EQUAL(muster({"access", "withdraw", "lab", "web"}).exit, 0);
  CAF_CHECK(!contains(json({"access", "list"}).out, "explicit"));
}

CAF_TEST(what cannot be a rule is refused with what to type instead) {
  for (const auto* verb : {"allow", "deny", "withdraw"}) {
    const auto one_sided = muster({"access", verb, "*", "lab"});
    CAF_CHECK_EQUAL(one_sided.exit, 4);
    CAF_CHECK(contains(one_sided.err, "both sides of an access rule or neither"));
    CAF_CHECK(contains(one_sided.err, std::string("muster access ") + verb));
    const auto same = muster({"access", verb, "lab", "lab"});
    CAF_CHECK_EQUAL(same.exit, 4);
    CAF_CHECK(contains(same.err, "always reach each other"));
    CAF_CHECK_EQUAL(muster({"access", verb, "", "lab"}).exit, 4);
    CAF_CHECK_EQUAL(muster({"access", verb, "lab"}).exit, 2);
  }
  CAF_CHECK_EQUAL(muster({"access", "who", "nobody"}).exit, 3);
  CAF_CHECK_EQUAL(muster({"access"}).exit, 2);
  CAF_CHECK(contains(json({"access", "deny", "a", "a"}).out, R"("code":"rule-own-namespace")"));
}

CAF_TEST(a request id makes a repetition harmless and belongs to one rule) {
  add_two();
  const auto rule = [&](const char* verb) {
    return muster({"--request-id", "r1", "--json", "access", verb, "lab", "web"});
  };
  const auto first = rule("allow");
  CAF_CHECK_EQUAL(first.exit, 0);
  CAF_CHECK_EQUAL(rule("allow").out, first.out);
  CAF_CHECK_EQUAL(rule("deny").exit, 4);
}

CAF_TEST(the switch opens the mesh and a note says who is not there yet) {
  add_two();
  CAF_CHECK(contains(muster({"access", "allow", "lab", "later"}).err, "no agent lives in 'later'"));
  CAF_CHECK_EQUAL(muster({"access", "allow", "*", "*"}).exit, 0);
  const auto seen = json({"topology", "--namespace", "web"});
  CAF_CHECK(contains(seen.out, R"("callerNamespace":"web")") &&
            contains(seen.out, R"("namespace":"lab","agentCount":1)"));
  CAF_CHECK(contains(seen.out, R"("openMesh":true)"));
  CAF_CHECK(contains(json({"topology"}).out, R"("withoutAgents":["later"])"));
  CAF_CHECK(contains(muster({"access", "who", "bot"}).out, "the mesh-wide switch allows it"));
}

CAF_TEST(a topology is told as a table and a document and a graph and a picture) {
  add_two();
  CAF_REQUIRE_EQUAL(muster({"access", "allow", "lab", "web"}).exit, 0);
  const auto table = muster({"topology"});
  CAF_CHECK(contains(table.out, "lab, 1 agent") && contains(table.out, "atlas"));
  const auto document = json({"topology", "--namespace", "web"});
  CAF_CHECK(contains(document.out, R"("projectPath":")") &&
            contains(document.out, R"("relaySubject":"relay.agent.web.)"));
  CAF_CHECK(!contains(document.out, R"("namespace":"lab","agentCount")"));
  const auto graph = muster({"topology", "--dot", "-"});
  CAF_CHECK(graph.out.starts_with("digraph muster {") && contains(graph.out, "n0 -> n1"));
  const auto file = place.path() + "/seen.svg";
  const auto drawn = muster({"topology", "--svg", file});
  CAF_CHECK_EQUAL(drawn.exit, 0);
  CAF_CHECK(contains(drawn.out, "drawn by muster"));
  CAF_CHECK(content_of(file).starts_with("<svg ") && contains(content_of(file), "atlas"));
  CAF_CHECK(json({"topology", "--svg", file}).out.starts_with(R"({"callerNamespace":"*")"));
  CAF_CHECK_EQUAL(json({"topology", "--svg", "-"}).exit, 2);
  CAF_CHECK_EQUAL(muster({"topology", "--svg", ""}).exit, 2);
  CAF_CHECK_EQUAL(muster({"topology", "--dot", ""}).exit, 2);
  CAF_CHECK_EQUAL(muster({"topology", "--svg", file, "--dot", file}).exit, 2);
  CAF_CHECK_EQUAL(muster({"topology", "--svg", place.path() + "/no/such.svg"}).exit, 1);
}

CAF_TEST(dot draws where it is installed and muster where it fails) {
  add_two();
  const auto tools = place.path() + "/tools";
  std::filesystem::create_directory(tools);
  const auto install = [&](const std::string& does) {
    std::ofstream(tools + "/dot") << "#!/bin/sh\n" << does << "\n";
    std::filesystem::permissions(tools + "/dot", std::filesystem::perms::owner_all);
  };
  install("echo \"<svg by='$1'>\"; read line; echo \"$line</svg>\"");
  const auto by_dot = muster({"topology", "--svg", "-"}, tools);
  CAF_CHECK_EQUAL(by_dot.out, "<svg by='-Tsvg'>\ndigraph muster {</svg>\n");
  for (const auto* fault : {"exit 1", "echo nonsense", "kill -9 $$", "echo '<svg'; exec true"}) {
    install(fault);
    CAF_CHECK(muster({"topology", "--svg", "-"}, tools).out.starts_with("<svg xmlns"));
  }
}

CAF_TEST(a daemon answers the same and its relay is told at once) {
  add_two();
  const daemon_process daemon(line({"serve"}), place.path() + "/said");
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (!std::filesystem::exists(data + "/muster.sock") && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  CAF_CHECK_EQUAL(muster({"access", "allow", "lab", "web"}).exit, 0);
  CAF_CHECK(contains(json({"access", "who", "atlas"}).out, R"("reaches":{"allowed":true)"));
  CAF_CHECK(contains(muster({"topology", "--namespace", "lab"}).out, "web, 1 agent"));
  CAF_CHECK_EQUAL(muster({"access", "deny", "*", "lab"}).exit, 4);
  daemon.signal(SIGTERM);
}

CAF_TEST_FIXTURE_SCOPE_END()
