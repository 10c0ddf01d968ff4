#define CAF_SUITE registration_saga_test

#include "muster/supervisor/registration_saga.hpp"

#include "tests/support/saga_run.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace muster::testing;

namespace {

std::string whole_run(saga_intent intent, relay_mode relay = relay_mode::strict) {
  saga_run run{std::move(intent), relay};
  run.go_on();
  return run.said();
}

std::vector<saga_kind> kinds(bool (*which)(saga_kind)) {
  std::vector<saga_kind> result;
  for (const auto& plan : saga_plans())
    if (which(plan.kind))
      result.push_back(plan.kind);
  return result;
}

/// The steps of a kind, without the commit and what follows.
std::vector<saga_step> undoable(saga_kind kind) {
  std::vector<saga_step> result;
  for (const auto step : plan_of(kind).steps)
    if (step != saga_step::none && step != saga_step::commit)
      result.push_back(step);
  return result;
}

/// What must be said after step `k` failed, when every undo succeeds.
std::string undone_from(saga_kind kind, std::size_t k, bool step_itself, const std::string& answer) {
  const auto steps = undoable(kind);
  std::vector<saga_step> taken(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(k) + (step_itself ? 1 : 0));
  std::string result;
  const auto marked = is_journalled(kind) && !taken.empty();
  if (marked)
    result = std::ranges::count(taken, saga_step::write_manifest) ? "mark aborting, written; " : "mark aborting; ";
  for (auto step = taken.rbegin(); step != taken.rend(); ++step)
    if (has_undo(*step))
      result += "undo " + std::string{rule_of(*step).name} + "; ";
  return result + "answer " + answer + (marked ? "; close; release claims" : "; release claims");
}

} // namespace

CAF_TEST(register and adopt take all steps and then open the endpoint) {
  const auto all = "perform intend; perform write-manifest; perform upsert-row; perform set-endpoint; perform commit; "
                   "answer done; perform fold-commit; perform open-endpoint; close later; release claims";
  for (const auto kind : {saga_kind::register_agent, saga_kind::adopt, saga_kind::update, saga_kind::revert,
                          saga_kind::resolve, saga_kind::merge_draft})
    CAF_CHECK_EQUAL(whole_run(intent_of(kind)), all);
}

CAF_TEST(adopt writes the manifest only if something changes) {
  auto intent = intent_of(saga_kind::adopt);
  intent.after = intent.before;
  CAF_CHECK_EQUAL(whole_run(intent), "perform intend; perform upsert-row; perform set-endpoint; perform commit; answer "
                                     "done; perform fold-commit; perform open-endpoint; close later; release claims");
}

CAF_TEST(update touches the endpoint only if its statement changes) {
  auto intent = intent_of(saga_kind::update);
  intent.endpoint_after = intent.endpoint_before;
  CAF_CHECK_EQUAL(whole_run(intent), "perform intend; perform write-manifest; perform upsert-row; perform commit; "
                                     "answer done; perform fold-commit; close later; release claims");
}

CAF_TEST(a namespace change moves the endpoint) {
  CAF_CHECK_EQUAL(whole_run(intent_of(saga_kind::change_namespace)),
                  "perform intend; perform write-manifest; perform upsert-row; perform move-endpoint; perform commit; "
                  "answer done; perform fold-commit; perform open-endpoint; close later; release claims");
}

CAF_TEST(move takes intend and upsert and commit) {
  CAF_CHECK_EQUAL(whole_run(intent_of(saga_kind::move)),
                  "perform intend; perform upsert-row; perform commit; answer done; perform fold-commit; close later; "
                  "release claims");
}

CAF_TEST(unregister closes the endpoint and commits before it touches the manifest) {
  const auto removing = "perform intend; perform close-endpoint; perform commit; answer done; perform fold-commit; "
                        "perform retire-manifest; perform remove-endpoint; close; release claims";
  CAF_CHECK_EQUAL(whole_run(intent_of(saga_kind::unregister)), removing);
  CAF_CHECK_EQUAL(whole_run(intent_of(saga_kind::unregister_everywhere)), removing);
  CAF_CHECK_EQUAL(whole_run(intent_of(saga_kind::unregister_keeping)),
                  "perform intend; perform close-endpoint; perform commit; answer done; perform fold-commit; perform "
                  "remove-endpoint; close later; release claims");
}

