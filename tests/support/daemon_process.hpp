#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace muster::test {

/// A program that runs until it is told to stop; killed with the object.
class daemon_process {
public:
  /// What it prints goes to the file `out`.
  daemon_process(const std::vector<std::string>& arguments, const std::string& out);
  daemon_process(const daemon_process&) = delete;
  daemon_process& operator=(const daemon_process&) = delete;
  ~daemon_process();

  void signal(int number) const;
  /// Its exit code, minus the signal that ended it, or -1000 if it does not end
  /// within ten seconds.
  int wait();
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
  pid_t pid_ = -1;
};

} // namespace muster::test
