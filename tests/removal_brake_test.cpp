#define CAF_SUITE removal_brake_test

#include "muster/store/removal_brake.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

namespace {

constexpr std::uint64_t disk = 0x801;
constexpr std::uint64_t stick = 0x811;

removal_brake brake_of(std::size_t agents, std::size_t gone, std::optional<std::uint64_t> device = disk) {
  removal_brake result;
  for (std::size_t i = 0; i < agents; ++i)
    result.count(device, i < gone, "/p" + std::to_string(i));
  return result;
}

} // namespace

CAF_TEST(holds for more than ten and more than a fifth and not for less) {
  CAF_CHECK(!brake_of(10, 10).holds(disk));
  CAF_CHECK(brake_of(11, 11).holds(disk));
  CAF_CHECK(brake_of(54, 11).holds(disk));
  CAF_CHECK(!brake_of(55, 11).holds(disk));
  CAF_CHECK(!brake_of(100, 20).holds(disk));
  CAF_CHECK(brake_of(100, 21).holds(disk));
  CAF_CHECK(!brake_of(1000, 200).holds(disk));
  CAF_CHECK(brake_of(1000, 201).holds(disk));
  CAF_CHECK(!removal_brake().holds(disk));
}

CAF_TEST(agrees with the rule for every number of up to two hundred agents) {
  std::size_t wrong = 0;
  for (std::size_t agents = 0; agents <= 200; ++agents)
    for (std::size_t gone = 0; gone <= agents; ++gone)
      wrong += brake_of(agents, gone).holds(disk) != (gone > 10 && 5 * gone > agents);
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(counts each device for itself and those without one as of one) {
  auto brake = brake_of(100, 5);
  for (int i = 0; i < 12; ++i)
    brake.count(stick, true, "/stick/" + std::to_string(i));
  for (int i = 0; i < 11; ++i)
    brake.count({}, i != 0, "/never/" + std::to_string(i));
  CAF_CHECK(!brake.holds(disk));
  CAF_CHECK(brake.holds(stick));
  CAF_CHECK(!brake.holds({}));
  brake.count({}, true, "/never/more");
  CAF_CHECK(brake.holds({}));
  const auto held = brake.held();
  CAF_REQUIRE_EQUAL(held.size(), 2u);
  CAF_CHECK(!held.front().device);
  CAF_CHECK_EQUAL(held.front().path, "/never/1");
  CAF_CHECK(held.back().device == stick);
  CAF_CHECK_EQUAL(held.back().agents, 12u);
  CAF_CHECK_EQUAL(held.back().absent, 12u);
  CAF_CHECK_EQUAL(held.back().path, "/stick/0");
}

CAF_TEST(a removal never begins to hold what did not hold before) {
  std::size_t wrong = 0;
  for (std::size_t agents = 1; agents <= 120; ++agents)
    for (std::size_t gone = 1; gone <= agents; ++gone)
      if (!brake_of(agents, gone).holds(disk))
        wrong += brake_of(agents - 1, gone - 1).holds(disk);
  CAF_CHECK_EQUAL(wrong, 0u);
}
