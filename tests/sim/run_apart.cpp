#include "tests/sim/run_apart.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace muster::sim {

namespace {

[[noreturn]] void run_as_child(const std::function<simulation_result()>& run, int out) {
  std::signal(SIGABRT, SIG_DFL);
  std::signal(SIGSEGV, SIG_DFL);
  // It will be run again, with its words.
  if (const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0)
    (void)::dup2(nowhere, STDERR_FILENO);
  const auto result = run();
  auto told = std::to_string(result.violated_at_ms) + "\n";
  for (const auto& each : result.violations)
    told += each + "\n";
  for (std::size_t written = 0; written < told.size();) {
    const auto size = ::write(out, told.data() + written, told.size() - written);
    if (size < 0)
      std::_Exit(1);
    written += static_cast<std::size_t>(size);
  }
  std::_Exit(0);
}

std::string read_all(int from) {
  std::string all;
  std::array<char, 4096> some;
  for (;;) {
    const auto size = ::read(from, some.data(), some.size());
    if (size > 0)
      all.append(some.data(), static_cast<std::size_t>(size));
    else if (size == 0 || errno != EINTR)
      return all;
  }
}

int status_of_child(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  return status;
}

} // namespace

simulation_result run_apart(const std::function<simulation_result()>& run) {
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  const auto child = ::fork();
  if (child < 0)
    throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0)
    run_as_child(run, ends[1]);
  ::close(ends[1]);
  std::istringstream told(read_all(ends[0]));
  ::close(ends[0]);
  const auto status = status_of_child(child);
  simulation_result result;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    told >> result.violated_at_ms;
    told.ignore();
    for (std::string each; std::getline(told, each);)
      result.violations.push_back(each);
    return result;
  }
  // Nobody has noted when.
  result.violated_at_ms = std::numeric_limits<std::uint64_t>::max();
  result.violations.push_back("crash: ended by " + (WIFSIGNALED(status)
                                                        ? "signal " + std::to_string(WTERMSIG(status))
                                                        : "itself, " + std::to_string(WEXITSTATUS(status))));
  return result;
}

} // namespace muster::sim
