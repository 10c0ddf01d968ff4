#define CAF_SUITE actor_driver_test

#include "tests/sim/actor_driver.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster::sim;
using namespace std::chrono_literals;

namespace {

/// Does the same with every message.
struct stubborn_judge final : mail_judge {
  mail_fate fate = mail_fate::delivered;
  mail_fate judge(const mail&) override { return fate; }
  std::chrono::nanoseconds delay() override { return 10s; }
};

struct stage {
  muster::simulated_clock clock;
  stubborn_judge judge;
  sim_trace trace;
  actor_driver driver;
  std::vector<int> heard;

  explicit stage(std::uint64_t seed = 1, bool priorities = false)
      : driver(clock, judge, trace, {.seed = seed, .priorities = priorities}) {}

  caf::actor listener() {
    return driver.system().spawn(
        [this](caf::event_based_actor*) -> caf::behavior { return {[this](int number) { heard.push_back(number); }}; });
  }
  void speaker(const caf::actor& to, int from, int count) {
    driver.system().spawn([to, from, count](caf::event_based_actor* self) {
      for (int i = 0; i < count; ++i)
        self->send(to, from + i);
    });
  }
  void run() {
    while (driver.run_one()) {
    }
  }
};

std::vector<int> heard_with(std::uint64_t seed, bool priorities, std::uint64_t& hash) {
  stage all(seed, priorities);
  const auto to = all.listener();
  for (int each = 0; each < 5; ++each)
    all.speaker(to, each * 10, 5);
  all.run();
  hash = all.trace.hash();
  return all.heard;
}

} // namespace

CAF_TEST(messages of one sender stay in their order and those of several mix) {
  std::uint64_t hash = 0;
  const auto heard = heard_with(7, false, hash);
  CAF_REQUIRE_EQUAL(heard.size(), 25u);
  int disorders = 0;
  for (int sender = 0; sender < 5; ++sender) {
    std::vector<int> own;
    std::copy_if(heard.begin(), heard.end(), std::back_inserter(own), [&](int each) { return each / 10 == sender; });
    disorders += std::is_sorted(own.begin(), own.end()) ? 0 : 1;
  }
  CAF_CHECK_EQUAL(disorders, 0);
  CAF_CHECK(!std::is_sorted(heard.begin(), heard.end()));
}

CAF_TEST(one seed gives one order and other seeds give others) {
  for (const bool priorities : {false, true}) {
    std::uint64_t first = 0;
    std::uint64_t again = 0;
    std::set<std::uint64_t> hashes;
    CAF_CHECK(heard_with(3, priorities, first) == heard_with(3, priorities, again));
    CAF_CHECK_EQUAL(first, again);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      std::uint64_t hash = 0;
      (void)heard_with(seed, priorities, hash);
      hashes.insert(hash);
    }
    CAF_CHECK(hashes.size() >= 19);
  }
}

CAF_TEST(a timer is due when the boot clock says so) {
  stage all;
  bool fired = false;
  all.driver.system().spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->run_delayed(5s, [&] { fired = true; });
    return {[](int) {}};
  });
  all.run();
  CAF_REQUIRE(all.driver.next_timer().has_value());
  CAF_CHECK(*all.driver.next_timer() > 4s);
  CAF_CHECK(!fired);
  all.clock.advance(4s); // a slow call of the disk
  all.run();
  CAF_CHECK(!fired);
  all.driver.pass(2s);
  all.run();
  CAF_CHECK(fired);
}

CAF_TEST(mail is lost and repeated and delayed as the judge says) {
  stage all;
  const auto to = all.listener();
  all.judge.fate = mail_fate::lost;
  all.speaker(to, 1, 1);
  all.run();
  CAF_CHECK(all.heard.empty());
  all.judge.fate = mail_fate::twice;
  all.speaker(to, 2, 1);
  all.driver.run_one();
  all.driver.run_one();
  all.driver.run_one();
  all.judge.fate = mail_fate::delivered;
  all.run();
  CAF_CHECK(all.heard.size() >= 2);
  all.heard.clear();
  all.judge.fate = mail_fate::late;
  all.speaker(to, 3, 1);
  all.run();
  CAF_CHECK(all.heard.empty());
  all.judge.fate = mail_fate::delivered;
  all.driver.pass(11s);
  all.run();
  CAF_CHECK_EQUAL(all.heard, std::vector{3});
}

CAF_TEST(all actors can be brought to an end whatever they hold and wait for) {
  stage all;
  const auto to = all.listener();
  for (int i = 0; i < 3; ++i)
    all.driver.system().spawn([to](caf::event_based_actor* self) -> caf::behavior {
      const caf::actor me{self};
      self->run_delayed(1h, [me, to] { caf::anon_send(to, 1); });
      self->request(to, caf::infinite, 7).then([](int) {}, [](const caf::error&) {});
      return {[me](int) {}};
    });
  all.run();
  CAF_CHECK_EQUAL(all.driver.living("user.scheduled-actor").size(), 4u);
  CAF_CHECK(all.driver.kill_all());
  CAF_CHECK(all.driver.living("user.scheduled-actor").empty());
}
