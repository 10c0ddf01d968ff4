#pragma once

#include "tests/sim/project_editor.hpp"
#include "tests/sim/troubled_machine.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace muster::sim {

/// Knows since when each manifest may have been seen to be gone from a project:
/// removed, moved, replaced by another agent's, or unmounted. One that only muster
/// cannot read is there. That it was back between two sweeps need not be seen.
class absence_watch {
public:
  using duration = std::chrono::nanoseconds;
  absence_watch(troubled_machine& machine, project_editor& editor, std::size_t projects)
      : machine_(machine), editor_(editor), held_(projects) {}

  /// Something may have changed.
  void look(duration now);
  /// Across each reboot an hour more may have been counted.
  void rebooted() { ++reboots_; }

  [[nodiscard]] bool is_there(const std::string& agent, std::size_t project) const {
    return held_.at(project) == agent;
  }
  /// How long at most muster can have seen that the agent is not there.
  [[nodiscard]] duration absent_for(const std::string& agent, std::size_t project, duration now) const;

private:
  struct parting {
    duration when{0};
    std::uint64_t reboots = 0;
  };
  troubled_machine& machine_;
  project_editor& editor_;
  std::vector<std::string> held_;                               ///< whose manifest is there, by project
  std::map<std::pair<std::size_t, std::string>, parting> gone_; ///< the first of each
  std::uint64_t reboots_ = 0;
};

} // namespace muster::sim
