#pragma once

#include "muster/store/scan_lister.hpp"
#include "muster/store/scan_walk.hpp"
#include "muster/store/simulated_environment.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace muster::test {

/// What one scan without actors has come to.
struct scanned_tree {
  scan_report report;
  std::vector<manifest_met> manifests;

  [[nodiscard]] std::vector<std::string> candidates() const { return paths_of(report.candidates); }
  [[nodiscard]] std::vector<std::string> existing() const { return paths_of(report.existing); }
  [[nodiscard]] std::vector<std::string> denied() const { return paths_of(report.denied); }
  [[nodiscard]] std::vector<std::string> found() const {
    std::vector<std::string> result;
    for (const auto& each : manifests)
      result.push_back(each.agent.path);
    return result;
  }
  [[nodiscard]] std::size_t told(std::string_view kind) const {
    return static_cast<std::size_t>(std::ranges::count(report.problems, kind, &scan_problem::kind));
  }

private:
  template <class T>
  static std::vector<std::string> paths_of(const std::vector<T>& all) {
    std::vector<std::string> result;
    for (const auto& each : all)
      result.push_back(each.path);
    return result;
  }
};

/// A simulated disk, and scans of it on one thread.
class scan_world {
public:
  simulated_environment world;
  scan_walk_options options;
  listing_limits limits;
  std::vector<project_strategy> strategies = known_strategies();
  std::vector<scanned_agent> placed;
  std::vector<scan_denial> denied;
  bool follow_mounts = false;
  /// In the way to the files of `world`, if somebody is.
  disk* through = nullptr;
  /// Called before each batch; false ends the scan.
  std::function<bool(const scan_walk&)> go_on = [](const scan_walk&) { return true; };

  void make(const std::string& path) {
    for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
      const auto part = path.substr(0, slash);
      if (!world.files.exists(part))
        world.files.put_directory(part);
      if (slash == std::string::npos)
        return;
    }
  }
  void put(const std::string& path, std::string_view text = "") {
    make(path.substr(0, path.rfind('/')));
    world.files.put_file(path, text);
  }
  void put_special(const std::string& path, file_type type) {
    make(path.substr(0, path.rfind('/')));
    world.files.put_special(path, type);
  }
  void put_manifest(const std::string& project, const std::string& id) {
    put(project + "/.dork/agent.json", manifest_text(id));
  }
  void set_mode(const std::string& path, std::uint32_t mode) {
    world.files.aside([&](disk& files) {
      const auto file = files.open(no_handle, path, {});
      (void)files.change_mode(*file, mode);
      (void)files.close(*file);
    });
  }

  [[nodiscard]] static std::string manifest_text(const std::string& id) {
    return R"({"id":")" + id + R"(","name":")" + "n-" + id +
           R"(","description":"","runtime":"codex","capabilities":[],"behavior":{"responseMode":"always"},)"
           R"("registeredAt":"2026-01-01T00:00:00.000Z","registeredBy":"test"})";
  }

  [[nodiscard]] scanned_tree scan(std::vector<std::string> roots = {"/r"}) {
    const auto terms = std::make_shared<const scan_terms>(std::move(roots), placed, strategies, follow_mounts, limits);
    scan_walk walk(terms, denied, options);
    const auto view = world.view();
    scan_lister lister(environment{through ? *through : view.files, view.clock, view.random, view.self});
    const auto pulse = std::make_shared<scan_pulse>();
    while (go_on(walk)) {
      auto batch = walk.next();
      if (!batch)
        break;
      batch->pulse = pulse;
      walk.take(lister.list(*batch));
    }
    scanned_tree result;
    result.manifests = walk.take_manifests();
    result.report = walk.take_report();
    return result;
  }
};

} // namespace muster::test
