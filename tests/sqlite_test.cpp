#define CAF_SUITE sqlite_test

#include "tests/support/index_fixture.hpp"

#include "muster/store/sqlite_connection.hpp"

#include <caf/test/unit_test.hpp>
#include <sqlite3.h>

using namespace muster;
using index_fixture::machine;

namespace {

constexpr const char* path = "/data/some.db";

sqlite_result<sqlite_connection> open(machine& here, sqlite_durability how = sqlite_durability::normal) {
  return sqlite_connection::open(here.env(), path, how);
}

std::string text_of(sqlite_connection& on, std::string_view sql) {
  auto& statement = on.prepare(sql).bind({});
  const sqlite_reading until_the_end(statement);
  return statement.step().value() ? std::string(statement.text(0)) : "no row";
}

} // namespace

CAF_TEST(what is bound is what is read) {
  machine here;
  auto on = open(here);
  CAF_REQUIRE(on.has_value());
  CAF_REQUIRE(on->execute("CREATE TABLE t (a, b, c, d, e)"));
  const std::uint64_t high = ~std::uint64_t{0};
  const std::string bytes("\0\xff\n", 3);
  CAF_REQUIRE(on->run("INSERT INTO t VALUES (?, ?, ?, ?, ?)", {high, -1, bytes, "", nullptr}));
  auto& row = on->prepare("SELECT * FROM t").bind({});
  CAF_REQUIRE(row.step().value());
  CAF_CHECK_EQUAL(row.natural(0), high);
  CAF_CHECK_EQUAL(row.integer(1), -1);
  CAF_CHECK_EQUAL(row.text(2), bytes);
  CAF_CHECK_EQUAL(row.text(3), "");
  CAF_CHECK(!row.is_null(3));
  CAF_CHECK(row.is_null(4));
  CAF_CHECK(row.optional_text(4) == std::nullopt);
  CAF_CHECK(!row.step().value());
}

CAF_TEST(a statement is prepared once and fails until it can be) {
  machine here;
  auto on = open(here);
  CAF_REQUIRE(on.has_value());
  CAF_CHECK_EQUAL(&on->prepare("SELECT 1"), &on->prepare("SELECT 1"));
  auto& bad = on->prepare("SELECT nothing FROM nowhere");
  CAF_CHECK(bad.bind({}).step().has_error());
  CAF_CHECK_EQUAL(bad.run().error().primary(), SQLITE_ERROR);
  auto& unbound = on->prepare("SELECT ?1");
  CAF_CHECK_EQUAL(unbound.bind({1, 2}).step().error().code, SQLITE_RANGE);
  CAF_CHECK(unbound.bind({1}).step().value());
}

CAF_TEST(a transaction that is not committed never was) {
  machine here;
  auto on = open(here);
  CAF_REQUIRE(on.has_value());
  CAF_REQUIRE(on->execute("CREATE TABLE t (a)"));
  {
    auto undone = sqlite_transaction::begin(*on).value();
    CAF_REQUIRE(on->run("INSERT INTO t VALUES (1)"));
  }
  auto kept = sqlite_transaction::begin(*on).value();
  CAF_REQUIRE(on->run("INSERT INTO t VALUES (2)"));
  CAF_REQUIRE(kept.commit());
  CAF_CHECK_EQUAL(on->number("SELECT sum(a) FROM t").value(), 2);
  CAF_CHECK(sqlite_transaction::begin(*on).has_value());
}

CAF_TEST(a connection is set up before anything is believed) {
  machine here;
  here.world.self.uid = 0;
  auto on = open(here, sqlite_durability::full);
  CAF_REQUIRE(on.has_value());
  CAF_CHECK_EQUAL(here.world.files.exists("/data/some.db-shm"), false);
  CAF_CHECK_EQUAL(here.world.view().files.status(no_handle, path, false).value().mode, 0600u);
  CAF_CHECK_EQUAL(on->run("ATTACH '/data/other.db' AS other").error().primary(), SQLITE_AUTH);
  CAF_CHECK_EQUAL(on->run("PRAGMA locking_mode = NORMAL").error().primary(), SQLITE_AUTH);
  CAF_CHECK_EQUAL(on->run("SELECT load_extension('x')").has_error(), true);
  CAF_CHECK_EQUAL(on->run("UPDATE sqlite_schema SET sql = ''").has_error(), true);
  CAF_CHECK_EQUAL(on->run("SELECT \"no such column\"").has_error(), true);
  CAF_CHECK_EQUAL(text_of(*on, "PRAGMA user_version"), "0");
}

