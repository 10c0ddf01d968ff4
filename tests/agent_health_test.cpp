#define CAF_SUITE agent_health_test

#include "muster/store/agent_health.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace std::chrono_literals;

namespace {

constexpr health_limits usual{5min, 60min};
constexpr std::chrono::milliseconds noon = 480'000h;

agent_health after(std::chrono::milliseconds silence) {
  return health_of(noon - silence, noon, usual);
}

std::optional<std::chrono::milliseconds> next_after(std::chrono::milliseconds silence) {
  return next_health_change(noon - silence, noon, usual);
}

} // namespace

CAF_TEST([HE01] an agent that was never heard of is stale and stays so) {
  CAF_CHECK(health_of({}, noon, usual) == agent_health::stale);
  CAF_CHECK(!next_health_change({}, noon, usual));
}

CAF_TEST([HE02][HE05] an agent is active up to a millisecond before the limit) {
  CAF_CHECK(after(0ms) == agent_health::active);
  CAF_CHECK(after(150s) == agent_health::active);
  CAF_CHECK(after(5min - 1ms) == agent_health::active);
}

CAF_TEST([HE03][HE06] it is inactive from the limit on) {
  CAF_CHECK(after(5min) == agent_health::inactive);
  CAF_CHECK(after(32min) == agent_health::inactive);
  CAF_CHECK(after(60min - 1ms) == agent_health::inactive);
}

CAF_TEST([HE04][HE07] it is stale from the second limit on) {
  CAF_CHECK(after(60min) == agent_health::stale);
  CAF_CHECK(after(24h) == agent_health::stale);
}

CAF_TEST(a sign of life that is ahead of the clock is one of now) {
  CAF_CHECK(health_of(noon + 87'600h, noon, usual) == agent_health::active);
}

CAF_TEST(limits of a config file are taken as they are) {
  settings now_holds;
  now_holds.health_active = 7s;
  now_holds.health_stale = 9s;
  CAF_CHECK(health_limits_of(now_holds) == (health_limits{7s, 9s}));
  // Without a time between them there is nothing between active and stale.
  CAF_CHECK(health_of(noon - 5s, noon, {5s, 5s}) == agent_health::stale);
  CAF_CHECK(health_of(noon, noon, {0s, 0s}) == agent_health::stale);
}

CAF_TEST(the next change is the moment at which the health is another) {
  std::size_t wrong = 0;
  for (std::chrono::milliseconds silence = -1h; silence < 62min; silence += 997ms) {
    const auto next = next_after(silence);
    const auto now = health_of(noon - silence, noon, usual);
    if (!next) {
      wrong += now == agent_health::stale ? 0 : 1;
      continue;
    }
    wrong += *next > noon && health_of(noon - silence, *next - 1ms, usual) == now &&
                     health_of(noon - silence, *next, usual) != now
                 ? 0
                 : 1;
  }
  CAF_CHECK_EQUAL(wrong, 0u);
}
