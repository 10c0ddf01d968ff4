#pragma once

#include "muster/messages/digest.hpp"
#include "muster/messages/requests.hpp"
#include "muster/supervisor/namespace_entries.hpp"
#include "muster/supervisor/observation_company.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster {

/// Takes what is in manifest files without anybody having asked for it: what a
/// sweep saw, what a recovery found, and hand edits that came by while a file was
/// changed.
///
/// 1. Nothing is taken but under the claims of the agent and its directory, and
///    as it is under them.
/// 2. What came by is in the feed before the file that holds it is forgotten.
/// 3. Places that a sweep has found changed go on together (observation_company.hpp).
class observation_desk {
public:
  using taker = std::function<void(const expected<place_observed>&)>;

  observation_desk(supervisor_core& core, namespace_entries& entries, std::function<void()> rested)
      : core_(core), entries_(entries), rested_(std::move(rested)) {}

  /// Of a sweep: where somebody else is at work it is `refused`, and the next
  /// sweep looks again. After `stop` all is.
  void observe(const observe_place& seen, const taker& then);
  void stop() noexcept { stopped_ = true; }

  /// The same under claims that `holder` has already. What is left unknown goes
  /// on holding them, as it has to be settled before anything else.
  void observe_held(const saga_id& holder, const agent_id& agent, const std::string& project, taker then);

  /// What changing a file brought to light is taken one after the other, oldest
  /// first, then what the file holds; leftovers are forgotten then. What the saga
  /// wrote or replaced itself is nobody's edit.
  void take_in(const saga_intent& intent, std::vector<manifest_sight> witnessed);
  /// Something is being taken in; `rested` is called when nothing is any more.
  [[nodiscard]] bool is_at_work() const noexcept { return taking_in_ > 0; }
  /// Since this was asked last a leftover could not be found, taken or forgotten.
  [[nodiscard]] bool was_untidy() noexcept { return std::exchange(untidy_, false); }

  /// Tries once more what could not be forgotten: sweeps look for leftovers
  /// where agents live, and their agent may be gone. A new life knows of none.
  void tidy_again();

  /// From the sagas.
  void saga_answered(const saga_intent& intent, const saga_answer& what);

private:
  using place = std::pair<agent_id, std::string>;
  using sight_taker = std::function<void(manifest_sight)>;
  /// One place that is being taken, and what a sweep says of it.
  struct taking {
    saga_id as;
    agent_id agent;
    std::string project;
    std::optional<look_moment> at = {};
    bool due = false;
    observation_company::traveller with = {};
  };
  /// A series of sights of one directory that is being taken in.
  struct series;

  void take_held(const saga_id& holder, const agent_id& agent, const std::string& project, manifest_sight sight,
                 const taker& then);
  void look(const std::string& project, const sight_taker& then);
  void take(const taking& how, manifest_sight sight, const taker& then);
  [[nodiscard]] planned_observation plan_for_place(const taking& how, const agent_facts& known) const;
  void hold_or_carry_out(const taking& how, planned_observation plan, const agent_facts& known, const taker& then);
  void carry_out(const taking& how, planned_observation plan, const taker& then);
  void begin(const taking& how, planned_observation plan, const taker& then);
  void note(const taking& how, planned_observation plan, const taker& then);
  void write_note(planned_observation plan, const taker& then);
  void take_leftovers(const agent_id& agent, const std::string& project);
  void go_on(const std::shared_ptr<series>& what);
  void find_more(const std::shared_ptr<series>& what);
  void forget_next(const std::shared_ptr<series>& what);
  void take_leftover(const std::shared_ptr<series>& what, leftover which);
  void keep(const std::shared_ptr<series>& what);
  void forget(const std::shared_ptr<series>& what, leftover which, bool aside = false);
  void end(series& what);

  supervisor_core& core_;
  namespace_entries& entries_;
  std::function<void()> rested_;
  std::size_t taking_in_ = 0;
  bool untidy_ = false;
  /// Where something may be left, with what sagas wrote or replaced there; bounded.
  std::map<place, std::set<sha256_digest>> untidy_places_;
  bool stopped_ = false;
  observation_company company_{core_.self};
  std::map<saga_id, std::function<void(const saga_answer&)>> sagas_; ///< what follows on their answers
};

} // namespace muster
