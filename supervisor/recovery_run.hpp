#pragma once

#include "muster/messages/feed_messages.hpp"
#include "muster/supervisor/observation_desk.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace muster {

/// The start of a supervisor's life: what the journal holds is taken up.
///
///   journal -> claims of each saga -> its commit and its file -> the table of
///   recovery -> the saga goes on
///
/// 1. Until the journal is read nothing may begin; it is read again and again.
/// 2. All claims are taken before anything else may claim.
/// 3. A saga that cannot be settled yet keeps its claims and holds up nobody else.
class recovery_run {
public:
  recovery_run(supervisor_core& core, observation_desk& observations) : core_(core), observations_(observations) {}

  /// `over` is called when others may claim and what could be settled is, or
  /// `recovery_limit` has passed since; `blocked`, once, when the journal cannot
  /// be read.
  void start(std::function<void()> blocked, std::function<void()> over);

  /// From the sagas: it is over, or owes.
  void saga_rests(const saga_id& saga);

  /// Why the journal cannot be read, as long as it cannot.
  [[nodiscard]] const std::optional<failure>& journal_problem() const noexcept { return journal_problem_; }
  /// What somebody should look at.
  [[nodiscard]] const std::vector<finding>& findings() const noexcept { return findings_; }

private:
  void read_journal_again();
  void take_up(const journal_read& found);
  void claim(const saga_id& saga, const open_saga& found);
  void look(recovered_saga what);
  void look_at_file(recovered_saga what);
  void resume(recovered_saga what);
  void check_over();

  supervisor_core& core_;
  observation_desk& observations_;
  std::function<void()> blocked_; ///< empty once it was called
  std::function<void()> over_;    ///< empty once it was called
  std::optional<failure> journal_problem_;
  std::vector<finding> findings_;
  std::set<saga_id> open_; ///< sagas that have not come to rest
};

} // namespace muster
