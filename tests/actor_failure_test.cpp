#define CAF_SUITE actor_failure_test

#include "muster/messages/actor_failure.hpp"

#include "muster/messages/interfaces.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

CAF_TEST(a failure crosses from actor to actor whole) {
  register_message_types();
  failure why{failure_kind::refused, "path-held", "that path is taken", "/p", "upsert-row", "agent-1", 17};
  const auto back = to_failure(to_error(why), "another-step");
  CAF_CHECK(back.kind == failure_kind::refused);
  CAF_CHECK_EQUAL(back.code, "path-held");
  CAF_CHECK_EQUAL(back.message, "that path is taken");
  CAF_CHECK_EQUAL(back.path, "/p");
  CAF_CHECK_EQUAL(back.step, "upsert-row");
  CAF_CHECK_EQUAL(back.agent, "agent-1");
  CAF_CHECK_EQUAL(back.system_errno, 17);
}

CAF_TEST(every kind of failure is an error to CAF) {
  register_message_types();
  for (std::uint8_t number = 1;; ++number) {
    failure_kind kind;
    if (!from_integer(number, kind))
      break;
    const auto error = to_error({kind, "some-code", "some words"});
    CAF_CHECK(static_cast<bool>(error));
    CAF_CHECK(to_failure(error, "").kind == kind);
  }
}

CAF_TEST(a failure without a step gets the one that asked) {
  register_message_types();
  CAF_CHECK_EQUAL(to_failure(to_error({failure_kind::failed, "c", "m"}), "commit").step, "commit");
}

CAF_TEST(silence says nothing about the outcome) {
  register_message_types();
  for (auto silence :
       {caf::sec::request_timeout, caf::sec::request_receiver_down, caf::sec::broken_promise, caf::sec::runtime_error})
    CAF_CHECK(to_failure(caf::make_error(silence), "write-manifest").kind == failure_kind::unknown_outcome);
}
