#pragma once

#include "muster/messages/journal_messages.hpp"
#include "muster/messages/saga.hpp"
#include "muster/supervisor/recovery.hpp"
#include "muster/supervisor/saga_steps.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace muster {

/// What a saga wants done. Those with a ticket are answered with it; the others
/// are carried out at once, in their order.
namespace saga_do {

/// Sends the step's message; of `intend`, journals the intent.
struct perform {
  saga_ticket by;
  saga_step step;
};
struct undo {
  saga_ticket by;
  saga_step step;
};
/// Journals that the saga is refused. `maybe_written`: the manifest may hold
/// what it wrote.
struct mark_aborting {
  saga_ticket by;
  abort_mark mark;
};
struct answer {
  saga_answer what;
};
/// Journals what is owed. The saga keeps its claims.
struct keep_claims {
  std::vector<saga_debt> owed;
};
/// The sweep (an endpoint) or the index (a fold) makes it good by itself.
struct leave_to_sweep {
  saga_step step;
};
/// Asks the feed whether it has the saga's commit.
struct look_up_commit {
  saga_ticket by;
};
/// Reads the manifest once more and decides by the table of recovery.
struct look_at_manifest {
  saga_ticket by;
};
/// Takes what the manifest holds as a sweep would.
struct observe_manifest {
  saga_ticket by;
};
/// Journals that nothing of the saga is left. Only a durable one is answered;
/// another may be written with the next record, as its loss does no harm.
struct close {
  saga_ticket by;
  bool durable;
};
/// The saga is over.
struct release_claims {};

} // namespace saga_do

using saga_decision =
    std::variant<saga_do::perform, saga_do::undo, saga_do::mark_aborting, saga_do::answer, saga_do::keep_claims,
                 saga_do::leave_to_sweep, saga_do::look_up_commit, saga_do::look_at_manifest, saga_do::observe_manifest,
                 saga_do::close, saga_do::release_claims>;
using saga_decisions = std::vector<saga_decision>;

/// One registration, update, move or removal, as a state machine: an event in,
/// what to do out. It walks along its row of the table in saga_steps.hpp. Holds
/// its claims from before `start` until `release_claims`.
///
/// 1. It waits for one ticket at most. Events with another are ignored, in any
///    state.
/// 2. The caller gets one answer; a recovered saga has no caller.
/// 3. A failure at a step undoes that step and those before it, last first, and
///    no failing undo stops the others. Only a step that was *refused* is not
///    undone itself: a refusal says that nothing was done, and what the file
///    holds then is somebody else's, even if it reads like ours. What an earlier
///    life wrote is undone whatever becomes of writing it once more.
/// 4. Before the first undo, and before a refusal is answered, *aborting* is in
///    the journal. If that cannot be, the answer is unknown and nothing is
///    undone until it is.
/// 5. After the commit nothing is undone, and nothing can fail the request.
/// 6. While it is unknown whether there is a commit, nothing is undone.
/// 7. What is owed keeps the claims. `settle` tries it again, any number of
///    times.
class registration_saga {
public:
  /// A new one. The claims are held.
  registration_saga(epoch life, saga_intent intent, relay_mode relay);
  /// One that the journal holds, in the first life or a later one; the claims
  /// are held. A relay never refuses it.
  registration_saga(epoch life, saga_intent intent, relay_mode relay, recovery_decision found);

  [[nodiscard]] saga_decisions start();

  /// The ticket's work is done and durable.
  [[nodiscard]] saga_decisions done(const saga_ticket& by);
  /// It failed: refused says that nothing was done; any other kind does not.
  [[nodiscard]] saga_decisions failed(const saga_ticket& by, failure why);
  /// No answer in time. It may yet happen.
  [[nodiscard]] saga_decisions timed_out(const saga_ticket& by);
  /// The commit stands under a durable seal; also answers `look_up_commit`.
  [[nodiscard]] saga_decisions commit_durable(const saga_ticket& by, commit_id where);
  /// Answers `look_up_commit`: it is not in the feed and will never be.
  [[nodiscard]] saga_decisions commit_absent(const saga_ticket& by);
  /// Answers `look_at_manifest`.
  [[nodiscard]] saga_decisions looked(const saga_ticket& by, recovery_decision found);

