#define CAF_SUITE plan_admission_test

#include "tests/support/plan_facts.hpp"

#include "muster/supervisor/consent_plan.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;
using namespace muster::test;

namespace {

const agent_id another{"01JF5K3W8RZQ0V7B2M4N6P8S9X"};

admission_facts::candidate waiting(const agent_id& agent = the_agent, const std::string& path = the_path) {
  admission_facts::candidate result{agent, registered(manifest_text())};
  result.found.here->path = path;
  result.found.here->admitted = false;
  result.found.status = agent_status::unadmitted;
  return result;
}

expected<planned> plan(std::vector<admission_facts::candidate> agents, bool named = true) {
  return plan_admission({std::move(agents), named}, the_ground());
}

} // namespace

CAF_TEST(an agent that waits is admitted where it is and its endpoint opens) {
  const auto made = plan({waiting()});
  CAF_CHECK_EQUAL(told(made), "admit: place /home/me/src/app team /home/me/src");
  const auto& change = change_in(made);
  CAF_CHECK(change.claims == claims_on(the_agent, {the_path}));
  const auto subject = "relay.agent.team." + the_agent.text;
  CAF_CHECK((change.opens == std::vector<opened_endpoint>{{the_agent, {subject, "team"}}}));
  CAF_CHECK_EQUAL(change.answer.path, the_path);
  CAF_CHECK_EQUAL(change.answer.subject, subject);
}

CAF_TEST(all that wait in a namespace are admitted in one commit) {
  auto in_already = waiting();
  in_already.found.here->admitted = true;
  auto gone = waiting(agent_id{"01GONE"}, "/gone");
  gone.found.here.reset();
  const auto made =
      plan({in_already, waiting(another, "/home/me/src/other"), waiting(agent_id{"01ZZZ"}, "/z"), gone}, false);
  CAF_CHECK_EQUAL(told(made), "admit: place /home/me/src/other team /home/me/src; place /z team /home/me/src");
  CAF_CHECK_EQUAL(change_in(made).claims.size(), 4u);
  CAF_CHECK_EQUAL(change_in(made).opens.size(), 2u);
}

CAF_TEST(mail to one that cannot be reached waits on) {
  auto away = waiting();
  away.found.status = agent_status::unreachable;
  const auto made = plan({away});
  CAF_CHECK(!change_in(made).intent.ops.empty());
  CAF_CHECK(change_in(made).opens.empty());
}

CAF_TEST(who is in already and a namespace where nobody waits are nothing new) {
  auto in_already = waiting();
  in_already.found.here->admitted = true;
  CAF_CHECK_EQUAL(told(plan({in_already})), "nothing new");
  CAF_CHECK_EQUAL(std::get<nothing_new>(*plan({in_already})).answer.agent.text, the_agent.text);
  CAF_CHECK_EQUAL(told(plan({}, false)), "nothing new");
}

CAF_TEST(an agent that is nowhere or lives elsewhere is told apart) {
  CAF_CHECK_EQUAL(told(plan({{the_agent, {}}})), "agent-not-found");
  CAF_CHECK_EQUAL(told(plan({{the_agent, registered_elsewhere(manifest_text())}})), "agent-not-here");
}
