#pragma once

#include "muster/messages/interfaces.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::sim {

/// A host that keeps a roster by what a muster tells it, and nothing else. It
/// subscribes to each process anew.
class event_watch {
public:
  /// A process is there. Every third listener takes a second for each message.
  void open(caf::actor_system& system, const muster_actor& front, std::uint64_t number);
  /// It is not any more.
  void close() noexcept { known_.reset(); }

  /// What was wrong with what was told: numbers that are not in order, agents that
  /// come twice or go without having been there.
  [[nodiscard]] std::vector<std::string> take_violations();
  /// Where the roster that was told is not this one; empty if nowhere.
  [[nodiscard]] std::string difference_to(const std::vector<roster_row>& rows) const;
  [[nodiscard]] std::uint64_t told() const noexcept { return known_ ? known_->told : 0; }

  struct knowledge {
    std::map<std::pair<agent_id, instance_id>, roster_row> roster;
    bool has_roster = false;
    std::string log;
    std::uint64_t last = 0;
    std::uint64_t told = 0;
    std::set<std::string> mail; ///< messages
    std::vector<std::string> violations;

    void take(const events_told& what);
    void take(const lifecycle_event& what);
  };

private:
  std::shared_ptr<knowledge> known_;
};

} // namespace muster::sim
