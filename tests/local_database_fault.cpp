#define CAF_SUITE local_database_fault

#include "muster/store/local_database.hpp"

#include "tests/support/index_fixture.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace index_fixture;

namespace {

constexpr const char* path = "/data/local.db";

sqlite_result<void> make(sqlite_connection& on) {
  return on.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (1, 10), (2, 20)");
}
sqlite_result<void> grow(sqlite_connection& on) {
  return on.execute("CREATE TABLE u (a INTEGER PRIMARY KEY, c); INSERT INTO u SELECT a, b * 2 FROM t; DROP TABLE t");
}
// Doubles once: a step that ran twice would show.
sqlite_result<void> doubles(sqlite_connection& on) {
  return on.execute("UPDATE u SET c = c * 2");
}

constexpr std::array old_steps{local_step{1, &make}};
constexpr std::array steps{local_step{1, &make}, local_step{2, &grow}, local_step{3, &doubles}};

/// Every step was taken once.
bool is_right(machine& here, bool& anew) {
  here.world.files.set_plan({});
  auto opened = local_database::open(here.env(), path, steps);
  if (!opened)
    return false;
  anew = !opened->begun_anew().empty();
  auto sum = opened->connection().number("SELECT sum(c) FROM u");
  return sum && *sum == 120;
}

} // namespace

CAF_TEST(a migration that is cut at any call is as before or as after it) {
  machine start;
  CAF_REQUIRE(local_database::open(start.env(), path, old_steps).has_value());
  start.world.restart_process();
  std::uint64_t crashes = 0;
  std::uint64_t wrong = 0;
  for (const auto model : {crash_model::weak_posix, crash_model::ordered})
    for (std::uint64_t call = 1;; ++call) {
      machine here(start);
      here.world.files.options(0).model = model;
      here.world.files.set_plan(fault_plan({.what = {.what = fault::kind::kill_before}, .nth = call}));
      until_killed([&] { (void)local_database::open(here.env(), path, steps); });
      if (here.world.files.plan().fired() == 0)
        break;
      crash_states states(here.world.files.pending(), 12, call);
      for (crash_choice choice; states.next(choice); ++crashes) {
        machine after(here);
        after.world.power_cycle(choice);
        bool anew = false;
        wrong += !is_right(after, anew) || anew ? 1 : 0;
      }
    }
  std::printf("lane local_database_fault: %llu states after a crash\n", static_cast<unsigned long long>(crashes));
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK(crashes > 50);
}

CAF_TEST(a migration goes on after any call failed once) {
  machine start;
  CAF_REQUIRE(local_database::open(start.env(), path, old_steps).has_value());
  start.world.restart_process();
  std::uint64_t runs = 0;
  std::uint64_t wrong = 0;
  for (const auto kind : {fault::kind::error, fault::kind::error_but_done, fault::kind::short_transfer})
    for (const int code : {EIO, ENOSPC})
      for (std::uint64_t call = 1;; ++call) {
        machine here(start);
        here.world.files.set_plan(
            fault_plan({.what = {.what = kind, .code = code}, .nth = call, .operations = operation_set::all()}));
        (void)local_database::open(here.env(), path, steps);
        if (here.world.files.plan().fired() == 0)
          break;
        ++runs;
        here.world.restart_process();
        bool anew = false;
        wrong += !is_right(here, anew) || anew ? 1 : 0;
      }
  std::printf("lane local_database_fault: %llu calls failed\n", static_cast<unsigned long long>(runs));
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK(runs > 50);
}