CAF_TEST(a trigger that somebody left does not run) {
  machine here;
  {
    auto on = open(here);
    CAF_REQUIRE(on.has_value());
    CAF_REQUIRE(on->execute("CREATE TABLE t (a); CREATE TABLE u (a);"
                            "CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO u VALUES (1); END;"
                            "INSERT INTO t VALUES (1);"));
    CAF_CHECK_EQUAL(on->number("SELECT count(*) FROM u").value(), 0);
  }
}

CAF_TEST(one connection a file) {
  machine here;
  const auto first = open(here);
  CAF_REQUIRE(first.has_value());
  auto second = sqlite_connection::open(here.env(), path, sqlite_durability::normal);
  CAF_REQUIRE(second.has_error());
  CAF_CHECK_EQUAL(second.error().primary(), SQLITE_BUSY);
  const auto why = as_failure(second.error(), "opening it", path);
  CAF_CHECK_EQUAL(why.code, "database-busy");
  CAF_CHECK_EQUAL(exit_code(why.kind), 8);
}

CAF_TEST(a link or a directory at the path is refused and left) {
  machine here;
  here.world.files.put_file("/elsewhere", "precious");
  here.world.files.put_symlink(path, "/elsewhere");
  CAF_CHECK_EQUAL(sqlite_connection::open(here.env(), path, sqlite_durability::normal).error().primary(),
                  SQLITE_CANTOPEN);
  CAF_CHECK_EQUAL(here.world.files.file_content("/elsewhere"), "precious");
  here.world.files.put_directory("/data/dir.db");
  CAF_CHECK(sqlite_connection::open(here.env(), "/data/dir.db", sqlite_durability::normal).has_error());
}

CAF_TEST(notices that its file was moved or replaced) {
  machine here;
  auto on = open(here);
  CAF_REQUIRE(on.has_value());
  CAF_CHECK_EQUAL(on->has_moved().value(), false);
  auto& files = here.world.files;
  CAF_REQUIRE(files.rename(no_handle, path, no_handle, "/data/away.db", rename_mode::replace));
  CAF_CHECK_EQUAL(on->has_moved().value(), true);
  files.put_file(path, "another");
  CAF_CHECK_EQUAL(on->has_moved().value(), true);
}

CAF_TEST(each kind of error has its code and exit) {
  const auto code_of = [](int code) { return as_failure(sqlite_error(code, "x"), "it", path).code; };
  CAF_CHECK_EQUAL(code_of(SQLITE_FULL), "database-full");
  CAF_CHECK_EQUAL(code_of(SQLITE_IOERR_FSYNC), "database-io");
  CAF_CHECK_EQUAL(code_of(SQLITE_CORRUPT_INDEX), "database-corrupt");
  CAF_CHECK_EQUAL(code_of(SQLITE_NOTADB), "database-not-a-database");
  CAF_CHECK_EQUAL(code_of(SQLITE_READONLY_DBMOVED), "database-read-only");
  CAF_CHECK_EQUAL(code_of(SQLITE_CANTOPEN), "database-cannot-open");
  CAF_CHECK_EQUAL(code_of(SQLITE_CONSTRAINT), "database-error");
  const auto why = as_failure(sqlite_error(SQLITE_CORRUPT, "x", 5), "reading it", path);
  CAF_CHECK_EQUAL(exit_code(why.kind), 7);
  CAF_CHECK_EQUAL(why.system_errno, 5);
  CAF_CHECK_EQUAL(why.message, "reading it failed: x (SQLite 11); run muster doctor");
}
