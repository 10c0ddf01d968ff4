#pragma once

#include "tests/support/run_process.hpp"
#include "tests/support/scratch_directory.hpp"

#include <string>
#include <utility>
#include <vector>

namespace muster::test {

/// The command on a data directory of its own, beside which projects may lie.
struct muster_command {
  scratch_directory place;
  std::string data = place.path() + "/data";

  [[nodiscard]] std::vector<std::string> line(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {program("muster"), "--data", data});
    return arguments;
  }
  process_result muster(std::vector<std::string> arguments, const process_setup& setup = {}) const {
    return run_process(line(std::move(arguments)), setup);
  }
};

} // namespace muster::test
