// A registration through the runtime, alone and 64 in flight, beside the bare
// calls that it cannot do without, in turns within one run. The bare calls are
// those that a trace of a registration shows, in their order and of their
// sizes, less what is asked again or only looked at for safety. Rows are inserted
// by SQLite, the least way to come by databases that can be asked and outlast a
// power cut; writing as many pages to a plain file, as this did once, makes none.

#include "bench/bare_files.hpp"
#include "bench/bare_tables.hpp"
#include "bench/bench_host.hpp"

#include <array>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace muster::bench;

namespace {

constexpr std::size_t in_flight = 64;
constexpr std::size_t in_a_row = 5;
/// Batches of which the next begins when the first of the last is answered.
constexpr std::size_t batches = 8;
constexpr std::size_t manifest_size = 450;
constexpr std::size_t intent_size = 1600;
constexpr std::size_t commit_size = 800;

// A first manifest, step by step.
class bare_manifest {
public:
  /// What is there is looked at before anything is decided.
  static void look(const std::string& path) {
    const int project = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    must(project >= 0 && ::openat(project, ".dork/agent.json", O_RDONLY | O_CLOEXEC) < 0, "openat");
    ::close(project);
  }
  void write(const std::string& path) {
    project_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(project_ >= 0 && ::mkdirat(project_, ".dork", 0755) == 0, "mkdirat");
    dork_ = ::openat(project_, ".dork", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    file_ = ::openat(dork_, ".bare.tmp", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    const std::string bytes(manifest_size, 'x');
    must(file_ >= 0 && ::write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
  }
  void sync_written() { must(::fsync(file_) == 0 && ::fsync(project_) == 0, "fsync"); }
  void publish() {
    ::close(file_);
    must(::renameat2(dork_, ".bare.tmp", dork_, "agent.json", RENAME_NOREPLACE) == 0, "renameat2");
  }
  void sync_published() const { must(::fsync(dork_) == 0, "fsync"); }
  void sync_all() const { must(::syncfs(dork_) == 0, "syncfs"); }
  void close() const {
    ::close(dork_);
    ::close(project_);
  }

private:
  int project_ = -1;
  int dork_ = -1;
  int file_ = -1;
};

// The bare calls of one registration, or of any number that take effect
// together.
class bare_registrations {
public:
  explicit bare_registrations(const std::string& root)
      : journal_(root + "/bare-journal"), feed_(root + "/bare-feed"), mark_(root + "/bare-mark"), tables_(root) {}

  void make_one(const std::string& project) {
    bare_manifest::look(project);
    journal_.write(intent_size);
    bare_manifest manifest;
    manifest.write(project);
    manifest.sync_written();
    manifest.publish();
    manifest.sync_published();
    manifest.close();
    commit({project});
  }

  void make_all(const std::vector<std::string>& projects) {
    for (const auto& each : projects)
      bare_manifest::look(each);
    journal_.write(intent_size * projects.size());
    std::vector<bare_manifest> manifests(projects.size());
    for (std::size_t i = 0; i < projects.size(); ++i)
      manifests[i].write(projects[i]);
    manifests[0].sync_all();
    for (auto& each : manifests)
      each.publish();
    manifests[0].sync_all();
    for (const auto& each : manifests)
      each.close();
    commit(projects);
  }

private:
  void commit(const std::vector<std::string>& projects) {
    feed_.write(commit_size * projects.size());
    mark_.write();
    tables_.insert(projects);
  }

  bare_log journal_;
  bare_log feed_;
  bare_mark mark_;
  bare_tables tables_;
};

// Ours and the bare calls, in turns.
class side_by_side {
public:
  struct figures {
    std::vector<double> ours = {};
    std::vector<double> bare = {};
  };

  /// `count` projects a round, so many of ours in flight, and so many of the bare
  /// ones together. What follows an answer is part of it.
  figures time(int rounds, std::size_t count, std::size_t most) {
    figures result;
    for (int round = 0; round < rounds; ++round) {
      const auto projects = host_.make_projects(count);
      const auto theirs = make_directories(bare_root_, next_, count);
      next_ += count;
      disk_.await();
      result.ours.push_back(timed([&] {
                              host_.register_all(projects, most);
                              host_.settle();
                            }) /
                            static_cast<double>(count));
      disk_.await();
      result.bare.push_back(timed([&] {
                              for (std::size_t first = 0; first < count; first += most)
                                make(theirs, first, most);
                            }) /
                            static_cast<double>(count));
    }
    return result;
  }

private:
  static std::string made(std::string directory) {
    std::filesystem::create_directory(directory);
    return directory;
  }
  void make(const std::vector<std::string>& projects, std::size_t first, std::size_t count) {
    if (count == 1)
      return bare_.make_one(projects[first]);
    const auto begin = projects.begin() + static_cast<std::ptrdiff_t>(first);
    bare_.make_all({begin, begin + static_cast<std::ptrdiff_t>(count)});
  }

  place where_;
  std::string bare_root_ = made(where_.path() + "/bare");
  quiet_disk disk_{where_.path()};
  bench_host host_{where_.path()};
  bare_registrations bare_{bare_root_};
  std::size_t next_ = 0;
};

} // namespace

int main() {
  side_by_side both;
  const auto one = both.time(30, in_a_row, 1);
  const auto many = both.time(25, in_flight, in_flight);
  const auto kept = both.time(5, in_flight * batches, in_flight);
  print("one registration alone", median(one.ours), median(one.bare), "us", "<= 1.5");
  print("one of 64 in flight", median(many.ours), median(many.bare), "us", "<= 2");
  print("one with 64 kept in flight", median(kept.ours), median(kept.bare), "us", "<= 2");
  print("one alone beside one of 64 in flight", median(one.ours), median(many.ours), "us", ">= 5");
}
