#define CAF_SUITE local_database_test

#include "muster/store/local_database.hpp"

#include "tests/support/index_fixture.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using index_fixture::machine;

namespace {

constexpr const char* path = "/data/local.db";

sqlite_result<void> make(sqlite_connection& on) {
  return on.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
}
sqlite_result<void> grow(sqlite_connection& on) {
  return on.execute("ALTER TABLE t ADD COLUMN b; UPDATE t SET b = a + 1");
}
sqlite_result<void> fail(sqlite_connection& on) {
  if (auto done = on.execute("DELETE FROM t"); !done)
    return done;
  return on.execute("this is no statement");
}

constexpr std::array first_step{local_step{1, &make}};
constexpr std::array both_steps{local_step{1, &make}, local_step{2, &grow}};
constexpr std::array failing_step{local_step{1, &make}, local_step{2, &fail}};

} // namespace

CAF_TEST(a new local database has every table and says nothing) {
  machine here;
  auto made = local_database::open(here.env(), path);
  CAF_REQUIRE(made.has_value());
  CAF_CHECK_EQUAL(made->begun_anew(), "");
  CAF_CHECK_EQUAL(made->connection().number("PRAGMA user_version").value(), 3);
  CAF_CHECK_EQUAL(made->connection().number("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").value(), 8);
}

CAF_TEST(steps are taken once and in order) {
  machine here;
  CAF_REQUIRE(local_database::open(here.env(), path, first_step).has_value());
  for (int again = 0; again < 2; ++again) {
    auto grown = local_database::open(here.env(), path, both_steps);
    CAF_REQUIRE(grown.has_value());
    CAF_CHECK_EQUAL(grown->begun_anew(), "");
    CAF_CHECK_EQUAL(grown->connection().number("SELECT b FROM t").value(), 2);
    CAF_CHECK_EQUAL(grown->connection().number("SELECT count(*) FROM t").value(), 1);
  }
}

CAF_TEST(a step that fails leaves the version before it) {
  machine here;
  CAF_REQUIRE(local_database::open(here.env(), path, first_step).has_value());
  CAF_CHECK(local_database::open(here.env(), path, failing_step).has_error());
  auto old = local_database::open(here.env(), path, first_step);
  CAF_REQUIRE(old.has_value());
  CAF_CHECK_EQUAL(old->begun_anew(), "");
  CAF_CHECK_EQUAL(old->connection().number("SELECT count(*) FROM t").value(), 1);
}

CAF_TEST(a later version is refused with both numbers and not changed) {
  machine here;
  CAF_REQUIRE(local_database::open(here.env(), path, both_steps).has_value());
  const auto before = here.world.files.fingerprint();
  auto refused = local_database::open(here.env(), path, first_step);
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK_EQUAL(refused.error().code, "local-newer");
  CAF_CHECK_EQUAL(exit_code(refused.error().kind), 6);
  CAF_CHECK(refused.error().message.find("version 2") != std::string::npos);
  CAF_CHECK_EQUAL(here.world.files.fingerprint(), before);
}

CAF_TEST(an error of the disk sets nothing aside) {
  machine here;
  CAF_REQUIRE(local_database::open(here.env(), path).has_value());
  here.world.files.set_plan(fault_plan(
      {.what = {.what = fault::kind::error, .code = EIO}, .operations = {disk_operation::read}, .persistent = true}));
  auto failed = local_database::open(here.env(), path);
  CAF_REQUIRE(failed.has_error());
  CAF_CHECK_EQUAL(exit_code(failed.error().kind), 1);
  here.world.files.set_plan({});
  auto fine = local_database::open(here.env(), path);
  CAF_REQUIRE(fine.has_value());
  CAF_CHECK_EQUAL(fine->begun_anew(), "");
}
