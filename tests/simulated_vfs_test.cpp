#define CAF_SUITE simulated_vfs_test

#include "muster/store/simulated_vfs.hpp"

#include "tests/support/index_fixture.hpp"

#include "muster/store/sqlite_connection.hpp"

#include <caf/test/unit_test.hpp>
#include <sqlite3.h>

using namespace muster;
using index_fixture::machine;

namespace {

constexpr const char* path = "/data/some.db";

sqlite_result<sqlite_connection> open(machine& here, sqlite_durability how = sqlite_durability::full) {
  return sqlite_connection::open(here.env(), path, how);
}

/// Commits the numbers from 1 up to what the disk allows; how many there are.
std::int64_t commit_until_it_fails(machine& here, std::int64_t most) {
  auto on = open(here);
  if (!on || !on->execute("CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY)"))
    return 0;
  for (std::int64_t number = 1; number <= most; ++number)
    if (!on->run("INSERT INTO t VALUES (?)", {number}) || here.world.files.plan().fired() != 0)
      return number - 1;
  return most;
}

std::int64_t rows_in(machine& here) {
  auto on = open(here);
  if (!on || !on->check())
    return -1;
  auto rows = on->number("SELECT count(*) FROM t");
  return rows ? *rows : 0;
}

} // namespace

CAF_TEST(a database on the simulated disk is there after a restart) {
  machine here;
  CAF_CHECK_EQUAL(commit_until_it_fails(here, 20), 20);
  here.world.restart_process();
  CAF_CHECK_EQUAL(rows_in(here), 20);
}

CAF_TEST(time comes from the environment) {
  machine here;
  here.world.clock.set_wall(std::chrono::seconds{1'000'000'000});
  auto on = open(here);
  CAF_REQUIRE(on.has_value());
  CAF_CHECK_EQUAL(on->number("SELECT strftime('%s', 'now')").value(), 1'000'000'000);
}

CAF_TEST(a full disk and a failed sync reach the caller as what they are) {
  machine here;
  auto on = open(here);
  CAF_REQUIRE(on.has_value());
  CAF_REQUIRE(on->execute("CREATE TABLE t (a)"));
  here.world.files.set_plan(fault_plan({.what = {.what = fault::kind::error, .code = ENOSPC},
                                        .operations = {disk_operation::write},
                                        .persistent = true}));
  CAF_CHECK_EQUAL(on->run("INSERT INTO t VALUES (1)").error().primary(), SQLITE_FULL);
  here.world.files.set_plan(
      fault_plan({.what = {.what = fault::kind::error, .code = EIO}, .operations = {disk_operation::sync}}));
  CAF_CHECK_EQUAL(on->run("INSERT INTO t VALUES (1)").error().code, SQLITE_IOERR_FSYNC);
  here.world.files.set_plan({});
  CAF_CHECK(on->run("INSERT INTO t VALUES (1)").has_value());
}

CAF_TEST(what was committed survives a crash at every call in both models) {
  std::uint64_t crashes = 0;
  std::uint64_t violations = 0;
  for (const auto model : {crash_model::weak_posix, crash_model::ordered})
    for (std::uint64_t call = 1;; ++call) {
      machine here;
      here.world.files.options(0).model = model;
      here.world.files.set_plan(fault_plan({.what = {.what = fault::kind::kill_before}, .nth = call}));
      std::int64_t acknowledged = 0;
      index_fixture::until_killed([&] { acknowledged = commit_until_it_fails(here, 6); });
      if (here.world.files.plan().fired() == 0)
        break;
      crash_states states(here.world.files.pending(), 12, call);
      for (crash_choice choice; states.next(choice); ++crashes) {
        machine after(here);
        after.world.power_cycle(choice);
        after.world.files.set_plan({});
        const auto rows = rows_in(after);
        violations += rows < acknowledged || rows > acknowledged + 1 ? 1 : 0;
      }
    }
  std::printf("lane simulated_vfs_test: %llu crashes of a database\n", static_cast<unsigned long long>(crashes));
  CAF_CHECK_EQUAL(violations, 0u);
  CAF_CHECK(crashes > 100);
}
