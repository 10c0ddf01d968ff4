#define CAF_SUITE feed_store_fault

#include "muster/actors/feed_store.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/feed_samples.hpp"

#include "muster/store/crash_states.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/ulid.hpp"

#include <cerrno>
#include <cstdio>
#include <map>

using namespace muster;
using namespace muster::test;

namespace {

/// What a caller was told about its sagas.
struct history {
  std::map<std::string, commit> done; ///< by saga
  std::vector<std::string> not_done;
  std::vector<std::string> unknown;
  std::size_t lies = 0; ///< what `find_commit` told otherwise
};

struct counts {
  std::size_t runs = 0;
  std::size_t unknown = 0;
  std::size_t states = 0;
  std::size_t wrong = 0;
};

struct fixture : actor_fixture {
  const signing_key key = sample_key(1);
  const instance_id own = instance_of(key.public_half());
  feed_store_actor start(simulated_environment& machine, handle feeds, std::uint64_t segment_bytes) {
    feed_store_options options;
    options.own.segment_bytes = segment_bytes;
    options.batch_commits = 4;
    return feed_store_actor{spawn_io<feed_store>(sys, io_threads::shared, machine.view(), feeds, own, key, options)};
  }
  void stop(feed_store_actor& store) {
    caf::anon_send_exit(store, caf::exit_reason::kill);
    store = nullptr;
    sched.run();
  }

  /// Appends batches of several commits, one of them refused, and asks what
  /// became of those that are in doubt.
  history append_batches(simulated_environment& machine, std::uint64_t segment_bytes) {
    history told;
    const auto feeds = open_directory(machine.files, no_handle, feeds_path);
    if (!feeds)
      return told;
    auto store = start(machine, feeds->get(), segment_bytes);
    ulid_generator ulids{machine.clock, machine.random};
    for (const std::size_t size : {3, 6, 1, 2}) {
      std::map<std::string, awaited<commit_appended>> answers;
      for (std::size_t i = 0; i != size; ++i) {
        const auto saga = ulids.next();
        auto ops = sample_commit(std::string(200, 'x') + saga).ops;
        if (i == 1)
          std::get<agent_put>(ops[0]).fields[0].value = "not JSON";
        answers.emplace(saga, ask_later<commit_appended>(store, append_commit{epoch{1}, saga_id(saga), request_id(saga),
                                                                              std::string(64, 'a'), ops}));
      }
      sched.run();
      for (auto& [saga, answer] : answers)
        note(told, saga, *answer);
      ask_again(store, told);
    }
    stop(store);
    return told;
  }

  static void note(history& told, const std::string& saga, const std::optional<expected<commit_appended>>& answer) {
    if (answer && *answer)
      told.done.emplace(saga, (*answer)->made);
    else if (answer && answer->error().kind != failure_kind::unknown_outcome)
      told.not_done.push_back(saga);
    else
      told.unknown.push_back(saga);
  }

  void ask_again(const feed_store_actor& store, history& told) {
    for (const auto& [saga, made] : told.done)
      if (const auto found = find(store, saga); found && found->made != made)
        ++told.lies;
    for (const auto& saga : told.not_done)
      if (const auto found = find(store, saga); found && found->made)
        ++told.lies;
    std::vector<std::string> still;
    for (const auto& saga : told.unknown) {
      auto found = find(store, saga);
      if (!found)
        still.push_back(saga);
      else if (found->made)
        told.done.emplace(saga, *found->made);
      else
        told.not_done.push_back(saga);
    }
    told.unknown = still;
  }

  expected<commit_found> find(const feed_store_actor& store, const std::string& saga) {
    return get<commit_found>(store, find_commit{saga_id(saga), {}});
  }

