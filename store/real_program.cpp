#include "muster/store/real_program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace muster {

namespace {

using clock = std::chrono::steady_clock;

class descriptor {
public:
  explicit descriptor(int number = -1) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() { reset(); }
  void reset() noexcept {
    if (number_ >= 0)
      ::close(std::exchange(number_, -1));
  }
  [[nodiscard]] int get() const noexcept { return number_; }

private:
  int number_;
};

failure failed(const std::string& program, const std::string& how, int number = 0) {
  failure why{failure_kind::failed, "program-failed", "'" + program + "' " + how};
  why.system_errno = number;
  return why;
}

/// A program at work. Its end of a socket is its standard input and output: a
/// write to one that is gone is an error there and no signal.
struct child {
  pid_t id = -1;
  descriptor line;
};

expected<child> start(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return failed(words.front(), "could not be started", errno);
  child made{-1, descriptor(ends[0])};
  const descriptor other(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, other.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, other.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  arguments.reserve(copies.size() + 1);
  for (auto& each : copies)
    arguments.push_back(each.data());
  arguments.push_back(nullptr);
  const int problem = ::posix_spawnp(&made.id, arguments.front(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (problem == ENOENT)
    return failure{failure_kind::not_found, "program-missing", "there is no program '" + words.front() + "'"};
  if (problem != 0)
    return failed(words.front(), "could not be started", problem);
  return made;
}

/// Both directions at once, so that neither side waits for the other for ever.
expected<std::string> converse(const std::string& program, int line, std::string_view input,
                               const program_limits& limits) {
  std::string output;
  const auto end = clock::now() + limits.time;
  std::array<char, 65536> buffer{};
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock::now()).count();
    if (left <= 0)
      return failed(program, "took too long");
    pollfd wanted{line, static_cast<short>(POLLIN | (input.empty() ? 0 : POLLOUT)), 0};
    if (::poll(&wanted, 1, static_cast<int>(left)) < 0 && errno != EINTR)
      return failed(program, "could not be waited for", errno);
    if (!input.empty() && (wanted.revents & POLLOUT) != 0) {
      const auto sent = ::send(line, input.data(), input.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0)
        input.remove_prefix(static_cast<std::size_t>(sent));
      else if (sent < 0 && errno != EAGAIN && errno != EINTR)
        input = {};
      if (input.empty())
        ::shutdown(line, SHUT_WR);
    }
    if ((wanted.revents & (POLLIN | POLLHUP | POLLERR)) == 0)
      continue;
    const auto got = ::recv(line, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
      return output;
    if (got > 0)
      output.append(buffer.data(), static_cast<std::size_t>(got));
    if (output.size() > limits.output)
      return failed(program, "said more than " + std::to_string(limits.output) + " bytes");
  }
}

} // namespace

expected<std::string> run_program(const std::vector<std::string>& words, std::string_view input,
                                  const program_limits& limits) {
  auto at_work = start(words);
  if (!at_work)
    return at_work.error();
  auto said = converse(words.front(), at_work->line.get(), input, limits);
  if (!said)
    ::kill(at_work->id, SIGKILL);
  at_work->line.reset();
  int status = 0;
  while (::waitpid(at_work->id, &status, 0) < 0 && errno == EINTR) {
  }
  if (said && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
    return failed(words.front(), "ended with an error");
  return said;
}

} // namespace muster
