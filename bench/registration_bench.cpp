// A registration through the runtime, alone and 64 in flight, beside the bare
// calls that it cannot do without: the same writes, syncs and renames by plain
// calls, in turns within one run.

#include "bench/bench_host.hpp"

#include <array>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace muster::bench;

namespace {

constexpr std::size_t in_flight = 64;
constexpr std::size_t in_a_row = 5;
constexpr std::size_t manifest_size = 440;
constexpr std::size_t intent_size = 1600;
constexpr std::size_t commit_size = 850;
constexpr std::size_t wal_size = std::size_t{12} * 4120;

// A file that is written to its end and synced.
class bare_log {
public:
  explicit bare_log(const std::string& path) : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) {
    must(file_ >= 0, "open");
  }
  bare_log(const bare_log&) = delete;
  bare_log& operator=(const bare_log&) = delete;
  ~bare_log() { ::close(file_); }
  void write(std::size_t size) {
    const std::string bytes(size, 'x');
    must(::pwrite(file_, bytes.data(), size, at_) == static_cast<ssize_t>(size), "pwrite");
    at_ += static_cast<off_t>(size);
  }
  void sync() const { must(::fsync(file_) == 0, "fsync"); }

private:
  int file_;
  off_t at_ = 0;
};

// A first manifest, step by step.
class bare_manifest {
public:
  void write(const std::string& project, bool synced) {
    project_ = ::open(project.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(project_ >= 0 && ::mkdirat(project_, ".dork", 0755) == 0, "mkdirat");
    dork_ = ::openat(project_, ".dork", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int file = ::openat(dork_, ".bare.tmp", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    const std::string bytes(manifest_size, 'x');
    must(file >= 0 && ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
    if (synced)
      must(::fsync(file) == 0, "fsync");
    ::close(file);
  }
  void publish() const {
    must(::renameat2(dork_, ".bare.tmp", dork_, "agent.json", RENAME_NOREPLACE) == 0, "renameat2");
  }
  void sync() const { must(::fsync(dork_) == 0 && ::fsync(project_) == 0, "fsync"); }
  void sync_all() const { must(::syncfs(dork_) == 0, "syncfs"); }
  void close() const {
    ::close(dork_);
    ::close(project_);
  }

private:
  int project_ = -1;
  int dork_ = -1;
};

// The bare calls of any number of registrations that take effect together.
class bare_registrations {
public:
  explicit bare_registrations(const std::string& root)
      : journal_(root + "/bare-journal"),
        feed_(root + "/bare-feed"),
        mark_(root + "/bare-mark"),
        index_(root + "/bare-index"),
        local_(root + "/bare-local") {}

  void make(const std::vector<std::string>& projects) {
    journal_.write(intent_size * projects.size());
    journal_.sync();
    std::vector<bare_manifest> manifests(projects.size());
    const bool together = projects.size() >= 8;
    for (std::size_t i = 0; i < projects.size(); ++i)
      manifests[i].write(projects[i], !together);
    if (together)
      manifests[0].sync_all();
    for (const auto& each : manifests) {
      each.publish();
      if (!together)
        each.sync();
    }
    if (together)
      manifests[0].sync_all();
    for (const auto& each : manifests)
      each.close();
    feed_.write(commit_size * projects.size());
    feed_.sync();
    mark_.write(512);
    mark_.sync();
    index_.write(wal_size * projects.size());
    local_.write(wal_size);
    local_.sync();
  }

private:
  bare_log journal_;
  bare_log feed_;
  bare_log mark_;
  bare_log index_;
  bare_log local_;
};

} // namespace

int main() {
  const place where;
  const auto bare_root = where.path() + "/bare";
  std::filesystem::create_directory(bare_root);
  bench_host host{where.path()};
  bare_registrations bare{bare_root};
  std::size_t next = 0;
  const auto bare_projects = [&](std::size_t count) {
    next += count;
    return make_directories(bare_root, next - count, count);
  };

  std::vector<double> one;
  std::vector<double> bare_one;
  std::vector<double> many;
  std::vector<double> bare_many;
  // What follows an answer is part of it, so a few in a row, then all of it.
  for (int round = 0; round < 30; ++round) {
    const auto projects = host.make_projects(in_a_row);
    const auto theirs = bare_projects(in_a_row);
    one.push_back(timed([&] {
                    for (const auto& each : projects)
                      host.register_all({each});
                    host.settle();
                  }) /
                  in_a_row);
    bare_one.push_back(timed([&] {
                         for (const auto& each : theirs)
                           bare.make({each});
                       }) /
                       in_a_row);
  }
  for (int round = 0; round < 25; ++round) {
    const auto projects = host.make_projects(in_flight);
    const auto theirs = bare_projects(in_flight);
    many.push_back(timed([&] {
                     host.register_all(projects);
                     host.settle();
                   }) /
                   in_flight);
    bare_many.push_back(timed([&] { bare.make(theirs); }) / in_flight);
  }
  print("one registration alone", median(one), median(bare_one), "us", "<= 1.5");
  print("one of 64 in flight", median(many), median(bare_many), "us", "<= 2");
  print("one alone beside one of 64 in flight", median(one), median(many), "us", ">= 5");
}
