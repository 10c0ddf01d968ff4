#define CAF_SUITE completion_cli

#include "tests/support/run_process.hpp"
#include "tests/support/scratch_directory.hpp"

#include <caf/test/unit_test.hpp>

#include <fstream>
#include <iostream>

#include <sys/stat.h>
#include <unistd.h>

using namespace muster::test;

namespace {

struct fixture {
  scratch_directory place;

  std::string script(const std::string& shell) const {
    const auto path = place.path() + "/muster." + shell;
    std::ofstream(path) << run_process({program("muster"), "completion", shell}).out;
    return path;
  }

  // What bash offers for the last word of a line.
  std::string offers(const std::string& words) const {
    const auto run = place.path() + "/run";
    std::ofstream(run) << "source " << script("bash") << "\ncd " << place.path() << "\nmuster() { :; }\nCOMP_WORDS=("
                       << words << ")\nCOMP_WORDS[0]=" << program("muster")
                       << "\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_muster\necho \"${COMPREPLY[*]}\"\n";
    const auto done =
        run_process({"/bin/bash", "--norc", run}, {.environment = {"MUSTER_DATA=" + place.path() + "/no"}});
    return done.out.empty() ? done.err : done.out.substr(0, done.out.size() - 1);
  }
};

std::string installed(const std::string& shell) {
  for (const auto* folder : {"/bin/", "/usr/bin/", "/usr/local/bin/"})
    if (::access((folder + shell).c_str(), X_OK) == 0)
      return folder + shell;
  return "";
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(completion, fixture)

CAF_TEST(bash completes commands and what is below them) {
  CAF_CHECK_EQUAL(offers("muster unr"), "unregister");
  CAF_CHECK_EQUAL(offers("muster manifest ch"), "check");
  CAF_CHECK_EQUAL(offers("muster --data /tmp --json li"), "list");
  CAF_CHECK_EQUAL(offers("muster completion ''"), "bash zsh fish");
  CAF_CHECK_EQUAL(offers("muster help hea"), "heartbeat");
}

CAF_TEST(bash completes options of the command and of muster itself once) {
  CAF_CHECK_EQUAL(offers("muster list --he"), "--help --health");
  CAF_CHECK_EQUAL(offers("muster --he"), "--help");
  CAF_CHECK_EQUAL(offers("muster unregister atlas --k"), "--keep-manifest");
  CAF_CHECK_EQUAL(offers("muster unregister atlas --req"), "--request-id");
}

CAF_TEST(bash completes the values that options and arguments take) {
  CAF_CHECK_EQUAL(offers("muster list --runtime cop"), "copilot");
  CAF_CHECK_EQUAL(offers("muster list --runtime = cop"), "copilot");
  CAF_CHECK_EQUAL(offers("muster list --health ''"), "active inactive stale");
  CAF_CHECK_EQUAL(offers("muster config get sweep.i"), "sweep.interval");
}

CAF_TEST(bash completes directories with blanks in their names where a path goes) {
  ::mkdir((place.path() + "/two words").c_str(), 0700);
  CAF_CHECK_EQUAL(offers("muster register tw"), "two words");
  CAF_CHECK_EQUAL(offers("muster show ./tw"), "./two words");
  CAF_CHECK_EQUAL(offers("muster register --scan-root tw"), "two words");
}

CAF_TEST(completing the name of an agent makes no data directory and says nothing of failures) {
  const auto names = run_process({program("muster"), "--data", place.path() + "/no", "completion", "agents"});
  CAF_CHECK_EQUAL(names.exit, 0);
  CAF_CHECK_EQUAL(names.out + names.err, "");
  CAF_CHECK_EQUAL(offers("muster show atl"), "");
  CAF_CHECK(::access((place.path() + "/no").c_str(), F_OK) != 0);
}

CAF_TEST(each script is in the grammar of its shell) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const auto path = script(shell);
    if (installed(shell).empty()) {
      std::cout << "lane completion_cli: " << shell << " is not installed, its script was not read\n";
      continue;
    }
    const auto read = run_process({installed(shell), "-n", path});
    CAF_CHECK_EQUAL(read.exit, 0);
    CAF_CHECK_EQUAL(read.err, "");
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
