#pragma once

#include "muster/supervisor/early_step.hpp"
#include "muster/supervisor/late_folds.hpp"
#include "muster/supervisor/registration_saga.hpp"
#include "muster/supervisor/restart_policy.hpp"
#include "muster/supervisor/step_messages.hpp"
#include "muster/supervisor/workers.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <vector>

namespace muster {

struct saga_runner_options {
  /// On each message to a worker. Longer than what the workers themselves allow,
  /// so that their answer, which says more, comes first.
  std::chrono::nanoseconds step_limit = std::chrono::seconds{40};
  late_folds::options folds;
  /// Sagas at the same step wait for each other to share a sync.
  bool company = true;
};

/// A saga that the journal holds, and what was found of it.
struct recovered_saga {
  saga_intent intent;
  abort_mark mark = abort_mark::none;
  bool doubtful = false;
  /// Nothing: it cannot be told yet; it is looked at again when it is settled.
  std::optional<recovery_decision> decision;
  std::optional<commit> made; ///< its commit, if the feed has it
};

/// What those around the sagas are told of them.
class saga_listener {
public:
  virtual ~saga_listener() = default;
  /// The one answer to whoever asked for it.
  virtual void saga_answered(const saga_intent& intent, const saga_answer& what) = 0;
  /// It keeps its claims for what it owes, until it is settled.
  virtual void saga_owes(const saga_id& saga, const failure& why) = 0;
  /// Its claims are free.
  virtual void saga_over(const saga_intent& intent) = 0;
  /// Its endpoint is not as it should be; a sweep makes that good.
  virtual void saga_leaves_endpoint(const saga_intent& intent, const failure& why) = 0;
  /// Hand edits came by while its manifest was changed.
  virtual void saga_saw(const saga_intent& intent, const manifest_changed& what) = 0;
  /// Its file is to be taken as a sweep would, under the claims that it has.
  virtual void observe_for(const saga_intent& intent, std::function<void(expected<void>)> then) = 0;
};

/// Carries out what each saga decides, by messages to the workers, and tells the
/// saga what became of it. Belongs to one supervisor.
class saga_runner {
public:
  saga_runner(supervisor_actor::pointer self, worker_mail& mail, const workers& by, epoch life, saga_listener& listener,
              const saga_runner_options& options)
      : self_(self),
        mail_(mail),
        by_(by),
        life_(life),
        listener_(listener),
        options_(options),
        late_folds_(self, mail, by_, options.step_limit, options.folds),
        versions_(life) {}

  /// The claims of the saga are held. `known` has no commit.
  void begin(saga_intent intent, relay_mode relay, saga_findings known);
  void resume(recovered_saga found, relay_mode relay);

  /// Tries again what a saga owes; ignored if there is no such saga.
  void settle(const saga_id& saga);
  void cancel_all();
  void abandon_all();

  [[nodiscard]] std::size_t running() const noexcept { return sagas_.size(); }
  /// Sagas that neither are over nor wait to be settled.
  [[nodiscard]] std::size_t under_way() const;
  /// Those that have failed and still owe something.
  [[nodiscard]] std::vector<saga_id> owing() const;
  /// What one of them was to do, and what went wrong with it last.
  [[nodiscard]] std::pair<const saga_intent&, const failure&> owed_by(const saga_id& saga) const {
    const auto& what = sagas_.at(saga);
    return {what.machine.intent(), what.last};
  }
  [[nodiscard]] bool has(const saga_id& saga) const { return sagas_.contains(saga); }
  [[nodiscard]] bool is_owing(const saga_id& saga) const;
  /// Whether one of them brings an agent into a namespace.
  [[nodiscard]] bool leads_into(std::string_view namespace_name) const;
  /// What they have stated of endpoints, or may have, for agents that the index
  /// need not know there yet.
  [[nodiscard]] std::vector<endpoint_under_way> endpoints_under_way() const;
  /// The commit that a saga has made; null if there is none that is known.
  [[nodiscard]] const muster::commit* made_by(const saga_id& saga) const;
  [[nodiscard]] statement_version next_version() noexcept { return versions_.next(); }

  /// A request that may come to be a saga is being looked into, or no longer is.
  void expect_one() noexcept { ++expected_; }
  void expect_one_less() noexcept { --expected_; }

private:
  struct saga {
    registration_saga machine;
    saga_findings findings;
    abort_mark mark = abort_mark::none; ///< of a recovered one
    bool doubtful = false;
    failure last = {};              ///< the last thing that went wrong
    saga_step at = saga_step::none; ///< whose answer it waits for
    early_step row = {};            ///< asked for while its intent is being written
    early_step endpoint = {};       ///< while its manifest is
  };
  using step_done = std::function<void(expected<void>)>;

  void add(const saga_id& id, saga what);
  /// Tells the saga of an event, if it is still there, and does what follows.
  template <class Event>
  void tell_saga(const saga_id& id, Event event);
  void carry_out(const saga_id& id, const saga_decisions& decisions);

  void come_to(saga& what, saga_step step);
  [[nodiscard]] std::size_t number_at(std::initializer_list<saga_step> steps) const;
  /// Whether other sagas are about to come to a step that share its sync.
  [[nodiscard]] bool others_follow_to(saga_step step) const;
  [[nodiscard]] static early_step* early(saga& what, saga_step step);
  void ask_early(saga& what, saga_step step);
  void take_early(early_step& what, const saga_ticket& by);
  void give_back_unused(const saga& what);
  void perform(saga& what, const saga_ticket& by, saga_step step);
  void conclude(const saga_ticket& by, const expected<void>& how);
  void intend(const saga& what, const saga_ticket& by);
  void record(const saga_ticket& by, journal_record what);
  void send(const saga& of, step_message what, step_done then);
  void change_file(const saga_intent& intent, const expected<manifest_changed>& how, const step_done& then);
  void state(endpoint_statements what, const step_done& then);
  void commit(saga& what, const saga_ticket& by);
  void look_up(const saga_ticket& by);
  void look(const saga& what, const saga_ticket& by);
  void fold_later(const saga& what);

  supervisor_actor::pointer self_;
  worker_mail& mail_;
  const workers& by_;
  epoch life_;
  saga_listener& listener_;
  saga_runner_options options_;
  late_folds late_folds_;
  statement_versions versions_;
  std::map<saga_id, saga> sagas_;
  std::array<std::size_t, saga_step_rules.size() + 1> at_step_{}; ///< sagas, by the step they wait for
  std::size_t expected_ = 0;
};
} // namespace muster
