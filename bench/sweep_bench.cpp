// Sweeps of 1,000, 10,000 and 100,000 placements below one scan root, beside a bare
// loop over the same calls of statx (one for a placement, two for a directory that
// is none), in turns within one run:
//   idle      nothing has changed
// With news, each beside an idle sweep in the same circumstances, as one after a pause
// takes up to twice as long as one right after another:
//   touched   1 % of the manifests were written anew and say what they said: beside
//             1.2 idle sweeps and the bare reading of those
//   edited    1 % of them say something else, which is on disk before the sweep is
//             answered: likewise
//   gone      1 % of the project directories are not there, for the first time (which
//             is written down) or still: likewise
// And what the first sweep after a start takes, which also looks into each place for
// what a crash has left, beside listing each, and what memory the agents take. The exponent of the idle sweeps stands
// beside that of the bare loops, which grow faster than their number: the kernel's entries of so many files fit in no
// cache.
// Sweeps with news stand once more beside that bound and what recording those edits, or
// absences, takes by hand; how much of that 1.2 idle sweeps leave room for has a line
// of its own (docs/decisions/0013-news-is-measured-beside-recording-it.md).
//   sweep_bench [AGENTS...]

#include "bench/bare_news.hpp"
#include "bench/placed_agents.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace muster;
using namespace muster::bench;

namespace {

constexpr int rounds = 9;
constexpr int changing_rounds = 5;
constexpr std::size_t one_in = 100; ///< is edited, or gone
/// Files that were changed just now are read once more: not what is measured.
constexpr auto racy = std::chrono::milliseconds{2100};

/// Microseconds for a sweep with news, for an idle one in the same circumstances, and for the bare reading of the news.
struct with_news {
  double ours = 0;
  double idle = 0;
  double bare = 0;
};

struct measured {
  double ours = 0; ///< microseconds for a sweep
  double bare = 0;
  double ours_cpu = 0;
  double bare_cpu = 0;
  with_news touched;
  with_news edited;
  with_news gone; ///< that were there at the sweep before
  with_news gone_still;
  double recorded_edits = 0; ///< by hand
  double recorded_gone = 0;
  double first = 0; ///< after a start
  double bare_listing = 0;
  double resident = 0; ///< bytes
};

double resident_bytes() {
  std::ifstream in("/proc/self/statm");
  double all = 0;
  double resident = 0;
  in >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::string manifest_of(const std::string& project) {
  return project + "/.dork/agent.json";
}

void look_at(const std::string& path) {
  struct statx is {};
  must(::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &is) == 0 || errno == ENOENT, "statx");
}

std::string read_whole(const std::string& path) {
  char bytes[4096];
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  must(file >= 0, "open");
  const auto size = ::read(file, bytes, sizeof bytes);
  must(size > 0 && ::close(file) == 0, "read");
  return {bytes, static_cast<std::size_t>(size)};
}

/// Of a `version` that was written before it says what it said.
void write_description(const std::string& path, int version) {
  const std::string_view is = "what it does";
  auto text = read_whole(path);
  const auto at = text.find("what it ");
  if (at == std::string::npos)
    stop("there is no description in " + path);
  text.replace(at, is.size(), "what it d" + std::to_string(100 + version));
  std::ofstream(path, std::ios::binary) << text;
}

void expect(std::size_t found, std::size_t expected, const char* what) {
  if (found != expected)
    stop("a sweep found " + std::to_string(found) + " " + what + " and not " + std::to_string(expected));
}

/// A host, its agents and what is measured of them.
class sweeps {
public:
  sweeps(std::string root, std::size_t agents) : root_(std::move(root)), agents_(agents), host_(root_) {
    std::this_thread::sleep_for(racy);
    first_ = timed([&] { host_.sweep(); });
    idle();
  }

  measured all() {
    measured result;
    result.resident = resident_bytes();
    result.first = first_;
    if (agents_ > 0) {
      list_paths();
      result.bare_listing = list_all();
      measure_idle(result);
      measure_edited(result);
      measure_gone(result);
      measure_by_hand(result);
    }
    return result;
  }

private:
  void list_paths() {
    const auto add_directory = [this](const std::string& path) {
      paths_.insert(paths_.end(), {path, manifest_of(path)});
    };
    add_directory(placed_agents::scan_root_of(root_));
    for (std::size_t i = 0; i < agents_; ++i) {
      const auto project = placed_agents::project_of(root_, i);
      if (i % placed_agents::to_a_group == 0)
        add_directory(placed_agents::group_of(root_, i));
      paths_.push_back(manifest_of(project));
      if (i % one_in == 0)
        changing_.push_back(project);
    }
  }

