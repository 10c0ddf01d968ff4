#pragma once

#include "muster/messages/actor_failure.hpp"
#include "muster/messages/interfaces.hpp"

#include <any>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace muster::test {

/// What a muster in a runtime's place is made to answer, and what it was asked.
/// May be used from several threads.
class stand_in_script {
public:
  template <class Request>
  void note(const Request& request) {
    const std::scoped_lock lock(at_work_);
    last_ = request;
    ++asked_;
  }
  /// The last request, if it was one of these.
  template <class Request>
  [[nodiscard]] std::optional<Request> last() const {
    const std::scoped_lock lock(at_work_);
    const auto* found = std::any_cast<Request>(&last_);
    return found ? std::optional(*found) : std::nullopt;
  }
  [[nodiscard]] std::size_t asked() const {
    const std::scoped_lock lock(at_work_);
    return asked_;
  }

  /// The answer to any request from here on, of the request's own answer type.
  template <class Answer>
  void answer_with(Answer answer) {
    const std::scoped_lock lock(at_work_);
    answer_ = std::move(answer);
  }
  template <class Answer>
  [[nodiscard]] Answer answer() const {
    const std::scoped_lock lock(at_work_);
    const auto* found = std::any_cast<Answer>(&answer_);
    return found ? *found : Answer{};
  }

  void fail_with(std::optional<failure> why) {
    const std::scoped_lock lock(at_work_);
    why_ = std::move(why);
  }
  [[nodiscard]] std::optional<failure> why() const {
    const std::scoped_lock lock(at_work_);
    return why_;
  }

  /// Sweeps are not answered from here on, until the actor ends.
  void hold_sweeps() {
    const std::scoped_lock lock(at_work_);
    holding_ = true;
  }
  [[nodiscard]] bool holding() const {
    const std::scoped_lock lock(at_work_);
    return holding_;
  }

  /// The instances whose feeds are there.
  std::vector<instance_id> instances;

private:
  mutable std::mutex at_work_;
  std::any last_;
  std::any answer_;
  std::optional<failure> why_;
  std::size_t asked_ = 0;
  bool holding_ = false;
};

/// A muster with nothing behind it.
struct muster_stand_in_state {
  static inline const char* name = "test.muster";

  muster_stand_in_state(muster_actor::pointer self, std::shared_ptr<stand_in_script> script)
      : self_(self), script_(std::move(script)) {}

  muster_actor::behavior_type make_behavior() {
    return {
        [this](const register_agent& m) { return take<agent_placed>(m); },
        [this](const update_agent& m) { return take<agent_placed>(m); },
        [this](const revert_agent& m) { return take<agent_placed>(m); },
        [this](const move_agent& m) { return take<agent_placed>(m); },
        [this](const unregister_agent& m) { return take<agent_unregistered>(m); },
        [this](const stamp_heartbeat& m) { return take<heartbeat_stamped>(m); },
        [this](const sweep_now& m) -> caf::result<sweep_report> {
          if (!script_->holding())
            return take<sweep_report>(m);
          script_->note(m);
          held_.push_back(self_->make_response_promise());
          return held_.back();
        },
        [this](const list_agents& m) { return take<agents_listed>(m); },
        [this](const show_agent& m) { return take<agent_shown>(m); },
        [this](const show_log& m) { return take<log_read>(m); },
        [this](const dump_index& m) { return take<index_dumped>(m); },
        [this](const rebuild_index& m) { return take<index_rebuilt>(m); },
        [this](const examine_all& m) { return take<findings_told>(m); },
        [this](const describe_runtime& m) -> caf::result<runtime_described> {
          if (script_->instances.empty())
            return take<runtime_described>(m);
          runtime_described what;
          what.feeds.own = script_->instances.front();
          for (const auto& each : script_->instances)
            what.feeds.durable.push_back({each, 1});
          return what;
        },
        [this](const read_commits& m) { return take<commits_read>(m); },
        [this](const apply_settings& m) { return take<settings_applied>(m); },
        [this](const stop_runtime& m) { return take<runtime_stopped>(m); },
        [this](const deny_path& m) { return take<path_denied>(m); },
        [this](const undeny_path& m) { return take<path_undenied>(m); },
        [this](const list_denials& m) { return take<denials_listed>(m); },
        [this](const admit_agents& m) { return take<agents_admitted>(m); },
    };
  }

private:
  template <class Answer, class Request>
  caf::result<Answer> take(const Request& request) {
    script_->note(request);
    if (auto why = script_->why())
      return to_error(std::move(*why));
    return script_->answer<Answer>();
  }

  muster_actor::pointer self_;
  std::shared_ptr<stand_in_script> script_;
  std::vector<caf::response_promise> held_;
};
using muster_stand_in = caf::stateful_actor<muster_stand_in_state, muster_actor::impl>;

} // namespace muster::test
