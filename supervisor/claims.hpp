#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"

#include <compare>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace muster {

/// An agent, a project directory, or what is said by hand about two namespaces.
struct claim_key {
  enum class kind : std::uint8_t { agent, path, rule };
  kind what = kind::agent;
  std::string text;
  friend auto operator<=>(const claim_key&, const claim_key&) = default;
};

/// What one saga must have for itself. Order and repetition do not matter.
using claim_set = std::vector<claim_key>;

struct claims_options {
  /// Sagas that hold or wait; one more is answered busy.
  std::size_t in_flight = 256;
  /// Sagas that owe something; from there on nothing new begins.
  std::size_t owing = 1024;
  /// Keys of one saga.
  std::size_t keys = 1024;
};

/// What to do when somebody else has one of the keys.
enum class claim_conflict : std::uint8_t {
  wait,   ///< a command: it gets its turn
  refuse, ///< a sweep: it looks again next time
  /// What a start finds in the journal: it has begun already, so it gets its turn whatever becomes of those before it.
  outlast,
};

struct claims_granted {};
struct claims_waiting {
  /// Sagas that owe something on one of the keys and are settled first.
  std::vector<saga_id> settle;
};
using claim_outcome = std::variant<claims_granted, claims_waiting, failure>;

/// Who may touch which agents and directories.
///
/// 1. A saga gets all its keys at once or none.
/// 2. No two sagas have one key at the same time.
/// 3. First come, first served, for each key: a saga waits for everybody who
///    asked for one of its keys before, whether they hold or wait. So nobody
///    starves, and nobody waits in a circle.
/// 4. What a saga owes keeps its keys, until it is settled.
/// 5. Who outlasts is never refused: no bound and no debt of another keeps it out.
class claims {
public:
  explicit claims(const claims_options& options = {}) : options_(options) {}

  /// Asks for a saga that has asked for nothing yet. The failure, which is not told to who outlasts, is
  /// - busy, "claims-full": too much in flight, or owed;
  /// - busy, "claims-taken" (of `refuse`): somebody has a key;
  /// - refused, "path-claimed" (of `refuse`): another agent is being placed at
  ///   that path; the failure names it;
  /// - refused, "claims-too-many": over `keys`.
  claim_outcome take(const saga_id& saga, const agent_id& agent, claim_set keys, claim_conflict when_taken);

  /// The saga is over, or gives up waiting. Returns who has got its keys
  /// thereby, first come first. Does nothing for a saga that has none.
  std::vector<saga_id> release(const saga_id& saga);

  /// Another saga, which has asked for nothing, holds from now on what this one does.
  void hand_over(const saga_id& from, const saga_id& to);

  /// The saga holds its keys for what it owes and counts no longer as in
  /// flight. True if somebody waits behind it, for whom it is to be settled.
  [[nodiscard]] bool owe(const saga_id& saga);

  /// Settling it has failed: returns the commands that wait for it, which are
  /// refused (`refusal_behind`) and ask no more, and leaves those that outlast. Their keys are free again, so
  /// others may get theirs: they are added to `granted`.
  std::vector<saga_id> settling_failed(const saga_id& owing, std::vector<saga_id>& granted);

  /// What those are told: busy, "saga-owed".
  [[nodiscard]] static failure refusal_behind(const saga_id& owing, const failure& why);

  [[nodiscard]] bool holds(const saga_id& saga) const;
  [[nodiscard]] std::size_t in_flight() const noexcept { return entries_.size() - owing_; }
  [[nodiscard]] std::size_t owing() const noexcept { return owing_; }
  /// All that owe, oldest id first; sweeps settle them.
  [[nodiscard]] std::vector<saga_id> owing_sagas() const;

private:
  [[nodiscard]] std::optional<failure> too_much(std::size_t keys) const;

  enum class state : std::uint8_t { waiting, holding, owing };
  struct entry {
    agent_id agent;
    claim_set keys;
    state now = state::waiting;
    bool outlasts = false;
    std::size_t behind = 0; ///< keys at which somebody is before it
    std::uint64_t turn = 0; ///< grows with each `take`
  };

  [[nodiscard]] static failure taken(const claim_key& key, const entry& by, const agent_id& asking);

  claims_options options_;
  std::map<saga_id, entry> entries_;
  std::map<claim_key, std::deque<saga_id>> lines_; ///< who is at each key, first come first
  std::size_t owing_ = 0;
  std::uint64_t turns_ = 0;
};

} // namespace muster
