#define CAF_SUITE whole_number_test

#include "muster/store/whole_number.hpp"

#include <caf/test/unit_test.hpp>

using muster::whole_number;

CAF_TEST(a number is read up to what 64 bits hold) {
  CAF_CHECK(whole_number("0") == 0U);
  CAF_CHECK(whole_number("0042") == 42U);
  CAF_CHECK(whole_number("18446744073709551615") == UINT64_MAX);
  CAF_CHECK(!whole_number("18446744073709551616"));
}

CAF_TEST(whatever is not all digits is no number) {
  for (const auto* text : {"", " ", "1 ", " 1", "+1", "-1", "1.0", "1e3", "0x1", "1\n", "one"})
    CAF_CHECK(!whole_number(text));
}
