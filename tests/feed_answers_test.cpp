#define CAF_SUITE feed_answers_test

#include "muster/actors/feed_answers.hpp"

#include "tests/support/feed_samples.hpp"

#include "muster/store/durable_mark.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

const agent_id agent("01J9Z8Y7X6W5V4T3S2R1Q0P9N7");

struct fixture {
  const signing_key key = sample_key(1);
  const signing_key other_key = sample_key(2);
  const instance_id one = sample_instance(1);
  const instance_id two = sample_instance(2);
  simulated_environment machine;
  open_file feeds;

  /// Two feeds, whose commits alternate a minute apart.
  fixture() {
    make_feeds(machine);
    feeds = open_feeds(machine);
    auto first = open_writer(machine, key, {scan_depth::chain, false, 1'000}).value();
    auto second = open_writer(machine, other_key).value();
    for (int i = 1; i <= 6; ++i) {
      append_run(first, {"a" + std::to_string(i)});
      machine.clock.advance(1min);
      append_run(second, {"b" + std::to_string(i)});
      machine.clock.advance(1min);
    }
    first.settle().value();
    second.settle().value();
  }
  void break_segment(const instance_id& of, sequence first) {
    const auto file = feed_file(of, segment_name(first));
    auto bytes = machine.files.file_content(file);
    bytes[bytes.size() - 200] ^= 1;
    machine.files.put_file(file, bytes);
  }
  /// The texts that one answer holds.
  static std::string texts(const std::vector<commit>& commits) {
    std::string result;
    for (const auto& each : commits)
      result += text_of(each) + " ";
    return result;
  }
  std::string log(const read_log& request, const feed_answer_limits& limits = {}) {
    const auto answer = read_log_of(machine.view(), feeds.get(), request, limits);
    return answer ? texts(answer->commits) : std::string(answer.error().code);
  }
  std::string version(const agent_id& of, const commit_id& at) {
    auto answer = find_version_in(machine.view(), feeds.get(), {of, at});
    return answer ? answer->fields["name"] : std::string(answer.error().code);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(feed_answers_tests, fixture)

CAF_TEST(pages go on to the end of the feed and are bounded) {
  feed_answer_limits limits;
  limits.page_commits = 4;
  feed_pages pages(machine.view(), feeds.get(), limits);
  CAF_CHECK_EQUAL(texts(pages.read({one, 0, 2})->commits), "a1 a2 ");
  CAF_CHECK_EQUAL(texts(pages.read({one, 2, 1000})->commits), "a3 a4 a5 a6 ");
  CAF_CHECK_EQUAL(texts(pages.read({one, 0, 1000})->commits), "a1 a2 a3 a4 ");
  CAF_CHECK_EQUAL(texts(pages.read({two, 5, 0})->commits), "b6 ");
  CAF_CHECK_EQUAL(texts(pages.read({one, 5, 10})->commits), "a6 ");
  CAF_CHECK(pages.read({one, 6, 10})->commits.empty());
  CAF_CHECK(pages.read({one, 99, 10})->commits.empty());
  CAF_CHECK_EQUAL(pages.read({sample_instance(3), 0, 10}).error().code, "no-feed");
  limits.page_bytes = 1;
  CAF_CHECK_EQUAL(texts(feed_pages(machine.view(), feeds.get(), limits).read({one, 0, 10})->commits), "a1 ");
}

CAF_TEST(a page shows what was appended since the page before) {
  feed_pages pages(machine.view(), feeds.get(), {});
  CAF_CHECK_EQUAL(texts(pages.read({one, 0, 5})->commits), "a1 a2 a3 a4 a5 ");
  auto writer = open_writer(machine, key).value();
  append_run(writer, {"a7"});
  CAF_CHECK_EQUAL(texts(pages.read({one, 5, 5})->commits), "a6 ");
  CAF_CHECK_EQUAL(texts(pages.read({one, 6, 5})->commits), "a7 ");
}

CAF_TEST(pages end where damage begins and then tell of it) {
  std::vector<sequence> segments;
  for (sequence seq = 1; seq <= 6; ++seq)
    if (machine.files.exists(feed_file(one, segment_name(seq))))
      segments.push_back(seq);
  CAF_REQUIRE_GREATER(segments.size(), 2u);
  break_segment(one, segments[1]);
  feed_pages pages(machine.view(), feeds.get(), {});
  const auto page = pages.read({one, 0, 10});
  CAF_REQUIRE(page.has_value());
  const auto last = page->commits.back().seq;
  CAF_CHECK_LESS(last, segments[2]);
  const auto next = pages.read({one, last, 10});
  CAF_REQUIRE(!next);
  CAF_CHECK(next.error().kind == failure_kind::damaged);
  const auto found = examine_feeds_in(machine.view(), feeds.get()).value().findings;
  CAF_REQUIRE(!found.empty());
  CAF_CHECK(found[0].damage);
  CAF_CHECK(found[0].path.starts_with("feeds/" + one.text));
  const auto logged = read_log_of(machine.view(), feeds.get(), {}, {});
  CAF_REQUIRE(logged.has_value());
  CAF_REQUIRE_EQUAL(logged->problems.size(), 1u);
  CAF_CHECK(logged->problems[0].damage && logged->problems[0].code == next.error().code);
  CAF_CHECK(read_log_of(machine.view(), feeds.get(), {{}, two, {}, 10}, {})->problems.empty());
  CAF_CHECK_EQUAL(version(agent, {one, 6}), std::string(next.error().code));
}

CAF_TEST(the log shows the newest of all feeds first and narrows) {
  CAF_CHECK_EQUAL(log({{}, {}, {}, 3}), "b6 a6 b5 ");
  CAF_CHECK_EQUAL(log({agent, one, {}, 2}), "a6 a5 ");
  CAF_CHECK_EQUAL(log({agent_id("nobody"), {}, {}, 9}), "");
  CAF_CHECK_EQUAL(log({{}, {}, {two, 4}, 100}), "b6 a6 b5 a5 ");
  CAF_CHECK_EQUAL(log({{}, {}, {two, 7}, 100}), "no-such-version");
  CAF_CHECK_EQUAL(log({{}, {}, {sample_instance(3), 1}, 100}), "no-such-version");
  feed_answer_limits limits;
  limits.log_commits = 2;
  CAF_CHECK_EQUAL(log({{}, {}, {}, 1'000'000}, limits), "b6 a6 ");
}

CAF_TEST(a version shows what the agent was) {
  CAF_CHECK_EQUAL(version(agent, {one, 4}), "\"a4\"");
  CAF_CHECK_EQUAL(version(agent, {two, 1}), "\"b1\"");
  CAF_CHECK_EQUAL(version(agent, {two, 0}), "no-such-version");
  CAF_CHECK_EQUAL(version(agent, {two, 7}), "no-such-version");
  CAF_CHECK_EQUAL(version(agent_id("nobody"), {two, 1}), "no-such-version");
}

CAF_TEST(a history is read whole or not at all while a log shows what there is) {
  const auto withhold = [&](std::uint64_t nth) {
    machine.files.set_plan(
        fault_plan(fault_rule{{fault::kind::error, EIO}, nth, {disk_operation::read_entries}, false}));
  };
  // The directory of the feeds, in two calls, then that of a feed.
  withhold(3);
  CAF_CHECK_EQUAL(log({agent, {}, {}, 3}), "feed-disk");
  withhold(3);
  CAF_CHECK_EQUAL(log({{}, {}, {}, 3}).size(), 9u);
  CAF_CHECK_EQUAL(log({agent, {}, {}, 3}), "b6 a6 b5 ");
}

CAF_TEST(leftovers and unmarked bytes are told and are no damage) {
  machine.files.put_file(feed_file(one, "0000000000000001.feed.cut-1"), "x");
  const auto last = segment_name(1);
  machine.files.put_file(feed_file(two, last), machine.files.file_content(feed_file(two, last)) + "{\"torn");
  const auto found = examine_feeds_in(machine.view(), feeds.get()).value().findings;
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  for (const char* code : {"leftover", "unmarked"})
    CAF_CHECK(std::ranges::any_of(found, [&](const auto& each) { return each.code == code && !each.damage; }));
}

CAF_TEST(every feed is described and a damaged one is a problem) {
  auto all = describe_feeds_in(machine.view(), feeds.get(), one).value();
  CAF_CHECK_EQUAL(all.own, one);
  CAF_CHECK_EQUAL(all.durable.size(), 2u);
  CAF_CHECK(all.problems.empty());
  machine.files.put_file(feed_file(two, durable_file::name), "nonsense");
  all = describe_feeds_in(machine.view(), feeds.get(), one).value();
  CAF_CHECK(all.durable == (std::vector{commit_id{one, 6}}));
  CAF_CHECK_EQUAL(all.problems.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
