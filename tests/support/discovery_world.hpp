#pragma once

#include "tests/support/muster_world.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace muster::test {

inline constexpr std::string_view id_a = "01JF5K3W8RZQ0V7B2M4N6P8S9A";
inline constexpr std::string_view id_b = "01JF5K3W8RZQ0V7B2M4N6P8S9B";

/// Agents below /home/src, whose manifests are put, copied and moved.
class discovery_world : public muster_world {
public:
  discovery_world() {
    machine.files.put_directory("/home/src");
    // Without a scan root on record nobody looks anywhere.
    options.sweep.discovery.managed_home = "/home/agents";
    machine.files.put_directory("/home/agents");
  }

  static std::string text_of(std::string_view id, const std::string& name, const std::string& more = {}) {
    return "{\"id\": \"" + std::string(id) + "\", \"name\": \"" + name +
           "\", \"runtime\": \"other\", \"registeredAt\": \"2026-01-31T08:30:00.000Z\", \"registeredBy\": \"me\"" +
           more + "}";
  }
  void make(const std::string& path) {
    for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
      const auto part = path.substr(0, slash);
      if (!machine.files.exists(part))
        machine.files.put_directory(part);
      if (slash == std::string::npos)
        return;
    }
  }
  void put(const std::string& path, const std::string& text) {
    make(path + "/.dork");
    machine.files.put_file(manifest_path(path), text);
  }
  void copy(const std::string& from, const std::string& to) { put(to, manifest(from)); }
  void move(const std::string& from, const std::string& to) {
    machine.files.aside(
        [&](auto& files) { CAF_REQUIRE(files.rename(no_handle, from, no_handle, to, rename_mode::no_replace)); });
  }
  void remove(const std::string& path) {
    machine.files.aside([&](auto& files) {
      (void)files.unlink(no_handle, path + "/.dork/agent.json", unlink_kind::file);
      (void)files.unlink(no_handle, path + "/.dork", unlink_kind::directory);
      CAF_REQUIRE(files.unlink(no_handle, path, unlink_kind::directory));
    });
  }
  /// A sweep, later.
  sweep_report sweep() {
    machine.clock.advance(std::chrono::hours{1});
    auto report = ask_for<sweep_report>(sweep_now{});
    if (!report)
      CAF_FAIL(report.error().message);
    return *report;
  }
  /// An agent at this path, whose scan root is on record from there on.
  agent_id rooted(const std::string& path, const std::string& name) {
    make(path);
    auto asked = registration(path, name);
    asked.scan_root = "/home/src";
    const auto placed = ask_for<agent_placed>(asked);
    if (!placed)
      CAF_FAIL(placed.error().message);
    return placed->agent;
  }
  roster_row row(std::string_view agent) {
    for (auto& each : roster())
      if (each.id.text == agent)
        return each;
    return {};
  }
  std::vector<std::string> copies_of(std::string_view agent) {
    std::vector<std::string> result;
    for (const auto& each : row(agent).problems)
      if (each.kind == duplicate_problem)
        result.push_back(each.path);
    std::ranges::sort(result);
    return result;
  }
  static std::size_t problems(const sweep_report& report, std::string_view kind) {
    return static_cast<std::size_t>(std::ranges::count(report.problems, kind, &sweep_problem::kind));
  }
  std::size_t commits() {
    const auto log = ask_for<log_read>(show_log{});
    return log ? log->commits.size() : 0;
  }
  std::size_t calls(const std::vector<traced_call>& trace, disk_operation what) {
    return static_cast<std::size_t>(std::ranges::count(trace, what, &traced_call::operation));
  }
};

} // namespace muster::test
