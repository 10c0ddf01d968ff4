#pragma once

#include "tests/support/run_chooser.hpp"

#include "muster/actors/epoch_fence.hpp"
#include "muster/supervisor/claims.hpp"
#include "muster/supervisor/registration_saga.hpp"
#include "muster/supervisor/request_ledger.hpp"
#include "muster/supervisor/restart_policy.hpp"

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster::testing {

/// Mistakes in the parts around the saga, which an exploration must find.
enum class planted : std::uint8_t { nothing, undo_without_compare, delete_instead_of_restore, no_fence, no_marks_read };

struct world_options {
  saga_kind kind = saga_kind::update;
  relay_mode relay = relay_mode::strict;
  int faults = 2;
  int crashes = 1;
  int edits = 1;
  bool same_edit = false; ///< the hand edit reads like what the saga writes
  planted bug = planted::nothing;
};

/// A tiny machine around `registration_saga`, `claims`, `request_ledger` and the
/// table of recovery: one manifest, one feed, pending rows, one endpoint, a
/// journal, workers with their queues, an editor, a client that repeats its
/// request, crashes. Manifest contents are numbers.
class saga_world {
public:
  saga_world(run_chooser& choose, const world_options& options);

  /// One client request from beginning to end, with all that the chooser lets
  /// go wrong; then everything is settled. Returns what was violated.
  const std::vector<std::string>& run();

  [[nodiscard]] std::size_t steps() const noexcept { return steps_; }
  /// What happened, in words.
  [[nodiscard]] const std::string& story() const noexcept { return story_; }

private:
  static constexpr int absent = 0;
  static constexpr int old_content = 1;
  static constexpr int new_content = 2;
  static constexpr int hand_content = 3;
  /// Nobody asks more often.
  static constexpr int attempts = 3;

  struct command {
    saga_ticket by;
    saga_decision what;
    statement_version version; ///< of a statement to the relay
    bool late = false;         ///< the saga waits for it no more
  };
  struct journal_entry {
    saga_intent intent;
    abort_mark mark = abort_mark::none;
  };
  struct live_saga {
    registration_saga machine;
    bool by_client = false;
    bool written = false; ///< by an earlier life, as it was found
  };
  enum class effect : std::uint8_t { applied, applied_but_fails, fails, late };

  void attempt();
  void begin(const saga_id& id);
  void work_off();
  bool tick();
  void settle_all();
  void crash();
  void recover_journal();
  void edit();

  void carry_out(const saga_id& id, const saga_decisions& decisions);
  void send(const saga_ticket& by, const saga_decision& what);
  void answered(const saga_id& id, const saga_answer& what);
  void over(const saga_id& id);
  void granted(const std::vector<saga_id>& ids);

  [[nodiscard]] static std::size_t worker_of(const saga_decision& what);
  [[nodiscard]] effect choose_effect(const saga_decision& what);
  void execute(command now);
  void execute_late_before(std::size_t worker);
  std::optional<failure> apply(const command& now);
  std::optional<failure> perform(const command& now, saga_step step);
  void undo(const command& now, saga_step step);
  void state(int endpoint, const command& by);
  void report(const command& now, effect how, const std::optional<failure>& refused);

  [[nodiscard]] saga_intent make_intent(const saga_id& id) const;
  [[nodiscard]] recovery_decision decide(const saga_id& id) const;
  void check_answer(const saga_id& id, const saga_answer& what);
  void check_end();
  void violated(bool wrong, std::string what);

  run_chooser& choose_;
  world_options options_;
  int faults_;
  int crashes_;
  int edits_;

  // What survives a crash.
  int file_;
  std::set<int> aside_;
  std::set<saga_id> feed_;
  int endpoint_;
  statement_version endpoint_version_;
  std::map<saga_id, journal_entry> journal_;

  // What does not.
  epoch life_{1};
  std::map<saga_id, live_saga> sagas_;
  std::map<saga_id, saga_intent> waiting_; ///< for claims
  claims claims_;
  request_ledger ledger_;
  epoch_fence fence_;
  statement_versions versions_{life_};
  std::set<saga_id> pending_rows_;
  std::array<std::deque<command>, 5> queues_;

  // What only the judge knows.
  int made_ = 0;
  std::map<saga_id, int> answers_;
  std::set<saga_id> marked_;
  std::set<saga_id> refused_;
  std::optional<saga_answer> last_answer_;
  std::optional<int> edited_;
  bool edit_changed_ = false;  ///< the file did not read so before
  bool endpoint_left_ = false; ///< to the sweep, or to the next start
  std::size_t steps_ = 0;
  std::vector<std::string> violations_;
  std::string story_;
};

} // namespace muster::testing
