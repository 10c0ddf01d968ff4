#define CAF_SUITE journal_fault

#include "muster/supervisor/journal.hpp"

#include "tests/support/broken_calls.hpp"

#include "muster/store/simulated_environment.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>

using namespace muster;

namespace {

constexpr auto directory = "/data";
using state = std::map<saga_id, open_saga>;

void apply(state& to, const journal_record& record) {
  const auto saga = std::visit([](const auto& what) { return what.saga; }, record);
  if (!std::holds_alternative<journal_intend>(record) && !to.contains(saga))
    return;
  std::visit(
      [&](const auto& what) {
        using kind = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<kind, journal_intend>)
          to[what.saga].intent = what.intent;
        else if constexpr (std::is_same_v<kind, journal_aborting>)
          to[what.saga].mark = what.mark;
        else if constexpr (std::is_same_v<kind, journal_owed>)
          to[what.saga].owed = what.owed;
        else if constexpr (std::is_same_v<kind, journal_closed>)
          to.erase(what.saga);
      },
      record);
}

/// What the journal has promised, and what may be there besides.
struct promises {
  state kept;
  std::vector<state> allowed{{}};  ///< `kept`, or with a batch that was not acknowledged
  std::set<saga_id> lazily_closed; ///< may be there or not

  [[nodiscard]] bool holds(const state& found) const {
    return std::ranges::any_of(allowed, [&](const state& one) { return without_lazy(one) == without_lazy(found); });
  }

private:
  [[nodiscard]] state without_lazy(state of) const {
    for (const auto& saga : lazily_closed)
      of.erase(saga);
    return of;
  }
};

constexpr journal_options small{.bytes = 100'000, .line_bytes = 20'000, .compact_at = 900};

/// Three sagas in flight at a time, refused, owed and closed in both ways, with
/// a journal that is written anew now and then.
struct scenario {
  simulated_environment& world;
  promises& seen;
  std::size_t failures = 0;

  void write(journal& all, std::vector<journal_record> records) {
    auto next = seen.kept;
    for (const auto& record : records)
      apply(next, record);
    seen.allowed.push_back(next);
    if (!all.write(records)) {
      ++failures;
      return;
    }
    seen.kept = next;
    for (const auto& saga : seen.lazily_closed)
      seen.kept.erase(saga);
    seen.allowed = {seen.kept};
    seen.lazily_closed.clear();
  }

  void run() {
    auto opened = journal::open(world.view(), directory, small);
    if (!opened) {
      ++failures;
      return;
    }
    auto& all = *opened;
    for (int n = 0; n < 5; ++n) {
      const saga_id one{"1" + std::to_string(n)};
      const saga_id two{"2" + std::to_string(n)};
      const auto intent = "\"" + std::string(120, static_cast<char>('a' + n)) + "\"";
      write(all, {journal_intend{one, intent}, journal_intend{two, intent}});
      write(all, {journal_aborting{one, n % 2 ? abort_mark::maybe_written : abort_mark::nothing_written}});
      if (all.sagas().contains(two)) {
        seen.lazily_closed.insert(two);
        all.close_later(two);
      }
      write(all, {journal_owed{one, {{saga_step::write_manifest, true}}}});
      if (n < 3)
        write(all, {journal_closed{one}});
    }
    (void)all.finish();
  }
};

using tally = test::call_tally;

/// Opens what is there, twice, and compares.
void check(simulated_environment& world, const promises& seen, tally& count) {
  for (int again = 0; again < 2; ++again) {
    const auto found = journal::open(world.view(), directory, small);
    if (!found || found->damage() || found->unwritable() || !seen.holds(found->sagas())) {
      ++count.wrong;
      return;
    }
  }
}

void check_crashes(const simulated_environment& world, const promises& seen, std::uint64_t seed, tally& count) {
  test::each_crash(world, seed, count, [&](simulated_environment& after) { check(after, seen, count); });
}

