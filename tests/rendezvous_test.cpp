#define CAF_SUITE rendezvous_test

#include "muster/supervisor/rendezvous.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;

namespace {

struct meeting {
  rendezvous place;
  std::string went;

  void come(char who) {
    place.come([this, who] { went += who; });
  }
  void part() {
    for (const auto& step : place.part())
      step();
  }
};

} // namespace

CAF_TEST(is complete when all who set out have come or stay away) {
  meeting some;
  CAF_CHECK(some.place.is_complete());
  for (int i = 0; i < 3; ++i)
    some.place.set_out();
  some.come('a');
  CAF_CHECK(!some.place.is_complete());
  some.place.stay_away();
  CAF_CHECK(!some.place.is_complete());
  some.come('b');
  CAF_CHECK(some.place.is_complete());
  CAF_CHECK_EQUAL(some.place.waiting(), 2u);
}

CAF_TEST(goes on in the order in which they came and once) {
  meeting some;
  for (int i = 0; i < 3; ++i)
    some.place.set_out();
  for (const char who : {'b', 'c', 'a'})
    some.come(who);
  CAF_CHECK(some.went.empty());
  some.part();
  some.part();
  CAF_CHECK_EQUAL(some.went, "bca");
  CAF_CHECK_EQUAL(some.place.waiting(), 0u);
}

CAF_TEST(has who comes late in the next group) {
  meeting some;
  some.place.set_out();
  some.place.set_out();
  some.come('a');
  const auto first = some.place.group();
  some.part();
  CAF_CHECK_EQUAL(some.went, "a");
  CAF_CHECK(!some.place.is_complete());
  CAF_CHECK(some.place.group() != first);
  some.come('b');
  CAF_CHECK(some.place.is_complete());
  CAF_CHECK_EQUAL(some.went, "a");
  some.part();
  CAF_CHECK_EQUAL(some.went, "ab");
}

CAF_TEST(lets somebody come while a group goes on) {
  rendezvous place;
  std::string went;
  place.set_out();
  place.come([&] {
    went += 'a';
    place.set_out();
    place.come([&went] { went += 'b'; });
  });
  for (const auto& step : place.part())
    step();
  CAF_CHECK_EQUAL(went, "a");
  CAF_CHECK_EQUAL(place.waiting(), 1u);
}
