#pragma once

#include "muster/messages/ids.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

} // namespace muster
