#define CAF_SUITE commit_finder_test

#include "muster/store/commit_finder.hpp"

#include "tests/support/feed_samples.hpp"

#include "muster/store/ulid.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  /// Outlives everything that closes a file, as a close is traced too.
  std::vector<traced_call> trace;
  simulated_environment machine;
  signing_key key = sample_key(1);
  instance_id own = instance_of(key.public_half());
  ulid_generator ulids{machine.clock, machine.random};
  std::vector<commit> made;
  open_file feeds;
  std::optional<feed_writer> writer;

  /// Five segments of four commits, an hour apart each.
  fixture() {
    make_feeds(machine);
    feeds = open_feeds(machine);
    writer.emplace(open_writer(machine, key, {scan_depth::chain, false, 2'500}).value());
    for (int i = 0; i < 20; ++i)
      append();
    machine.files.set_trace(&trace);
  }
  void append(const std::string& request = {}) {
    auto draft = sample_commit(std::string(300, 'x'));
    draft.saga = ulids.next();
    draft.request = request.empty() ? "r" + std::to_string(made.size()) : request;
    draft.request_hash = std::string(64, 'a');
    made.push_back(writer->stage(draft).value().what);
    writer->flush().value();
    machine.clock.advance(1h);
  }
  commit_finder finder() {
    commit_finder result(machine.view(), feeds.get(), own);
    result.go_on_at(writer->log().mark()).value();
    trace.clear();
    return result;
  }
  std::size_t reads() {
    const auto result = std::ranges::count_if(trace, [](const auto& x) { return x.operation == disk_operation::read; });
    trace.clear();
    return static_cast<std::size_t>(result);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(commit_finder_tests, fixture)

CAF_TEST(every commit of the feed is found by its saga) {
  auto all = finder();
  std::size_t wrong = 0;
  for (const auto& each : made) {
    wrong += *all.by_saga(saga_id(each.saga)) != each;
    auto one = finder();
    wrong += *one.by_saga(saga_id(each.saga)) != each;
  }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK(!*all.by_saga(saga_id("nobody")));
}

CAF_TEST(it reads no more than a question needs and nothing twice) {
  auto some = finder();
  CAF_CHECK(!*some.made_before(saga_id(ulids.next())));
  CAF_CHECK(!*some.made_before({}));
  CAF_CHECK_EQUAL(reads(), 0u);
  CAF_CHECK(*some.by_saga(saga_id(made[19].saga)));
  const auto near = reads();
  CAF_CHECK(!*some.by_saga(saga_id("nobody")));
  const auto far = reads();
  CAF_CHECK_LESS(near, far);
  CAF_CHECK(!*some.by_saga(saga_id("nobody")));
  CAF_CHECK(!*some.by_request(request_id("nobody")));
  CAF_CHECK_EQUAL(reads(), 0u);
}

CAF_TEST(a saga that may have committed is looked for before it appends) {
  auto some = finder();
  CAF_CHECK(*some.made_before(saga_id(made[7].saga)) == made[7]);
  CAF_CHECK(!*some.made_before(saga_id("no ULID")));
  auto early = finder();
  machine.clock.jump_wall(-100h);
  CAF_CHECK(!*early.made_before(saga_id(ulid_generator(machine.clock, machine.random).next())));
  CAF_CHECK_GREATER(reads(), 0u);
  auto later = finder();
  machine.clock.jump_wall(300h);
  const auto of_the_future = ulid_generator(machine.clock, machine.random).next();
  machine.clock.jump_wall(-200h);
  CAF_CHECK(!*later.made_before(saga_id(of_the_future)));
  CAF_CHECK_GREATER(reads(), 0u);
}

CAF_TEST(the latest commit of a request of the last day is found) {
  append("r0");
  append();
  auto some = finder();
  CAF_CHECK_EQUAL((*some.by_request(request_id("r0")))->seq, 21u);
  CAF_CHECK(*some.by_request(request_id("r18")) == made[18]);
  machine.clock.advance(48h);
  auto later = finder();
  CAF_CHECK(!*later.by_request(request_id("r18")));
  CAF_CHECK_EQUAL(reads(), 0u);
}

CAF_TEST(what a recovery found beyond is known) {
  auto some = finder();
  append();
  append();
  some.go_on_at(writer->log().mark()).value();
  trace.clear();
  CAF_CHECK(*some.by_saga(saga_id(made[20].saga)) == made[20]);
  CAF_CHECK(*some.by_saga(saga_id(made[21].saga)) == made[21]);
  const auto mark = writer->log().mark();
  append();
  some.note(made[22]);
  CAF_CHECK(*some.by_saga(saga_id(made[22].saga)) == made[22]);
  // The feed went back, which takes somebody who put an old copy there.
  some.go_on_at(mark).value();
  trace.clear();
  CAF_CHECK(*some.by_saga(saga_id(made[3].saga)) == made[3]);
  CAF_CHECK(!*some.by_saga(saga_id(made[22].saga)));
}

CAF_TEST(what cannot be read is a failure and not an absence) {
  auto some = finder();
  const auto file = feed_file(own, segment_name(1));
  auto bytes = machine.files.file_content(file);
  bytes[bytes.find("xxx")] = 'y';
  machine.files.put_file(file, bytes);
  CAF_CHECK(*some.by_saga(saga_id(made[19].saga)) == made[19]);
  const auto none = some.by_saga(saga_id("nobody"));
  CAF_REQUIRE(!none);
  CAF_CHECK(none.error().kind == failure_kind::damaged);
}

CAF_TEST_FIXTURE_SCOPE_END()
