// Scans of trees of 1,000, 10,000 and 100,000 directories, warm, one in a hundred
// with a manifest and one with a marker, from the request to the answer of a
// runtime. Beside them, in turns within one run, a bare walk on two threads (open,
// getdents64 to the end, close, nothing else) and fd with as many threads and the
// same exclusions, looking for the manifests by their name.

#include "bench/bench_host.hpp"
#include "bench/project_tree.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

using namespace muster;
using namespace muster::bench;

namespace {

constexpr int rounds = 15;
constexpr std::size_t walkers = 2;

/// Walks a tree from a list that its threads share.
class bare_walk {
public:
  std::size_t run(const std::string& root) {
    waiting_.assign(1, root);
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < walkers; ++i)
      threads.emplace_back([this] { work(); });
    threads.clear();
    return walked_;
  }

private:
  static constexpr std::size_t handful = 32;

  void work() {
    std::vector<char> buffer(65536);
    std::vector<std::string> taken;
    std::vector<std::string> below;
    while (true) {
      {
        std::unique_lock held(guard_);
        walked_ += taken.size();
        at_work_ -= taken.empty() ? 0 : 1;
        std::ranges::move(below, std::back_inserter(waiting_));
        below.clear();
        taken.clear();
        changed_.notify_all();
        changed_.wait(held, [this] { return !waiting_.empty() || at_work_ == 0; });
        if (waiting_.empty())
          return;
        for (; taken.size() < handful && !waiting_.empty(); waiting_.pop_back())
          taken.push_back(std::move(waiting_.back()));
        ++at_work_;
      }
      for (const auto& each : taken)
        list(each, buffer, below);
    }
  }

  static void list(const std::string& path, std::vector<char>& buffer, std::vector<std::string>& below) {
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    must(directory >= 0, "open");
    for (ssize_t size = 0; (size = ::getdents64(directory, buffer.data(), buffer.size())) > 0;)
      for (ssize_t at = 0; at < size;) {
        const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
        at += entry->d_reclen;
        if (entry->d_type == DT_DIR && std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
          below.push_back(path + "/" + entry->d_name);
      }
    ::close(directory);
  }

  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<std::string> waiting_;
  std::size_t at_work_ = 0;
  std::size_t walked_ = 0;
};

void run_fd(const std::string& root) {
  std::vector<std::string> line{"fdfind", "--hidden", "--no-ignore", "--threads", std::to_string(walkers),
                                "--type", "f",        "--glob",      "agent.json"};
  for (const char* name : {"node_modules", ".git",   "vendor", "Library", "AppData",   ".Trash",    "dist",
                           "build",        ".cache", ".npm",   ".nvm",    ".local",    ".cargo",    ".rustup",
                           "__pycache__",  ".venv",  "venv",   ".tox",    ".DS_Store", "extensions"}) {
    line.emplace_back("--exclude");
    line.emplace_back(name);
  }
  line.push_back(root);
  std::vector<char*> arguments;
  for (auto& each : line)
    arguments.push_back(each.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t output;
  ::posix_spawn_file_actions_init(&output);
  ::posix_spawn_file_actions_addopen(&output, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, "fdfind", &output, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&output);
  int status = 1;
  if (failed != 0 || ::waitpid(child, &status, 0) != child || status != 0)
    stop("fdfind cannot be run; it is in Debian's package fd-find");
}

struct measured {
  double ours = 0; ///< microseconds
  double bare = 0;
  double fd = 0;
};

measured measure(bench_host& host, const std::string& root, const project_tree& tree) {
  scan_now request;
  request.roots = {root};
  request.only_look = true;
  std::vector<double> ours;
  std::vector<double> bare;
  std::vector<double> fd;
  // The first one warms the caches and is not counted.
  for (int round = 0; round <= rounds; ++round) {
    bare.push_back(timed([&] {
      if (bare_walk().run(root) < tree.directories())
        stop("the bare walk has missed directories");
    }));
    ours.push_back(timed([&] {
      const auto report = host.scan(request);
      const auto each = tree.directories() / 100;
      if (report.truncated || report.scanned < tree.directories() || report.unregistered.size() != each ||
          report.candidates.size() != each)
        stop("the scan has missed something");
    }));
    fd.push_back(timed([&] { run_fd(root); }));
  }
  for (auto* each : {&ours, &bare, &fd})
    each->erase(each->begin());
  return {median(ours), median(bare), median(fd)};
}

void measure_tree(bench_host& host, const std::string& in, std::span<const std::size_t> fanout) {
  const auto root = in + "/tree";
  {
    const project_tree tree(root, fanout);
    const auto count = tree.directories();
    const auto found = measure(host, root, tree);
    const auto name = "scan of " + std::to_string(count) + " directories";
    const bool is_largest = count > 100000;
    print(name + ", beside a bare walk", found.ours / 1000, found.bare / 1000, "ms", is_largest ? "1.5" : "");
    print(name + ", beside fd", found.ours / 1000, found.fd / 1000, "ms", is_largest ? "1" : "");
    const auto a_second = [&](double took) { return static_cast<double>(count) / took * 1e6; };
    print(name + ", a second", a_second(found.ours), a_second(found.bare), "", "");
  }
  std::filesystem::remove_all(root);
}

} // namespace

int main() {
  const place in;
  bench_host host(in.path());
  constexpr std::array<std::size_t, 3> thousand{10, 10, 9};
  constexpr std::array<std::size_t, 4> ten_thousand{10, 10, 10, 9};
  constexpr std::array<std::size_t, 5> hundred_thousand{10, 10, 10, 10, 9};
  measure_tree(host, in.path(), thousand);
  measure_tree(host, in.path(), ten_thousand);
  measure_tree(host, in.path(), hundred_thousand);
  return host.end() ? 0 : 1;
}
