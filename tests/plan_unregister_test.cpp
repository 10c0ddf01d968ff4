#define CAF_SUITE plan_unregister_test

#include "tests/support/plan_facts.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;
using namespace muster::test;

namespace {

expected<planned> plan(const agent_facts& known, bool keep = false, bool everywhere = false) {
  return plan_unregister({{}, the_agent.text, keep, everywhere}, known, the_ground());
}

agent_facts untouched() {
  return facts(manifest_text(), manifest_text());
}

} // namespace

CAF_TEST(gives up the placement and takes the manifest away that is known) {
  const auto made = plan(untouched());
  CAF_CHECK_EQUAL(told(made), "unregister: unplace");
  const auto& intent = change_in(made).intent;
  CAF_CHECK_EQUAL(intent.before->bytes, manifest_text());
  CAF_CHECK(intent.before == intent.after);
  CAF_CHECK(intent.where.has_value());
  CAF_CHECK(intent.place_before && !intent.place_after);
  CAF_CHECK(intent.endpoint_before && !intent.endpoint_after);
}

CAF_TEST(keeps a manifest and denies its path in the same commit) {
  const auto made = plan(untouched(), true);
  CAF_CHECK_EQUAL(told(made), "unregister-keeping: unplace; deny /home/me/src/app unregistered");
  CAF_CHECK(change_in(made).intent.before.has_value());
}

CAF_TEST(says that no manifest was removed where none could be found) {
  auto known = untouched();
  known.sight = no_manifest{true, {}};
  CAF_CHECK_EQUAL(told(plan(known)), "unregister: unplace");
  const auto made = plan(known);
  CAF_REQUIRE_EQUAL(change_in(made).notes.size(), 1u);
  CAF_CHECK(change_in(made).notes.front().find("`muster deny /home/me/src/app`") != std::string::npos);
  CAF_CHECK(change_in(plan(known, true)).notes.empty());
  known.sight = no_manifest{false, directory_mark{1, 6}};
  CAF_CHECK_EQUAL(change_in(plan(known)).notes.front(), "there was no manifest at /home/me/src/app to remove");
  CAF_CHECK(change_in(plan(untouched())).notes.empty());
}

CAF_TEST(drops every placement it knows of) {
  auto known = untouched();
  known.found.placements[elsewhere] = 4;
  CAF_CHECK_EQUAL(told(plan(known, false, true)), "unregister-everywhere: drop a:1,b:4");
}

CAF_TEST(drops from afar what lives elsewhere) {
  agent_facts known;
  known.agent = the_agent;
  known.found = registered_elsewhere(manifest_text());
  CAF_CHECK_EQUAL(told(plan(known)), "agent-not-here");
  CAF_CHECK_EQUAL(told(plan(known, false, true)), "change-remote: drop b:1");
}

CAF_TEST(refuses both options together) {
  CAF_CHECK_EQUAL(told(plan(untouched(), true, true)), "unregister-both");
  CAF_CHECK_EQUAL(exit_code(plan(untouched(), true, true).error().kind), 2);
}

CAF_TEST(refuses an agent that is not there) {
  auto known = untouched();
  known.found.exists = false;
  CAF_CHECK_EQUAL(told(plan(known)), "agent-not-found");
}

CAF_TEST(works for an agent whose directory is gone) {
  auto known = untouched();
  known.sight = no_manifest{true};
  const auto made = plan(known);
  CAF_CHECK_EQUAL(told(made), "unregister: unplace");
  CAF_CHECK(!change_in(made).intent.before);
}

CAF_TEST(knows no content that no commit has so that it is set aside) {
  for (const auto& is : {sight_of("{"), sight_of(manifest_text({{"color", "\"red\""}})), obscured()}) {
    auto known = untouched();
    known.sight = is;
    CAF_CHECK(!change_in(plan(known)).intent.before);
    CAF_CHECK_EQUAL(change_in(plan(known)).notes.size(), std::holds_alternative<manifest_bytes>(is) ? 1u : 0u);
  }
  auto behind = untouched();
  moves_on(behind.found, "name", "\"later\"");
  CAF_CHECK(change_in(plan(behind)).intent.before.has_value());
}

CAF_TEST(leaves the manifest of another agent alone) {
  auto known = untouched();
  known.sight = sight_of(manifest_text({}, agent_id{"another"}));
  CAF_CHECK_EQUAL(told(plan(known)), "unregister-keeping: unplace");
  CAF_CHECK_EQUAL(change_in(plan(known)).notes.size(), 1u);
}

CAF_TEST([GP02] protects the system agents that may be some) {
  const auto text = manifest_text({{"isSystem", "true"}});
  auto ground = the_ground();
  CAF_CHECK_EQUAL(told(plan_unregister({}, facts(text, text), ground)), "unregister: unplace");
  ground.system_allow = {the_agent.text};
  CAF_CHECK_EQUAL(told(plan_unregister({}, facts(text, text), ground)), "system-agent");
}
