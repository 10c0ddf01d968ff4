#include "tests/support/run_process.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace muster::test {

namespace {

void drain(int out, int err, process_result& result) {
  std::array<pollfd, 2> streams{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::array<char, 4096> buffer;
  int open_streams = 2;
  while (open_streams > 0 && ::poll(streams.data(), streams.size(), -1) > 0) {
    for (auto& stream : streams) {
      if (stream.fd < 0 || stream.revents == 0)
        continue;
      const auto got = ::read(stream.fd, buffer.data(), buffer.size());
      if (got > 0) {
        (stream.fd == out ? result.out : result.err).append(buffer.data(), static_cast<std::size_t>(got));
      } else {
        stream.fd = -1;
        --open_streams;
      }
    }
  }
}

/// Of what a program is started with. Between `fork` and `exec` nothing may be
/// allocated: another thread may have held the allocator's lock.
class pointer_list {
public:
  void add(const char* text) {
    if (size_ + 1 == all_.size())
      ::_exit(125);
    all_[size_++] = const_cast<char*>(text);
  }
  /// Ends in a null pointer.
  [[nodiscard]] char** get() { return all_.data(); }

private:
  std::array<char*, 1024> all_{};
  std::size_t size_ = 0;
};

bool is_named_as(std::string_view variable, std::string_view other) {
  return variable.substr(0, variable.find('=')) == other.substr(0, other.find('='));
}

} // namespace

void become_program(const std::vector<std::string>& arguments, const process_setup& setup, int out, int err) {
  if (!setup.directory.empty() && ::chdir(setup.directory.c_str()) != 0)
    ::_exit(126);
  if (!setup.out_file.empty())
    out = ::open(setup.out_file.c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  pointer_list argv;
  for (const auto& argument : arguments)
    argv.add(argument.c_str());
  pointer_list variables;
  for (const auto& variable : setup.environment)
    variables.add(variable.c_str());
  for (char** inherited = environ; *inherited != nullptr; ++inherited)
    if (std::ranges::none_of(setup.environment, [&](const auto& own) { return is_named_as(*inherited, own); }))
      variables.add(*inherited);
  ::execve(argv.get()[0], argv.get(), variables.get());
  ::_exit(127);
}

process_result run_process(const std::vector<std::string>& arguments, const process_setup& setup) {
  process_result result;
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0)
    return result;
  const auto child = ::fork();
  if (child == 0)
    become_program(arguments, setup, out[1], err[1]);
  ::close(out[1]);
  ::close(err[1]);
  drain(out[0], err[0], result);
  ::close(out[0]);
  ::close(err[0]);
  int status = 0;
  if (child > 0 && ::waitpid(child, &status, 0) == child) {
    result.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
  return result;
}

std::string program(const std::string& name) {
  std::array<char, 4096> self{};
  const auto length = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
  std::string path(self.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return path.substr(0, path.rfind('/') + 1) + name;
}

} // namespace muster::test
