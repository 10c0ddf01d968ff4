#define CAF_SUITE early_step_test

#include "muster/supervisor/early_step.hpp"

#include "tests/support/muster_world.hpp"
#include "tests/support/worker_taps.hpp"

#include "muster/actors/relay.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>

namespace muster::test {

namespace {

using namespace std::chrono_literals;

const saga_ticket ticket{epoch{1}, saga_id{"s"}, 3};
const failure refusal{failure_kind::refused, "no", "no"};

/// A muster with a tap before every worker, and its relay in view.
struct tapped_world : muster_world {
  tapped_world() {
    board->lateness = 30s;
    options.relay = relay_here;
    tap_workers(options, sys, board);
    start();
  }

  void befall(const std::string& message, mishap what) { board->rules.push_back({message, 0, what}); }
  std::size_t said(const std::string& what) { return static_cast<std::size_t>(std::ranges::count(board->said, what)); }
  relay_listed listed() { return *get<relay_listed>(relay_here, relay_list{}); }
  bool relay_is_empty() { return listed().endpoints.empty() && listed().rules.empty(); }

  relay_actor relay_here = keep(relay_actor{sys.spawn<relay>()});
  std::shared_ptr<tap_board> board = std::make_shared<tap_board>();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(early_step_tests, tapped_world)

CAF_TEST(an answer waits for the saga and a saga for the answer) {
  early_step first;
  CAF_CHECK(!first.was_asked());
  CAF_CHECK(!first.is_unused());
  first.asked();
  CAF_CHECK(first.was_asked());
  CAF_CHECK(first.is_unused());
  CAF_CHECK(!first.has_succeeded());
  CAF_CHECK(!first.answered({}));
  CAF_CHECK(first.is_unused());
  CAF_CHECK(first.has_succeeded());
  const auto there = first.come(ticket);
  CAF_CHECK(there && *there);
  CAF_CHECK(!first.is_unused());

  early_step second;
  second.asked();
  CAF_CHECK(!second.come(ticket));
  CAF_CHECK(!second.is_unused());
  CAF_CHECK(second.answered(refusal) == ticket);
  // It is told once.
  CAF_CHECK(!second.answered(refusal));
  CAF_CHECK(!second.is_unused());
}

CAF_TEST(a failure is kept and is no success) {
  early_step step;
  step.asked();
  CAF_CHECK(!step.answered(refusal));
  CAF_CHECK(!step.has_succeeded());
  CAF_CHECK(step.is_unused());
  const auto there = step.come(ticket);
  CAF_REQUIRE(there && !*there);
  CAF_CHECK_EQUAL(there->error().code, "no");
}

CAF_TEST(a new endpoint is stated while the manifest is written and only once) {
  befall("write_manifest", mishap::slow);
  const auto placed = ask_later<agent_placed>(muster, registration(project("work"), "first"));
  sched.run();
  CAF_CHECK(!*placed);
  CAF_REQUIRE_EQUAL(listed().endpoints.size(), 1u);
  CAF_CHECK(!listed().endpoints[0].open);
  pass(board->lateness);
  pass(2s);
  CAF_CHECK(*placed && **placed);
  CAF_CHECK(listed().endpoints.at(0).open);
  CAF_CHECK_EQUAL(said("state_endpoint closed"), 1u);
}

CAF_TEST(an endpoint that was stated for a manifest that is refused goes with its rules) {
  befall("write_manifest", mishap::refused);
  const auto refused = place(project("work"), "first");
  CAF_REQUIRE(!refused);
  CAF_CHECK_EQUAL(refused.error().step, "write-manifest");
  sched.run();
  CAF_CHECK_EQUAL(said("state_endpoint closed"), 1u);
  CAF_CHECK_EQUAL(said("state_endpoint gone"), 1u);
  CAF_CHECK(relay_is_empty());
}

CAF_TEST(one that cannot be taken back is told and left to the sweep) {
  befall("write_manifest", mishap::refused);
  befall("state_endpoint gone", mishap::failed);
  CAF_REQUIRE(!place(project("work"), "first"));
  sched.run();
  CAF_CHECK_EQUAL(listed().endpoints.size(), 1u);
  CAF_CHECK(described().relay.find("the test says so") != std::string::npos);
  CAF_REQUIRE(ask_for<sweep_report>(sweep_now{}));
  CAF_CHECK(relay_is_empty());
}

CAF_TEST(a relay that refuses meanwhile undoes the manifest) {
  befall("state_endpoint closed", mishap::refused);
  const auto path = project("work");
  const auto refused = place(path, "first");
  CAF_REQUIRE(!refused);
  CAF_CHECK_EQUAL(refused.error().step, "set-endpoint");
  CAF_CHECK(!has_manifest(path));
  CAF_CHECK(relay_is_empty());
  CAF_CHECK(place(path, "first"));
}

CAF_TEST(a relay that answers after the manifest is waited for) {
  befall("state_endpoint closed", mishap::slow);
  const auto path = project("work");
  const auto placed = ask_later<agent_placed>(muster, registration(path, "first"));
  sched.run();
  CAF_CHECK(has_manifest(path));
  CAF_CHECK(!*placed);
  CAF_CHECK_EQUAL(said("append_commit"), 0u);
  pass(board->lateness);
  pass(2s);
  CAF_CHECK(*placed && **placed);
}

CAF_TEST(no endpoint is stated for an agent whose row is not taken) {
  befall("stage_row", mishap::refused);
  CAF_REQUIRE(!place(project("work"), "first"));
  CAF_CHECK_EQUAL(said("state_endpoint closed"), 0u);
  CAF_CHECK(relay_is_empty());
}

CAF_TEST(an agent that has an endpoint keeps it until its manifest is written) {
  const auto placed = place(project("work"), "first");
  CAF_REQUIRE(placed);
  const auto stated = said("state_endpoint closed");
  befall("write_manifest", mishap::slow);
  update_agent moving;
  moving.selector = placed->agent.text;
  moving.assignments = {{{"namespace"}, "\"elsewhere\""}};
  const auto moved = ask_later<agent_placed>(muster, moving);
  sched.run();
  CAF_CHECK(!*moved);
  CAF_CHECK_EQUAL(said("state_endpoint closed"), stated);
  pass(board->lateness);
  pass(2s);
  CAF_CHECK(*moved && **moved);
  CAF_CHECK_EQUAL(said("state_endpoint closed"), stated + 1);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
