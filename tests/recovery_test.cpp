#define CAF_SUITE recovery_test

#include "muster/supervisor/recovery.hpp"

#include "tests/support/saga_run.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <set>

using namespace muster;
using namespace muster::testing;

namespace {

constexpr std::array marks = {abort_mark::none, abort_mark::nothing_written, abort_mark::maybe_written};
constexpr std::array files = {found_file::as_before, found_file::as_written, found_file::as_both,
                              found_file::other,     found_file::gone,       found_file::unreadable};

std::vector<recovery_case> all_cases() {
  std::vector<recovery_case> result;
  for (const bool in_feed : {false, true})
    for (const auto mark : marks)
      for (const bool doubtful : {false, true})
        for (const auto file : files)
          result.push_back({in_feed, mark, doubtful, file});
  return result;
}

recovery_decision decided(bool in_feed, abort_mark mark, found_file file, bool doubtful = false) {
  return recover({in_feed, mark, doubtful, file}).decision;
}

} // namespace

CAF_TEST(exactly one row fires for each combination and each row fires) {
  std::set<std::string_view> fired;
  std::size_t wrong = 0;
  for (const auto& one : all_cases()) {
    std::size_t rows = 0;
    for (const auto& row : recovery_rows())
      rows += row.fires(one) ? 1 : 0;
    wrong += rows == 1 ? 0 : 1;
    fired.insert(recover(one).label);
  }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_EQUAL(fired.size(), recovery_rows().size());
  std::printf("lane recovery_test: %zu combinations, %zu rows\n", all_cases().size(), recovery_rows().size());
}

CAF_TEST(a commit in the feed is finished whatever else there is) {
  for (const auto& one : all_cases())
    if (one.in_feed)
      CAF_CHECK(recover(one).decision == recovery_decision::finish);
}

CAF_TEST(aborting undoes whatever the file holds for what we wrote may lie beside it) {
  for (const auto file : files) {
    const auto found = decided(false, abort_mark::maybe_written, file);
    CAF_CHECK_EQUAL(found == recovery_decision::undo, file != found_file::as_both && file != found_file::unreadable);
    CAF_CHECK(found != recovery_decision::roll_forward);
  }
}

CAF_TEST(a refusal before any write never touches the file) {
  for (const auto file : files)
    CAF_CHECK(decided(false, abort_mark::nothing_written, file) == recovery_decision::close);
}

CAF_TEST(a file as before is closed) {
  CAF_CHECK(decided(false, abort_mark::none, found_file::as_before) == recovery_decision::close);
  CAF_CHECK(decided(false, abort_mark::none, found_file::as_both) == recovery_decision::close);
}

CAF_TEST(a file as we wrote it rolls forward) {
  CAF_CHECK(decided(false, abort_mark::none, found_file::as_written) == recovery_decision::roll_forward);
}

CAF_TEST(anything else in the file is observed) {
  CAF_CHECK(decided(false, abort_mark::none, found_file::other) == recovery_decision::observe);
  CAF_CHECK(decided(false, abort_mark::none, found_file::gone) == recovery_decision::observe);
}

CAF_TEST(a file that cannot be read decides nothing) {
  CAF_CHECK(decided(false, abort_mark::none, found_file::unreadable) == recovery_decision::wait);
  CAF_CHECK(decided(false, abort_mark::maybe_written, found_file::unreadable) == recovery_decision::wait);
}

CAF_TEST(after damage to the journal no file is written and nothing is committed for it) {
  for (const auto& one : all_cases())
    if (one.doubtful && !one.in_feed) {
      const auto found = recover(one).decision;
      CAF_CHECK(found != recovery_decision::undo && found != recovery_decision::roll_forward);
    }
}

