#define CAF_SUITE time_limits_test

#include "muster/messages/time_limits.hpp"

#include "tests/support/told_story.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

/// A relay that keeps what it is asked until it is told to answer.
struct slow_relay_state {
  static inline const char* name = "test.slow_relay";
  explicit slow_relay_state(caf::event_based_actor* me) : self(me) {}
  caf::event_based_actor* self;
  std::vector<caf::response_promise> asked;

  caf::behavior make_behavior() {
    return {[this](const relay_put_endpoint&) -> caf::result<relay_done> {
              asked.push_back(self->make_response_promise());
              return asked.back();
            },
            [this](const relay_list&) {
              for (auto& each : std::exchange(asked, {}))
                each.deliver(relay_done{});
            }};
  }
};

/// Asks a relay with one limit for each message it gets.
struct asker_state {
  static inline const char* name = "test.asker";
  asker_state(prompted_actor::pointer me, relay_actor relay, std::vector<std::chrono::nanoseconds> with, story into)
      : self(me), limits(me), whom(std::move(relay)), waits(std::move(with)), told(std::move(into)) {}

  prompted_actor::behavior_type make_behavior() {
    ignore_stray_errors(self);
    return {[this](const relay_list&) {
      for (std::size_t i = 0; i < waits.size(); ++i)
        ask(self, limits, waits[i], whom, relay_put_endpoint{})
            .then([this, i](const relay_done&) { *told += std::to_string(i) + " done; "; },
                  [this, i](const caf::error& why) {
                    *told += std::to_string(i) + (why == caf::sec::request_timeout ? " late; " : " failed; ");
                  });
    }};
  }

  prompted_actor::pointer self;
  time_limits limits;
  relay_actor whom;
  std::vector<std::chrono::nanoseconds> waits;
  story told;
};

struct fixture : actor_fixture {
  story told = std::make_shared<std::string>();
  caf::actor relay = keep(sys.spawn<caf::stateful_actor<slow_relay_state>>());
  prompted_actor asker;

  void start(std::vector<std::chrono::nanoseconds> waits) {
    asker = keep(prompted_actor{sys.spawn<prompted_actor::stateful_impl<asker_state>>(
        caf::actor_cast<relay_actor>(relay), std::move(waits), told)});
    caf::anon_send(asker, relay_list{});
    sched.run();
  }
  void answer() {
    caf::anon_send(relay, relay_list{});
    sched.run();
  }
  std::string said() { return std::exchange(*told, {}); }
};

/// Runs things after their limits, inside an actor.
struct clock_watcher_state {
  static inline const char* name = "test.clock_watcher";
  explicit clock_watcher_state(caf::event_based_actor* me) : self(me), limits(me) {}
  caf::behavior make_behavior() {
    return {[](caf::unit_t) {}};
  }
  caf::event_based_actor* self;
  time_limits limits;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(time_limits_tests, fixture)

CAF_TEST(each request has its own limit to the instant) {
  start({3s, 1s, 2s});
  pass(1s - 1ns);
  CAF_CHECK_EQUAL(said(), "");
  pass(1ns);
  CAF_CHECK_EQUAL(said(), "1 late; ");
  pass(1s);
  CAF_CHECK_EQUAL(said(), "2 late; ");
  pass(1s);
  CAF_CHECK_EQUAL(said(), "0 late; ");
}

CAF_TEST(limits that pass together pass in their order) {
  start({3s, 1s, 2s, 1s});
  pass(10s);
  CAF_CHECK_EQUAL(said(), "1 late; 3 late; 2 late; 0 late; ");
}

CAF_TEST(what is answered in time is not late afterwards) {
  start({1s, 2s});
  answer();
  CAF_CHECK_EQUAL(said(), "0 done; 1 done; ");
  pass(10s);
  CAF_CHECK_EQUAL(said(), "");
}

CAF_TEST(an answer after the limit is not heard) {
  start({1s, 5s});
  pass(1s);
  CAF_CHECK_EQUAL(said(), "0 late; ");
  answer();
  CAF_CHECK_EQUAL(said(), "1 done; ");
}

CAF_TEST(a limit that comes after the timer ran in vain is kept) {
  start({2s});
  answer();
  CAF_CHECK_EQUAL(said(), "0 done; ");
  pass(1s);
  caf::anon_send(asker, relay_list{});
  pass(1s);
  CAF_CHECK_EQUAL(said(), "");
  pass(1s);
  CAF_CHECK_EQUAL(said(), "0 late; ");
}

CAF_TEST(an actor that has ended hears of no limit) {
  start({1s});
  caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
  pass(2s);
  CAF_CHECK_EQUAL(said(), "");
}

CAF_TEST(what is disposed of does not run and what runs may add more) {
  const auto watcher = keep(sys.spawn<caf::stateful_actor<clock_watcher_state>>());
  auto& state = deref<caf::stateful_actor<clock_watcher_state>>(watcher).state;
  auto& limits = state.limits;
  auto first = limits.after(1s, [this] { *told += "first; "; });
  auto other = limits.after(1s, [this] { *told += "other; "; });
  auto last = limits.after(1s, [&, this] {
    *told += "last; ";
    other.dispose();
    first = limits.after(1s, [this] { *told += "again; "; });
  });
  auto behind = limits.after(1s, [this] { *told += "behind; "; });
  other.dispose();
  CAF_CHECK(other.disposed());
  pass(1s);
  CAF_CHECK_EQUAL(said(), "first; last; behind; ");
  pass(1s);
  CAF_CHECK_EQUAL(said(), "again; ");
  CAF_CHECK(first.disposed());
  CAF_CHECK(last.disposed());
}

CAF_TEST_FIXTURE_SCOPE_END()
