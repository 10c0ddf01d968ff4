#pragma once

#include "muster/messages/file_messages.hpp"
#include "muster/messages/ids.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a sweep is told and has counted, by the index, and what it has come to.
namespace muster {

/// So many agents of one device are gone at once that nothing of it is removed.
struct braked_device {
  std::optional<std::uint64_t> device; ///< nothing: agents that were never seen well
  std::size_t agents = 0;
  std::size_t absent = 0;
  std::string path; ///< of one that is gone
};

struct sweep_problem {
  agent_id agent; ///< may be empty
  std::string path;
  std::string kind;
  std::string message;
};
struct sweep_report {
  std::size_t synced = 0;
  std::size_t unreachable = 0;
  std::size_t removed = 0;
  std::size_t resurrected = 0;
  std::size_t discovered = 0;
  std::size_t moved = 0;
  std::size_t refused = 0;
  std::size_t invalid = 0;
  std::size_t missing = 0;
  std::size_t unreadable = 0;
  std::size_t unchanged = 0;
  std::size_t errors = 0;
  std::chrono::milliseconds took{0};
  std::vector<sweep_problem> problems; ///< the first, bounded by options
};

/// When a sweep asked where to look: before the look, by the index's own count
/// and clock. Between two of them absence is counted.
struct look_moment {
  std::uint64_t sweep = 0;
  std::chrono::nanoseconds boot{0}; ///< CLOCK_BOOTTIME
};

/// The placements of this instance by agent, as the next sweep is to look at
/// them. The page after nobody begins a sweep.
struct list_places {
  agent_id after;
  std::size_t limit = 512;
};
struct places_listed {
  known_places places;
  bool more = false; ///< there are others, after the last one
  look_moment at;
};

/// Agents that a sweep saw gone still, in the way that was known. What is counted
/// waits in memory until it is worth a write.
struct absent_place {
  agent_id agent;
  std::string path;
};
struct note_absences {
  look_moment at;
  std::vector<absent_place> places; ///< of one page
};
struct absences_noted {
  /// What is left of the grace of each; nothing: it is not gone any more.
  std::vector<std::optional<std::chrono::nanoseconds>> grace_left;
};

/// Those whose grace is over as of the sweep under way, by agent, without those
/// whose device is braked. `accepted`: the brake does not hold.
struct list_removals {
  agent_id after;
  std::size_t limit = 512;
  bool accepted = false;
};
struct removals_listed {
  std::vector<absent_place> due;
  bool more = false; ///< there are others, after the last one
  std::vector<braked_device> braked;
};

/// A sweep has ended. It is remembered, on disk if it has done anything.
struct note_sweep {
  sweep_report report;
};
struct sweep_noted {};

} // namespace muster
