#define CAF_SUITE ulid_test

#include "muster/store/ulid.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <set>
#include <string>

using namespace muster;

namespace {

struct hand_clock final : clock_source {
  std::chrono::milliseconds now{1'767'225'600'000};
  std::chrono::milliseconds wall() override { return now; }
  std::chrono::nanoseconds boot() override { return {}; }
};

struct constant_entropy final : entropy {
  std::byte value{0};
  void fill(std::span<std::byte> into) override {
    for (auto& byte : into)
      byte = value;
  }
};

struct fixture {
  hand_clock clock;
  constant_entropy random;
  ulid_generator mint{clock, random};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ulid_tests, fixture)

CAF_TEST(writes the milliseconds and the random part in Crockford base 32) {
  clock.now = std::chrono::milliseconds(0);
  CAF_CHECK_EQUAL(mint.next(), "00000000000000000000000000");
  clock.now = std::chrono::milliseconds(1'469'918'176'385);
  random.value = std::byte{0xFF};
  CAF_CHECK_EQUAL(mint.next(), "01ARYZ6S41ZZZZZZZZZZZZZZZZ");
  clock.now = std::chrono::milliseconds((std::int64_t{1} << 48) - 1);
  CAF_CHECK_EQUAL(mint.next(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
}

CAF_TEST(sorts after the one before within a millisecond) {
  auto last = mint.next();
  int wrong = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto next = mint.next();
    wrong += next <= last || !is_ulid(next) || next.substr(0, 10) != last.substr(0, 10);
    last = next;
  }
  CAF_CHECK_EQUAL(wrong, 0);
}

CAF_TEST(sorts after the one before when the clock is set back) {
  const auto before = mint.next();
  clock.now -= std::chrono::hours(24);
  const auto after = mint.next();
  CAF_CHECK_LESS(before, after);
}

CAF_TEST(moves on to the next millisecond when the random part overflows) {
  random.value = std::byte{0xFF};
  const auto last_of_its_millisecond = mint.next();
  random.value = std::byte{0};
  const auto next = mint.next();
  CAF_CHECK_LESS(last_of_its_millisecond, next);
  CAF_CHECK_EQUAL(next.substr(10), "0000000000000000");
}

CAF_TEST(takes a clock before the epoch for the epoch) {
  clock.now = std::chrono::milliseconds(-5);
  CAF_CHECK_EQUAL(mint.next().substr(0, 10), "0000000000");
}

CAF_TEST(tells when it was minted) {
  CAF_CHECK(time_of_ulid(mint.next()) == clock.now);
  CAF_CHECK(time_of_ulid("7ZZZZZZZZZZZZZZZZZZZZZZZZZ") == std::chrono::milliseconds((1LL << 48) - 1));
  CAF_CHECK(!time_of_ulid("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  CAF_CHECK(!time_of_ulid(""));
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(tells a ULID from other texts) {
  CAF_CHECK(is_ulid("01ARYZ6S41ZZZZZZZZZZZZZZZZ"));
  CAF_CHECK(is_ulid("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  CAF_CHECK(!is_ulid("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  CAF_CHECK(!is_ulid("01aryz6s41zzzzzzzzzzzzzzzz"));
  CAF_CHECK(!is_ulid("01ARYZ6S41ZZZZZZZZZZZZZZZ"));
  CAF_CHECK(!is_ulid("01ARYZ6S41ZZZZZZZZZZZZZZZZZ"));
  CAF_CHECK(!is_ulid("01ARYZ6S41ZZZZZZZZZZZZZZZI"));
  CAF_CHECK(!is_ulid(""));
}
