#pragma once

#include "muster/supervisor/registration_saga.hpp"

#include <string>
#include <vector>

namespace muster::testing {

/// One decision in words, such as "perform write-manifest" or "answer done".
[[nodiscard]] std::string text_of(const saga_decision& decision);

/// An intent of that kind in which everything changes that the kind can change.
[[nodiscard]] saga_intent intent_of(saga_kind kind);

[[nodiscard]] failure disk_full();
[[nodiscard]] failure refusal();

/// Drives one saga by hand and writes down what it decides.
class saga_run {
public:
  explicit saga_run(saga_intent intent, relay_mode relay = relay_mode::strict) : saga({1}, std::move(intent), relay) {
    take(saga.start());
  }
  saga_run(saga_intent intent, recovery_decision found) : saga({2}, std::move(intent), relay_mode::strict, found) {
    take(saga.start());
  }

  void done() { take(saga.done(last)); }
  void fail(failure why = disk_full()) { take(saga.failed(last, std::move(why))); }
  void time_out() { take(saga.timed_out(last)); }
  void commit() { take(saga.commit_durable(last, {instance_id{"i"}, 7})); }
  /// The answer that lets what is under way succeed.
  void succeed();
  /// Succeeds until the step is under way.
  void go_to(saga_step step);
  /// Succeeds until nothing is under way.
  void go_on();

  /// What has been decided since the last call, joined by "; ".
  [[nodiscard]] std::string said();
  void take(const saga_decisions& decisions);

  registration_saga saga;
  saga_ticket last;
  saga_decision under_way = saga_do::release_claims{}; ///< with `last`
  bool waits = false;
  int answers = 0;
  saga_answer answer;

private:
  std::string said_;
};

} // namespace muster::testing
