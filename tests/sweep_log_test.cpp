#define CAF_SUITE sweep_log_test

#include "muster/store/sweep_log.hpp"

#include "tests/support/index_fixture.hpp"

#include "muster/store/local_database.hpp"
#include "muster/store/local_sweeps.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace index_fixture;
using namespace std::chrono_literals;

namespace {

remembered_sweep sweep(std::size_t unchanged, std::size_t missing = 0, std::size_t synced = 0) {
  remembered_sweep result;
  result.began = 1000ms;
  result.ended = 1500ms;
  result.boot_id = "boot";
  result.began_boot = 7s;
  result.report.unchanged = unchanged;
  result.report.missing = missing;
  result.report.synced = synced;
  return result;
}

} // namespace

CAF_TEST(a sweep that did and found nothing new is not written) {
  sweep_log log;
  CAF_CHECK(!log.last());
  CAF_CHECK(!log.is_owed());
  CAF_CHECK(!log.add(sweep(5)));
  CAF_CHECK(log.is_owed());
  CAF_CHECK(log.add(sweep(4, 1)));
  log.wrote();
  CAF_CHECK(!log.is_owed());
  CAF_CHECK(!log.add(sweep(9, 1)));
  CAF_CHECK(log.add(sweep(9, 1, 1)));
  log.wrote();
  CAF_CHECK(log.add(sweep(5, 0)));
  CAF_CHECK_EQUAL(log.last()->number, 5u);
}

CAF_TEST(an idle sweep is owed to those who come later only where what is written is long past) {
  const auto ends_at = [](std::chrono::milliseconds when) {
    auto result = sweep(5);
    result.number = 1;
    result.ended = when;
    return result;
  };
  for (const auto& [when, owed] : {std::pair{25h - 1ms, false}, {25h, true}, {23h, true}}) {
    sweep_log log;
    log.go_on_from(ends_at(24h));
    CAF_CHECK(!log.add(ends_at(when)));
    CAF_CHECK_EQUAL(log.is_owed(), owed);
  }
}

CAF_TEST(what each counter does) {
  using member = std::size_t sweep_report::*;
  for (const member each :
       {&sweep_report::synced, &sweep_report::removed, &sweep_report::resurrected, &sweep_report::discovered,
        &sweep_report::moved, &sweep_report::unreachable, &sweep_report::refused, &sweep_report::invalid,
        &sweep_report::missing, &sweep_report::unreadable, &sweep_report::errors}) {
    sweep_log log;
    auto some = sweep(1);
    some.report.*each = 1;
    CAF_CHECK(log.add(some));
  }
}

CAF_TEST(remembers a thousand and none of their problems) {
  sweep_log log;
  for (std::size_t i = 0; i < 1100; ++i) {
    auto one = sweep(i);
    one.report.problems.push_back({});
    log.add(one);
  }
  CAF_CHECK_EQUAL(log.all().size(), 1000u);
  CAF_CHECK_EQUAL(log.all().front().number, 101u);
  CAF_CHECK_EQUAL(log.last()->report.unchanged, 1099u);
  CAF_CHECK(log.last()->report.problems.empty());
}

CAF_TEST(goes on behind what was written before) {
  sweep_log log;
  auto before = sweep(3, 2);
  before.number = 40;
  log.go_on_from(before);
  CAF_CHECK(!log.is_owed());
  CAF_CHECK_EQUAL(log.last()->number, 40u);
  CAF_CHECK(!log.add(sweep(3, 2)));
  CAF_CHECK_EQUAL(log.last()->number, 41u);
  CAF_CHECK(log.add(sweep(3, 1)));
}

CAF_TEST(the table holds the latest thousand and a row that cannot be is as none) {
  machine here;
  auto database = local_database::open(here.env(), "/data/local.db");
  CAF_REQUIRE(database.has_value());
  local_sweeps table(database->connection());
  CAF_CHECK(!table.last().value());
  auto one = sweep(7, 3, 2);
  for (one.number = 1; one.number <= 1010; ++one.number)
    CAF_REQUIRE(table.put(one));
  const auto last = table.last().value();
  CAF_REQUIRE(last);
  CAF_CHECK_EQUAL(last->number, 1010u);
  CAF_CHECK_EQUAL(last->report.unchanged, 7u);
  CAF_CHECK_EQUAL(last->report.missing, 3u);
  CAF_CHECK_EQUAL(last->report.synced, 2u);
  CAF_CHECK(last->report.took == 500ms);
  CAF_CHECK_EQUAL(last->boot_id, "boot");
  CAF_CHECK_EQUAL(database->connection().number("SELECT count(*) FROM sweeps").value(), 1000);
  CAF_CHECK_EQUAL(database->connection().number("SELECT min(number) FROM sweeps").value(), 11);
  CAF_REQUIRE(database->connection().run("UPDATE sweeps SET counters_json = '{}' WHERE number = 1010"));
  CAF_CHECK(!table.last().value());
}
