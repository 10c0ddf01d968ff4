#pragma once

#include <string>
#include <vector>

namespace muster::test {

struct process_result {
  int exit = -1;   ///< the exit code, or -1
  int signal = 0;  ///< the signal that ended it, or 0
  std::string out; ///< what it wrote to standard output
  std::string err; ///< and to standard error
};

struct process_setup {
  std::vector<std::string> environment = {}; ///< "NAME=value", added to ours
  std::string directory = {};                ///< to start in; ours if empty
  std::string out_file = {};                 ///< where standard output goes instead
};

/// Runs a program to its end.
process_result run_process(const std::vector<std::string>& arguments, const process_setup& setup = {});

/// Becomes that program, after a fork.
[[noreturn]] void become_program(const std::vector<std::string>& arguments, const process_setup& setup, int out,
                                 int err);

/// The binaries of this build, found beside the test binary.
std::string program(const std::string& name);

} // namespace muster::test
