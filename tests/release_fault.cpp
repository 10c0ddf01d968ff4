#define CAF_SUITE release_fault

#include "tests/support/index_fixture.hpp"

#include "muster/store/full_io.hpp"
#include "muster/store/release_gate.hpp"
#include "muster/store/release_stage.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace index_fixture;

namespace {

/// Adds a mark to each of two files that belong together. Run twice, or on one
/// file alone, it would show.
expected<void> adds_a_mark(release_stage& stage) {
  for (const auto* name : {"feeds/one", "two"}) {
    auto text = read_file(stage.env().files, stage.data(), name, 100);
    if (!text)
      return failure{.kind = failure_kind::failed, .code = "step", .message = "cannot read"};
    if (auto put = stage.put(name, *text + "+" + std::to_string(stage.number())); !put)
      return put;
  }
  return {};
}

constexpr std::array steps{release_step{2, release_break::durable, &adds_a_mark},
                           release_step{3, release_break::clean, &adds_a_mark}};

machine old_directory() {
  machine here;
  auto& files = here.world.files;
  files.put_file("/data/instance.json", "{\"release\":1}");
  files.put_file("/data/local.db", "observed");
  files.put_file("/data/index.db", "an index");
  files.put_file("/data/two", "2");
  files.put_directory("/data/feeds");
  files.put_file("/data/feeds/one", "1");
  files.aside([](simulated_disk& disk) {
    disk.sync_filesystem(disk.open(no_handle, directory, {.directory = true}).value()).value();
  });
  return here;
}

expected<release_passage> pass(machine& here) {
  auto env = here.env();
  auto opened = env.files.open(no_handle, "/data", {.directory = true});
  if (!opened)
    return failure{.kind = failure_kind::failed, .code = "directory", .message = "cannot open"};
  const open_file data(env.files, *opened);
  return pass_release_gate(env, data.get(), steps, 3);
}

/// The stamp tells the truth about both files, and passing ends at release 3
/// with every step taken once.
bool is_right(machine& here) {
  here.world.files.set_plan({});
  if (!pass(here))
    return false;
  auto& files = here.world.files;
  return files.file_content("/data/instance.json") == "{\"release\":3}" &&
         files.file_content("/data/feeds/one") == "1+2+3" && files.file_content("/data/two") == "2+2+3" &&
         !files.exists("/data/local.db") && !files.exists("/data/index.db") && !files.exists("/data/release.stage");
}

} // namespace

CAF_TEST([RL-11] [RL-23] a store of the oldest release reaches ours whatever call a crash cuts) {
  const auto start = old_directory();
  std::uint64_t crashes = 0;
  std::uint64_t wrong = 0;
  for (const auto model : {crash_model::weak_posix, crash_model::ordered})
    for (std::uint64_t call = 1;; ++call) {
      machine here(start);
      here.world.files.options(0).model = model;
      here.world.files.set_plan(fault_plan({.what = {.what = fault::kind::kill_before}, .nth = call}));
      until_killed([&] { (void)pass(here); });
      if (here.world.files.plan().fired() == 0)
        break;
      crash_states states(here.world.files.pending(), 20, call);
      for (crash_choice choice; states.next(choice); ++crashes) {
        machine after(here);
        after.world.power_cycle(choice);
        wrong += is_right(after) ? 0 : 1;
      }
    }
  std::printf("lane release_fault: %llu states after a crash\n", static_cast<unsigned long long>(crashes));
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK(crashes > 100);
}

CAF_TEST(a migration goes on after any call failed) {
  const auto start = old_directory();
  std::uint64_t runs = 0;
  std::uint64_t wrong = 0;
  for (const auto kind : {fault::kind::error, fault::kind::error_but_done, fault::kind::short_transfer})
    for (const int code : {EIO, ENOSPC})
      for (const bool persistent : {false, true})
        for (std::uint64_t call = 1;; ++call) {
          machine here(start);
          here.world.files.set_plan(fault_plan({.what = {.what = kind, .code = code},
                                                .nth = call,
                                                .operations = operation_set::all(),
                                                .persistent = persistent}));
          (void)pass(here);
          if (here.world.files.plan().fired() == 0)
            break;
          ++runs;
          here.world.restart_process();
          wrong += is_right(here) ? 0 : 1;
        }
  std::printf("lane release_fault: %llu runs with a call that failed\n", static_cast<unsigned long long>(runs));
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK(runs > 100);
}
