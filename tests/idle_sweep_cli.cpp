#define CAF_SUITE idle_sweep_cli

#include "tests/support/child_process.hpp"
#include "tests/support/real_muster.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

using namespace muster::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Where nothing was touched for two seconds, a sweep looks and writes nothing:
/// what the daemon's process asks of the kernel tells.
namespace {

/// What tells of each call that changes something.
enum class witness { shim, strace };

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A dozen registered projects below a scan root, with things between them that
/// are none, and a daemon whose changes are watched.
class watched_world : public real_muster {
public:
  static constexpr std::size_t projects = 12;

  watched_world() {
    must({"init"});
    for (std::size_t i = 0; i < projects; ++i) {
      const auto name = "src/p" + std::to_string(i);
      fs::create_directories(project(name) + "/lib");
      must({"register", project(name), "--name", "p" + std::to_string(i), "--scan-root", project("src")});
    }
    fs::create_directories(project("src/none/.git"));
    put_bytes(project("src/none/README"), "no agent");
  }

  void serve(witness by) {
    by_ = by;
    process_setup setup;
    auto arguments = line({"serve", "--sweep-every", "0"});
    if (by == witness::shim)
      setup.environment = watching();
    else
      arguments.insert(arguments.begin(), {"/usr/bin/env", "strace", "-D", "-f", "-y", "-qq", "-s", "0", "-o", notes(),
                                           "-e", calls_that_change});
    daemon = std::make_unique<child_process>(arguments, setup);
    CAF_REQUIRE(wait_for_socket(data(), 20s));
  }

  /// The environment in which a process has its changes noted.
  [[nodiscard]] std::vector<std::string> watching() const {
    return {"LD_PRELOAD=" + program("libfault_shim.so"), "MUSTER_FAULT_ROOT=" + root(), "MUSTER_FAULT_COUNT=changes",
            "MUSTER_FAULT_MODE=note", "MUSTER_FAULT_NOTES=" + notes()};
  }

  /// What was changed since this was asked last.
  std::vector<std::string> changes() {
    std::vector<std::string> result;
    const auto all = bytes_of(notes()).value_or("");
    std::istringstream in(all.substr(std::min(told_, all.size())));
    told_ = all.size();
    for (std::string each; std::getline(in, each);)
      if (by_ == witness::shim || is_change(each))
        result.push_back(each);
    return result;
  }

  /// What one command without a daemon changes, but for the logs that SQLite
  /// makes and removes where it opens a database.
  std::vector<std::string> changes_of(const std::vector<std::string>& command) {
    CAF_CHECK_EQUAL(run(command, watching()).exit, 0);
    auto result = changes();
    std::erase_if(result, [](const auto& each) {
      const bool writes = each.starts_with("write ") || contains(each, "sync ") || each.starts_with("rename");
      return !writes && (each.ends_with("-wal") || contains(each, "/index.db.new"));
    });
    return result;
  }

  /// Does it until nothing was touched for two seconds and it changes nothing;
  /// how often that was.
  template <class Work>
  static std::size_t come_to_rest(Work changes_of_one) {
    const auto touched = std::chrono::steady_clock::now();
    for (std::size_t done = 1;; ++done) {
      const auto now = std::chrono::steady_clock::now();
      CAF_REQUIRE(now < touched + 30s);
      if (changes_of_one().empty() && now > touched + 2100ms)
        return done;
    }
  }

  std::unique_ptr<child_process> daemon;

private:
  static constexpr const char* calls_that_change =
      "trace=?write,?writev,?pwrite64,?pwritev,?pwritev2,?open,?openat,?openat2,?creat,?sync,?syncfs,?fsync,?fdatasync,"
      "?sync_file_range,?msync,?rename,?renameat,?renameat2,?link,?linkat,?symlink,?symlinkat,?unlink,?unlinkat,"
      "?rmdir,?mkdir,?mkdirat,?mknod,?mknodat,?truncate,?ftruncate,?fallocate,?copy_file_range,?sendfile,?splice,"
      "?chmod,?fchmod,?fchmodat,?chown,?fchown,?fchownat,?utimensat,?setxattr,?fsetxattr,?io_uring_setup";

