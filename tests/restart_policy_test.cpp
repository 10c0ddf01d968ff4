#define CAF_SUITE restart_policy_test

#include "muster/supervisor/restart_policy.hpp"

#include "muster/actors/epoch_fence.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t most = UINT32_MAX;

std::chrono::nanoseconds wait_of(const restart_decision& decision) {
  const auto* wait = std::get_if<restart_after>(&decision);
  return wait ? wait->wait : -1ns;
}

} // namespace

CAF_TEST(each death in a minute doubles the wait up to the longest) {
  restart_policy policy{{.deaths = 12}};
  std::chrono::nanoseconds expected = 50ms;
  for (int i = 0; i < 11; ++i) {
    CAF_CHECK(wait_of(policy.died("index", "why", 1s, most)) == expected);
    expected = std::min<std::chrono::nanoseconds>(expected * 2, 5s);
  }
}

CAF_TEST(chance takes up to half of the wait away) {
  CAF_CHECK(wait_of(restart_policy{}.died("index", "why", 1s, 0)) == 25ms);
  CAF_CHECK(wait_of(restart_policy{}.died("index", "why", 1s, most)) == 50ms);
  const auto middle = wait_of(restart_policy{}.died("index", "why", 1s, most / 2));
  CAF_CHECK(middle > 37ms && middle < 38ms);
  restart_policy longest{{.deaths = 100, .first_wait = 1h, .longest_wait = 1h}};
  CAF_CHECK(wait_of(longest.died("index", "why", 1s, most)) == 1h);
}

CAF_TEST(five deaths in a minute stop the runtime with a clear error) {
  restart_policy policy;
  for (int i = 0; i < 4; ++i)
    CAF_CHECK(wait_of(policy.died(i % 2 ? "index" : "feed_store", "why", i * 10s, 0)) > 0ns);
  const auto decision = policy.died("file_store", "cannot open the index", 59s, 0);
  const auto* end = std::get_if<give_up>(&decision);
  CAF_REQUIRE(end);
  CAF_CHECK_EQUAL(end->why.code, "restarted-too-often");
  CAF_CHECK_EQUAL(end->why.message,
                  "5 parts ended within 60 s (feed_store, index, feed_store, index, file_store), the last because: "
                  "cannot open the index; muster stops so that nothing gets worse. What was acknowledged is safe; mend "
                  "the cause and start it again");
}

CAF_TEST(a death a minute ago does not count) {
  restart_policy policy;
  for (int i = 0; i < 4; ++i)
    (void)policy.died("index", "why", 0s, 0);
  CAF_CHECK_EQUAL(policy.recent(60s - 1ns), 4u);
  CAF_CHECK(wait_of(policy.died("index", "why", 60s, most)) == 50ms);
  CAF_CHECK_EQUAL(policy.recent(60s), 1u);
}

CAF_TEST(a worker drops commands of an epoch before the newest it has seen) {
  epoch_fence fence;
  CAF_CHECK(fence.admits({1}));
  CAF_CHECK(fence.admits({1}));
  CAF_CHECK(fence.admits({3}));
  CAF_CHECK(!fence.admits({2}));
  CAF_CHECK(fence.admits({3}));
  CAF_CHECK(fence.newest() == epoch{3});
}

CAF_TEST(a worker that outlasts its life drops what that asked as soon as the next one has begun) {
  const auto begun = std::make_shared<std::atomic<std::uint64_t>>(1);
  epoch_fence fence{begun};
  CAF_CHECK(fence.admits({1}));
  begun->store(2);
  CAF_CHECK(!fence.admits({1}));
  CAF_CHECK(fence.admits({2}));
}

CAF_TEST(a late announce is older than its retract in this life and after a restart) {
  statement_versions first{{1}};
  const auto announce = first.next();
  const auto retract = first.next();
  CAF_CHECK(announce < retract);
  statement_versions second{{2}};
  CAF_CHECK(retract < second.next());
  CAF_CHECK((statement_version{{1}, 1'000'000} < statement_version{{2}, 1}));
}
