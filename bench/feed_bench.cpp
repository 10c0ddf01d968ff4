// Appending to a feed, one commit at a time and with a backlog of 64, beside
// the bare write and fdatasync of the same bytes; and reading a commit's line.
// Lines: name, ours, bare, ratio, limit.

#include "muster/store/canonical_reader.hpp"
#include "muster/store/feed_reader.hpp"
#include "muster/store/feed_recovery.hpp"
#include "muster/store/feed_writer.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/json.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/real_environment.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>

using namespace muster;

namespace {

commit sample(int number) {
  commit result;
  result.saga = "01J9Z8Y7X6W5V4T3S2R1Q0P9N8";
  std::string value;
  append_quoted(value, "a description of some length, as people write them, number " + std::to_string(number));
  result.ops.push_back(agent_put{agent_id("01J9Z8Y7X6W5V4T3S2R1Q0P9N7"), {{"description", value, {}}}, false});
  return result;
}

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

struct bench {
  bench() : folder(std::filesystem::temp_directory_path() / ("muster-feed-bench-" + std::to_string(getpid_of()))) {
    std::filesystem::create_directories(folder);
  }
  ~bench() { std::filesystem::remove_all(folder); }
  std::uint32_t getpid_of() { return machine.view().self.pid; }

  feed_writer writer() {
    const auto feeds = open_directory(machine.view().files, no_handle, folder.string()).value();
    auto feed = recover_feed(machine.view(), feeds.get(), instance_of(key.public_half()), key.public_half());
    return feed_writer(machine.view(), std::move(*feed.value().log), key, hlc());
  }

  /// Ops per second of runs of `backlog` commits.
  double ours(int runs, int backlog) {
    auto feed = writer();
    const auto time = seconds([&] {
      for (int run = 0; run != runs; ++run) {
        for (int i = 0; i != backlog; ++i)
          (void)feed.stage(sample(i)).value();
        feed.flush().value();
      }
    });
    return runs * backlog / time;
  }

  /// The same bytes by hand: a write and an fdatasync each.
  double bare(int runs, int backlog) {
    auto& files = machine.view().files;
    const auto directory = open_directory(files, no_handle, folder.string()).value();
    const auto file = create_new(files, directory.get(), "bare-" + std::to_string(backlog)).value();
    const auto line = sample(1);
    auto numbered = line;
    numbered.seq = 1;
    numbered.instance = instance_of(key.public_half());
    std::string run;
    for (int i = 0; i != backlog; ++i)
      run += encode_commit(numbered).value() + "\n";
    std::uint64_t at = 0;
    const auto time = seconds([&] {
      for (int i = 0; i != runs; ++i, at += run.size()) {
        write_full(files, file.get(), at, run).value();
        sync_full(files, file.get()).value();
      }
    });
    return runs * backlog / time;
  }

  real_environment machine;
  std::filesystem::path folder;
  std::array<std::byte, 32> secret{};
  signing_key key{secret};
};

/// Of this process alone, so that neighbours do not count.
double cpu_seconds(const std::function<void()>& work) {
  const auto begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

void read_back(bench& b) {
  constexpr int commits = 200'000;
  {
    auto feed = b.writer();
    for (int i = 0; i != commits; ++i) {
      if (!feed.stage(sample(i)))
        feed.flush().value();
    }
    feed.flush().value();
  }
  const auto feeds = open_directory(b.machine.view().files, no_handle, b.folder.string()).value();
  std::string joined;
  std::vector<std::string> lines;
  std::size_t count = 0;
  const auto ours = cpu_seconds([&] {
    auto reader = std::move(feed_reader::open(b.machine.view(), feeds.get(), instance_of(b.key.public_half())).value());
    for (auto entry = reader.next(); entry.value(); entry = reader.next())
      ++count;
  });
  auto reader = std::move(feed_reader::open(b.machine.view(), feeds.get(), instance_of(b.key.public_half())).value());
  for (auto entry = reader.next(); entry.value(); entry = reader.next())
    lines.emplace_back((*entry)->line);
  auto tip = start_of_feed(instance_of(b.key.public_half()));
  std::size_t ops = 0;
  const auto parse = cpu_seconds([&] {
    for (const auto& line : lines)
      ops += decode_commit(line, instance_of(b.key.public_half())).value().ops.size();
  });
  const auto hash = cpu_seconds([&] {
    for (const auto& line : lines)
      tip = after_commit(tip, line);
  });
  std::size_t bytes = 0;
  const auto bare = cpu_seconds([&] {
    for (const auto& line : lines)
      bytes += json::document::parse(line).value().text().size();
  });
  const auto n = static_cast<double>(count);
  std::printf("parse one commit (us of CPU), %.2f, %.2f, %.2f, <= 3\n", parse / n * 1e6, bare / n * 1e6, parse / bare);
  std::printf("read a feed back: parse and hash (us of CPU), %.2f, %.2f, %.2f, <= 2\n", ours / n * 1e6,
              (parse + hash) / n * 1e6, ours / (parse + hash));
}

} // namespace

int main() {
  bench b;
  const auto one = b.ours(300, 1);
  const auto bare_one = b.bare(300, 1);
  const auto many = b.ours(100, 64);
  const auto bare_many = b.bare(100, 64);
  std::printf("append one at a time (ops/s), %.0f, %.0f, %.2f, \n", one, bare_one, one / bare_one);
  std::printf("append with a backlog of 64 (ops/s), %.0f, %.0f, %.2f, \n", many, bare_many, many / bare_many);
  std::printf("backlog of 64 beside one at a time (ops/s), %.0f, %.0f, %.2f, >= 10\n", many, one, many / one);
  read_back(b);
}
