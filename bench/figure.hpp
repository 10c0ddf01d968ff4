#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

/// What the benchmarks that time whole registrations share.
namespace muster::bench {

[[noreturn]] inline void stop(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

inline void must(bool fine, const char* what) {
  if (fine)
    return;
  std::perror(what);
  std::exit(1);
}

/// Wall time in microseconds.
template <class Work>
double timed(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

/// CPU time of all threads of this process in microseconds.
template <class Work>
double cpu(Work work) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
  };
  const auto begin = now();
  work();
  return now() - begin;
}

inline double median(std::vector<double> all) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

/// One line of the table.
inline void print(const std::string& figure, double ours, double bare, const char* unit, const char* limit) {
  std::printf("%s, %.4g %s, %.4g %s, %.2f, %s\n", figure.c_str(), ours, unit, bare, unit, ours / bare, limit);
  std::fflush(stdout);
}

/// A directory that goes with the object.
class place {
public:
  explicit place(const std::filesystem::path& in = std::filesystem::temp_directory_path())
      : path_(in / "muster-bench-XXXXXX") {
    must(::mkdtemp(path_.data()) != nullptr, "mkdtemp");
  }
  place(const place&) = delete;
  place& operator=(const place&) = delete;
  ~place() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

} // namespace muster::bench