  /// What a store started anew says of all of it, and that it goes on.
  bool agrees(simulated_environment& machine, const history& told) {
    const auto feeds = open_feeds(machine);
    auto store = start(machine, feeds.get(), feed_limits::segment_bytes);
    bool right = told.lies == 0;
    for (const auto& [saga, made] : told.done) {
      const auto found = find(store, saga);
      right = right && found && found->made == made;
    }
    for (const auto& saga : told.not_done) {
      const auto found = find(store, saga);
      right = right && found && !found->made;
    }
    for (const auto& saga : told.unknown)
      right = right && find(store, saga).has_value();
    const append_commit more{epoch{1}, saga_id("01J9Z8Y7X6W5V4T3S2R1Q0P9N8"), {}, {}, sample_commit("more").ops};
    right = right && get<commit_appended>(store, more).has_value();
    const auto findings = get<findings_told>(store, examine_feeds{});
    right = right && findings && std::ranges::none_of(findings->findings, [](const auto& each) { return each.damage; });
    stop(store);
    return right;
  }

  void crash_every_way(const simulated_environment& machine, const history& told, std::size_t bound, counts& seen) {
    crash_states states(machine.files.pending(), bound, 7);
    for (crash_choice choice; states.next(choice);) {
      simulated_environment crashed(machine);
      crashed.files.set_plan({});
      crashed.power_cycle(choice);
      ++seen.states;
      seen.wrong += !agrees(crashed, told);
    }
  }

  /// Runs the batches with the n-th mutating call failing, for each n.
  void fail_each_call(const fault& what, bool persistent, std::size_t bound, counts& seen) {
    for (const std::uint64_t segment_bytes : {100'000, 2'500})
      for (std::uint64_t nth = 1;; ++nth) {
        simulated_environment machine;
        make_feeds(machine);
        machine.files.set_plan(fault_plan(fault_rule{what, nth, mutating_operations, persistent}));
        const auto told = append_batches(machine, segment_bytes);
        if (machine.files.plan().fired() == 0)
          break;
        ++seen.runs;
        seen.unknown += told.unknown.size();
        simulated_environment restarted(machine);
        restarted.files.set_plan({});
        restarted.restart_process();
        seen.wrong += !agrees(restarted, told);
        crash_every_way(machine, told, bound, seen);
      }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(feed_store_fault_tests, fixture)

CAF_TEST(a call that fails in any way leaves what was answered) {
  counts seen;
  for (const auto& what :
       {fault{fault::kind::error, EIO}, fault{fault::kind::error, ENOSPC}, fault{fault::kind::error_but_done, EIO},
        fault{fault::kind::short_transfer, 0}, fault{fault::kind::sync_loses_data, EIO}})
    fail_each_call(what, false, 8, seen);
  CAF_CHECK_EQUAL(seen.wrong, 0u);
  std::printf("lane feed_store_fault: %zu failed calls, %zu commits in doubt to the end, %zu crash states\n", seen.runs,
              seen.unknown, seen.states);
}

CAF_TEST(calls that fail from some point on leave what was answered) {
  counts seen;
  for (const auto& what : {fault{fault::kind::error, EIO}, fault{fault::kind::error, ENOSPC},
                           fault{fault::kind::error_but_done, EIO}, fault{fault::kind::sync_loses_data, EIO}})
    fail_each_call(what, true, 6, seen);
  CAF_CHECK_EQUAL(seen.wrong, 0u);
  CAF_CHECK_GREATER(seen.unknown, 0u);
  std::printf("lane feed_store_fault: %zu lasting failures, %zu commits in doubt to the end, %zu crash states\n",
              seen.runs, seen.unknown, seen.states);
}

CAF_TEST(a process killed at any call has lost nothing it acknowledged) {
  counts seen;
  for (const auto kind : {fault::kind::kill_before, fault::kind::kill_after, fault::kind::hang})
    fail_each_call({kind}, false, 25, seen);
  CAF_CHECK_EQUAL(seen.wrong, 0u);
  std::printf("lane feed_store_fault: %zu kills and hangs, %zu commits never answered, %zu crash states\n", seen.runs,
              seen.unknown, seen.states);
}

CAF_TEST_FIXTURE_SCOPE_END()
