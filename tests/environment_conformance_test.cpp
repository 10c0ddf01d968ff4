#define CAF_SUITE environment_conformance_test

#include "tests/support/environment_conformance.hpp"

#include "muster/store/real_environment.hpp"
#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace muster;
using namespace muster::test;

namespace {

// A directory in the real file system that goes with the test.
class scratch_directory {
public:
  scratch_directory() {
    std::string pattern = std::filesystem::temp_directory_path() / "muster-conformance-XXXXXX";
    CAF_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

class real_world final : public conformance_world {
public:
  real_world(disk& files, handle root, const std::string& path) : conformance_world(files, root, path) {}
  void make_symlink(const std::string& name, const std::string& target) override {
    CAF_REQUIRE_EQUAL(::symlink(target.c_str(), (root_path + "/" + name).c_str()), 0);
  }
  void make_fifo(const std::string& name) override {
    CAF_REQUIRE_EQUAL(::mkfifo((root_path + "/" + name).c_str(), 0600), 0);
  }
};

class simulated_world final : public conformance_world {
public:
  simulated_world(simulated_disk& files, handle root, std::string path)
      : conformance_world(files, root, std::move(path)), simulated_(files) {}
  void make_symlink(const std::string& name, const std::string& target) override {
    simulated_.put_symlink(root_path + "/" + name, target);
  }
  void make_fifo(const std::string& name) override { simulated_.put_special(root_path + "/" + name, file_type::fifo); }

private:
  simulated_disk& simulated_;
};

struct tally {
  std::size_t facts = 0;
  std::size_t checks = 0;
};

template <class Run>
void for_all_facts(const char* lane, Run run) {
  tally total;
  for (const auto* facts : {&file_facts(), &name_facts()})
    for (const auto& fact : *facts) {
      ++total.facts;
      total.checks += run(fact);
    }
  std::printf("lane environment_conformance_test: %s: %zu facts, %zu checks\n", lane, total.facts, total.checks);
}

std::size_t judge(conformance_world& world, const conformance_fact& fact) {
  fact.look(world);
  CAF_CHECK_EQUAL(std::string(fact.claim) + world.problems, fact.claim);
  return world.checked;
}

void check_real(const char* lane, openat2_use use) {
  const auto umask_before = ::umask(022);
  for_all_facts(lane, [&](const conformance_fact& fact) {
    const scratch_directory scratch;
    real_disk files{use};
    auto root = files.open(no_handle, scratch.path, {.directory = true});
    CAF_REQUIRE(root.has_value());
    const open_file closer{files, *root};
    real_world world{files, *root, scratch.path};
    return judge(world, fact);
  });
  ::umask(umask_before);
}

void check_simulated(const char* lane, crash_model model, simulated_user user) {
  for_all_facts(lane, [&](const conformance_fact& fact) {
    simulated_environment machine{1, {.model = model}};
    auto& files = machine.files;
    files.put_directory("/home");
    if (user.uid != 0) {
      files.set_user(user);
      files.options(0).timestamp_granularity = std::chrono::nanoseconds{1};
    }
    auto root = files.open(no_handle, "/home", {.directory = true});
    CAF_REQUIRE(root.has_value());
    simulated_world world{files, *root, "/home"};
    const auto checked = judge(world, fact);
    CAF_CHECK_EQUAL(files.open_handles(), 1u);
    return checked;
  });
}

} // namespace

CAF_TEST(every fact holds for the real disk with openat2) {
  check_real("real, openat2", openat2_use::if_present);
}

CAF_TEST(every fact holds for the real disk without openat2) {
  check_real("real, walk", openat2_use::never);
}

CAF_TEST(every fact holds for the simulated disk) {
  check_simulated("simulated, weak", crash_model::weak_posix, {});
  check_simulated("simulated, ordered", crash_model::ordered, {});
}

CAF_TEST(the walk refuses a directory that is swapped for a link all the time) {
  const scratch_directory scratch;
  const auto at = [&](const char* name) { return scratch.path + "/" + name; };
  std::filesystem::create_directories(at("inner/dir"));
  std::filesystem::create_directories(at("outside"));
  for (const auto* name : {"inner/dir/file", "outside/file"}) {
    std::FILE* file = std::fopen(at(name).c_str(), "w");
    CAF_REQUIRE(file != nullptr);
    std::fputs(name, file);
    std::fclose(file);
  }
  CAF_REQUIRE_EQUAL(::symlink("../outside", at("inner/link").c_str()), 0);
  std::atomic<bool> stop = false;
  std::thread swapper([&] {
    while (!stop)
      ::renameat2(AT_FDCWD, at("inner/dir").c_str(), AT_FDCWD, at("inner/link").c_str(), RENAME_EXCHANGE);
  });
  // Goes on until both have been met often, whatever the scheduler does.
  constexpr std::size_t often = 300;
  constexpr int max_rounds = 200'000;
  std::size_t inside = 0;
  std::size_t refused = 0;
  std::size_t wrong = 0;
  for (auto use : {openat2_use::if_present, openat2_use::never}) {
    real_disk files{use};
    const open_file inner{files, files.open(no_handle, at("inner"), {.directory = true}).value()};
    inside = refused = 0;
    for (int round = 0; round < max_rounds && (inside < often || refused < often); ++round) {
      auto opened = files.open(inner.get(), "dir/file", {.beneath = true});
      if (!opened) {
        ++(opened.error().code == ELOOP || opened.error().code == EAGAIN ? refused : wrong);
        continue;
      }
      const open_file file{files, *opened};
      std::array<std::byte, 5> text;
      const auto got = files.read_at(file.get(), 0, text);
      const bool is_inside = got && std::string_view(reinterpret_cast<const char*>(text.data()), 5) == "inner";
      ++(is_inside ? inside : wrong);
    }
    std::printf("lane environment_conformance_test: swapped links, %s: %zu inside, %zu refused\n",
                use == openat2_use::never ? "walk" : "openat2", inside, refused);
  }
  stop = true;
  swapper.join();
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(looking for writers survives one that opens at that moment) {
  const scratch_directory scratch;
  const auto path = scratch.path + "/file";
  std::filesystem::create_directories(scratch.path);
  ::close(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop)
      if (const int opened = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC); opened >= 0)
        ::close(opened);
  });
  real_disk files;
  const open_file reader{files, files.open(no_handle, path, {}).value()};
  std::size_t seen = 0;
  std::size_t failed = 0;
  for (int round = 0; round < 5000; ++round) {
    const auto answer = files.has_writers(reader.get());
    failed += answer ? 0U : 1U;
    seen += answer && *answer ? 1U : 0U;
  }
  stop = true;
  writer.join();
  std::printf("lane environment_conformance_test: writers: %zu of 5000 looks saw one\n", seen);
  CAF_CHECK_EQUAL(failed, 0u);
}

CAF_TEST(both environments have clocks that run and bytes that differ) {
  real_environment real;
  simulated_environment simulated;
  for (auto world : {real.view(), simulated.view()}) {
    CAF_CHECK(world.clock.wall() > std::chrono::seconds{1'600'000'000});
    CAF_CHECK(world.clock.boot() > std::chrono::nanoseconds{0});
    std::array<std::byte, 37> first{};
    std::array<std::byte, 37> second{};
    world.random.fill(first);
    world.random.fill(second);
    CAF_CHECK(first != second);
    CAF_CHECK(world.self.pid > 0);
    CAF_CHECK_EQUAL(world.self.boot_id.size(), 36u);
  }
  CAF_CHECK_EQUAL(real.view().self.uid, ::geteuid());
}
