#pragma once

#include "muster/messages/denial_messages.hpp"
#include "muster/supervisor/change_desk.hpp"
#include "muster/supervisor/consent_plan.hpp"
#include "muster/supervisor/scan_gate.hpp"
#include "muster/supervisor/supervisor_core.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace muster {

/// Denies directories and takes denials back: learns which directory is meant,
/// plans, and has the change desk carry it out as any other change.
///
/// 1. A denial that is answered done holds for every scan from then on, also for
///    what one is about to take.
class denial_desk {
public:
  template <class Answer>
  using taker = std::function<void(const expected<Answer>&)>;

  denial_desk(supervisor_core& core, change_desk& changes, scan_gate& gate)
      : core_(core), changes_(changes), gate_(gate) {}

  void deny(const deny_path& asked, const taker<path_denied>& then);
  void undeny(const undeny_path& asked, const taker<path_undenied>& then);

private:
  /// One denial on its way.
  struct denying {
    deny_path asked;
    std::string typed; ///< the path, by the letter
    denial_facts known = {};
    bool closed = false; ///< the gate, for `known.path`
    bool over = false;   ///< what is still asked for it is in vain
    std::optional<known_denial> made = {};
  };
  using denying_ptr = std::shared_ptr<denying>;
  struct lifting;
  using lifting_ptr = std::shared_ptr<lifting>;

  void resolve(const denying_ptr& which, const plan_taker& then);
  void look_who_lives_there(const denying_ptr& which, const std::string& path, const plan_taker& then);
  void look_what_stands(const denying_ptr& which, const plan_taker& then);
  void close_gate(const denying_ptr& which, std::string path);
  void end(const denying_ptr& which, const change_answer& answer, const taker<path_denied>& then);
  void find_as_typed(const lifting_ptr& which, const plan_taker& then);
  void find_as_resolved(const lifting_ptr& which, const plan_taker& then);

  supervisor_core& core_;
  change_desk& changes_;
  scan_gate& gate_;
};

} // namespace muster
