#define CAF_SUITE runner_cli

#include "tests/support/run_process.hpp"
#include "tests/support/scratch_directory.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

using muster::test::process_result;

namespace {

process_result muster_with(std::vector<std::string> arguments, const muster::test::process_setup& setup = {}) {
  arguments.insert(arguments.begin(), muster::test::program("muster"));
  return muster::test::run_process(arguments, setup);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(tells its version) {
  const auto answer = muster_with({"version"});
  CAF_CHECK_EQUAL(answer.exit, 0);
  CAF_CHECK(answer.out.starts_with("muster "));
  CAF_CHECK_EQUAL(answer.err, "");
}

CAF_TEST(names the libraries it runs with) {
  const auto answer = muster_with({"--json", "version", "--deps"});
  CAF_CHECK_EQUAL(answer.exit, 0);
  CAF_CHECK(contains(answer.out, "\"CAF\":\"0.18.7\""));
  CAF_CHECK(contains(answer.out, "\"SQLite\":"));
}

CAF_TEST(no command at all is a usage error) {
  const auto answer = muster_with({});
  CAF_CHECK_EQUAL(answer.exit, 2);
  CAF_CHECK_EQUAL(answer.out, "");
  CAF_CHECK(contains(answer.err, "no command was given"));
}

CAF_TEST(suggests the command that was meant) {
  const auto answer = muster_with({"versoin"});
  CAF_CHECK_EQUAL(answer.exit, 2);
  CAF_CHECK(contains(answer.err, "did you mean 'version'"));
}

CAF_TEST(suggests the option that was meant) {
  const auto answer = muster_with({"version", "--dpes"});
  CAF_CHECK_EQUAL(answer.exit, 2);
  CAF_CHECK(contains(answer.err, "did you mean '--deps'"));
}

CAF_TEST(a usage error is a JSON document too when asked for) {
  const auto answer = muster_with({"--json", "versoin"});
  CAF_CHECK_EQUAL(answer.exit, 2);
  CAF_CHECK(answer.out.starts_with("{\"error\":{\"kind\":\"usage\""));
  CAF_CHECK_EQUAL(answer.err, "");
}

CAF_TEST(escapes what was typed when it repeats it) {
  const auto answer = muster_with({"\x1b[31mred"});
  CAF_CHECK_EQUAL(answer.exit, 2);
  CAF_CHECK(contains(answer.err, "\\x1b[31mred"));
  CAF_CHECK(!contains(answer.err, "\x1b"));
}

CAF_TEST(every command shows help with an example) {
  const std::vector<std::vector<std::string>> commands = {{"version"},          {"help"},     {"manifest", "check"},
                                                          {"manifest", "show"}, {"register"}, {"config", "set"}};
  for (auto command : commands) {
    command.push_back("--help");
    const auto answer = muster_with(command);
    CAF_CHECK_EQUAL(answer.exit, 0);
    CAF_CHECK(contains(answer.out, "Example: muster "));
  }
}

CAF_TEST(says so when standard output is full) {
  const auto answer = muster_with({"version"}, {.out_file = "/dev/full"});
  CAF_CHECK_EQUAL(answer.exit, 1);
  CAF_CHECK(contains(answer.err, "was carried out"));
  CAF_CHECK(contains(answer.err, "could not be written"));
}

CAF_TEST(says nothing where nobody reads any further) {
  const muster::test::scratch_directory place;
  // A pipe whose reader has gone.
  const auto script = "mkfifo pipe && exec 3<>pipe 4>pipe 3<&- && \"$0\" version >&4";
  const auto answer = muster::test::run_process(
      {"/usr/bin/env", "-C", place.path(), "/bin/sh", "-c", script, muster::test::program("muster")});
  CAF_CHECK_EQUAL(answer.exit, 1);
  CAF_CHECK_EQUAL(answer.err, "");
}

CAF_TEST(works without a home directory) {
  const auto answer = muster_with({"version"}, {.environment = {"HOME=", "XDG_STATE_HOME=relative"}});
  CAF_CHECK_EQUAL(answer.exit, 0);
}

CAF_TEST(refuses an argument of 100 KiB with a short message) {
  const auto answer = muster_with({std::string(100 * 1024, 'a')});
  CAF_CHECK_EQUAL(answer.exit, 2);
  CAF_CHECK(answer.err.size() < 1024);
}

CAF_TEST(answers a line that repeats an option in JSON when that was asked for) {
  const auto answer = muster_with({"--json", "--data", "/a", "--data", "/b", "version"});
  CAF_CHECK_EQUAL(answer.exit, 2);
  CAF_CHECK(answer.out.starts_with("{\"error\":{\"kind\":\"usage\""));
  CAF_CHECK_EQUAL(answer.err, "");
}

CAF_TEST(a manifest named by its file is read as carefully as one named by its project) {
  const muster::test::scratch_directory place;
  std::filesystem::create_directories(place.path() + "/elsewhere");
  std::filesystem::create_directories(place.path() + "/atlas");
  std::ofstream(place.path() + "/elsewhere/agent.json") << "{}";
  std::filesystem::create_symlink(place.path() + "/elsewhere", place.path() + "/atlas/.dork");
  for (const std::string named : {"", "/.dork/agent.json", "/.dork/./agent.json", "//.dork//agent.json"}) {
    const auto answer = muster_with({"manifest", "check", place.path() + "/atlas" + named});
    CAF_CHECK_EQUAL(answer.exit, 4);
    CAF_CHECK(contains(answer.err, "symbolic link"));
  }
}