CAF_TEST(write through writes and records the version held) {
  CAF_CHECK_EQUAL(whole_run(intent_of(saga_kind::write_through)),
                  "perform intend; perform write-manifest; answer done; perform record-held; close; release claims");
}

CAF_TEST(observe journals nothing) {
  CAF_CHECK_EQUAL(whole_run(intent_of(saga_kind::observe)),
                  "perform upsert-row; perform set-endpoint; perform commit; answer done; perform fold-commit; perform "
                  "open-endpoint; release claims");
}

CAF_TEST(changes of remote agents and of rules and denials and retirements are a commit) {
  for (const auto kind :
       {saga_kind::change_remote, saga_kind::change_rule, saga_kind::change_denial, saga_kind::retire_peer})
    CAF_CHECK_EQUAL(whole_run(intent_of(kind)), "perform commit; answer done; perform fold-commit; release claims");
}

CAF_TEST(an admission is a commit and then the endpoints open) {
  CAF_CHECK_EQUAL(whole_run(intent_of(saga_kind::admit)),
                  "perform commit; answer done; perform fold-commit; perform open-endpoint; release claims");
}

CAF_TEST(who comes to be admitted has its endpoint opened though its statement stays) {
  auto intent = intent_of(saga_kind::update);
  intent.endpoint_after = intent.endpoint_before;
  intent.place_before = placement{"/p", {}, "team", false};
  intent.place_after = placement{"/p", {}, "team", true};
  CAF_CHECK_EQUAL(whole_run(intent),
                  "perform intend; perform write-manifest; perform upsert-row; perform set-endpoint; "
                  "perform commit; answer done; perform fold-commit; perform open-endpoint; close "
                  "later; release claims");
}

CAF_TEST(a failure at step k undoes k and all before it in reverse) {
  for (const auto& plan : saga_plans()) {
    const auto steps = undoable(plan.kind);
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (plan.kind == saga_kind::observe && is_endpoint_step(steps[k]))
        continue;
      saga_run run{intent_of(plan.kind)};
      run.go_to(steps[k]);
      (void)run.said();
      run.fail();
      run.go_on();
      // An intent that the journal refused is not in it.
      CAF_CHECK_EQUAL(run.said(), undone_from(plan.kind, k, steps[k] != saga_step::intend,
                                              "not done: " + std::string{rule_of(steps[k]).name} + " disk-full"));
      CAF_CHECK(run.saga.is_over());
    }
  }
}

CAF_TEST(a time out does not say that nothing happened) {
  for (const auto& plan : saga_plans()) {
    const auto steps = undoable(plan.kind);
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (plan.kind == saga_kind::observe && is_endpoint_step(steps[k]))
        continue;
      saga_run run{intent_of(plan.kind)};
      run.go_to(steps[k]);
      (void)run.said();
      run.time_out();
      run.go_on();
      CAF_CHECK_EQUAL(run.said(), undone_from(plan.kind, k, true,
                                              "not done: " + std::string{rule_of(steps[k]).name} + " step-timed-out"));
    }
  }
}

CAF_TEST(a step that was refused has done nothing and is not undone itself) {
  for (const auto& plan : saga_plans()) {
    const auto steps = undoable(plan.kind);
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (plan.kind == saga_kind::observe && is_endpoint_step(steps[k]))
        continue;
      saga_run run{intent_of(plan.kind)};
      run.go_to(steps[k]);
      (void)run.said();
      run.fail(refusal());
      run.go_on();
      CAF_CHECK_EQUAL(run.said(), undone_from(plan.kind, k, false,
                                              "not done: " + std::string{rule_of(steps[k]).name} + " not-as-expected"));
    }
  }
}

CAF_TEST(a commit that is refused undoes everything before it) {
  for (const auto kind : kinds(has_commit)) {
    saga_run run{intent_of(kind)};
    run.go_to(saga_step::commit);
    (void)run.said();
    run.fail();
    run.go_on();
    CAF_CHECK_EQUAL(run.said(), undone_from(kind, undoable(kind).size(), false, "not done: commit disk-full"));
  }
}

CAF_TEST(the caller gets the first error with the name of the step) {
  saga_run run{intent_of(saga_kind::register_agent)};
  run.go_to(saga_step::upsert_row);
  run.fail();
  run.done(); // aborting is marked
  run.fail({failure_kind::failed, "another", "a later one"});
  run.go_on();
  CAF_REQUIRE(run.answer.why);
  CAF_CHECK_EQUAL(run.answer.why->code, "disk-full");
  CAF_CHECK_EQUAL(run.answer.why->step, "upsert-row");
  CAF_CHECK_EQUAL(run.answer.why->agent, "a");
  CAF_CHECK_EQUAL(run.answer.why->path, "/p");
}

