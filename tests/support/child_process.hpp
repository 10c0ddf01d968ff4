#pragma once

#include "tests/support/run_process.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace muster::test {

/// A program that runs beside the test. If it still does when this goes, it is
/// killed.
class child_process {
public:
  explicit child_process(const std::vector<std::string>& arguments, const process_setup& setup = {});
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process();

  [[nodiscard]] pid_t id() const noexcept { return child_; }
  void signal(int number) const;
  /// What it came to, or nothing if it runs longer than that.
  std::optional<process_result> wait(std::chrono::milliseconds limit);

private:
  pid_t child_ = -1;
  int ended_ = -1; // becomes readable when the process has ended
  int out_ = -1;
  int err_ = -1;
};

/// Waits until somebody listens on `muster.sock` in this directory; false if
/// nobody does in time. The path may be longer than a socket's may be.
bool wait_for_socket(const std::string& data_directory, std::chrono::milliseconds limit);

} // namespace muster::test
