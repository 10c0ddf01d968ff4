#pragma once

#include "tests/sim/actor_driver.hpp"
#include "tests/sim/fault_tally.hpp"
#include "tests/sim/planted_bug.hpp"
#include "tests/sim/scenario.hpp"

namespace muster::sim {

/// Loses, delays and repeats mail where a time-out makes that legal: answers
/// between muster's actors, and everything on the way to and from the relay.
/// Requests between actors of one process arrive.
class mail_troubles final : public mail_judge {
public:
  mail_troubles(const scenario& world, fault_tally& tally, troubled_machine& machine, planted_bug bug)
      : world_(world), tally_(tally), chance_(world.seed, "mail"), planted_(machine, bug) {}

  void set_faults(bool on) noexcept { faulty_ = on; }

  mail_fate judge(const mail& what) override {
    if (!faulty_ || !may_be_troubled(what))
      return mail_fate::delivered;
    if (drawn(knob::answer_lost, trouble::answer_lost))
      return mail_fate::lost;
    if (drawn(knob::answer_late, trouble::answer_late))
      return mail_fate::late;
    if (drawn(knob::answer_twice, trouble::answer_twice))
      return mail_fate::twice;
    return mail_fate::delivered;
  }

  bool deals_with(const mail& what, caf::mailbox_element& content) override {
    return planted_.deals_with(what, content);
  }

  std::chrono::nanoseconds delay() override {
    return std::chrono::microseconds{chance_.one_in(4) ? chance_.below(90'000'000) : chance_.below(100'000)};
  }

private:
  [[nodiscard]] static bool is_ours(std::string_view name) { return name.substr(0, 7) == "muster."; }
  [[nodiscard]] static bool may_be_troubled(const mail& what) {
    if (!is_ours(what.from) || !is_ours(what.to))
      return false;
    // What an actor tells itself, as when it asks somebody who is gone, has no limit.
    if (what.from == what.to)
      return false;
    // A sweep and a scan have an hour, and the front door longer than anybody behind it.
    // The file store keeps count of what its workers owe it.
    if (what.to == "muster.front" || what.from == "muster.disk_worker" ||
        ((what.from == "muster.reconciler" || what.from == "muster.scanner") && what.to == "muster.supervisor"))
      return false;
    const bool relay_edge = what.to == "muster.relay" || what.from == "muster.relay";
    return what.content.mid.is_response() || (relay_edge && what.content.mid.is_request());
  }
  bool drawn(knob which, trouble kind) {
    if (!chance_.per_million(world_.rate(which)))
      return false;
    tally_.note(kind);
    return true;
  }

  const scenario& world_;
  fault_tally& tally_;
  sim_chance chance_;
  planted_mail planted_;
  bool faulty_ = false;
};

} // namespace muster::sim
