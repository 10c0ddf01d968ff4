#define CAF_SUITE data_home_test

#include "muster/store/data_home.hpp"

#include "tests/support/broken_calls.hpp"
#include "tests/support/feed_samples.hpp"

#include "muster/store/feed_source.hpp"
#include "muster/store/own_feed.hpp"
#include "muster/store/ulid.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>

using namespace muster;
using namespace muster::test;

namespace {

data_home open_home(simulated_environment& machine) {
  auto directory = data_directory::open(machine.view(), "/data", data_directory::presence::create);
  return data_home::open(machine.view(), std::move(*directory)).value();
}

/// As whoever opens the index reads it, before anybody appends.
sequence readable(simulated_environment& machine, const data_home& home) {
  return feed_source(machine.view(), home.feeds()).ends().value()[home.own()];
}

void append(simulated_environment& machine, own_feed& feed, const std::string& text) {
  auto draft = sample_commit(text);
  draft.saga = ulid_generator(machine.clock, machine.random).next();
  feed.enter(std::move(draft)).value();
  feed.flush().value();
}

expected<data_home> try_open(simulated_environment& machine) {
  auto directory = data_directory::open(machine.view(), "/data", data_directory::presence::create);
  return directory ? data_home::open(machine.view(), std::move(*directory)) : directory.error();
}

/// Opens a new directory with one call broken, as an index comes to be there; whether there was such a call.
bool open_broken(simulated_environment& machine, const fault_rule& how) {
  machine.files.set_plan(fault_plan{how});
  try {
    if (try_open(machine))
      machine.files.put_file("/data/index.db", "something");
  } catch (const process_killed&) {
    machine.restart_process();
  }
  const auto fired = machine.files.plan().fired() > 0;
  machine.files.set_plan({});
  return fired;
}

} // namespace

CAF_TEST(a first start that is broken anywhere is no feed taken away and loses nothing when the power goes) {
  call_tally count;
  std::size_t refused = 0;
  constexpr fault_rule rules[] = {{.what = {fault::kind::kill_before}},
                                  {.what = {fault::kind::kill_after}},
                                  {.what = {fault::kind::error}},
                                  {.what = {fault::kind::error}, .persistent = true},
                                  {.what = {fault::kind::sync_loses_data}}};
  for (auto rule : rules)
    for (bool fired = true; fired; ++rule.nth) {
      simulated_environment machine{rule.nth};
      fired = open_broken(machine, rule);
      ++count.runs;
      const auto home = try_open(machine);
      if (!home || !home->own_feed()) {
        ++refused;
        continue;
      }
      own_feed feed(machine.view(), home->feeds(), home->own(), home->self().key, {});
      feed.prepare();
      append(machine, feed, "first");
      each_crash(machine, rule.nth, count, [&](simulated_environment& after) {
        const auto again = try_open(after);
        count.wrong += !again || readable(after, *again) != 1 ? 1 : 0;
      });
    }
  CAF_CHECK_EQUAL(refused, 0u);
  CAF_CHECK_EQUAL(count.wrong, 0u);
  CAF_CHECK_GREATER(count.runs, 30u);
  std::printf("lane data_home_test: %zu broken first starts, %zu power cuts after them\n", count.runs, count.states);
}

CAF_TEST(whoever reads the feed first sees all that a writer will go on from) {
  std::size_t ends = 0;
  std::size_t kept = 0;
  std::size_t wrong = 0;
  for (std::uint64_t nth = 1;; ++nth) {
    simulated_environment machine;
    {
      const auto home = open_home(machine);
      own_feed feed(machine.view(), home.feeds(), home.own(), home.self().key, {});
      feed.prepare();
      append(machine, feed, "first");
      machine.files.set_plan(fault_plan({.what = {fault::kind::kill_before}, .nth = nth}));
      try {
        append(machine, feed, "second");
        feed.settle();
      } catch (const process_killed&) {
        ++ends;
      }
    }
    const auto fired = machine.files.plan().fired() > 0;
    machine.files.set_plan({});
    machine.restart_process();
    const auto home = open_home(machine);
    const auto seen = readable(machine, home);
    own_feed feed(machine.view(), home.feeds(), home.own(), home.self().key, {});
    feed.prepare();
    wrong += readable(machine, home) != seen;
    append(machine, feed, "third");
    feed.settle();
    wrong += readable(machine, home) != seen + 1;
    kept += seen == 2;
    if (!fired)
      break;
  }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_GREATER(ends, 2u);
  CAF_CHECK_GREATER(kept, 1u); // else no end came between the commit and its mark
  std::printf("lane data_home_test: %zu kills, %zu commits kept\n", ends, kept);
}
