#define CAF_SUITE event_readers_test

#include "tests/support/hub_world.hpp"

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(event_readers, hub_world)

CAF_TEST(a reader begins at the end and reads what follows) {
  start();
  const auto began = read({});
  CAF_REQUIRE(began);
  CAF_CHECK(began->events.empty());
  add("one");
  const auto page = read(began->at);
  CAF_REQUIRE_EQUAL(page->events.size(), 1u);
  CAF_CHECK(read(page->at)->events.empty());
}

CAF_TEST(a reader waits for what comes next and no longer than it says) {
  start();
  const auto began = read({});
  const auto waits = ask_later<events_read>(hub, read_events{began->at, 256, 10s});
  sched.run();
  CAF_CHECK_EQUAL(code_of(waits), "silence");
  add("one");
  CAF_REQUIRE_EQUAL(code_of(waits), "done");
  CAF_CHECK_EQUAL((**waits)->events.size(), 1u);
  const auto nothing = ask_later<events_read>(hub, read_events{(**waits)->at, 256, 10s});
  pass(10s + 1ms);
  CAF_REQUIRE_EQUAL(code_of(nothing), "done");
  CAF_CHECK((**nothing)->events.empty());
  CAF_CHECK((**nothing)->at == (**waits)->at);
}

CAF_TEST(a reader that stays away is not kept for and told so when it is back) {
  start();
  const auto began = read({});
  pass(options.reader_patience + 1s);
  CAF_CHECK_EQUAL(script->unwatches, 1u);
  const auto back = read(began->at);
  CAF_REQUIRE(back);
  CAF_CHECK(back->missed.has_value());
  CAF_CHECK_EQUAL(script->watches, 2u);
}

CAF_TEST(the end of the hub answers readers) {
  start();
  const auto began = read({});
  const auto waits = ask_later<events_read>(hub, read_events{began->at, 256, 10s});
  sched.run();
  caf::anon_send_exit(hub, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(code_of(waits), "done");
}

CAF_TEST_FIXTURE_SCOPE_END()
