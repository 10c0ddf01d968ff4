#pragma once

#include "muster/actors/epoch_fence.hpp"
#include "muster/actors/relay_plan.hpp"
#include "muster/messages/gathered_mail.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/messages/time_limits.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace muster {

struct relay_bridge_options {
  /// Of our subjects; ends in a dot and is ours alone on that relay.
  std::string prefix = "relay.agent.";
  /// On one call, how often one is made in all, and the pause before the second,
  /// which doubles.
  std::chrono::nanoseconds call_limit = std::chrono::seconds{2};
  unsigned attempts = 3;
  std::chrono::nanoseconds pause = std::chrono::milliseconds{100};
  /// On a whole request, waiting included.
  std::chrono::nanoseconds statement_limit = std::chrono::seconds{10};
  std::chrono::nanoseconds compare_limit = std::chrono::seconds{120};
  /// Calls at once, and requests under way.
  std::size_t in_flight = 4;
  std::size_t requests = 1024;
  /// Endpoints, or rules, that a relay may list.
  std::size_t listed = 200'000;
  /// Endpoints whose last statement is remembered, and rules.
  std::size_t told = 100'000;
  /// A rule that the relay has taken so recently is not told again: many
  /// statements about one namespace bring the same ones.
  std::chrono::nanoseconds rule_life = std::chrono::seconds{1};
};

/// Tells a relay what it has to hold, a few calls at a time, in the order a
/// `relay_plan` says. Whether a relay that fails matters, is the supervisor's
/// business.
///
/// 1. Each request is answered once, within its limit.
/// 2. A call that is refused is not repeated; any other failure is, with pauses.
/// 3. A statement older than one it has told is done without a call.
/// 4. An endpoint is stated only when the relay has taken the rules of its
///    namespace: for this statement, or for another one no longer than `rule_life`
///    ago with no failed call and no comparison since.
/// 5. A comparison, or the retraction of a namespace, retires no rule that a newer
///    statement counts on.
/// 6. Where the relay has heard of a later life than ours, from a process before us
///    that could not note its own, it is told as of one after that.
class relay_bridge_state {
public:
  static inline const char* name = "muster.relay_bridge";

  relay_bridge_state(relay_bridge_actor::pointer self, relay_actor relay, const relay_bridge_options& options)
      : self_(self), limits_(self), mail_(self), relay_(std::move(relay)), options_(options), plan_(options.prefix) {}

  relay_bridge_actor::behavior_type make_behavior();

private:
  /// A request under way.
  struct errand {
    relay_stages stages = {};
    std::size_t stage = 0;         ///< the next
    std::vector<relay_call> calls; ///< of this stage
    std::size_t made = 0;          ///< of those, or not to be made
    std::size_t open = 0;          ///< of those, made and not answered
    bool tolerant = false;         ///< goes on past calls that are refused
    bool exact = false;            ///< makes every call
    bool over = false;
    relay_compared done;
    caf::disposable limit;
    std::function<void(const relay_compared&, std::optional<failure>)> answer;

    [[nodiscard]] bool all_made() const noexcept { return made == calls.size(); }
    [[nodiscard]] bool stage_done() const noexcept { return all_made() && open == 0; }
    void make_no_more() noexcept { made = calls.size(); }
  };
  using errand_ptr = std::shared_ptr<errand>;
  /// Shared by the continuations of a call and its repetition.
  using call_ptr = std::shared_ptr<const relay_call>;
  /// A rule that the relay has taken.
  struct told_rule {
    rule_action action = rule_action::deny;
    statement_version version;
    caf::actor_clock::time_point until;
  };
  using rule_key = std::tuple<std::string, std::string, int>;

  caf::result<endpoint_stated> state(state_endpoint& statement);
  caf::result<rule_stated> state(state_rule& statement);
  caf::result<namespace_retracted> retract(retract_namespace& statement);
  caf::result<relay_compared> compare(compare_relay& desired);
  template <class Answer>
  caf::result<Answer> tell(relay_stages&& stages);
  errand_ptr begin(std::chrono::nanoseconds limit,
                   std::function<void(const relay_compared&, std::optional<failure>)> answer);
  void next_stage(const errand_ptr& which);
  void make_calls();
  [[nodiscard]] bool takes_for_told(const errand& of, const relay_call& what);
  void note_told(const relay_call& what);
  void call(const errand_ptr& of, const call_ptr& what, unsigned attempt);
  void call_failed(const errand_ptr& of, const call_ptr& what, unsigned attempt, const caf::error& error);
  void call_ended(const errand_ptr& of, const relay_call& what, std::optional<failure> why);
  void conclude(const errand_ptr& which, std::optional<failure> why);
  [[nodiscard]] std::optional<failure> admit(epoch life);
  [[nodiscard]] statement_version raised(statement_version version) const noexcept;
  [[nodiscard]] bool heard_of(epoch life, epoch than);
  void call_answered(const errand_ptr& of, const call_ptr& what, unsigned attempt, const relay_done& done);

  relay_bridge_actor::pointer self_;
  time_limits limits_;
  gathered_mail mail_;
  relay_actor relay_;
  relay_bridge_options options_;
  relay_plan plan_;
  epoch_fence fence_;
  epoch least_; ///< that the relay is told as of
  /// The newest statement told and taken, by subject and agent.
  std::map<std::pair<std::string, agent_id>, statement_version> told_;
  std::map<rule_key, told_rule, std::less<>> told_rules_;
  statement_version counted_on_; ///< the newest to be done without a rule of its own
  statement_version compared_;   ///< the newest comparison
  std::size_t comparisons_ = 0;  ///< under way
  std::deque<errand_ptr> ready_; ///< those with calls to make, in turn
  std::size_t requests_ = 0;
  std::size_t in_flight_ = 0;
};

using relay_bridge = relay_bridge_actor::stateful_impl<relay_bridge_state>;

} // namespace muster
