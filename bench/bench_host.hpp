#pragma once

#include "bench/figure.hpp"

#include "muster/messages/actor_failure.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/runner/process_memory.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/supervisor/runtime.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace muster::bench {

inline std::vector<std::string> make_directories(const std::string& root, std::size_t first, std::size_t count) {
  std::vector<std::string> made;
  for (auto next = first; next < first + count; ++next) {
    made.push_back(root + "/p" + std::to_string(next));
    std::filesystem::create_directory(made.back());
  }
  return made;
}

inline register_agent request_for(const std::string& project) {
  register_agent request;
  request.path = project;
  request.name = project.substr(project.rfind('/') + 1);
  request.namespace_name = "team-" + std::to_string(request.name->back() % 10);
  request.runtime = "claude-code";
  request.description = "what it does, in the words of the person who made it, in about this many letters";
  return request;
}

/// A runtime in a host, without sweeps by the clock, and projects for it.
class bench_host {
public:
  explicit bench_host(std::string root) : root_(std::move(root)), system_(config_.with_types()), self_(system_) {
    runtime_options options;
    options.data_directory = root_ + "/data";
    options.now.sweep_interval = std::chrono::milliseconds{0};
    options.request_limit = std::chrono::seconds{60};
    auto started = runtime::start(system_, machine_.view(), options);
    if (!started)
      stop(started.error().message);
    runtime_.emplace(std::move(*started));
    own_ = get<runtime_described>(describe_runtime{}).feeds.own;
  }

  /// New project directories, which are made here and now.
  std::vector<std::string> make_projects(std::size_t count) {
    next_ += count;
    return make_directories(root_, next_ - count, count);
  }

  /// Registers them all, all in flight at once.
  void register_all(const std::vector<std::string>& projects) { register_all(projects, projects.size()); }

  /// The same with so many in flight: when the oldest is answered the next is asked for.
  void register_all(const std::vector<std::string>& projects, std::size_t most) {
    std::deque<decltype(ask(std::string{}))> asked;
    const auto receive_oldest = [&] {
      asked.front().receive([](const agent_placed&) {},
                            [](const caf::error& why) { stop(to_failure(why, "register").message); });
      asked.pop_front();
    };
    for (const auto& project : projects) {
      if (asked.size() == most)
        receive_oldest();
      asked.push_back(ask(project));
    }
    last_project_ = projects.back();
    while (!asked.empty())
      receive_oldest();
  }

  /// What is still done after the answers is done now, by the index and by the
  /// feed. Asks for little: what it costs is counted.
  void settle() {
    (void)get<agent_shown>(show_agent{last_project_});
    (void)get<commits_read>(read_commits{own_, sequence{1} << 50U, 1});
  }

  sweep_report sweep() { return get<sweep_report>(sweep_now{}); }
  scan_report scan(const scan_now& request) { return get<scan_report>(request); }

  [[nodiscard]] std::string data() const { return root_ + "/data"; }
  expected<void> end() { return runtime_->stop(); }

private:
  struct config : caf::actor_system_config {
    config& with_types() {
      // As the daemon's own (runner/actor_host.hpp).
      give_back_large_blocks();
      register_message_types();
      set("caf.scheduler.policy", "sharing");
      set("caf.scheduler.max-threads", std::size_t{1});
      set("caf.scheduler.max-throughput", std::size_t{50});
      return *this;
    }
  };

  auto ask(const std::string& project)
      -> decltype(std::declval<caf::scoped_actor&>()->request(std::declval<muster_actor>(), caf::timespan{},
                                                              register_agent{})) {
    return self_->request(runtime_->handle(), std::chrono::seconds{60}, request_for(project));
  }

  template <class Answer, class Request>
  Answer get(Request request) {
    Answer result;
    self_->request(runtime_->handle(), std::chrono::minutes{10}, std::move(request))
        .receive([&](Answer& answer) { result = std::move(answer); },
                 [](const caf::error& why) { stop(to_failure(why, "settle").message); });
    return result;
  }

  std::string root_;
  real_environment machine_;
  config config_;
  caf::actor_system system_;
  caf::scoped_actor self_;
  std::optional<runtime> runtime_;
  instance_id own_;
  std::string last_project_;
  std::size_t next_ = 0;
};

} // namespace muster::bench