template <class After>
std::size_t each_call(const volume_options& volume, fault what, bool persistent, tally& count, After after) {
  return test::each_broken_call<scenario, promises>(directory, volume, what, persistent, count, after);
}

} // namespace

CAF_TEST(killed before or after any call the journal holds all that it promised) {
  tally count;
  std::size_t calls = 0;
  for (const auto model : {crash_model::weak_posix, crash_model::ordered})
    for (const auto kind : {fault::kind::kill_before, fault::kind::kill_after})
      calls += each_call({.model = model}, {kind}, false, count,
                         [&](simulated_environment& world, const promises& seen, const test::broken_call& how) {
                           count.wrong += how.killed || how.nth > 20 ? 0 : 1;
                           check_crashes(world, seen, how.nth, count);
                           world.restart_process();
                           check(world, seen, count);
                         });
  std::printf("lane journal_fault: killed at %zu calls, %zu crash states, %zu distinct\n", calls, count.states,
              count.distinct.size());
  CAF_CHECK_EQUAL(count.wrong, 0u);
}

CAF_TEST(whatever call fails in whatever way the journal holds what it acknowledged and nothing else for long) {
  tally count;
  std::size_t calls = 0;
  for (const auto& what : {fault{fault::kind::error, EIO}, fault{fault::kind::error, ENOSPC},
                           fault{fault::kind::error, EINTR}, fault{fault::kind::error_but_done, EIO},
                           fault{fault::kind::short_transfer}, fault{fault::kind::sync_loses_data, EIO}})
    for (const bool persistent : {false, true}) {
      if (persistent && what.what == fault::kind::short_transfer)
        continue;
      calls += each_call({}, what, persistent, count,
                         [&](simulated_environment& world, const promises& seen, const test::broken_call& how) {
                           check_crashes(world, seen, how.nth, count);
                           world.restart_process();
                           check(world, seen, count);
                         });
    }
  std::printf("lane journal_fault: failed at %zu calls, %zu crash states, %zu distinct\n", calls, count.states,
              count.distinct.size());
  CAF_CHECK_EQUAL(count.wrong, 0u);
}

CAF_TEST(killed at any call of the opening after a kill it opens in the end) {
  tally count;
  std::size_t kills = 0;
  each_call({}, {fault::kind::kill_before}, false, count,
            [&](const simulated_environment& world, const promises& seen, const test::broken_call& how) {
              for (std::uint64_t nth = 1;; ++nth) {
                simulated_environment again{world};
                again.restart_process();
                again.files.set_plan(fault_plan{fault_rule{{fault::kind::kill_before}, nth}});
                try {
                  (void)journal::open(again.view(), directory, small);
                } catch (const process_killed&) {
                  again.files.set_plan({});
                  ++kills;
                  check_crashes(again, seen, how.nth + nth, count);
                  again.restart_process();
                  check(again, seen, count);
                  continue;
                }
                break;
              }
            });
  std::printf("lane journal_fault: %zu kills while opening, %zu crash states\n", kills, count.states);
  CAF_CHECK(kills > 0);
  CAF_CHECK_EQUAL(count.wrong, 0u);
}

CAF_TEST(an aborting mark that was acknowledged is there after every crash) {
  tally count;
  std::size_t lost = 0;
  each_call({}, {fault::kind::kill_before}, false, count,
            [&](const simulated_environment& world, const promises& seen, const test::broken_call& how) {
              crash_states states{world.files.pending(), 12, how.nth};
              crash_choice choice;
              while (states.next(choice)) {
                simulated_environment after{world};
                after.power_cycle(choice);
                const auto found = journal::open(after.view(), directory, small);
                for (const auto& [saga, open] : seen.kept)
                  if (found && found->sagas().contains(saga) && open.mark != abort_mark::none)
                    lost += found->sagas().at(saga).mark != open.mark ? 1 : 0;
              }
            });
  CAF_CHECK_EQUAL(lost, 0u);
}
