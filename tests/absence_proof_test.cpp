#define CAF_SUITE absence_proof_test

#include "muster/store/absence_proof.hpp"

#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <string>

using namespace muster;

namespace {

const std::string project = "/home/me/project";

/// A machine whose homes lie on a volume of their own.
struct fixture {
  simulated_environment world;
  std::uint32_t homes = world.files.add_volume({});

  fixture() {
    world.files.put_directory("/home");
    world.files.mount(homes, "/home");
    world.files.put_directory("/home/me");
    world.files.put_directory(project);
  }

  directory_mark mark_of(const std::string& path) {
    const auto found = world.files.status(no_handle, path, false).value();
    return {found.device, found.inode};
  }
  bool is_gone(const directory_mark& noted) { return is_provably_gone(world.files, project, noted); }
  void rename(const std::string& from, const std::string& to) {
    world.files.rename(no_handle, from, no_handle, to, rename_mode::no_replace).value();
  }
};

} // namespace

CAF_TEST(a project speaks by device or inode and what is above it by device alone) {
  const directory_mark noted{8, 100};
  for (const bool is_project : {false, true}) {
    CAF_CHECK(speaks_for({{8, 100}, is_project}, noted));
    CAF_CHECK(speaks_for({{8, 7}, is_project}, noted));
    CAF_CHECK_EQUAL(speaks_for({{9, 100}, is_project}, noted), is_project);
    CAF_CHECK(!speaks_for({{9, 7}, is_project}, noted));
  }
}

CAF_TEST(only its own directory speaks for a project that nobody could look at) {
  CAF_CHECK(speaks_for({{8, 100}, true}, unseen_directory));
  CAF_CHECK(!speaks_for({{8, 100}, false}, unseen_directory));
  CAF_CHECK(!speaks_for({{0, 0}, false}, unseen_directory));
}

CAF_TEST_FIXTURE_SCOPE(absence_proof_tests, fixture)

CAF_TEST(a manifest that its directory does not have is gone) {
  const auto noted = mark_of(project);
  CAF_CHECK(is_gone(noted));
  world.files.put_directory(project + "/.dork");
  CAF_CHECK(is_gone(noted));
  world.files.put_file(project + "/.dork/agent.json", "{}");
  CAF_CHECK(!is_gone(noted));
}

CAF_TEST(a directory that its volume does not have is gone) {
  const auto noted = mark_of(project);
  rename(project, "/home/me/elsewhere");
  CAF_CHECK(is_gone(noted));
  rename("/home/me", "/home/you");
  CAF_CHECK(is_gone(noted));
}

CAF_TEST(a directory that was made again is there) {
  const auto noted = mark_of(project);
  rename(project, "/home/me/elsewhere");
  world.files.put_directory(project);
  CAF_CHECK(mark_of(project).inode != noted.inode);
  CAF_CHECK(is_gone(noted));
}

CAF_TEST(what lies on a volume that is not mounted is not gone) {
  const auto noted = mark_of(project);
  world.files.unmount(homes);
  CAF_CHECK(!is_gone(noted));
  world.files.put_directory("/home/me");
  CAF_CHECK(!is_gone(noted));
  world.files.put_directory(project);
  CAF_CHECK(!is_gone(noted));
}

CAF_TEST(a project that is a volume is not gone with it) {
  const auto own = world.files.add_volume({});
  world.files.mount(own, project);
  const auto noted = mark_of(project);
  CAF_CHECK(is_gone(noted));
  world.files.unmount(own);
  CAF_CHECK(!is_gone(noted));
}

CAF_TEST(a volume that has another number since a boot is known by the directory) {
  const auto seen = mark_of(project);
  CAF_CHECK(is_gone({seen.device + 100, seen.inode}));
  CAF_CHECK(!is_gone({seen.device + 100, seen.inode + 100}));
}

CAF_TEST(a volume mounted above the place is no proof) {
  const auto noted = mark_of(project);
  const auto other = world.files.add_volume({});
  world.files.mount(other, "/home/me");
  CAF_CHECK(!is_gone(noted));
}

CAF_TEST(no error but absence is a proof) {
  const auto noted = mark_of(project);
  rename(project, "/home/me/elsewhere");
  int wrong = 0;
  int fired = 0;
  for (const auto code : {EACCES, EIO, ESTALE, EMFILE})
    for (std::uint64_t call = 1; call <= 4; ++call) {
      const fault bad{fault::kind::error, code};
      world.files.set_plan(
          fault_plan(fault_rule{bad, call, operation_set{disk_operation::open, disk_operation::status}}));
      const bool gone = is_gone(noted);
      world.files.set_plan({});
      wrong += gone ? 1 : 0;
      ++fired;
    }
  CAF_CHECK_EQUAL(wrong, 0);
  CAF_CHECK_EQUAL(fired, 16);
}

CAF_TEST_FIXTURE_SCOPE_END()
