#define CAF_SUITE real_full_disk_fault

#include "tests/support/own_mounts.hpp"
#include "tests/support/real_muster.hpp"
#include "tests/support/test_scale.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

using namespace muster::test;

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t disk_size = 8 << 20;
constexpr const char* id = "01JC8Z5Q3V7XN2M4K6P8R0T2W4";

struct counts {
  std::size_t done = 0;
  std::size_t refused = 0;
  std::size_t findings = 0;
};

// Fills the disk until so many pages are free.
void leave_free(const std::string& filler, std::size_t pages) {
  struct statvfs disk {};
  CAF_REQUIRE(::statvfs(filler.substr(0, filler.rfind('/')).c_str(), &disk) == 0);
  const int file = ::open(filler.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  CAF_REQUIRE(file >= 0);
  const auto free_pages = disk.f_bavail * disk.f_bsize / page;
  CAF_REQUIRE(free_pages > pages);
  CAF_REQUIRE(::posix_fallocate(file, 0, static_cast<off_t>((free_pages - pages) * page)) == 0);
  ::close(file);
}

void note(counts& sums, bool holds, const std::string& what, std::size_t pages) {
  if (holds)
    return;
  ++sums.findings;
  std::printf("  %s, with %zu pages free\n", what.c_str(), pages);
}

// One change on a disk with so much room, and what a user finds after it.
void change_on(const real_muster& world, std::size_t pages, counts& sums) {
  const auto name = "p" + std::to_string(pages);
  const auto filler = world.root() + "/filler";
  world.make_project(name);
  leave_free(filler, pages);
  const auto registered = world.run({"register", world.project(name), "--name", name, "--runtime", "codex"});
  const auto updated = world.run({"update", id, "--set", "description=d" + std::to_string(pages)});
  for (const auto* each : {&registered, &updated}) {
    (each->exit == 0 ? sums.done : sums.refused) += 1;
    note(sums, each->exit == 0 || each->exit == 1, "an exit of " + std::to_string(each->exit) + ": " + each->text,
         pages);
  }
  const auto full_list = world.run({"list"});
  note(sums, full_list.exit == 0, "reads do not go on: " + full_list.text, pages);
  std::filesystem::remove(filler);

  const auto list = world.run({"list"});
  const bool there = !row_at(list.document, world.project(name)).is_null();
  note(sums, list.exit == 0 && there == (registered.exit == 0), "a row that was not answered: " + list.text, pages);
  note(sums, bytes_of(world.manifest(name)).has_value() == there, "a manifest and no row, or a row without", pages);
  const auto shown = world.run({"show", id});
  const bool is_new = text_of(member(shown.document, "agent"), "description") == "d" + std::to_string(pages);
  note(sums, is_new == (updated.exit == 0), "an update that was not answered: " + shown.text, pages);
  note(sums, leftovers_below(world.root()).empty(), "something is left over", pages);
  const auto doctor = world.run({"doctor"});
  note(sums, doctor.exit == 0, "doctor: " + doctor.text, pages);
}

} // namespace

CAF_TEST(on a disk with any little room a change is done or refused and reads go on) {
  const auto permission = ask_to_mount("real_full_disk_fault", "a full small disk");
  CAF_CHECK(permission.fine);
  if (!permission.granted)
    return;
  real_muster world;
  const auto disk = own_mount::memory(world.root(), disk_size);
  world.must({"init"});
  world.make_manifest("atlas", hand_written_manifest(id, "atlas", "old"));
  world.must({"register", world.project("atlas")});
  counts sums;
  const std::size_t disks = test_scale(1) > 1 ? 100 : 30;
  for (std::size_t pages = 0; pages < disks; ++pages)
    change_on(world, pages, sums);
  const auto verified = world.run({"rebuild", "--verify"});
  CAF_CHECK_EQUAL(verified.exit, 0);
  std::printf("lane real_full_disk_fault: %zu full disks, %zu changes done, %zu refused, %zu findings\n", disks,
              sums.done, sums.refused, sums.findings);
  CAF_CHECK_EQUAL(sums.findings, 0u);
  CAF_CHECK(sums.refused > 1);
  CAF_CHECK(sums.done > 4);
}