CAF_TEST(finishing does what is owed after the commit) {
  saga_run run{intent_of(saga_kind::unregister), recovery_decision::finish};
  run.go_on();
  CAF_CHECK_EQUAL(run.said(),
                  "perform fold-commit; perform retire-manifest; perform remove-endpoint; close; release claims");
  saga_run update{intent_of(saga_kind::update), recovery_decision::finish};
  update.go_on();
  CAF_CHECK_EQUAL(update.said(), "perform fold-commit; perform open-endpoint; close later; release claims");
}

CAF_TEST(undoing restores the manifest and closes) {
  saga_run run{intent_of(saga_kind::update), recovery_decision::undo};
  CAF_CHECK_EQUAL(run.said(), "undo write-manifest");
  run.fail();
  CAF_CHECK_EQUAL(run.said(), "keep claims, owed undo write-manifest");
  run.take(run.saga.settle());
  run.go_on();
  CAF_CHECK_EQUAL(run.said(), "undo write-manifest; close; release claims");
  CAF_CHECK_EQUAL(run.answers, 0);
}

CAF_TEST(rolling forward writes once more and no relay refuses it) {
  saga_run run{intent_of(saga_kind::register_agent), recovery_decision::roll_forward};
  run.go_to(saga_step::set_endpoint);
  run.time_out();
  run.go_on();
  CAF_CHECK_EQUAL(run.said(),
                  "perform write-manifest; perform upsert-row; perform set-endpoint; leave set-endpoint to the sweep; "
                  "perform commit; perform fold-commit; close later; release claims");
  saga_run through{intent_of(saga_kind::write_through), recovery_decision::roll_forward};
  through.go_on();
  CAF_CHECK_EQUAL(through.said(), "perform write-manifest; perform record-held; close; release claims");
}

CAF_TEST(rolling forward that fails is marked and undone like any saga) {
  saga_run run{intent_of(saga_kind::update), recovery_decision::roll_forward};
  run.go_to(saga_step::upsert_row);
  run.fail(refusal());
  run.go_on();
  CAF_CHECK_EQUAL(run.said(),
                  "perform write-manifest; perform upsert-row; mark aborting, written; undo write-manifest; "
                  "close; release claims");
}

CAF_TEST(what an earlier life wrote is undone if it is refused a second time) {
  saga_run run{intent_of(saga_kind::update), recovery_decision::roll_forward};
  run.fail(refusal());
  run.go_on();
  CAF_CHECK_EQUAL(run.said(),
                  "perform write-manifest; mark aborting, written; undo write-manifest; close; release claims");
}

CAF_TEST(closing and observing close the entry durably) {
  saga_run closing{intent_of(saga_kind::update), recovery_decision::close};
  CAF_CHECK_EQUAL(closing.said(), "close");
  closing.fail();
  CAF_CHECK(closing.saga.is_owing());
  closing.take(closing.saga.settle());
  closing.go_on();
  CAF_CHECK(closing.saga.is_over());
  saga_run observing{intent_of(saga_kind::update), recovery_decision::observe};
  observing.go_on();
  CAF_CHECK_EQUAL(observing.said(), "observe manifest; close; release claims");
}

CAF_TEST(waiting keeps the claims and looks again when settled) {
  saga_run run{intent_of(saga_kind::update), recovery_decision::wait};
  CAF_CHECK_EQUAL(run.said(), "keep claims");
  run.take(run.saga.settle());
  run.time_out();
  CAF_CHECK_EQUAL(run.said(), "look at manifest; keep claims");
  run.take(run.saga.settle());
  run.take(run.saga.looked(run.last, recovery_decision::wait));
  CAF_CHECK_EQUAL(run.said(), "look at manifest; keep claims");
  run.take(run.saga.settle());
  run.take(run.saga.looked(run.last, recovery_decision::observe));
  CAF_CHECK_EQUAL(run.said(), "look at manifest; observe manifest");
  run.fail();
  CAF_CHECK_EQUAL(run.said(), "keep claims");
  run.take(run.saga.settle());
  run.take(run.saga.looked(run.last, recovery_decision::close));
  run.go_on();
  CAF_CHECK_EQUAL(run.said(), "look at manifest; close; release claims");
}
