#define CAF_SUITE feed_store_test

#include "muster/actors/feed_store.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/feed_samples.hpp"

#include "muster/store/full_io.hpp"
#include "muster/store/ulid.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

/// Throws in the middle of a store's work.
struct intruder final : disk_spectator {
  disk_operation at = disk_operation::sync;
  std::function<void()> act;
  void before(simulated_disk&, const disk_call& call) override {
    if (call.operation == at)
      act();
  }
};

struct fixture : actor_fixture {
  const signing_key key = sample_key(1);
  const instance_id own = instance_of(key.public_half());
  simulated_environment world;
  std::vector<traced_call> trace;
  open_file feeds;
  ulid_generator ulids{world.clock, world.random};
  feed_store_actor store;

  fixture() {
    make_feeds(world);
    feeds = open_feeds(world);
    world.files.set_trace(&trace);
    start();
  }

  // Before the machine whose files it has open.
  ~fixture() override { stop(store); }

  void start(const feed_store_options& options = {}) {
    stop(store);
    store =
        feed_store_actor{spawn_io<feed_store>(sys, io_threads::shared, world.view(), feeds.get(), own, key, options)};
    sched.run();
  }
  void stop(feed_store_actor& which) {
    if (which)
      caf::anon_send_exit(which, caf::exit_reason::kill);
    which = nullptr;
    sched.run();
  }