  /// The host stops: what has not come to its commit is undone.
  [[nodiscard]] saga_decisions cancel();
  /// The deadline of the stop is over: answers, and asks for nothing more. The
  /// next start settles the rest.
  [[nodiscard]] saga_decisions abandon();
  /// Tries again what is owed or unknown; ignored while something is under way.
  [[nodiscard]] saga_decisions settle();

  [[nodiscard]] const saga_intent& intent() const noexcept { return *intent_; }
  /// For who may need it when the saga is over.
  [[nodiscard]] const std::shared_ptr<const saga_intent>& shared_intent() const noexcept { return intent_; }
  [[nodiscard]] bool answered() const noexcept { return answered_; }
  /// Nothing is left to do, and the claims are free.
  [[nodiscard]] bool is_over() const noexcept { return phase_ == phase::over; }
  /// Waits for `settle`, with its claims.
  [[nodiscard]] bool is_owing() const noexcept { return phase_ == phase::owing; }
  /// It will come to that step if nothing goes wrong.
  [[nodiscard]] bool comes_to(saga_step step) const { return has_step(intent_->kind, step) && applies(step); }
  /// It has a commit that the index may lack, or may come to one without another
  /// statement about its endpoint.
  [[nodiscard]] bool may_be_ahead_of_index() const noexcept { return !is_owing() || commit_unknown_; }

private:
  enum class phase : std::uint8_t {
    fresh,
    performing, ///< the steps, up to the point of no return
    marking,    ///< aborting goes to the journal
    working,    ///< the queue: undos, or duties after the commit
    looking_up, ///< whether there is a commit
    looking,    ///< at the manifest
    observing,
    owing,
    closing,
    over,
  };

  saga_ticket next_ticket();
  [[nodiscard]] bool expects(const saga_ticket& by) const;
  [[nodiscard]] bool changes_endpoint() const;
  [[nodiscard]] bool applies(saga_step step) const;
  [[nodiscard]] bool is_recorded() const;
  [[nodiscard]] bool is_lenient() const noexcept;
  [[nodiscard]] saga_step current_step() const noexcept { return plan_of(intent_->kind).steps[position_]; }
  void take(saga_step step) {
    if (std::ranges::find(taken_, step) == taken_.end())
      taken_.push_back(step);
  }
  [[nodiscard]] failure named(failure why, saga_step step) const;

  void begin(recovery_decision found, saga_decisions& out);
  void perform_from(std::size_t position, saga_decisions& out);
  void step_failed(failure why, bool timed_out, saga_decisions& out);
  void pass_commit(saga_decisions& out);
  void leave_unknown(failure why, saga_decisions& out);
  void abort(failure why, bool undo_current, saga_decisions& out);
  void mark(saga_decisions& out);
  void queue_undos();
  void work(saga_decisions& out);
  void work_failed(saga_decisions& out);
  void conclude(saga_decisions& out);
  void close(saga_decisions& out);
  void owe(saga_decisions& out);
  void answer(saga_answer what, saga_decisions& out);

  epoch life_;
  std::shared_ptr<const saga_intent> intent_;
  relay_mode relay_;
  std::optional<recovery_decision> recovered_;
  phase phase_ = phase::fresh;
  std::uint32_t tickets_ = 0;
  std::size_t position_ = 0;     ///< in the steps of the plan
  std::vector<saga_step> taken_; ///< steps that happened, or may have
  std::deque<saga_debt> queue_;  ///< the first is under way
  std::vector<saga_debt> owed_;
  std::optional<failure> first_;    ///< why it is refused
  std::optional<commit_id> commit_; ///< where it stands
  bool committed_ = false;          ///< past the point of no return
  bool commit_unknown_ = false;
  bool mark_wanted_ = false;   ///< aborting is not in the journal yet, and must be
  bool look_wanted_ = false;   ///< it could not be told what the manifest holds
  bool endpoint_left_ = false; ///< to the sweep
  bool answered_ = false;
};

} // namespace muster
