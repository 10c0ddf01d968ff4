// The durable replace of a manifest beside the bare calls that it cannot do
// without, in turns within one run. Prints lines "name, ours, bare, ratio,
// limit". No file is deleted or made between the rounds but the temporary ones
// of both sides, since ext4 is slow for a while after many deletions.

#include "muster/store/manifest_batch.hpp"
#include "muster/store/manifest_folder.hpp"
#include "muster/store/real_environment.hpp"
#include "muster/store/sha256.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

using namespace muster;

namespace {

constexpr std::size_t manifest_size = 740;
constexpr std::size_t batch_size = 64;

std::string content(std::size_t round) {
  auto text = "{\"round\":" + std::to_string(round) + ",\"text\":\"";
  text.append(manifest_size - text.size() - 3, 'x').append("\"}\n");
  return text;
}

void must(bool fine, const char* what) {
  if (fine)
    return;
  std::perror(what);
  std::exit(1);
}

// The bare calls; the directory is opened as ours opens it, each time.
class bare_replace {
public:
  void write(const std::string& project, const std::string& bytes, bool synced) {
    directory_ = ::open((project + "/.dork").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(directory_ >= 0, "open directory");
    const int file = ::openat(directory_, ".bare.tmp", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    must(file >= 0, "open file");
    must(::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
    if (synced)
      must(::fsync(file) == 0, "fsync");
    ::close(file);
  }
  void exchange() const {
    must(::renameat2(directory_, ".bare.tmp", directory_, "agent.json", RENAME_EXCHANGE) == 0, "renameat2");
  }
  void sync() const { must(::fsync(directory_) == 0, "fsync"); }
  void sync_all() const { must(::syncfs(directory_) == 0, "syncfs"); }
  void finish() {
    must(::unlinkat(directory_, ".bare.tmp", 0) == 0, "unlinkat");
    ::close(directory_);
  }

private:
  int directory_ = -1;
};

using clock_type = std::chrono::steady_clock;

template <class Work>
double timed(Work work) {
  const auto started = clock_type::now();
  work();
  return std::chrono::duration<double, std::micro>(clock_type::now() - started).count();
}

double median(std::vector<double> all) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

void print(const char* name, const std::vector<double>& ours, const std::vector<double>& bare) {
  const auto a = median(ours);
  const auto b = median(bare);
  std::printf("%s, %.0f us, %.0f us, %.2f, <= 1.3\n", name, a, b, a / b);
}

void require_done(const manifest_outcome& outcome) {
  if (outcome.done())
    return;
  std::fprintf(stderr, "%s\n", outcome.error->message.c_str());
  std::exit(1);
}

std::vector<std::string> make_projects(const manifest_folder_options& options, environment env, const std::string& root,
                                       const char* kind, std::size_t count) {
  std::vector<std::string> projects;
  for (std::size_t index = 0; index < count; ++index) {
    projects.push_back(root + "/" + kind + std::to_string(index));
    std::filesystem::create_directory(projects.back());
    require_done(manifest_folder(env, projects.back(), options).replace({}, content(0)));
  }
  return projects;
}

} // namespace

int main() {
  std::string root = std::filesystem::temp_directory_path() / "muster-bench-XXXXXX";
  must(::mkdtemp(root.data()) != nullptr, "mkdtemp");
  real_environment machine;
  const auto env = machine.view();
  const manifest_folder_options options;
  const auto ours_in = make_projects(options, env, root, "ours", batch_size);
  const auto bare_in = make_projects(options, env, root, "bare", batch_size);

  std::vector<double> ours;
  std::vector<double> bare;
  manifest_folder folder{env, ours_in[0]};
  auto expected = sha256::of(content(0));
  for (std::size_t round = 1; round <= 400; ++round) {
    const auto bytes = content(round);
    ours.push_back(timed([&] { require_done(folder.replace(expected, bytes)); }));
    expected = sha256::of(bytes);
    bare.push_back(timed([&] {
      bare_replace one;
      one.write(bare_in[0], bytes, true);
      one.exchange();
      one.sync();
      one.finish();
    }));
  }
  print("manifest durable replace", ours, bare);

  // The single rounds have left the first projects at another content.
  require_done(folder.replace(expected, content(0)));
  ours.clear();
  bare.clear();
  for (std::size_t round = 1; round <= 60; ++round) {
    const auto bytes = content(round);
    std::vector<manifest_batch_item> items;
    for (const auto& project : ours_in)
      items.push_back({project, sha256::of(content(round - 1)), bytes});
    ours.push_back(timed([&] {
      for (const auto& outcome : replace_batch(env, options, items))
        require_done(outcome);
    }));
    bare.push_back(timed([&] {
      std::array<bare_replace, batch_size> all;
      for (std::size_t index = 0; index < batch_size; ++index)
        all[index].write(bare_in[index], bytes, false);
      all[0].sync_all();
      for (auto& one : all)
        one.exchange();
      all[0].sync_all();
      for (auto& one : all)
        one.finish();
    }));
  }
  print("manifest batch of 64", ours, bare);
  std::filesystem::remove_all(root);
}
