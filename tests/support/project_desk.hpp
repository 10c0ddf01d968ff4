#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/real_muster.hpp"

#include <boost/json/serialize.hpp>
#include <caf/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::test {

/// What the list has to say of one agent.
struct project_truth {
  std::string path;
  std::string name;
  std::string status = "active";
  std::set<std::string> copies = {};
  friend bool operator==(const project_truth&, const project_truth&) = default;
};

inline std::string told(const project_truth& of) {
  auto text = of.name + " " + of.status + " " + of.path;
  for (const auto& each : of.copies)
    text += " copy " + each;
  return text;
}

/// A machine on which somebody works with projects, and what is true of them.
struct project_desk : real_muster {
  std::map<std::string, project_truth> agents; ///< by id
  std::unique_ptr<child_process> daemon;
  std::size_t sweeps = 0;
  std::size_t wrong = 0;
  std::set<std::string> told_wrong;

  project_desk() {
    must({"init"});
    std::filesystem::create_directory(root() + "/src");
    std::filesystem::create_directory(root() + "/away");
  }

  [[nodiscard]] std::string at(const std::string& below) const { return root() + "/src/" + below; }
  [[nodiscard]] std::string away(const std::string& below) const { return root() + "/away/" + below; }

  /// Runs a tool; that it cannot is no failure of ours.
  void tool(const std::vector<std::string>& line) const {
    std::vector<std::string> all{"/usr/bin/env"};
    all.insert(all.end(), line.begin(), line.end());
    const auto result = run_process(all, {.environment = {"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1"}});
    if (result.exit == 0)
      return;
    std::fprintf(stderr, "%s ended with %d: %s\n(./muster-dev setup installs what is missing)\n", line[0].c_str(),
                 result.exit, result.err.c_str());
    std::abort();
  }
  void git(const std::string& project, const std::vector<std::string>& line) const {
    std::vector<std::string> all{
        "git", "-C", project, "-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "init.defaultBranch=main"};
    all.insert(all.end(), line.begin(), line.end());
    tool(all);
  }
  void commit_all(const std::string& project) const {
    git(project, {"add", "--all"});
    git(project, {"commit", "--quiet", "--message", "all"});
  }

  /// A registered project with some content; its id.
  std::string add(const std::string& name) {
    std::filesystem::create_directories(at(name));
    put_bytes(at(name) + "/README", "about " + name);
    const auto placed =
        must({"register", at(name), "--name", name, "--runtime", "codex", "--scan-root", root() + "/src"});
    auto id = text_of(placed, "agent");
    agents[id] = {at(name), name};
    return id;
  }

  static std::string manifest_in(const std::string& project) { return project + "/.dork/agent.json"; }
  void replace(const std::string& project, const std::string& from, const std::string& to) const {
    auto text = bytes_of(manifest_in(project)).value();
    text.replace(text.find(from), from.size(), to);
    put_bytes(manifest_in(project), text);
  }

  /// Every manifest below the root, set aside or not, with its bytes.
  [[nodiscard]] std::map<std::string, std::string> manifests() const {
    std::map<std::string, std::string> found;
    for (const auto* top : {"/src", "/away"})
      for (const auto& entry : std::filesystem::recursive_directory_iterator(
               root() + top, std::filesystem::directory_options::skip_permission_denied))
        if (entry.path().filename().string().find("agent") != std::string::npos && entry.is_regular_file())
          found[entry.path()] = bytes_of(entry.path()).value_or("");
    return found;
  }

  [[nodiscard]] std::map<std::string, project_truth> listed() const {
    std::map<std::string, project_truth> result;
    const auto list = must({"list"});
    for (const auto& row : member(list, "agents").as_array()) {
      project_truth one{text_of(row, "path"), text_of(row, "name"), text_of(row, "status")};
      for (const auto& each : member(row, "problems").as_array())
        if (text_of(each, "kind") == "duplicate")
          one.copies.insert(text_of(each, "path"));
      result[text_of(row, "id")] = one;
    }
    return result;
  }

  /// Sweeps, and holds the list against the truth. A sweep of ours writes no file.
  boost::json::value sweep(const std::string& after) {
    const auto files = manifests();
    auto report = must({"sweep"});
    ++sweeps;
    auto is = listed();
    bool fine = manifests() == files;
    for (const auto& [id, wanted] : agents)
      if (is[id] != wanted) {
        fine = false;
        if (!told_wrong.insert(id).second)
          continue;
        std::fprintf(stderr, "after %s:\n  is     %s\n  should %s\n", after.c_str(), told(is[id]).c_str(),
                     told(wanted).c_str());
      }
    fine = fine && is.size() == agents.size();
    if (!fine)
      std::fprintf(stderr, "after %s: %zu rows of %zu, manifests %s; %s\n", after.c_str(), is.size(), agents.size(),
                   manifests() == files ? "kept" : "changed", boost::json::serialize(report).c_str());
    wrong += fine ? 0 : 1;
    return report;
  }

  /// The daemon that there is ends in order, and another begins.
  void serve_anew() {
    if (daemon) {
      daemon->signal(SIGTERM);
      CAF_CHECK(daemon->wait(std::chrono::seconds{20}).has_value());
    }
    daemon = std::make_unique<child_process>(line({"serve"}));
    CAF_REQUIRE(wait_for_socket(data(), std::chrono::seconds{20}));
    // Whoever asks while the sweep of the start runs gets its report, and that may
    // have looked before the next step of a story.
    (void)must({"sweep"});
  }

  void nothing_is_wrong() const {
    CAF_CHECK_EQUAL(wrong, 0u);
    CAF_CHECK_EQUAL(run({"doctor"}).exit, 0);
    CAF_CHECK_EQUAL(run({"rebuild", "--verify"}).exit, 0);
  }
};

} // namespace muster::test
