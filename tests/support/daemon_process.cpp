#include "tests/support/daemon_process.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace muster::test {

daemon_process::daemon_process(const std::vector<std::string>& arguments, const std::string& out) {
  pid_ = ::fork();
  if (pid_ != 0)
    return;
  const int file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  std::vector<char*> argv;
  for (const auto& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

daemon_process::~daemon_process() {
  if (pid_ <= 0)
    return;
  ::kill(pid_, SIGKILL);
  (void)wait();
}

void daemon_process::signal(int number) const {
  if (pid_ > 0)
    ::kill(pid_, number);
}

int daemon_process::wait() {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  int status = 0;
  while (pid_ > 0 && std::chrono::steady_clock::now() < give_up) {
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    std::this_thread::yield();
  }
  return -1000;
}

} // namespace muster::test
