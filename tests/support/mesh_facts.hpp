#pragma once

#include "tests/support/muster_world.hpp"

#include "muster/actors/relay.hpp"
#include "muster/supervisor/supervisor.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::test {

/// A muster with a relay of its host's, which can be looked into and can die,
/// and what facts about agents are told with.
class mesh_world : public muster_world {
public:
  mesh_world() { give_relay(); }

  /// Another relay that holds nothing, from the next start on.
  void give_relay() { options.relay = keep(relay_actor{sys.spawn<relay>()}); }
  void end_relay() {
    caf::anon_send_exit(options.relay, caf::exit_reason::kill);
    sched.run();
  }
  /// The process ends without a word and another begins.
  void begin_anew() {
    kill();
    machine.restart_process();
    start();
  }

  agent_placed added(const std::string& name) { return added(name, registration(project(name), name)); }
  agent_placed added(const std::string& what, const register_agent& asked) {
    auto placed = ask_for<agent_placed>(asked);
    if (!placed)
      CAF_FAIL(what << ": " << placed.error().message);
    return *placed;
  }
  /// Members with their JSON texts; without a text one is removed.
  using changes = std::vector<std::pair<std::string, std::optional<std::string>>>;
  expected<agent_placed> updated(const agent_id& agent, const changes& what) {
    update_agent asked;
    asked.selector = agent.text;
    for (const auto& [field, value] : what)
      asked.assignments.push_back({{field}, value});
    return ask_for<agent_placed>(asked);
  }
  expected<agent_unregistered> removed(const std::string& selector) {
    return ask_for<agent_unregistered>(unregister_agent{{}, selector, false, false});
  }

  /// A hand edit at a time of its own, so that no stat key is racy.
  void write(const std::string& project, const std::string& text) {
    machine.clock.advance(std::chrono::seconds{10});
    if (!machine.files.exists(project + "/.dork"))
      machine.files.put_directory(project + "/.dork");
    machine.files.put_file(manifest_path(project), text);
    machine.clock.advance(std::chrono::seconds{10});
  }
  void replace(const std::string& project, const std::string& from, const std::string& to) {
    auto text = manifest(project);
    const auto at = text.find(from);
    CAF_REQUIRE(at != std::string::npos);
    write(project, text.replace(at, from.size(), to));
  }
  void rename(const std::string& from, const std::string& to) {
    machine.files.aside(
        [&](auto& files) { CAF_REQUIRE(files.rename(no_handle, from, no_handle, to, rename_mode::no_replace)); });
  }
  void remove_file(const std::string& path) {
    machine.files.aside([&](auto& files) { CAF_REQUIRE(files.unlink(no_handle, path, unlink_kind::file)); });
  }

  sweep_report sweep() {
    auto report = ask_for<sweep_report>(sweep_now{});
    if (!report)
      CAF_FAIL(report.error().message);
    return std::move(*report);
  }
  std::map<std::string, std::string> fields(const agent_id& agent) {
    auto shown = ask_for<agent_shown>(show_agent{agent.text});
    return shown ? std::move(shown->agent.fields) : std::map<std::string, std::string>{};
  }
  roster_row row(const agent_id& agent) {
    for (auto& each : roster())
      if (each.id == agent)
        return each;
    return {};
  }
  std::vector<commit> log() {
    auto read = ask_for<log_read>(show_log{});
    return read ? std::move(read->commits) : std::vector<commit>{};
  }

  relay_listed held_by_relay() { return get<relay_listed>(options.relay, relay_list{}).value(); }
  /// Of the endpoints that take mail.
  std::set<std::string> subjects() {
    std::set<std::string> result;
    for (const auto& each : held_by_relay().endpoints)
      if (each.open)
        result.insert(each.subject);
    return result;
  }
  /// The rules that name a namespace, such as `deny work > 10`.
  std::set<std::string> rules_of(const std::string& name) {
    std::set<std::string> result;
    for (const auto& each : held_by_relay().rules)
      if (each.source.find("." + name + ".") != std::string::npos ||
          each.target.find("." + name + ".") != std::string::npos)
        result.insert((each.action == rule_action::deny ? "deny " : "allow ") + each.source + " " + each.target + " " +
                      std::to_string(each.priority));
    return result;
  }
};

inline std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

} // namespace muster::test