CAF_TEST(aborting is in the journal before the first undo and before the refusal is answered) {
  for (const auto kind : kinds(is_journalled)) {
    for (const auto failing : undoable(kind)) {
      if (failing == saga_step::intend)
        continue;
      saga_run run{intent_of(kind)};
      run.go_to(failing);
      (void)run.said();
      run.fail();
      CAF_CHECK(std::holds_alternative<saga_do::mark_aborting>(run.under_way));
      CAF_CHECK_EQUAL(run.answers, 0);
    }
  }
}

CAF_TEST(a refusal that cannot be recorded is unknown and undoes nothing until it is) {
  saga_run run{intent_of(saga_kind::update)};
  run.go_to(saga_step::upsert_row);
  run.fail();
  (void)run.said();
  run.fail();
  CAF_CHECK_EQUAL(run.said(), "answer unknown: upsert-row refusal-not-recorded; keep claims");
  CAF_CHECK(run.saga.is_owing());
  run.take(run.saga.settle());
  CAF_CHECK_EQUAL(run.said(), "mark aborting, written");
  run.time_out();
  CAF_CHECK_EQUAL(run.said(), "keep claims");
  run.take(run.saga.settle());
  run.go_on();
  CAF_CHECK_EQUAL(run.said(), "mark aborting, written; undo upsert-row; undo write-manifest; close; release claims");
  CAF_CHECK_EQUAL(run.answers, 1);
}

CAF_TEST(an undo that fails is owed and stops no other undo and keeps its claims) {
  saga_run run{intent_of(saga_kind::register_agent)};
  run.go_to(saga_step::commit);
  run.fail();
  (void)run.said();
  run.done();
  CAF_CHECK_EQUAL(run.said(), "undo set-endpoint");
  run.time_out();
  CAF_CHECK_EQUAL(run.said(), "undo upsert-row");
  run.done();
  CAF_CHECK_EQUAL(run.said(), "undo write-manifest");
  run.fail();
  CAF_CHECK_EQUAL(run.said(), "answer not done: commit disk-full; keep claims, owed undo set-endpoint, owed undo "
                              "write-manifest");
  CAF_CHECK(run.answer.why->message.find("is tried again") != std::string::npos);
  run.take(run.saga.settle());
  run.done();
  run.fail();
  CAF_CHECK_EQUAL(run.said(), "undo set-endpoint; undo write-manifest; keep claims, owed undo write-manifest");
  run.take(run.saga.settle());
  run.go_on();
  CAF_CHECK_EQUAL(run.said(), "undo write-manifest; close; release claims");
  CAF_CHECK_EQUAL(run.answers, 1);
}

CAF_TEST(after the commit nothing can fail the request) {
  for (const auto kind : kinds(has_commit))
    for (const auto duty : plan_of(kind).duties) {
      if (duty == saga_step::none)
        continue;
      saga_run run{intent_of(kind)};
      run.go_to(duty);
      CAF_CHECK_EQUAL(run.answers, 1);
      CAF_CHECK(run.answer.what == saga_answer::outcome::done);
      (void)run.said();
      run.time_out();
      run.go_on();
      const auto said = run.said();
      CAF_CHECK(said.find("undo") == std::string::npos);
      CAF_CHECK_EQUAL(run.answers, 1);
      CAF_CHECK_EQUAL(run.saga.is_owing(), is_held_duty(duty));
      CAF_CHECK_EQUAL(said.find("leave " + std::string{rule_of(duty).name}) == 0, !is_held_duty(duty));
    }
}

CAF_TEST([GP07] a manifest that unregister could not remove is owed and keeps its claims) {
  saga_run run{intent_of(saga_kind::unregister)};
  run.go_to(saga_step::retire_manifest);
  (void)run.said();
  run.fail();
  run.go_on();
  CAF_CHECK_EQUAL(run.said(), "perform remove-endpoint; keep claims, owed retire-manifest");
  run.take(run.saga.settle());
  run.go_on();
  CAF_CHECK_EQUAL(run.said(), "perform retire-manifest; close; release claims");
}

