#pragma once

#include "tests/support/muster_world.hpp"
#include "tests/support/worker_taps.hpp"

#include "muster/actors/relay.hpp"
#include "muster/supervisor/supervisor.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>

namespace muster::test {

using namespace std::chrono_literals;
using words = std::vector<std::string>;

/// A muster of which every step of a saga is heard and can go wrong, with a
/// project to register.
struct clause_world : muster_world {
  clause_world() {
    options.relay = keep(relay_actor{sys.spawn<relay>()});
    tap_workers(options, sys, board);
    start();
    work = project("work");
    board->said.clear();
  }

  void go_wrong(const std::string& name, mishap what, std::size_t times = 1) {
    board->rules.push_back({name, 0, what, times});
  }

  agent_placed placed(const std::string& name = "first") {
    auto result = place(work, name);
    CAF_REQUIRE(result);
    board->said.clear();
    return *result;
  }

  static update_agent rename(const std::string& selector, const std::string& to, const std::string& request = {}) {
    return {request_id{request}, selector, {{{"name"}, "\"" + to + "\""}}, {}, {}, {}};
  }
  static unregister_agent removal(const std::string& selector, bool keep = false) {
    return {{}, selector, keep, false};
  }

  std::size_t endpoints(bool open) {
    const auto listed = get<relay_listed>(options.relay, relay_list{});
    return static_cast<std::size_t>(
        std::ranges::count_if(listed->endpoints, [&](const auto& each) { return each.open == open; }));
  }
  std::size_t commits() {
    const auto log = ask_for<log_read>(show_log{});
    return log ? log->commits.size() : 0;
  }
  sweep_report sweep() {
    auto report = ask_for<sweep_report>(sweep_now{});
    return report ? std::move(*report) : sweep_report{};
  }
  /// Somebody edits the manifest with an editor.
  void edit(const std::string& from, const std::string& to) {
    auto text = manifest(work);
    text.replace(text.find(from), from.size(), to);
    machine.clock.advance(10s);
    machine.files.put_file(manifest_path(work), text);
    machine.clock.advance(10s);
  }

  std::shared_ptr<tap_board> board = std::make_shared<tap_board>();
  std::string work;
  unsigned writes_heard = 0;
};

} // namespace muster::test
