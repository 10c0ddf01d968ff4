#define CAF_SUITE utf16_length_test

#include "muster/store/utf16_length.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

CAF_TEST(counts a character of the basic plane as one) {
  CAF_CHECK_EQUAL(utf16_length(""), 0u);
  CAF_CHECK_EQUAL(utf16_length("agent"), 5u);
  CAF_CHECK_EQUAL(utf16_length("Größe"), 5u);
  CAF_CHECK_EQUAL(utf16_length("日本"), 2u);
  CAF_CHECK_EQUAL(utf16_length("\uFFFF"), 1u);
}

CAF_TEST(counts an astral character as two) {
  CAF_CHECK_EQUAL(utf16_length("\U00010000"), 2u);
  CAF_CHECK_EQUAL(utf16_length("\U0001F916\U0001F9ED"), 4u);
  CAF_CHECK_EQUAL(utf16_length("a\U0010FFFFb"), 4u);
}
