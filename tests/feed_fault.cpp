#define CAF_SUITE feed_fault

#include "tests/support/feed_samples.hpp"

#include "muster/store/crash_states.hpp"
#include "muster/store/feed_verify.hpp"

#include <caf/test/unit_test.hpp>

#include <cerrno>
#include <map>

using namespace muster;
using namespace muster::test;

namespace {

using texts = std::vector<std::string>;

/// What a caller was told about its runs.
struct history {
  std::map<sequence, std::string> acknowledged;
  texts refused;
  texts unknown; ///< of the one run whose outcome is unknown, the last
};

/// Appends three runs to a feed, telling what was answered.
void append_three(simulated_environment& machine, const signing_key& key, std::uint64_t segment_bytes, history& told) {
  auto writer = open_writer(machine, key, {scan_depth::chain, false, segment_bytes});
  if (!writer)
    return;
  int number = 0;
  for (const std::size_t size : {2, 1, 3}) {
    texts run;
    for (std::size_t i = 0; i != size; ++i)
      run.push_back(std::string(300, 'x') + std::to_string(++number));
    // Until it is answered.
    told.unknown = run;
    const auto before = writer->durable();
    for (const auto& text : run)
      (void)writer->stage(sample_commit(text)).value();
    const auto done = writer->flush();
    if (!done && done.error().kind == failure_kind::unknown_outcome)
      return;
    told.unknown.clear();
    for (std::size_t i = 0; i != size; ++i)
      if (done)
        told.acknowledged[before + 1 + i] = run[i];
      else
        told.refused.push_back(run[i]);
  }
  (void)writer->settle();
}

/// Whether what a recovery leaves is what was told.
bool agrees(simulated_environment& machine, const signing_key& key, const history& told) {
  {
    const auto found = recover(machine, key);
    if (!found || !found->damages.empty() || !found->log)
      return false;
  }
  const auto held = read_texts(machine, instance_of(key.public_half()));
  if (!held)
    return false;
  texts expected;
  for (const auto& [seq, text] : told.acknowledged) {
    if (seq != expected.size() + 1)
      return false;
    expected.push_back(text);
  }
  auto with_unknown = expected;
  with_unknown.insert(with_unknown.end(), told.unknown.begin(), told.unknown.end());
  if (*held != expected && *held != with_unknown)
    return false;
  const auto feeds = open_feeds(machine);
  const auto verified = verify_feed(machine.view(), feeds.get(), instance_of(key.public_half()));
  return verified && verified->damages.empty() && verified->unmarked_bytes == 0;
}

/// And that it goes on from there.
bool goes_on(simulated_environment& machine, const signing_key& key) {
  auto writer = open_writer(machine, key);
  if (!writer || !writer->stage(sample_commit("after")) || !writer->flush())
    return false;
  const auto held = read_texts(machine, instance_of(key.public_half()));
  return held && !held->empty() && held->back() == "after";
}

struct counts {
  std::size_t runs = 0;
  std::size_t states = 0;
  std::size_t wrong = 0;
};

/// Every crash state of a machine, each recovered.
void crash_every_way(const simulated_environment& machine, const signing_key& key, const history& told,
                     std::size_t bound, counts& seen) {
  crash_states states(machine.files.pending(), bound, 7);
  for (crash_choice choice; states.next(choice);) {
    simulated_environment crashed(machine);
    crashed.files.set_plan({});
    crashed.power_cycle(choice);
    ++seen.states;
    seen.wrong += !agrees(crashed, key, told);
    if (seen.states % 8 == 0)
      seen.wrong += !goes_on(crashed, key);
  }
}

/// Runs the scenario with the n-th mutating call failing, for each n.
template <class Judge>
void fail_each_call(const fault& what, bool persistent, const signing_key& key, counts& seen, Judge judge) {
  // With room for all three runs in a segment, for one or two, and for one.
  for (const std::uint64_t segment_bytes : {100'000, 2'500, 1'000})
    for (std::uint64_t nth = 1;; ++nth) {
      simulated_environment machine;
      make_feeds(machine);
      machine.files.set_plan(fault_plan(fault_rule{what, nth, mutating_operations, persistent}));
      history told;
      try {
        append_three(machine, key, segment_bytes, told);
      } catch (const process_killed&) {
      }
      if (machine.files.plan().fired() == 0)
        break;
      ++seen.runs;
      judge(machine, told);
    }
}

const signing_key key = sample_key(1);

} // namespace

CAF_TEST(killed at any call loses nothing acknowledged and keeps nothing half [SY-03]) {
  counts seen;
  for (const auto kind : {fault::kind::kill_before, fault::kind::kill_after})
    fail_each_call({kind}, false, key, seen, [&](simulated_environment& machine, const history& told) {
      simulated_environment killed(machine);
      killed.files.set_plan({});
      killed.restart_process();
      seen.wrong += !agrees(killed, key, told) || !goes_on(killed, key);
      crash_every_way(machine, key, told, 100, seen);
    });
  CAF_CHECK_EQUAL(seen.wrong, 0u);
  CAF_CHECK_GREATER(seen.states, 300u);
  std::printf("lane feed_fault: %zu kills, %zu crash states\n", seen.runs, seen.states);
}

CAF_TEST(any call that fails in any way leaves what was answered) {
  counts seen;
  const std::vector<fault> faults = {{fault::kind::error, EIO},
                                     {fault::kind::error, ENOSPC},
                                     {fault::kind::error_but_done, EIO},
                                     {fault::kind::short_transfer, 0},
                                     {fault::kind::sync_loses_data, EIO}};
  for (const auto& what : faults)
    for (const bool persistent : {false, true})
      fail_each_call(what, persistent, key, seen, [&](simulated_environment& machine, const history& told) {
        simulated_environment restarted(machine);
        restarted.files.set_plan({});
        restarted.restart_process();
        seen.wrong += !agrees(restarted, key, told) || !goes_on(restarted, key);
        crash_every_way(machine, key, told, 40, seen);
      });
  CAF_CHECK_EQUAL(seen.wrong, 0u);
  std::printf("lane feed_fault: %zu failed calls, %zu crash states after them\n", seen.runs, seen.states);
}

CAF_TEST(a sync that fails once costs no acknowledgement and no number) {
  for (std::uint64_t nth = 3; nth != 9; ++nth) {
    simulated_environment machine;
    make_feeds(machine);
    {
      auto writer = open_writer(machine, key).value();
      append_run(writer, {"a"});
      append_run(writer, {"b"});
      machine.files.set_plan(
          fault_plan(fault_rule{{fault::kind::sync_loses_data, EIO}, nth - 2, {disk_operation::sync}, false}));
      append_run(writer, {"c"});
      append_run(writer, {"d"});
    }
    machine.power_cycle({});
    machine.files.set_plan({});
    CAF_REQUIRE(recover(machine, key).has_value());
    CAF_CHECK(*read_texts(machine, instance_of(key.public_half())) == (texts{"a", "b", "c", "d"}));
  }
}

CAF_TEST(a recovery may itself be killed at any call and is run again) {
  counts seen;
  history told;
  simulated_environment torn;
  make_feeds(torn);
  const auto own = instance_of(key.public_half());
  {
    auto writer = open_writer(torn, key).value();
    append_run(writer, {"a", "b"});
    writer.settle().value();
    const auto mark = torn.files.file_content(feed_file(own, "durable"));
    append_run(writer, {"c"});
    torn.files.put_file(feed_file(own, "durable"), mark);
    auto bytes = torn.files.file_content(feed_file(own, segment_name(1)));
    torn.files.put_file(feed_file(own, segment_name(1)), bytes.append("{\"at\":\"torn"));
    sync_everything(torn);
  }
  told.acknowledged = {{1, "a"}, {2, "b"}, {3, "c"}};
  for (const auto kind : {fault::kind::kill_before, fault::kind::kill_after, fault::kind::error})
    for (std::uint64_t nth = 1;; ++nth) {
      simulated_environment machine(torn);
      machine.restart_process();
      machine.files.set_plan(fault_plan(fault_rule{{kind, EIO}, nth, mutating_operations, false}));
      try {
        (void)recover(machine, key);
      } catch (const process_killed&) {
      }
      if (machine.files.plan().fired() == 0)
        break;
      ++seen.runs;
      crash_every_way(machine, key, told, 100, seen);
      machine.files.set_plan({});
      machine.restart_process();
      seen.wrong += !agrees(machine, key, told);
    }
  CAF_CHECK_EQUAL(seen.wrong, 0u);
  std::printf("lane feed_fault: %zu faults in recovery, %zu crash states\n", seen.runs, seen.states);
}