  append_commit request(const std::string& text, std::uint64_t life = 1) {
    return {epoch{life}, saga_id(ulids.next()), request_id(text + "-request"), std::string(64, 'a'),
            sample_commit(text).ops};
  }
  static append_commit refused() {
    append_commit bad;
    bad.saga = saga_id("bad");
    bad.life = epoch{1};
    bad.ops.push_back(agent_put{agent_id("a"), {{"f", "not JSON", {}}}, false});
    return bad;
  }
  expected<commit_appended> append(append_commit what) { return get<commit_appended>(store, std::move(what)); }
  sequence append_text(const std::string& text) { return append(request(text)).value().made.seq; }
  std::vector<awaited<commit_appended>> append_backlog(std::size_t count) {
    std::vector<awaited<commit_appended>> answers;
    for (std::size_t i = 0; i < count; ++i)
      answers.push_back(ask_later<commit_appended>(store, request("n" + std::to_string(i))));
    sched.run();
    return answers;
  }
  std::string_view code_of_append(const std::string& text) { return code_of(append(request(text))); }
  std::optional<commit> find(const saga_id& saga) {
    return get<commit_found>(store, find_commit{saga, {}}).value().made;
  }
  std::size_t count(disk_operation operation) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(trace, [&](const auto& each) { return each.operation == operation; }));
  }
  void fail(const fault& what, operation_set operations, bool persistent = false) {
    world.files.set_plan(fault_plan{{what, 1, operations, persistent}});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(feed_store_tests, fixture)

CAF_TEST(every message of its interface is answered) {
  const auto what = request("one");
  const auto made = append(what);
  CAF_REQUIRE(made.has_value());
  CAF_CHECK_EQUAL(made->made.seq, 1u);
  CAF_CHECK_EQUAL(made->made.instance, own);
  CAF_CHECK_EQUAL(made->made.request, "one-request");
  CAF_CHECK(find(what.saga) == made->made);
  CAF_CHECK(get<commits_read>(store, read_commits{own}).value().commits == std::vector{made->made});
  CAF_CHECK(get<log_read>(store, read_log{}).value().commits == std::vector{made->made});
  const find_version version{agent_id("01J9Z8Y7X6W5V4T3S2R1Q0P9N7"), {own, 1}};
  CAF_CHECK_EQUAL(get<version_found>(store, version).value().fields.at("name"), "\"one\"");
  CAF_CHECK(get<findings_told>(store, examine_feeds{}).value().findings.empty());
  const auto described = get<feeds_described>(store, describe_feeds{}).value();
  CAF_CHECK_EQUAL(described.own, own);
  CAF_CHECK(described.durable == (std::vector{commit_id{own, 1}}));
  CAF_CHECK(!described.read_only);
  CAF_CHECK(described.problems.empty());
  tell_from_outside(store, commit_batch_tick{});
  CAF_CHECK_EQUAL(append_text("two"), 2u);
}

CAF_TEST(a backlog shares one seal and one sync) {
  append_text("first");
  trace.clear();
  for (const auto& answer : append_backlog(20))
    CAF_CHECK_EQUAL(code_of(answer), "done");
  CAF_CHECK_EQUAL(count(disk_operation::sync), 2u); // of the segment, and of the mark when there is time
  CAF_CHECK_EQUAL(count(disk_operation::write), 2u);
}

CAF_TEST(a commit that is followed shares the seal of those that follow) {
  append_text("first");
  trace.clear();
  std::vector<awaited<commit_appended>> answers;
  for (int i = 0; i < 3; ++i) {
    auto what = request("n" + std::to_string(i));
    what.others_follow = i < 2;
    answers.push_back(ask_later<commit_appended>(store, what));
    sched.run();
    CAF_CHECK_EQUAL(code_of(answers.front()), i < 2 ? "silence" : "done");
  }
  CAF_CHECK_EQUAL(count(disk_operation::sync), 2u);
  auto alone = request("alone");
  alone.others_follow = true;
  const auto in_vain = ask_later<commit_appended>(store, alone);
  sched.run();
  CAF_CHECK_EQUAL(code_of(in_vain), "silence");
  pass(sync_company::most);
  CAF_CHECK_EQUAL(code_of(in_vain), "done");
  CAF_CHECK_EQUAL(count(disk_operation::sync), 4u);
}

CAF_TEST(what is asked of a commit that waits for others is answered after it) {
  auto what = request("one");
  what.others_follow = true;
  const auto appended = ask_later<commit_appended>(store, what);
  sched.run();
  CAF_CHECK_EQUAL(code_of(appended), "silence");
  CAF_CHECK(find(what.saga).has_value());
  CAF_CHECK_EQUAL(code_of(appended), "done");
}

CAF_TEST(a batch is bounded in commits and in bytes) {
  feed_store_options options;
  options.batch_commits = 5;
  start(options);
  append_text("first");
  trace.clear();
  append_backlog(20);
  CAF_CHECK_EQUAL(count(disk_operation::write), 8u);
  options.batch_commits = 512;
  options.batch_bytes = 600;
  start(options);
  append_text("second");
  trace.clear();
  for (const auto& answer : append_backlog(4))
    CAF_CHECK_EQUAL(code_of(answer), "done");
  CAF_CHECK_EQUAL(count(disk_operation::write), 4u);
}

CAF_TEST(commits as large as can be are one batch after the other) {
  feed_store_options options;
  options.batch_bytes = std::numeric_limits<std::size_t>::max();
  start(options);
  std::vector<awaited<commit_appended>> answers;
  for (int i = 0; i < 30; ++i) {
    auto large = request("large");
    auto& fields = std::get<agent_put>(large.ops[0]).fields;
    for (const char* name : {"o", "p", "q"})
      fields.push_back({name, "\"" + std::string(250'000, 'x') + "\"", {}});
    answers.push_back(ask_later<commit_appended>(store, std::move(large)));
  }
  sched.run();
  for (const auto& answer : answers)
    CAF_CHECK_EQUAL(code_of(answer), "done");
}

CAF_TEST(an append that is refused spoils nothing of its batch) {
  const auto one = ask_later<commit_appended>(store, request("one"));
  const auto bad = ask_later<commit_appended>(store, refused());
  const auto two = ask_later<commit_appended>(store, request("two"));
  sched.run();
  CAF_CHECK_EQUAL((**one)->made.seq, 1u);
  CAF_CHECK((**bad).error().kind == failure_kind::refused);
  CAF_CHECK_EQUAL((**two)->made.seq, 2u);
  CAF_CHECK(*read_texts(world, own) == (std::vector<std::string>{"one", "two"}));
}

CAF_TEST(an idle store leaves a settled mark and writes nothing) {
  append_backlog(3);
  trace.clear();
  for (int i = 0; i < 5; ++i) {
    tell_from_outside(store, commit_batch_tick{});
    pass(1h);
  }
  CAF_CHECK(trace.empty());
  world.files.set_trace(nullptr);
  auto crashed = world;
  crashed.power_cycle({});
  const auto marked =
      durable_file::read(crashed.files, open_directory(crashed.files, no_handle, feed_file(own, ""))->get());
  CAF_REQUIRE(marked && marked->mark);
  CAF_CHECK_EQUAL(marked->mark->tip.seq, 3u);
}

CAF_TEST(a saga that appends again is answered with the same commit) {
  const auto what = request("one");
  const auto first = ask_later<commit_appended>(store, what);
  const auto again = ask_later<commit_appended>(store, what);
  sched.run();
  CAF_REQUIRE(*first && **first && *again && **again);
  CAF_CHECK((**first)->made == (**again)->made);
  append_text("two");
  CAF_CHECK(append(what)->made == (**first)->made);
  start();
  world.clock.advance(1h);
  CAF_CHECK(append(what)->made == (**first)->made);
  CAF_CHECK_EQUAL(append_text("three"), 3u);
  CAF_CHECK(append(what)->made == (**first)->made);
}

CAF_TEST(what is asked behind an append tells of it) {
  const auto what = request("one");
  const auto none = ask_later<commit_found>(store, find_commit{what.saga, {}});
  const auto made = ask_later<commit_appended>(store, what);
  const auto by_saga = ask_later<commit_found>(store, find_commit{what.saga, {}});
  const auto by_request = ask_later<commit_found>(store, find_commit{{}, what.request});
  sched.run();
  CAF_REQUIRE(*none && *made && *by_saga && *by_request);
  CAF_CHECK(!(**none)->made);
  CAF_CHECK((**by_saga)->made == (**made)->made);
  CAF_CHECK((**by_request)->made == (**made)->made);
  CAF_CHECK(!get<commit_found>(store, find_commit{})->made);
}

CAF_TEST(commits of an earlier process are found by saga and by request) {
  const auto what = request("one");
  append(what).value();
  append_text("two");
  start();
  world.clock.advance(23h);
  CAF_CHECK_EQUAL(find(what.saga)->seq, 1u);
  start();
  CAF_CHECK_EQUAL(get<commit_found>(store, find_commit{{}, what.request})->made->seq, 1u);
  CAF_CHECK(!find(saga_id("nobody")));
  CAF_CHECK(!get<commit_found>(store, find_commit{{}, request_id("nobody")})->made);
}

CAF_TEST(appends of an earlier life are dropped) {
  CAF_CHECK_EQUAL(code_of(append(request("new", 2))), "done");
  CAF_CHECK_EQUAL(code_of(append(request("old", 1))), "epoch-over");
  CAF_CHECK(*read_texts(world, own) == (std::vector<std::string>{"new"}));
}

CAF_TEST(nothing is acknowledged into a feed that somebody has deleted) {
  append_text("one");
  world.files.aside(
      [&](auto& files) { CAF_REQUIRE(files.unlink(no_handle, feed_file(own, segment_name(1)), unlink_kind::file)); });
  const auto refused = append(request("two"));
  CAF_REQUIRE(!refused);
  CAF_CHECK_EQUAL(refused.error().system_errno, ENOENT);
  start();
  const auto after = append(request("three"));
  CAF_REQUIRE(!after);
  CAF_CHECK(after.error().kind == failure_kind::damaged);
}

CAF_TEST(a damaged feed takes nothing and is still read) {
  feed_store_options options;
  options.own.segment_bytes = 1000;
  start(options);
  const auto early = request("early");
  append(early).value();
  for (int i = 0; i < 10; ++i)
    append_text(std::string(300, 'x'));
  const auto late = request("late");
  append(late).value();
  const auto file = feed_file(own, segment_name(12));
  CAF_REQUIRE(world.files.exists(file));
  auto bytes = world.files.file_content(file);
  bytes[bytes.size() / 2] ^= 1;
  world.files.put_file(file, bytes);
  start(options);
  const auto refused = append(request("more"));
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().kind == failure_kind::damaged);
  CAF_CHECK_EQUAL(find(early.saga)->seq, 1u);
  CAF_CHECK(!get<commit_found>(store, find_commit{late.saga, {}}).has_value());
  CAF_CHECK_EQUAL(get<commits_read>(store, read_commits{own})->commits.size(), 11u);
  CAF_CHECK_EQUAL(get<log_read>(store, read_log{})->commits.size(), 11u);
  const auto described = get<feeds_described>(store, describe_feeds{});
  CAF_REQUIRE(described && described->read_only);
  CAF_CHECK(described->read_only->kind == failure_kind::damaged);
  const auto findings = get<findings_told>(store, examine_feeds{}).value().findings;
  CAF_CHECK(std::ranges::any_of(findings, [](const auto& each) { return each.damage; }));
  trace.clear();
  CAF_CHECK(code_of_append("again") != "done");
  CAF_CHECK_EQUAL(count(disk_operation::write), 0u);
}

CAF_TEST(a disk that cannot be written is read and is tried again by the next append) {
  const auto what = request("one");
  append(what).value();
  start();
  fail({fault::kind::error, EROFS}, mutating_operations, true);
  CAF_CHECK_EQUAL(get<commits_read>(store, read_commits{own})->commits.size(), 1u);
  const auto refused = append(request("two"));
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().kind == failure_kind::failed);
  CAF_CHECK_EQUAL(refused.error().system_errno, EROFS);
  CAF_CHECK_EQUAL(find(what.saga)->seq, 1u);
  CAF_CHECK_EQUAL(code_of(get<commit_found>(store, find_commit{saga_id("other"), {}})), refused.error().code);
  CAF_CHECK(get<feeds_described>(store, describe_feeds{})->read_only.has_value());
  const auto calls = world.files.plan().fired();
  (void)get<feeds_described>(store, describe_feeds{});
  CAF_CHECK_EQUAL(world.files.plan().fired(), calls);
  world.files.set_plan({});
  CAF_CHECK_EQUAL(append_text("two"), 2u);
  CAF_CHECK(!get<feeds_described>(store, describe_feeds{})->read_only);
}

CAF_TEST(a full disk fails a batch whole and takes the next one) {
  append_text("one");
  fail({fault::kind::error, ENOSPC}, {disk_operation::write});
  for (const auto& answer : append_backlog(3)) {
    CAF_REQUIRE(*answer && !**answer);
    CAF_CHECK((**answer).error().kind == failure_kind::failed);
  }
  CAF_CHECK_EQUAL(append_text("two"), 2u);
}

CAF_TEST(a batch in doubt is answered so and then told as it is) {
  append_text("one");
  const auto one = request("a");
  const auto two = request("b");
  // The run is written, and then nothing works any more.
  fail({fault::kind::error, EIO}, {disk_operation::sync, disk_operation::create}, true);
  const auto first = ask_later<commit_appended>(store, one);
  const auto second = ask_later<commit_appended>(store, two);
  const auto find_behind = ask_later<commit_found>(store, find_commit{one.saga, {}});
  sched.run();
  for (const auto& answer : {first, second}) {
    CAF_REQUIRE(*answer && !**answer);
    CAF_CHECK((**answer).error().kind == failure_kind::unknown_outcome);
  }
  CAF_REQUIRE(*find_behind);
  CAF_CHECK(!**find_behind);
  CAF_CHECK(get<feeds_described>(store, describe_feeds{})->read_only.has_value());
  world.files.set_plan({});
  // The recovery found the run whole, so it stands.
  CAF_CHECK_EQUAL(find(one.saga)->seq, 2u);
  CAF_CHECK_EQUAL(find(two.saga)->seq, 3u);
  CAF_CHECK_EQUAL(append(two)->made.seq, 3u);
  CAF_CHECK_EQUAL(append_text("after"), 4u);
}

CAF_TEST(a clock that was ahead is told) {
  append_text("one");
  world.clock.jump_wall(-1h);
  append_text("two");
  const auto described = get<feeds_described>(store, describe_feeds{}).value();
  CAF_REQUIRE_EQUAL(described.problems.size(), 1u);
  CAF_CHECK(described.problems[0].find("3600 s ahead until commit 2") != std::string::npos);
  CAF_CHECK_EQUAL(code_of_append("three"), "done");
}

CAF_TEST(settings say how far ahead a clock may be and hold after a recovery) {
  const auto problems = [&] { return get<feeds_described>(store, describe_feeds{})->problems.size(); };
  settings now;
  now.max_skew = 2h;
  CAF_CHECK_EQUAL(code_of(get<settings_applied>(store, apply_settings{now})), "done");
  append_text("one");
  world.clock.jump_wall(-1h);
  append_text("two");
  fail({fault::kind::error, EIO}, mutating_operations, true);
  CAF_CHECK(code_of_append("lost") != "done");
  world.files.set_plan({});
  append_text("three");
  CAF_CHECK_EQUAL(problems(), 0u);
  now.max_skew = 30min;
  CAF_CHECK_EQUAL(code_of(get<settings_applied>(store, apply_settings{now})), "done");
  append_text("four");
  CAF_CHECK_EQUAL(problems(), 1u);
}

CAF_TEST(an exception becomes an answer and the feed is recovered) {
  append_text("one");
  const auto what = request("two");
  intruder thrower;
  thrower.act = [] { throw std::runtime_error("boom"); };
  world.files.set_spectator(&thrower);
  CAF_CHECK_EQUAL(code_of(append(what)), "feed-store-exception");
  world.files.set_spectator(nullptr);
  CAF_CHECK_EQUAL(append(what)->made.seq, 2u);
  CAF_CHECK_EQUAL(append_text("three"), 3u);
}

CAF_TEST(after a call that never returns there is silence and no further call) {
  append_text("one");
  for (const auto kind : {fault::kind::hang, fault::kind::kill_before}) {
    auto other = world;
    other.files.set_trace(nullptr);
    other.restart_process();
    const auto directory = open_feeds(other);
    feed_store_actor stuck{
        spawn_io<feed_store>(sys, io_threads::shared, other.view(), directory.get(), own, key, feed_store_options{})};
    CAF_CHECK_EQUAL(code_of(get<commit_found>(stuck, find_commit{saga_id("x"), {}})), "done");
    other.files.set_plan(fault_plan{{{kind}, 1, {disk_operation::sync}}});
    const auto first = ask_later<commit_appended>(stuck, request("two"));
    const auto second = ask_later<commit_appended>(stuck, request("three"));
    sched.run();
    const auto calls = other.files.calls();
    const auto later = ask_later<commit_appended>(stuck, request("four"));
    const auto read = ask_later<log_read>(stuck, read_log{});
    sched.run();
    CAF_CHECK_EQUAL(code_of(first), "silence");
    CAF_CHECK_EQUAL(code_of(second), "silence");
    CAF_CHECK_EQUAL(code_of(later), "silence");
    CAF_CHECK_EQUAL(code_of(read), "silence");
    CAF_CHECK_EQUAL(other.files.calls(), calls);
    stop(stuck);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