  void measure_by_hand(measured& result) {
    std::vector<std::string> projects;
    std::vector<bare_tables::placed> changing;
    for (std::size_t i = 0; i < agents_; ++i) {
      projects.push_back(placed_agents::project_of(root_, i));
      if (i % one_in == 0)
        changing.push_back({i, projects.back()});
    }
    const auto root = root_ + "/bare";
    std::filesystem::create_directory(root);
    bare_news by_hand(root, projects);
    std::vector<double> edits;
    std::vector<double> gone;
    for (int round = 0; round < rounds; ++round) {
      disk_.await();
      edits.push_back(timed([&] { by_hand.edit(changing); }));
      disk_.await();
      gone.push_back(timed([&] { by_hand.lose(changing); }));
    }
    result.recorded_edits = median(edits);
    result.recorded_gone = median(gone);
  }

  double list_all() {
    return timed([&] {
      for (std::size_t i = 0; i < agents_; ++i) {
        DIR* listed = ::opendir((placed_agents::project_of(root_, i) + "/.dork").c_str());
        must(listed != nullptr, "opendir");
        while (::readdir(listed) != nullptr)
          continue;
        ::closedir(listed);
      }
    });
  }

  double idle() {
    sweep_report seen;
    const auto took = timed([&] { seen = host_.sweep(); });
    expect(seen.unchanged, agents_, "unchanged");
    return took;
  }

  void measure_idle(measured& result) {
    std::vector<double> ours;
    std::vector<double> bare;
    std::vector<double> ours_cpu;
    std::vector<double> bare_cpu;
    for (int round = 0; round < rounds; ++round) {
      ours_cpu.push_back(cpu([&] { ours.push_back(idle()); }));
      bare_cpu.push_back(cpu([&] {
        bare.push_back(timed([&] {
          for (const auto& each : paths_)
            look_at(each);
        }));
      }));
    }
    result.ours = median(ours);
    result.bare = median(bare);
    result.ours_cpu = median(ours_cpu);
    result.bare_cpu = median(bare_cpu);
  }

  /// Who asks is as long away as after writing.
  double idle_after_pause() {
    std::this_thread::sleep_for(racy);
    disk_.await();
    return idle();
  }

  double sweep_after_writing(int version, std::size_t synced) {
    for (const auto& each : changing_)
      write_description(manifest_of(each), version);
    std::this_thread::sleep_for(racy);
    disk_.await();
    sweep_report seen;
    const auto took = timed([&] { seen = host_.sweep(); });
    expect(seen.synced, synced, "synced");
    return took;
  }

  void measure_edited(measured& result) {
    std::vector<double> idle_ones;
    std::vector<double> touched;
    std::vector<double> edited;
    std::vector<double> bare;
    for (int round = 0; round < changing_rounds; ++round) {
      idle_ones.push_back(idle_after_pause());
      edited.push_back(sweep_after_writing(round, changing_.size()));
      idle_ones.push_back(idle_after_pause());
      touched.push_back(sweep_after_writing(round, 0));
      bare.push_back(timed([&] {
        for (const auto& each : changing_)
          (void)read_whole(manifest_of(each));
      }));
    }
    result.touched = {median(touched), median(idle_ones), median(bare)};
    result.edited = {median(edited), median(idle_ones), median(bare)};
  }

  void move_all(bool away) {
    for (const auto& each : changing_) {
      const auto elsewhere = away_from(each);
      must(::rename((away ? each : elsewhere).c_str(), (away ? elsewhere : each).c_str()) == 0, "rename");
    }
  }

  double sweep_without(std::size_t gone) {
    sweep_report seen;
    const auto took = timed([&] { seen = host_.sweep(); });
    expect(seen.unreachable, gone, "unreachable");
    return took;
  }

