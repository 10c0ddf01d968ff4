#define CAF_SUITE commit_clauses_test

#include "tests/support/clause_world.hpp"

/// The clauses of the design's section on sagas that are about rules, denials
/// and admissions, which have no step but the commit.
namespace muster::test {

namespace {

struct commit_world : clause_world {
  /// An agent that an edit of its file has put into a namespace with another one.
  agent_id waiting() {
    auto agent = placed().agent;
    CAF_REQUIRE(place(project("other"), "second"));
    edit("\"namespace\": \"work\"", "\"namespace\": \"other\"");
    (void)sweep();
    board->said.clear();
    return agent;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(commit_clauses, commit_world)

CAF_TEST(a rule commits and is folded and only then stated) {
  CAF_REQUIRE(ask_for<rule_changed>(set_rule{{}, "lab", "web", rule_action::allow}));
  CAF_CHECK_EQUAL(board->changes(), (words{"append_commit", "fold_commit", "state_rule"}));
}

CAF_TEST(a rule whose commit fails is nowhere and is executed again) {
  const set_rule asked{request_id{"r"}, "lab", "web", rule_action::deny};
  go_wrong("append_commit", mishap::failed);
  const auto failed = ask_for<rule_changed>(asked);
  CAF_REQUIRE(!failed);
  CAF_CHECK_EQUAL(failed.error().step, "commit");
  CAF_CHECK(ask_for<rules_listed>(list_rules{})->rules.empty());
  CAF_CHECK(std::ranges::count(board->said, "state_rule") == 0);
  CAF_REQUIRE(ask_for<rule_changed>(asked));
  CAF_CHECK_EQUAL(ask_for<rules_listed>(list_rules{})->rules.size(), 1u);
}

CAF_TEST(a denial and its end commit and take no other step) {
  CAF_REQUIRE(ask_for<path_denied>(deny_path{{}, work, "noise", {}, {}}));
  CAF_CHECK_EQUAL(board->changes(), (words{"append_commit", "fold_commit"}));
  board->said.clear();
  CAF_REQUIRE(ask_for<path_undenied>(undeny_path{{}, work}));
  CAF_CHECK_EQUAL(board->changes(), (words{"append_commit", "fold_commit"}));
}

CAF_TEST(an agent that an edit puts among others is admitted by a commit and then its endpoint opens) {
  const auto agent = waiting();
  CAF_CHECK_EQUAL(endpoints(false), 1u);
  CAF_REQUIRE(ask_for<agents_admitted>(admit_agents{{}, agent.text, {}}));
  CAF_CHECK_EQUAL(board->changes(), (words{"append_commit", "fold_commit", "state_endpoint open"}));
  CAF_CHECK_EQUAL(endpoints(false), 0u);
}

CAF_TEST(an admission whose commit fails leaves the agent waiting and is executed again) {
  const auto agent = waiting();
  const admit_agents asked{request_id{"r"}, agent.text, {}};
  go_wrong("append_commit", mishap::failed);
  const auto failed = ask_for<agents_admitted>(asked);
  CAF_REQUIRE(!failed);
  CAF_CHECK_EQUAL(failed.error().step, "commit");
  CAF_CHECK_EQUAL(endpoints(false), 1u);
  CAF_REQUIRE(ask_for<agents_admitted>(asked));
  CAF_CHECK_EQUAL(endpoints(false), 0u);
}

CAF_TEST(after its commit nothing fails an admission and the endpoint is owed) {
  const auto agent = waiting();
  go_wrong("state_endpoint open", mishap::failed);
  CAF_REQUIRE(ask_for<agents_admitted>(admit_agents{{}, agent.text, {}}));
  CAF_CHECK_EQUAL(endpoints(false), 1u);
  (void)sweep();
  CAF_CHECK_EQUAL(endpoints(false), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace muster::test
