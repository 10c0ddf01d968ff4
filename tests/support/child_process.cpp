#include "tests/support/child_process.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace muster::test {

namespace {

std::string whole(int file) {
  std::string bytes;
  std::array<char, 4096> buffer;
  for (off_t at = 0;;) {
    const auto got = ::pread(file, buffer.data(), buffer.size(), at);
    if (got <= 0)
      return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
    at += got;
  }
}

bool somebody_listens(const std::string& data_directory) {
  const int directory = ::open(data_directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0)
    return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/muster.sock", directory);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  ::close(directory);
  return connected;
}

} // namespace

child_process::child_process(const std::vector<std::string>& arguments, const process_setup& setup)
    : out_(::memfd_create("out", MFD_CLOEXEC)), err_(::memfd_create("err", MFD_CLOEXEC)) {
  child_ = ::fork();
  if (child_ == 0)
    become_program(arguments, setup, out_, err_);
  ended_ = static_cast<int>(::syscall(SYS_pidfd_open, child_, 0));
  if (child_ < 0 || ended_ < 0) {
    std::perror("child process");
    std::abort();
  }
}

child_process::~child_process() {
  signal(SIGKILL);
  wait(std::chrono::seconds{30});
  for (const int each : {ended_, out_, err_})
    ::close(each);
}

void child_process::signal(int number) const {
  if (child_ > 0)
    ::kill(child_, number);
}

std::optional<process_result> child_process::wait(std::chrono::milliseconds limit) {
  pollfd end{ended_, POLLIN, 0};
  if (child_ <= 0 || ::poll(&end, 1, static_cast<int>(limit.count())) != 1)
    return std::nullopt;
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = -1;
  return process_result{WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                        whole(out_), whole(err_)};
}

bool wait_for_socket(const std::string& data_directory, std::chrono::milliseconds limit) {
  constexpr int pause = 2;
  for (auto left = limit.count(); left > 0; left -= pause) {
    if (somebody_listens(data_directory))
      return true;
    ::poll(nullptr, 0, pause);
  }
  return false;
}

} // namespace muster::test
