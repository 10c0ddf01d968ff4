#define CAF_SUITE plan_move_test

#include "tests/support/plan_facts.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;
using namespace muster::test;

namespace {

const agent_id another{"01JF5K3W8RZQ0V7B2M4N6P9999"};
const std::string new_path = "/home/me/src/moved";

move_facts moved() {
  move_facts known;
  known.agent = the_agent;
  known.found = registered(manifest_text());
  known.old_sight = no_manifest{true};
  known.new_sight = sight_of(manifest_text());
  return known;
}

std::string tell(const move_facts& known, const std::string& to = new_path) {
  return told(plan_move({{}, the_agent.text, to}, known, the_ground()));
}

} // namespace

CAF_TEST(follows a directory with its namespace) {
  const auto plan = plan_move({{}, the_agent.text, new_path}, moved(), the_ground());
  CAF_CHECK_EQUAL(told(plan), "move: place /home/me/src/moved team /home/me/src");
  const auto& change = change_in(plan);
  CAF_CHECK(change.moving && change.intent.before == change.intent.after);
  CAF_CHECK_EQUAL(change.intent.path, new_path);
  CAF_CHECK_EQUAL(change.claims.size(), 3u);
  CAF_CHECK(change.intent.endpoint_before == change.intent.endpoint_after);
}

CAF_TEST(keeps a scan root only above the new place) {
  CAF_CHECK_EQUAL(tell(moved(), "/opt/app"), "move: place /opt/app team");
  CAF_CHECK_EQUAL(tell(moved(), "/home/me/agents/x"), "move: place /home/me/agents/x team /home/me/agents");
}

CAF_TEST(leaves edits for the next sweep to find) {
  auto known = moved();
  known.new_sight = sight_of(manifest_text({{"color", "\"red\""}}));
  const auto plan = plan_move({{}, the_agent.text, new_path}, known, the_ground());
  CAF_CHECK_EQUAL(told(plan), "move: place /home/me/src/moved team /home/me/src");
  CAF_CHECK(change_in(plan).held->hash == *known.found.held);
  CAF_CHECK(change_in(plan).held->fields == held_fields::as_before);
}

CAF_TEST(moves only what the old place has let go) {
  auto known = moved();
  known.old_sight = sight_of(manifest_text());
  CAF_CHECK_EQUAL(tell(known), "agent-copied");
  known.old_sight = obscured();
  CAF_CHECK_EQUAL(tell(known), "incumbent-unreadable");
  known.old_sight = sight_of("{");
  CAF_CHECK_EQUAL(tell(known), "incumbent-unreadable");
  known.old_sight = sight_of(manifest_text({}, another));
  CAF_CHECK_EQUAL(tell(known).substr(0, 4), "move");
}

CAF_TEST(moves only to a manifest of the agent) {
  auto known = moved();
  known.new_sight = no_manifest{};
  CAF_CHECK_EQUAL(tell(known), "move-no-manifest");
  known.new_sight = sight_of(manifest_text({}, another));
  CAF_CHECK_EQUAL(tell(known), "move-another-agent");
  known.new_sight = sight_of("{");
  CAF_CHECK_EQUAL(tell(known), "manifest-invalid");
  known.new_sight = obscured(failure_kind::busy);
  CAF_CHECK_EQUAL(tell(known), "manifest-denied");
  CAF_CHECK_EQUAL(tell(moved(), "relative"), "path-not-absolute");
}

CAF_TEST(moves to no place of another agent) {
  auto known = moved();
  known.new_place.agent = another;
  CAF_CHECK_EQUAL(tell(known), "path-held");
}

CAF_TEST(of two that have changed places it is told) {
  auto known = moved();
  known.new_place.agent = another;
  const auto advice = [&] { return plan_move({{}, the_agent.text, new_path}, known, the_ground()).error().message; };
  CAF_CHECK(advice().find("unregister") != std::string::npos);
  known.old_sight = sight_of(manifest_text({}, another));
  CAF_CHECK(advice().find("have changed places") != std::string::npos);
}

CAF_TEST(moves from one path of a file to another and from where a link stands) {
  auto known = moved();
  auto old = std::get<manifest_bytes>(sight_of(manifest_text()));
  old.key.inode = 7;
  known.old_sight = old;
  CAF_CHECK_EQUAL(tell(known), "agent-copied");
  auto now = old;
  now.key.inode = 8;
  known.new_sight = now;
  CAF_CHECK_EQUAL(tell(known), "agent-copied");
  now.key.inode = 7;
  known.new_sight = now;
  CAF_CHECK_EQUAL(tell(known).substr(0, 4), "move");
  known.old_sight = manifest_obscured{{failure_kind::refused, "project-symlink", "it is a link"}};
  CAF_CHECK_EQUAL(tell(known).substr(0, 4), "move");
}

CAF_TEST(moves only agents that live here) {
  auto known = moved();
  known.found.here.reset();
  CAF_CHECK_EQUAL(tell(known), "agent-not-here");
  known.found.exists = false;
  CAF_CHECK_EQUAL(tell(known), "agent-not-found");
}

CAF_TEST(adds nothing where the agent is already) {
  auto known = moved();
  known.old_sight = known.new_sight;
  known.new_place.agent = the_agent;
  CAF_CHECK_EQUAL(tell(known, the_path + "/"), "nothing new");
}

CAF_TEST(a new place that a person has denied is refused) {
  auto known = moved();
  known.new_place.denied = deny_put{the_instance, new_path, "", "me", "manual"};
  CAF_CHECK_EQUAL(tell(known), "path-denied");
}

CAF_TEST(lifts the denial that an unregistration left at the new place) {
  auto known = moved();
  known.new_place.denied = deny_put{the_instance, new_path, "unregistered", "muster", "manual"};
  CAF_CHECK_EQUAL(tell(known), "move: place /home/me/src/moved team /home/me/src; undeny /home/me/src/moved");
}