  void measure_gone(measured& result) {
    std::vector<double> ours;
    std::vector<double> idle_first;
    std::vector<double> still;
    std::vector<double> idle_again;
    std::vector<double> bare;
    for (int round = 0; round < changing_rounds; ++round) {
      disk_.await();
      idle_first.push_back(idle());
      idle();
      idle_again.push_back(idle());
      move_all(true);
      disk_.await();
      ours.push_back(sweep_without(changing_.size()));
      // The second writes how many are gone; those after it are like others.
      host_.sweep();
      still.push_back(sweep_without(changing_.size()));
      bare.push_back(timed([&] {
        for (const auto& each : changing_)
          look_at(each);
      }));
      move_all(false);
      expect(host_.sweep().resurrected, changing_.size(), "resurrected");
      idle();
    }
    result.gone = {median(ours), median(idle_first), median(bare)};
    result.gone_still = {median(still), median(idle_again), median(bare)};
  }

  /// Out of the scan root, where it would be found.
  static std::string away_from(const std::string& project) {
    const auto group = project.rfind('/');
    const auto root = project.rfind('/', project.rfind('/', group - 1) - 1);
    return project.substr(0, root) + "/away-" + project.substr(group + 1);
  }

  std::string root_;
  std::size_t agents_;
  quiet_disk disk_{root_};
  bench_host host_;
  double first_ = 0;
  std::vector<std::string> paths_; ///< of the bare loop
  std::vector<std::string> changing_;
};

/// Each in a process of its own, so that the memory of one is not the other's.
template <class Work>
measured in_child(Work work) {
  int ends[2];
  must(::pipe2(ends, O_CLOEXEC) == 0, "pipe2");
  const auto child = ::fork();
  must(child >= 0, "fork");
  if (child == 0) {
    const measured result = work();
    must(::write(ends[1], &result, sizeof result) == sizeof result, "write");
    ::_exit(0);
  }
  ::close(ends[1]);
  measured result;
  const auto got = ::read(ends[0], &result, sizeof result);
  ::close(ends[0]);
  int status = 0;
  must(::waitpid(child, &status, 0) == child, "waitpid");
  if (status != 0 || got != sizeof result)
    stop("a measurement did not end well");
  return result;
}

measured measure_with(std::size_t agents) {
  const place where;
  (void)in_child([&] {
    placed_agents(where.path()).add(agents);
    return measured{};
  });
  return in_child([&] { return sweeps(where.path(), agents).all(); });
}

void print_all(const measured& now, std::size_t agents, double base) {
  const auto each = static_cast<double>(agents);
  const auto what = std::to_string(agents) + " placements";
  const auto print_news = [&](const std::string& name, const with_news& news, double recording = 0) {
    const auto by_hand = recording > 0;
    print("sweep of " + what + ", " + name + (by_hand ? ", beside recorded by hand" : ""), news.ours / each,
          (1.2 * news.idle + news.bare + recording) / each, "us each", by_hand ? "<= 2" : "<= 1.0");
    if (by_hand)
      print("recording of " + name + " of " + what + " by hand, beside what 1.2 leaves", recording / each,
            (0.2 * news.idle + news.bare) / each, "us each", "");
  };
  print("idle sweep of " + what, now.ours / each, now.bare / each, "us each", "<= 2");
  print("CPU of an idle sweep of " + what, now.ours_cpu / each, now.bare_cpu / each, "us each", "");
  print_news("1 % touched", now.touched);
  print_news("1 % edited", now.edited);
  print_news("1 % gone", now.gone);
  print_news("1 % gone still", now.gone_still);
  print_news("1 % edited", now.edited, now.recorded_edits);
  print_news("1 % gone", now.gone, now.recorded_gone);
  print("first sweep of " + what, now.first / each, (now.bare + now.bare_listing) / each, "us each", "");
  print("resident memory with " + what, (now.resident - base) / each, 2048, "B each", agents < 10'000 ? "" : "<= 1.0");
}

double exponent(double first, double last, double times) {
  return std::log(last / first) / std::log(times);
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::size_t> sizes;
  for (int i = 1; i < argc; ++i)
    sizes.push_back(std::strtoull(argv[i], nullptr, 10));
  if (sizes.empty())
    sizes = {1'000, 10'000, 100'000};
  const auto base = measure_with(0).resident;
  std::vector<measured> all;
  for (const auto agents : sizes) {
    all.push_back(measure_with(agents));
    print_all(all.back(), agents, base);
  }
  if (sizes.size() > 1) {
    const auto& first = all.front();
    const auto& last = all.back();
    const auto times = static_cast<double>(sizes.back()) / static_cast<double>(sizes.front());
    print("exponent of an idle sweep", exponent(first.ours, last.ours, times), exponent(first.bare, last.bare, times),
          "", "<= 1.05");
  }
}
