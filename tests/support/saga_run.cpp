#include "tests/support/saga_run.hpp"

namespace muster::testing {

namespace {

std::string words(const saga_answer& answer) {
  switch (answer.what) {
    case saga_answer::outcome::done: return "done";
    case saga_answer::outcome::not_done: return "not done: " + answer.why->step + " " + std::string{answer.why->code};
    case saga_answer::outcome::unknown: return "unknown: " + answer.why->step + " " + std::string{answer.why->code};
  }
  return {};
}

struct words_of {
  std::string operator()(const saga_do::perform& what) const {
    return "perform " + std::string{rule_of(what.step).name};
  }
  std::string operator()(const saga_do::undo& what) const { return "undo " + std::string{rule_of(what.step).name}; }
  std::string operator()(const saga_do::mark_aborting& what) const {
    return what.mark == abort_mark::maybe_written ? "mark aborting, written" : "mark aborting";
  }
  std::string operator()(const saga_do::answer& what) const { return "answer " + words(what.what); }
  std::string operator()(const saga_do::keep_claims& what) const {
    std::string result = "keep claims";
    for (const auto& debt : what.owed)
      result += std::string{debt.is_undo ? ", owed undo " : ", owed "} + std::string{rule_of(debt.step).name};
    return result;
  }
  std::string operator()(const saga_do::leave_to_sweep& what) const {
    return "leave " + std::string{rule_of(what.step).name} + " to the sweep";
  }
  std::string operator()(const saga_do::look_up_commit&) const { return "look up commit"; }
  std::string operator()(const saga_do::look_at_manifest&) const { return "look at manifest"; }
  std::string operator()(const saga_do::observe_manifest&) const { return "observe manifest"; }
  std::string operator()(const saga_do::close& what) const { return what.durable ? "close" : "close later"; }
  std::string operator()(const saga_do::release_claims&) const { return "release claims"; }
};

struct ticket_of {
  const saga_ticket* operator()(const saga_do::close& what) const { return what.durable ? &what.by : nullptr; }
  const saga_ticket* operator()(const auto& what) const {
    if constexpr (requires { what.by; })
      return &what.by;
    else
      return nullptr;
  }
};

} // namespace

std::string text_of(const saga_decision& decision) {
  return std::visit(words_of{}, decision);
}

saga_intent intent_of(saga_kind kind) {
  saga_intent result{saga_id{"01J00000000000000000000001"}, kind, agent_id{"a"}, "/p", request_id{"r"}, "hash"};
  result.before = manifest_image{"h1", "old"};
  result.after = manifest_image{"h2", "new"};
  result.endpoint_before = endpoint_statement{"s1", "n1"};
  result.endpoint_after = endpoint_statement{"s2", "n2"};
  return result;
}

failure disk_full() {
  return {failure_kind::failed, "disk-full", "the disk is full"};
}

failure refusal() {
  return {failure_kind::refused, "not-as-expected", "it is not as expected"};
}

void saga_run::take(const saga_decisions& decisions) {
  for (const auto& decision : decisions) {
    said_ += (said_.empty() ? "" : "; ") + text_of(decision);
    if (const auto* given = std::get_if<saga_do::answer>(&decision)) {
      ++answers;
      answer = given->what;
    }
  }
  if (decisions.empty())
    return;
  const auto* ticket = std::visit(ticket_of{}, decisions.back());
  waits = ticket != nullptr;
  if (waits) {
    last = *ticket;
    under_way = decisions.back();
  }
}

std::string saga_run::said() {
  return std::exchange(said_, {});
}

void saga_run::succeed() {
  const auto* step = std::get_if<saga_do::perform>(&under_way);
  if (step && step->step == saga_step::commit)
    commit();
  else
    done();
}

void saga_run::go_to(saga_step step) {
  const auto there = [&] {
    const auto* now = std::get_if<saga_do::perform>(&under_way);
    return now && now->step == step;
  };
  while (waits && !there())
    succeed();
}

void saga_run::go_on() {
  while (waits)
    succeed();
}

} // namespace muster::testing
