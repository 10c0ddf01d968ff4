#define CAF_SUITE failure_test

#include "muster/messages/failure.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

CAF_TEST(each kind has the exit code that scripts rely on) {
  CAF_CHECK_EQUAL(exit_code(failure_kind::failed), 1);
  CAF_CHECK_EQUAL(exit_code(failure_kind::usage), 2);
  CAF_CHECK_EQUAL(exit_code(failure_kind::not_found), 3);
  CAF_CHECK_EQUAL(exit_code(failure_kind::refused), 4);
  CAF_CHECK_EQUAL(exit_code(failure_kind::unreachable), 5);
  CAF_CHECK_EQUAL(exit_code(failure_kind::release_mismatch), 6);
  CAF_CHECK_EQUAL(exit_code(failure_kind::damaged), 7);
  CAF_CHECK_EQUAL(exit_code(failure_kind::busy), 8);
  CAF_CHECK_EQUAL(exit_code(failure_kind::unknown_outcome), 10);
}

CAF_TEST(an expected holds either a value or the failure) {
  expected<int> good = 7;
  expected<int> bad = failure{failure_kind::refused, "some-code", "not like this"};
  CAF_REQUIRE(good.has_value());
  CAF_CHECK_EQUAL(*good, 7);
  CAF_REQUIRE(bad.has_error());
  CAF_CHECK_EQUAL(bad.error().code, "some-code");
}
