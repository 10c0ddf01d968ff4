#define CAF_SUITE hlc_test

#include "muster/store/hlc.hpp"

#include "muster/store/splitmix.hpp"

#include <caf/test/unit_test.hpp>

#include <vector>

using namespace muster;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds now{1'790'000'000'000};
constexpr std::chrono::milliseconds in_2099{4'080'000'000'000};

stamp at_time(std::chrono::milliseconds time, std::uint64_t counter = 0) {
  return {static_cast<std::uint64_t>(time.count()) << 16 | counter};
}

} // namespace

CAF_TEST(a hundred stamps in a row rise strictly though the clock stands still [OL-12]) {
  hlc clock;
  std::vector<stamp> stamps;
  for (int i = 0; i != 100; ++i)
    stamps.push_back(clock.next(now).at);
  CAF_CHECK(std::is_sorted(stamps.begin(), stamps.end()));
  CAF_CHECK(std::adjacent_find(stamps.begin(), stamps.end()) == stamps.end());
  CAF_CHECK(stamps.front() == at_time(now));
  CAF_CHECK(time_of(stamps.back()) == now);
}

CAF_TEST(a full counter goes on in the next millisecond) {
  hlc clock(at_time(now, 0xffff));
  CAF_CHECK(clock.next(now).at == at_time(now + 1ms));
}

CAF_TEST(a clock that jumps back an hour does not take stamps back [SY-04]) {
  hlc clock;
  const auto before = clock.next(now + 4min).at;
  const auto after = clock.next(now).at;
  CAF_CHECK(after > before);
  CAF_CHECK(time_of(after) == now + 4min);
}

CAF_TEST(a restart with a clock behind the last stamp goes on from that stamp [SY-04]) {
  hlc clock(at_time(now, 7));
  CAF_CHECK(clock.next(now - 3min).at == at_time(now, 8));
  CAF_CHECK(!clock.next(now - 3min).was_ahead);
}

CAF_TEST(comes back from 2099 with the next stamp and says so [SY-04]) {
  hlc clock;
  (void)clock.next(now);
  const auto away = clock.next(in_2099);
  CAF_CHECK(away.at == at_time(in_2099));
  CAF_CHECK(!away.was_ahead);
  const auto back = clock.next(now + 1h);
  CAF_CHECK(back.at == at_time(now + 1h));
  CAF_REQUIRE(back.was_ahead.has_value());
  CAF_CHECK(*back.was_ahead == in_2099 - now - 1h);
  CAF_CHECK(!clock.next(now + 1h).was_ahead);
}

CAF_TEST(exactly max skew ahead is kept and a millisecond more is given up) {
  hlc kept(at_time(now + 5min));
  CAF_CHECK(kept.next(now).at == at_time(now + 5min, 1));
  hlc given_up(at_time(now + 5min + 1ms));
  CAF_CHECK(given_up.next(now).at == at_time(now));
}

CAF_TEST(absorbs a peer within max skew and no other [SY-04]) {
  hlc clock;
  CAF_CHECK(clock.absorb(at_time(now + 5min, 9), now));
  CAF_CHECK(clock.next(now).at == at_time(now + 5min, 10));
  hlc stubborn;
  CAF_CHECK(!stubborn.absorb(at_time(now + 1h), now));
  CAF_CHECK(!stubborn.absorb({UINT64_MAX}, now));
  CAF_CHECK(stubborn.next(now).at == at_time(now));
  CAF_CHECK(stubborn.absorb(at_time(now - 1h), now));
  CAF_CHECK(stubborn.next(now).at == at_time(now, 1));
}

CAF_TEST(a clock before the epoch or beyond 48 bits reads as the nearest end) {
  hlc early;
  CAF_CHECK(early.next(-1h).at > stamp{0} || early.last() == stamp{1});
  hlc late;
  CAF_CHECK(time_of(late.next(std::chrono::milliseconds::max()).at).count() == (std::int64_t{1} << 48) - 1);
}

CAF_TEST(whatever the clock and the peers do stamps rise unless a coming back is told) {
  splitmix chance(20'240'917);
  hlc clock;
  std::size_t falls = 0;
  std::size_t dragged = 0;
  stamp last{};
  auto wall = now;
  for (int i = 0; i != 100'000; ++i) {
    const auto step = std::chrono::milliseconds(static_cast<std::int64_t>(chance.below(7'200'000)) - 3'600'000);
    wall = chance.below(10) == 0 ? now + step : wall + std::chrono::milliseconds(chance.below(3));
    if (chance.below(1000) == 0)
      wall = in_2099;
    if (chance.below(4) == 0)
      (void)clock.absorb(at_time(wall + step), wall);
    const auto reading = clock.next(wall);
    falls += reading.at <= last && !reading.was_ahead;
    dragged += time_of(reading.at) > wall + 5min + 1ms;
    last = reading.at;
  }
  CAF_CHECK_EQUAL(falls, 0u);
  CAF_CHECK_EQUAL(dragged, 0u);
}
