// The binary as people meet it: one-shot commands beside a process that does
// next to nothing, a daemon that is idle, and its start with a large roster.
// Uses the `muster` beside itself.

#include "bench/bench_host.hpp"

#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace muster::bench;

namespace {

constexpr std::size_t few = 50;
constexpr std::size_t lots = 10'000;
constexpr std::size_t in_flight = 64;

std::string muster_binary() {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "muster").string();
}

pid_t start(const std::vector<std::string>& command) {
  const auto child = ::fork();
  must(child >= 0, "fork");
  if (child > 0)
    return child;
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int each : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::dup2(nowhere, each);
  std::vector<char*> words;
  for (const auto& word : command)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  must(::waitpid(child, &status, 0) == child, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Milliseconds that a command takes; nothing if it does not end with 0.
std::optional<double> one_shot(const std::vector<std::string>& command) {
  std::vector<double> times;
  for (int round = 0; round < 40; ++round) {
    int exit = 0;
    times.push_back(timed([&] { exit = wait_for(start(command)); }) / 1000);
    if (exit != 0)
      return std::nullopt;
  }
  return median(times);
}

/// A data directory with that many agents that are really there, the first of
/// them `p0`.
void fill(const std::string& root, std::size_t agents) {
  bench_host host{root};
  for (std::size_t made = 0; made < agents; made += in_flight)
    host.register_all(host.make_projects(std::min(in_flight, agents - made)));
  if (const auto ended = host.end(); !ended)
    stop(ended.error().message);
}

class daemon {
public:
  explicit daemon(const std::string& root)
      : data_(root + "/data"), child_(start({muster_binary(), "--data", data_, "serve"})) {}
  daemon(const daemon&) = delete;
  daemon& operator=(const daemon&) = delete;
  ~daemon() {
    ::kill(child_, SIGTERM);
    wait_for(child_);
  }

  /// Asks for one agent on the socket as soon as anybody listens, and returns
  /// when the answer is there.
  void first_answer() const { ask("show", R"({"agent":"p0"})"); }
  /// Returns when a sweep is over: the one that is under way, if there is one.
  void sweep() const { ask("sweep", "{}"); }

  /// Asks and takes the whole answer; how long it is.
  [[nodiscard]] std::size_t whole_answer(const std::string& operation) const {
    const std::string request =
        "POST /v1/" + operation + " HTTP/1.1\r\nHost: muster\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    const int socket = connect();
    must(::write(socket, request.data(), request.size()) == static_cast<ssize_t>(request.size()), "write");
    std::array<char, 65536> answer{};
    std::size_t all = 0;
    for (ssize_t got = 0; (got = ::read(socket, answer.data(), answer.size())) > 0;)
      all += static_cast<std::size_t>(got);
    ::close(socket);
    return all;
  }

  /// Microseconds of CPU that it has used.
  [[nodiscard]] double cpu() const {
    std::ifstream in("/proc/" + std::to_string(child_) + "/schedstat");
    double all = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(child_) + "/task")) {
      double nanoseconds = 0;
      std::ifstream(task.path() / "schedstat") >> nanoseconds;
      all += nanoseconds;
    }
    return all / 1000;
  }
  [[nodiscard]] double resident_mebibytes() const {
    std::ifstream in("/proc/" + std::to_string(child_) + "/status");
    for (std::string word; in >> word;)
      if (word == "VmRSS:") {
        double kibibytes = 0;
        in >> kibibytes;
        return kibibytes / 1024;
      }
    stop("the daemon is gone");
  }

private:
  void ask(const std::string& operation, const std::string& body) const {
    const auto request = "POST /v1/" + operation +
                         " HTTP/1.1\r\nHost: muster\r\nContent-Length: " + std::to_string(body.size()) +
                         "\r\nConnection: close\r\n\r\n" + body;
    const int socket = connect();
    must(::write(socket, request.data(), request.size()) == static_cast<ssize_t>(request.size()), "write");
    std::array<char, 4096> answer{};
    const auto got = ::read(socket, answer.data(), answer.size() - 1);
    ::close(socket);
    if (got <= 0 || std::strstr(answer.data(), " 200 ") == nullptr)
      stop("the daemon's answer is not 200: " + std::string(answer.data()));
  }

  [[nodiscard]] int connect() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s/muster.sock", data_.c_str());
    for (int tries = 0; tries < 20'000; ++tries) {
      const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return socket;
      ::close(socket);
      const timespec moment{0, 500'000};
      ::nanosleep(&moment, nullptr);
    }
    stop("the daemon does not listen");
  }

  std::string data_;
  pid_t child_;
};

void time_commands(const std::string& small, const std::string& large) {
  const auto show = [](const std::string& root) {
    const auto took = one_shot({muster_binary(), "--data", root + "/data", "show", "p0"});
    if (!took)
      stop("muster show failed");
    return *took;
  };
  print("one-shot show at 10000 agents", show(large), 30, "ms", "<= 1.0");
  const auto at_few = show(small);
  const auto bare = one_shot({"sqlite3", "-version"});
  if (!bare)
    std::printf("one-shot show at 50 agents above sqlite3 -version, %.4g ms, no sqlite3 here, , \n", at_few);
  else
    print("one-shot show at 50 agents above sqlite3", std::max(at_few - *bare, 0.0), 25, "ms", "<= 1.0");
}

void time_idle(const std::string& root, const std::string& agents, const char* limit) {
  const daemon running{root};
  running.sweep(); // that of the start
  ::poll(nullptr, 0, 1'000);
  const auto before = running.cpu();
  constexpr double seconds = 30;
  ::poll(nullptr, 0, static_cast<int>(seconds * 1000));
  print("idle daemon with " + agents + " agents: CPU", (running.cpu() - before) / seconds / 1e4, 0.1, "%", limit);
  print("idle daemon with " + agents + " agents: memory", running.resident_mebibytes(), 40, "MiB", limit);
}

void time_start(const std::string& root) {
  std::vector<double> times;
  for (int round = 0; round < 10; ++round) {
    std::optional<daemon> running;
    times.push_back(timed([&] {
                      running.emplace(root);
                      running->first_answer();
                    }) /
                    1000);
  }
  print("start with 10000 agents to first answer", median(times), 200, "ms", "<= 1.0");
}

// From the question on the socket to the last byte of the answer.
void time_answers(const std::string& root) {
  const daemon running{root};
  running.sweep(); // that of the start
  const auto median_of = [&](const char* operation) {
    std::vector<double> times;
    for (int round = 0; round < 20; ++round)
      times.push_back(timed([&] {
                        if (running.whole_answer(operation) < lots * 100)
                          stop(std::string(operation) + " is not told whole");
                      }) /
                      1000);
    return median(times);
  };
  print("topology of 10000 agents in as many namespaces", median_of("topology"), 40, "ms", "<= 1.0");
  print("list of 10000 agents", median_of("list"), 25, "ms", "<= 1.0");
}

} // namespace

int main() {
  const place where;
  const auto small = where.path() + "/small";
  const auto large = where.path() + "/large";
  std::filesystem::create_directory(small);
  std::filesystem::create_directory(large);
  fill(small, few);
  fill(large, lots);
  time_commands(small, large);
  time_start(large);
  time_answers(large);
  time_idle(small, "50", "<= 1.0");
  time_idle(large, "10000", "");
}