CAF_TEST(a commit without an answer is unknown and nothing is undone until recovery knows) {
  for (const auto kind : kinds(has_commit))
    for (const bool timed_out : {true, false})
      for (const bool in_feed : {true, false}) {
        saga_run run{intent_of(kind)};
        run.go_to(saga_step::commit);
        (void)run.said();
        if (timed_out)
          run.time_out();
        else
          run.fail({failure_kind::unknown_outcome, "feed-read-only", "the feed cannot tell"});
        CAF_CHECK_EQUAL(run.said(), "answer unknown: commit commit-unknown; keep claims");
        CAF_CHECK_EQUAL(exit_code(run.answer.why->kind), 10);
        run.take(run.saga.settle());
        CAF_CHECK_EQUAL(run.said(), "look up commit");
        run.time_out();
        CAF_CHECK_EQUAL(run.said(), "keep claims");
        run.take(run.saga.settle());
        (void)run.said();
        run.take(in_feed ? run.saga.commit_durable(run.last, {}) : run.saga.commit_absent(run.last));
        run.go_on();
        CAF_CHECK(run.saga.is_over());
        CAF_CHECK_EQUAL(run.said().find("undo") == std::string::npos, in_feed || undoable(kind).empty());
        CAF_CHECK_EQUAL(run.answers, 1);
      }
}

CAF_TEST(a strict relay that fails undoes a command) {
  saga_run run{intent_of(saga_kind::register_agent), relay_mode::strict};
  run.go_to(saga_step::set_endpoint);
  run.fail({failure_kind::unreachable, "relay-down", "the relay does not answer"});
  run.go_on();
  CAF_CHECK(run.answer.what == saga_answer::outcome::not_done);
  CAF_CHECK_EQUAL(exit_code(run.answer.why->kind), 5);
}

CAF_TEST(with an eventual relay the endpoint is owed to the sweep) {
  saga_run run{intent_of(saga_kind::register_agent), relay_mode::eventual};
  run.go_to(saga_step::set_endpoint);
  (void)run.said();
  run.time_out();
  run.go_on();
  CAF_CHECK_EQUAL(run.said(),
                  "leave set-endpoint to the sweep; perform commit; answer done; perform fold-commit; close "
                  "later; release claims");
}

CAF_TEST(an eventual relay never holds claims after a refusal) {
  saga_run run{intent_of(saga_kind::register_agent), relay_mode::eventual};
  run.go_to(saga_step::commit);
  run.fail();
  run.done();
  (void)run.said();
  run.time_out();
  run.go_on();
  CAF_CHECK_EQUAL(run.said(), "leave set-endpoint to the sweep; undo upsert-row; undo write-manifest; answer not done: "
                              "commit disk-full; close; release claims");
}

CAF_TEST(without a relay no endpoint is touched) {
  for (const auto& plan : saga_plans())
    CAF_CHECK(whole_run(intent_of(plan.kind), relay_mode::none).find("endpoint") == std::string::npos);
}

CAF_TEST(an observation is never refused by a relay) {
  for (const auto how : {relay_mode::strict, relay_mode::eventual}) {
    saga_run run{intent_of(saga_kind::observe), how};
    run.go_to(saga_step::set_endpoint);
    run.fail(refusal());
    run.go_on();
    CAF_CHECK_EQUAL(run.said(), "perform upsert-row; perform set-endpoint; leave set-endpoint to the sweep; perform "
                                "commit; answer done; perform fold-commit; release claims");
  }
}

CAF_TEST(events with another ticket are ignored in every state) {
  std::size_t wrong = 0;
  for (const auto& plan : saga_plans()) {
    saga_run run{intent_of(plan.kind)};
    std::vector<saga_ticket> old;
    for (;;) {
      auto of_old_life = run.last;
      of_old_life.life = {0};
      auto of_other = run.last;
      of_other.saga = saga_id{"another"};
      auto stray = old;
      stray.insert(stray.end(), {of_old_life, of_other});
      if (!run.waits)
        stray.push_back(run.last);
      for (const auto& ticket : stray) {
        wrong += run.saga.done(ticket).size();
        wrong += run.saga.failed(ticket, disk_full()).size();
        wrong += run.saga.timed_out(ticket).size();
        wrong += run.saga.commit_durable(ticket, {}).size();
        wrong += run.saga.commit_absent(ticket).size();
        wrong += run.saga.looked(ticket, recovery_decision::undo).size();
      }
      wrong += run.saga.settle().size();
      if (!run.waits)
        break;
      old.push_back(run.last);
      run.succeed();
    }
  }
  CAF_CHECK_EQUAL(wrong, 0u);
}
