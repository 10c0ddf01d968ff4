#define CAF_SUITE plan_discovery_test

#include "tests/support/plan_facts.hpp"

#include "muster/supervisor/found_desk.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;
using namespace muster::test;

namespace {

const std::string root = "/home/me/src";
const std::string other_path = "/home/me/src/old";
const agent_id another{"01JF5K3W8RZQ0V7B2M4N6P9999"};

registration_facts manifest_there(const std::string& text, agent_found found = {}) {
  registration_facts known;
  known.sight = sight_of(text);
  known.agent = std::move(found);
  return known;
}

registration_facts lives_elsewhere_here(const std::string& text, std::optional<manifest_sight> incumbent) {
  auto known = manifest_there(text, registered(text));
  known.agent.here->path = other_path;
  known.incumbent = std::move(incumbent);
  return known;
}

expected<planned> plan(const registration_facts& known, const std::string& under = root) {
  return plan_discovery({the_path, under}, known, the_ground());
}
std::string tell(const registration_facts& known, const std::string& under = root) {
  return told(plan(known, under));
}

} // namespace

CAF_TEST([MC04] an agent that lives nowhere is adopted with its scan root and not written to) {
  auto known = manifest_there(manifest_text());
  known.namespace_in_use = false;
  const auto how = plan(known);
  const auto& change = change_in(how);
  CAF_CHECK(change.intent.kind == saga_kind::adopt);
  CAF_CHECK(change.relay_may_owe);
  CAF_CHECK(change.intent.before == change.intent.after);
  const placement there{the_path, root, "team", true};
  CAF_CHECK(change.intent.place_after == there);
}

CAF_TEST(in a namespace that is in use it is not admitted) {
  const auto how = plan(manifest_there(manifest_text()));
  CAF_CHECK(!change_in(how).intent.place_after->admitted);
}

CAF_TEST(its namespace is never refused) {
  const auto name_of = [](const std::map<std::string, std::string>& members, const std::string& under) {
    const auto how = plan(manifest_there(manifest_text(members)), under);
    return change_in(how).intent.place_after->namespace_name;
  };
  CAF_CHECK_EQUAL(name_of({{"namespace", "\"---\""}}, root), "app");
  CAF_CHECK_EQUAL(name_of({{"namespace", ""}}, "/home/me"), "src");
  CAF_CHECK_EQUAL(name_of({{"namespace", ""}}, the_path), "app");
  CAF_CHECK_EQUAL(name_of({{"namespace", "\" \""}}, root), "app");
}

CAF_TEST(what is denied or lives there already is left alone) {
  auto known = manifest_there(manifest_text());
  known.place.denied = deny_put{the_instance, the_path, "unregistered", "muster", "manual"};
  CAF_CHECK_EQUAL(tell(known), "nothing new");
  CAF_CHECK_EQUAL(tell(manifest_there(manifest_text(), registered(manifest_text()))), "nothing new");
  auto moved = lives_elsewhere_here(manifest_text(), no_manifest{true});
  moved.place.denied = known.place.denied;
  CAF_CHECK_EQUAL(tell(moved), "nothing new");
}

CAF_TEST(outside of all roots only an agent that lives here is followed) {
  CAF_CHECK_EQUAL(tell(manifest_there(manifest_text()), {}), "nothing new");
  const auto how = plan(lives_elsewhere_here(manifest_text(), no_manifest{true}), {});
  CAF_CHECK(change_in(how).intent.kind == saga_kind::move);
}

CAF_TEST(an agent whose place has let go has moved and keeps its namespace) {
  for (const manifest_sight& at_home :
       {manifest_sight{no_manifest{}}, manifest_sight{no_manifest{true}}, sight_of(manifest_text({}, another))}) {
    const auto how = plan(lives_elsewhere_here(manifest_text({{"namespace", "\"other\""}}), at_home));
    const auto& change = change_in(how);
    CAF_CHECK(change.moving && change.relay_may_owe);
    CAF_CHECK_EQUAL(change.intent.place_after->path, the_path);
    CAF_CHECK_EQUAL(change.intent.place_after->namespace_name, change.intent.place_before->namespace_name);
    CAF_CHECK_EQUAL(change.intent.place_after->scan_root, root);
  }
}

CAF_TEST(an agent whose place holds it or cannot be read stays) {
  CAF_CHECK_EQUAL(tell(lives_elsewhere_here(manifest_text(), sight_of(manifest_text()))), "agent-copied");
  CAF_CHECK_EQUAL(tell(lives_elsewhere_here(manifest_text(), obscured())), "incumbent-unreadable");
  CAF_CHECK_EQUAL(tell(lives_elsewhere_here(manifest_text(), std::nullopt)), "incumbent-unreadable");
}

CAF_TEST(a path of another agent stays that agents) {
  auto known = manifest_there(manifest_text());
  known.place.agent = another;
  CAF_CHECK_EQUAL(tell(known), "path-held");
}

CAF_TEST(what is not there or no valid manifest is not taken) {
  registration_facts known;
  known.sight = no_manifest{true};
  CAF_CHECK_EQUAL(tell(known), "project-not-found");
  known.sight = no_manifest{};
  CAF_CHECK_EQUAL(tell(known), "manifest-absent");
  known.sight = sight_of("{");
  CAF_CHECK_EQUAL(tell(known), "manifest-invalid");
  CAF_CHECK(!plan_discovery({the_path, root}, known, the_ground()));
}

CAF_TEST(what an answer means for what was found) {
  const found_taken planned{found_outcome::moved, the_agent, other_path};
  CAF_CHECK(outcome_of(agent_placed{}, planned)->what == found_outcome::moved);
  const auto what = [&](std::string_view code) {
    return outcome_of(failure{failure_kind::refused, code, "no"}, planned)->what;
  };
  CAF_CHECK(what("agent-copied") == found_outcome::duplicate);
  CAF_CHECK(what("incumbent-unreadable") == found_outcome::waiting);
  CAF_CHECK(what("path-held") == found_outcome::held);
  CAF_CHECK(what("manifest-absent") == found_outcome::nothing);
  CAF_CHECK(!outcome_of(failure{failure_kind::busy, "claims-taken", "no"}, planned));
}
