#pragma once

#include "muster/messages/requests.hpp"
#include "muster/supervisor/fact_gathering.hpp"
#include "muster/supervisor/observation_desk.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster {

/// A request to change something, as the supervisor carries it out.
struct change_request {
  request_id request; ///< may be empty
  std::string hash;   ///< of all it asks for
  planner plan;
  /// The agent and directories that it names.
  std::vector<std::string> names;
  /// Where somebody is at work on what it changes.
  claim_conflict when_taken = claim_conflict::wait;
  /// Told before the answer of the commit that did it, if one had to.
  std::function<void(const commit&)> made = {};
  /// Told once, when nothing is done for it any more: with the answer, or after one
  /// that said that it is still under way.
  std::function<void()> over = {};
};

using change_answer = expected<agent_placed>;
using change_taker = std::function<void(const change_answer&)>;

/// The path of each request that changes something:
///
///   ledger -> feed -> facts and plan -> claims -> facts and plan again if
///   anything may have changed -> saga -> answer
///
/// A request that is refused because of what an earlier saga still owes has that
/// settled first.
///
/// 1. Each is answered once, within `request_limit`: done, not done or unknown.
/// 2. A request id that is known is answered from what it did, joins what it
///    does, or is refused if it means something else.
/// 3. An edit in the file that the request overwrites is in the feed before.
/// 4. What is planned was seen under the claims, or nobody had the keys between
///    the look and the claim.
class change_desk {
public:
  change_desk(supervisor_core& core, observation_desk& observations) : core_(core), observations_(observations) {}

  void take(change_request request, change_taker answer);

  /// From the sagas.
  void saga_answered(const saga_intent& intent, const saga_answer& what);

  /// From here on nothing begins; what waits is refused.
  void stop();

  [[nodiscard]] std::size_t open() const noexcept { return open_.size(); }

private:
  /// One request on its way.
  struct run {
    saga_id id;
    change_request request;
    change_taker answer; ///< empty once it is answered
    caf::disposable limit;
    agent_placed result = {};
    claim_set claimed = {};
    std::uint64_t looked_at = 0; ///< the moment of the claims
    unsigned looks = 0;
    bool asked_feed = false;
    bool has_waited = false; ///< for what others owed or were doing
    bool looking = false;    ///< it may come to be a saga
    bool in_ledger = false;  ///< as the one that carries it out
    bool joined = false;     ///< another one carries it out
    bool begun = false;      ///< its saga has
    bool observing = false;  ///< a saga is at work under its claims
    /// The commit that did it, if anybody asked for it.
    std::shared_ptr<const commit> made = {};
  };
  using run_ptr = std::shared_ptr<run>;

  void ask_ledger(const run_ptr& which);
  void ask_feed(const run_ptr& which, bool was_unknown);
  void repeat(const run_ptr& which);
  void keep_answer(const run& which, const agent_placed& answer);
  void repeat_without_commit(const run_ptr& which);
  void look(const run_ptr& which);
  void looked(run& which);
  void planned_as(const run_ptr& which, expected<planned> how);
  bool waits_for_others(const run_ptr& which, const expected<planned>& how);
  void claim(const run_ptr& which, planned_change change);
  void begin(const run_ptr& which, planned_change change);
  void observe(const run_ptr& which, const saga_intent& intent);
  void time_out(const run_ptr& which);
  void refuse(const run_ptr& which, const failure& why);

  /// Ends a run that has no saga.
  void end(const run_ptr& which, const change_answer& answer);
  /// The ledger learns it, and those who joined.
  void settle(const run_ptr& which, const saga_answer& what, const change_answer& answer);
  void reply(run& which, const change_answer& answer);

  supervisor_core& core_;
  observation_desk& observations_;
  std::map<saga_id, run_ptr> open_;
  std::map<saga_id, std::vector<run_ptr>> joined_; ///< by the saga they wait for
  /// The answers to requests that were done without a commit, for this life.
  /// Bounded: what is not here is looked at anew.
  std::map<request_id, agent_placed> without_commit_;
  bool stopping_ = false;
};

/// Why a request with an id cannot even be looked up. An earlier attempt may have
/// been done, so it is no word on that.
[[nodiscard]] failure cannot_tell(failure why);

/// What a request that was done before is answered with: its commit, and where
/// the agent stands now.
[[nodiscard]] agent_placed answer_of(const commit& made, const agent_found& now, const plan_ground& ground);

} // namespace muster
