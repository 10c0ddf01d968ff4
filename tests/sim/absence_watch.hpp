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
      : machine_(machine), editor_(editor), held_(projects), since_(projects) {}

  /// Something may have changed.
  void look(duration now);
  /// Across each reboot an hour more may have been counted.
  void rebooted() { ++reboots_; }

  [[nodiscard]] bool is_there(const std::string& agent, std::size_t project) const {
    return held_.at(project) == agent;
  }
  /// It is there, and has been for that time.
  [[nodiscard]] bool is_there_for(const std::string& agent, std::size_t project, duration time, duration now) const {
    return is_there(agent, project) && now - since_.at(project) >= time;
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
  std::vector<std::string> held_; ///< whose manifest is there, by project
  std::vector<duration> since_;
  std::map<std::pair<std::size_t, std::string>, parting> gone_; ///< the first of each
  std::uint64_t reboots_ = 0;
};

} // namespace muster::sim