  /// Of what strace tells; sockets, pipes and terminals are no files of ours.
  [[nodiscard]] bool is_change(const std::string& call) const {
    const bool opens = contains(call, " open") || contains(call, "... open");
    if (opens)
      return contains(call, "O_CREAT") || contains(call, "O_TRUNC");
    return contains(call, root()) || contains(call, " sync(") || contains(call, "io_uring");
  }

  [[nodiscard]] std::string notes() const { return scratch() + "/notes"; }

  witness by_ = witness::shim;
  std::size_t told_ = 0;
};

void tell(const std::vector<std::string>& changes, const std::string& of) {
  for (const auto& each : changes)
    std::printf("  %s: %s\n", of.c_str(), each.c_str());
}

void watch(witness by, const char* name) {
  watched_world world;
  world.serve(by);
  (void)world.changes();
  const auto sweeps = watched_world::come_to_rest([&] {
    (void)world.must({"sweep"});
    return world.changes();
  });
  const std::vector<std::vector<std::string>> idle{{"sweep"},
                                                   {"sweep"},
                                                   {"list"},
                                                   {"status"},
                                                   {"show", "p3"},
                                                   {"show", "p3", "--all-versions"},
                                                   {"log"},
                                                   {"heartbeat", "--help"},
                                                   {"sweep"},
                                                   {"doctor"},
                                                   {"rebuild", "--verify"}};
  std::size_t asked = 0;
  for (const auto& command : idle) {
    CAF_CHECK_EQUAL(world.run(command).exit, 0);
    ++asked;
    const auto changed = world.changes();
    tell(changed, command.front());
    CAF_CHECK(changed.empty());
  }
  // Whoever watches does see.
  put_bytes(world.manifest("src/p3"), *bytes_of(world.manifest("src/p3")) + "\n");
  (void)world.must({"sweep"});
  const auto touched = world.changes();
  CAF_CHECK(std::ranges::any_of(touched, [](const auto& each) { return contains(each, "fdatasync"); }));
  std::printf("lane idle_sweep_cli: %s: %zu projects, at rest after %zu sweeps, %zu requests changed nothing, "
              "a touched manifest %zu things\n",
              name, watched_world::projects, sweeps, asked, touched.size());
  world.daemon->signal(SIGTERM);
  const auto ended = world.daemon->wait(20s);
  CAF_CHECK(ended && ended->exit == 0);
}

} // namespace

CAF_TEST(a sweep of what nobody has touched writes nothing and neither does a read) {
  watch(witness::shim, "shim");
}

CAF_TEST(the kernel says the same) {
  const auto may = run_process({"/usr/bin/env", "strace", "-D", "-qq", "-o", "/dev/null", "/usr/bin/env", "true"});
  if (may.exit != 0) {
    std::printf("lane idle_sweep_cli: not run under strace: it is not installed, or not permitted (%s)\n",
                may.err.c_str());
    return;
  }
  watch(witness::strace, "strace");
}

CAF_TEST(a command without a daemon that only looks writes to no file) {
  watched_world world;
  // Which databases were closed in order is remembered when they have settled.
  const auto before = watched_world::come_to_rest([&] { return world.changes_of({"sweep"}); });
  std::size_t asked = 0;
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"list"}, {"status"}, {"show", "p3"}, {"log"}, {"sweep"}, {"list"}}) {
    const auto changed = world.changes_of(command);
    tell(changed, command.front());
    CAF_CHECK(changed.empty());
    ++asked;
  }
  std::printf("lane idle_sweep_cli: %zu commands without a daemon changed nothing after %zu\n", asked, before);
}
