#define CAF_SUITE saga_stop_test

#include "tests/support/saga_run.hpp"

#include "muster/supervisor/registration_saga.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace muster::testing;

CAF_TEST(a stop before the commit undoes the step under way as well) {
  saga_run run{intent_of(saga_kind::register_agent)};
  run.go_to(saga_step::upsert_row);
  (void)run.said();
  run.take(run.saga.cancel());
  run.go_on();
  CAF_CHECK_EQUAL(run.said(), "mark aborting, written; undo upsert-row; undo write-manifest; answer not done: "
                              "upsert-row stopping; close; release claims");
}

CAF_TEST(a stop while the commit is under way waits for it) {
  saga_run run{intent_of(saga_kind::register_agent)};
  run.go_to(saga_step::commit);
  (void)run.said();
  run.take(run.saga.cancel());
  CAF_CHECK_EQUAL(run.said(), "");
  run.commit();
  CAF_CHECK_EQUAL(run.said(), "answer done; perform fold-commit");
}

CAF_TEST(a stop before the start does nothing but answer) {
  registration_saga saga{{1}, intent_of(saga_kind::update), relay_mode::strict};
  const auto decided = saga.cancel();
  CAF_REQUIRE_EQUAL(decided.size(), 2u);
  CAF_CHECK_EQUAL(text_of(decided[0]), "answer not done: intend stopping");
  CAF_CHECK_EQUAL(text_of(decided[1]), "release claims");
}

CAF_TEST(at the deadline each caller has one answer and nothing more is asked for) {
  std::size_t twice = 0;
  std::size_t asked = 0;
  std::size_t late = 0;
  for (const auto& plan : saga_plans())
    for (int steps = 0; steps < 9; ++steps)
      for (const bool failing : {false, true}) {
        saga_run run{intent_of(plan.kind)};
        for (int taken = 0; taken < steps && run.waits; ++taken)
          run.succeed();
        if (failing && run.waits)
          run.fail();
        run.take(run.saga.abandon());
        twice += run.answers != 1 ? 1 : 0;
        asked += run.saga.is_over() ? 0 : 1;
        late += run.saga.done(run.last).size() + run.saga.settle().size();
      }
  CAF_CHECK_EQUAL(twice, 0u);
  CAF_CHECK_EQUAL(asked, 0u);
  CAF_CHECK_EQUAL(late, 0u);
}

CAF_TEST(the answer at the deadline is unknown unless the refusal is recorded) {
  saga_run open{intent_of(saga_kind::update)};
  open.go_to(saga_step::upsert_row);
  open.take(open.saga.abandon());
  CAF_CHECK(open.answer.what == saga_answer::outcome::unknown);

  saga_run marking{intent_of(saga_kind::update)};
  marking.go_to(saga_step::upsert_row);
  marking.fail();
  marking.take(marking.saga.abandon());
  CAF_CHECK(marking.answer.what == saga_answer::outcome::unknown);

  saga_run marked{intent_of(saga_kind::update)};
  marked.go_to(saga_step::upsert_row);
  marked.fail();
  marked.done();
  marked.take(marked.saga.abandon());
  CAF_CHECK(marked.answer.what == saga_answer::outcome::not_done);
  CAF_CHECK_EQUAL(marked.answer.why->code, "disk-full");
}
