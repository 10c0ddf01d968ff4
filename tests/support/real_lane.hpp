#pragma once

#include "tests/support/real_muster.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace muster::test {

/// A way for a call to fail, as the shim knows it.
struct fault_mode {
  const char* name;
  int error;
};
[[nodiscard]] std::span<const fault_mode> fault_modes();

/// The environment in which the n-th changing call below the world's root fails
/// so, and whether it has.
[[nodiscard]] std::vector<std::string> fault_at(const real_muster& world, const fault_mode& mode, std::size_t nth);
[[nodiscard]] bool fault_fired(const real_muster& world);

/// How a world stands to one change.
enum class standing { before, after, torn };

struct sight {
  standing how = standing::torn;
  std::string why; ///< of `torn`
};

/// One operation of the binary, as the lane lets it fail.
struct real_operation {
  const char* name;
  /// Makes what the operation needs, without faults, in a world that has one
  /// registered bystander.
  std::function<void(const real_muster&)> prepare;
  std::function<std::vector<std::string>(const real_muster&)> command;
  /// Looks by running a command, as any user would who comes next.
  std::function<sight(const real_muster&)> look;
  bool takes_request_id = true;
  /// Whether exit 0 says that all of it is done.
  std::function<bool(const real_answer&)> promises = [](const real_answer&) { return true; };
  std::size_t commits = 1; ///< that it makes when it is done
};

/// Which calls fail: every seventh in the gate, from another one on each time;
/// all at full scale. MUSTER_TEST_SEED repeats one.
struct rotation {
  std::uint64_t seed = 0;
  std::size_t stride = 1;
  std::size_t first = 1;
};
[[nodiscard]] rotation every_seventh();
[[nodiscard]] std::string to_string(const rotation& chosen);

/// What was run, and what was found wrong.
struct lane_counts {
  std::size_t runs = 0;
  std::size_t killed = 0;
  std::map<int, std::size_t> exits;
  std::set<std::string> findings;
};

/// Lets every `stride`-th changing call of an operation fail in every way, from
/// `first` on, until none fires; after each, runs the binary without faults and
/// checks that
///  - what was answered is so: 0, the change is there; 10 or killed, it is
///    there whole or not at all; else nothing of it is there
///  - the same request again is done once
///  - nothing of ours is left over, `doctor` and `rebuild --verify` find nothing
///  - nobody else's files changed.
void run_lane(const real_operation& operation, std::size_t first, std::size_t stride, lane_counts& counts);

/// Prints the counts as a lane, and the findings.
void print_lane(const char* suite, const char* what, const lane_counts& counts);

} // namespace muster::test
