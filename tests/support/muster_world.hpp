#pragma once

#include "tests/support/actor_fixture.hpp"

#include "muster/store/data_directory.hpp"
#include "muster/store/data_home.hpp"
#include "muster/store/simulated_environment.hpp"
#include "muster/store/simulated_vfs.hpp"
#include "muster/supervisor/spawn_muster.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace muster::test {

/// A whole muster on a simulated machine, on one thread, with time that is
/// moved by hand. `Fixture` of the tests that use it.
class muster_world : public actor_fixture {
public:
  muster_world() {
    machine.files.put_directory("/home");
    options.threads = io_threads::shared;
    options.files.threads = io_threads::shared;
    options.supervisor.sweeps = false;
    // Time stands still while a change is followed to its end.
    options.index.fold_delay = {};
    options.supervisor.sagas.company = false;
  }

  ~muster_world() override { kill(); }

  /// Opens the directory and starts; the actors have come to rest then.
  void start() {
    auto directory = data_directory::open(vfs.view(), "/home/data", data_directory::presence::create);
    CAF_REQUIRE(directory);
    auto home = data_home::open(vfs.view(), std::move(*directory));
    CAF_REQUIRE(home);
    muster = spawn_muster(sys, vfs.view(), std::make_shared<const data_home>(std::move(*home)), options);
    sched.run();
  }

  /// In order; the failure says what did not end.
  expected<void> stop() {
    const auto stopped = ask_later<runtime_stopped>(muster, stop_runtime{});
    sched.run();
    for (int i = 0; i < 20 && !*stopped; ++i)
      pass(std::chrono::seconds{1});
    muster = muster_actor{};
    if (!*stopped)
      return failure{failure_kind::unknown_outcome, "silence", "the stop was not answered"};
    if (!**stopped)
      return (**stopped).error();
    return {};
  }

  /// All actors end where they are, as in a crash of the process.
  void kill() {
    if (!muster)
      return;
    caf::anon_send_exit(muster, caf::exit_reason::kill);
    muster = muster_actor{};
    sched.run();
  }

  /// Asks, and lets time pass until there is an answer: a minute or so.
  template <class Answer, class Request>
  expected<Answer> ask_for(Request request, std::chrono::nanoseconds limit = std::chrono::seconds{90}) {
    const auto answer = ask_later<Answer>(muster, std::move(request));
    sched.run();
    for (std::chrono::nanoseconds passed{0}; !*answer && passed < limit; passed += std::chrono::seconds{1})
      pass(std::chrono::seconds{1});
    if (!*answer)
      return {boost::system::in_place_error, failure{failure_kind::unknown_outcome, "silence", "nothing came"}};
    return std::move(**answer);
  }

  /// A project directory, empty.
  std::string project(const std::string& name) {
    auto path = "/home/" + name;
    machine.files.put_directory(path);
    return path;
  }
  std::string manifest_path(const std::string& project) { return project + "/.dork/agent.json"; }
  bool has_manifest(const std::string& project) { return machine.files.exists(manifest_path(project)); }
  std::string manifest(const std::string& project) { return machine.files.file_content(manifest_path(project)); }
  /// A hand edit: the first `from` in the manifest becomes `to`.
  void edit(const std::string& project, const std::string& from, const std::string& to) {
    auto text = manifest(project);
    text.replace(text.find(from), from.size(), to);
    machine.files.put_file(manifest_path(project), text);
  }

  expected<agent_placed> place(const std::string& path, const std::string& name, const std::string& request = {}) {
    return ask_for<agent_placed>(registration(path, name, request));
  }
  static register_agent registration(const std::string& path, const std::string& name,
                                     const std::string& request = {}) {
    register_agent result;
    result.request = request_id{request};
    result.path = path;
    result.name = name;
    return result;
  }
  std::vector<roster_row> roster() {
    auto listed = ask_for<agents_listed>(list_agents{});
    return listed ? std::move(listed->agents) : std::vector<roster_row>{};
  }
  runtime_described described() {
    auto result = ask_for<runtime_described>(describe_runtime{});
    return result ? std::move(*result) : runtime_described{};
  }

  simulated_environment machine;
  simulated_vfs vfs{machine.view()};
  muster_options options;
  muster_actor muster;
};

} // namespace muster::test
