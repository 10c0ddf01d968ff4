#define CAF_SUITE plan_registration_test

#include "tests/support/plan_facts.hpp"

#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_meaning.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace muster;
using namespace muster::test;

namespace {

const agent_id fresh{"01JF5K3W8RZQ0V7B2M4N6P0000"};
const agent_id another{"01JF5K3W8RZQ0V7B2M4N6P9999"};
const std::string other_path = "/home/me/src/copy";

register_agent request(const std::string& path = the_path) {
  register_agent asked;
  asked.path = path;
  return asked;
}

registration_facts nothing_there() {
  registration_facts known;
  known.fresh = fresh;
  known.now = "2026-02-01T00:00:00.000Z";
  known.user = "me";
  return known;
}

registration_facts manifest_there(const std::string& text, agent_found found = {}) {
  auto known = nothing_there();
  known.sight = sight_of(text);
  known.agent = std::move(found);
  return known;
}

registration_facts registered_here(const std::string& was, const std::string& is) {
  auto known = manifest_there(is, registered(was));
  known.place.agent = the_agent;
  return known;
}

std::string tell(const register_agent& asked, const registration_facts& known) {
  return told(plan_registration(asked, known, the_ground()));
}

std::string after(const expected<planned>& plan) {
  return change_in(plan).intent.after->bytes;
}

/// The log of an agent that was registered with that, and is what it is now.
std::vector<commit> log_of(const std::string& field, const std::string& value) {
  commit first;
  first.ops.emplace_back(agent_put{the_agent, {{field, value, {}}}, false});
  return {first};
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string message(const register_agent& asked, const registration_facts& known) {
  return plan_registration(asked, known, the_ground()).error().message;
}

} // namespace

CAF_TEST([AR35] registers a new agent with everything that is asked for) {
  auto asked = request(the_path + "/");
  asked.name = "app";
  asked.runtime = "codex";
  asked.description = "does it";
  asked.capabilities = {"b", "a"};
  asked.scan_root = "/home/me";
  const auto plan = plan_registration(asked, nothing_there(), the_ground());
  CAF_CHECK_EQUAL(told(plan), "register: put capabilities=[\"b\",\"a\"]@- description=\"does it\"@- name=\"app\"@- "
                              "namespace=\"src\"@- registeredAt=\"2026-02-01T00:00:00.000Z\"@- registeredBy=\"me\"@- "
                              "runtime=\"codex\"@-; place /home/me/src/app src /home/me");
  const auto& change = change_in(plan);
  CAF_CHECK(!change.intent.before);
  const auto file = manifest_document::read(after(plan));
  CAF_REQUIRE(file);
  CAF_CHECK_EQUAL(file->fields().id, fresh.text);
  CAF_CHECK_EQUAL(change.answer.subject, "relay.agent.src." + fresh.text);
  CAF_CHECK(change.answer.content_hash == content_hash(file->document()));
  CAF_CHECK(change.intent.endpoint_after && !change.intent.endpoint_before);
  CAF_CHECK(change.held->hash == file_hash(after(plan)));
  CAF_CHECK_EQUAL(change.claims.size(), 2u);
}

CAF_TEST([RG08] needs a name only where there is no manifest) {
  CAF_CHECK_EQUAL(tell(request(), nothing_there()), "name-missing");
  CAF_CHECK_EQUAL(exit_code(plan_registration(request(), nothing_there(), the_ground()).error().kind), 2);
  CAF_CHECK_EQUAL(tell(request(), manifest_there(manifest_text())).substr(0, 5), "adopt");
}

CAF_TEST(refuses a name that nobody can see) {
  for (const char* name : {" ", "\t\n", "\u00a0"}) {
    auto asked = request();
    asked.name = name;
    CAF_CHECK_EQUAL(tell(asked, nothing_there()), "name-blank");
  }
}

CAF_TEST(notes in which directory a new manifest will be) {
  auto asked = request();
  asked.name = "n";
  auto known = nothing_there();
  const directory_mark where{1, 6};
  known.sight = no_manifest{false, where};
  CAF_CHECK(change_in(plan_registration(asked, known, the_ground())).intent.where == where);
}

CAF_TEST(makes no directory) {
  auto asked = request();
  asked.name = "n";
  auto known = nothing_there();
  known.sight = no_manifest{true};
  CAF_CHECK_EQUAL(tell(asked, known), "project-not-found");
  CAF_CHECK_EQUAL(exit_code(plan_registration(asked, known, the_ground()).error().kind), 3);
}

CAF_TEST(takes the other runtime and the own name of the directory without being told) {
  auto asked = request();
  asked.name = "n";
  const auto plan = plan_registration(asked, nothing_there(), the_ground());
  const auto file = manifest_document::read(after(plan));
  CAF_CHECK(file->fields().runtime == agent_runtime::other);
  CAF_CHECK_EQUAL(change_in(plan).answer.namespace_name, "app");
  CAF_CHECK_EQUAL(change_in(plan).intent.place_after->scan_root, "");
}

CAF_TEST(refuses values that no manifest may have) {
  auto asked = request();
  asked.name = "";
  CAF_CHECK_EQUAL(tell(asked, nothing_there()), "manifest-too-short");
  asked.name = "n";
  asked.runtime = "emacs";
  CAF_CHECK_EQUAL(tell(asked, nothing_there()), "manifest-choice");
  asked.runtime = {};
  asked.namespace_name = "!!";
  CAF_CHECK_EQUAL(tell(asked, nothing_there()), "namespace-empty");
  asked.namespace_name = "";
  CAF_CHECK_EQUAL(tell(asked, nothing_there()), "namespace-empty");
  asked.namespace_name = {};
  asked.scan_root = "/elsewhere";
  CAF_CHECK_EQUAL(tell(asked, nothing_there()), "namespace-outside-root");
}

CAF_TEST(refuses paths that do not name a directory) {
  for (const auto* path : {"app", "", "./app"})
    CAF_CHECK_EQUAL(tell(request(path), nothing_there()), "path-not-absolute");
  for (const auto* path : {"/", "//", "/a/../b", "/a/."})
    CAF_CHECK_EQUAL(tell(request(path), nothing_there()), "path-unusable");
  CAF_CHECK_EQUAL(*project_directory("//a///b/"), "/a/b");
}

CAF_TEST(refuses a place that another agent holds and names it) {
  auto asked = request();
  asked.name = "n";
  auto known = nothing_there();
  known.place.agent = another;
  CAF_CHECK_EQUAL(tell(asked, known), "path-held");
  CAF_CHECK(says(message(asked, known), another.text));
  known.sight = sight_of(manifest_text());
  CAF_CHECK_EQUAL(tell(request(), known), "path-held");
}

CAF_TEST(refuses a manifest that is invalid or cannot be read) {
  CAF_CHECK_EQUAL(tell(request(), manifest_there("{")), "manifest-invalid");
  CAF_CHECK_EQUAL(tell(request(), manifest_there(manifest_text({{"name", "7"}}))), "manifest-invalid");
  auto known = nothing_there();
  known.sight = obscured();
  CAF_CHECK_EQUAL(exit_code(plan_registration(request(), known, the_ground()).error().kind), 4);
  known.sight = obscured(failure_kind::busy);
  CAF_CHECK_EQUAL(exit_code(plan_registration(request(), known, the_ground()).error().kind), 8);
}

CAF_TEST(adopts a manifest with its id and its bytes) {
  const auto text = manifest_text({{"custom", "[1.10]"}, {"isSystem", "true"}});
  const auto plan = plan_registration(request(), manifest_there(text), the_ground());
  CAF_CHECK_EQUAL(told(plan), "adopt: put custom=[1.1]@- isSystem=true@- name=\"app\"@- namespace=\"team\"@- "
                              "registeredAt=\"2026-01-31T08:30:00.000Z\"@- registeredBy=\"me\"@- runtime=\"other\"@-; "
                              "place /home/me/src/app team");
  CAF_CHECK_EQUAL(after(plan), text);
  CAF_CHECK(change_in(plan).intent.before == change_in(plan).intent.after);
  CAF_CHECK(!change_in(plan).answer.adopted);
}

CAF_TEST(writes a namespace that is given into a manifest that names none) {
  auto asked = request();
  asked.namespace_name = "My Team";
  const auto known = manifest_there(manifest_text({{"namespace", ""}}));
  const auto plan = plan_registration(asked, known, the_ground());
  CAF_CHECK_EQUAL(*manifest_document::read(after(plan))->fields().name_space, "my-team");
  CAF_CHECK(says(told(plan), "put namespace=\"my-team\"@-; place /home/me/src/app my-team"));
  const auto derived = plan_registration(request(), known, the_ground());
  CAF_CHECK(change_in(derived).intent.before == change_in(derived).intent.after);
  CAF_CHECK_EQUAL(change_in(derived).answer.namespace_name, "app");
}

CAF_TEST(refuses options that are not what the manifest says and tells the command) {
  auto asked = request();
  asked.name = "it's";
  asked.namespace_name = "team";
  asked.capabilities = {"a", "b"};
  const auto known = manifest_there(manifest_text({{"capabilities", "[\"b\",\"c\"]"}}));
  CAF_CHECK_EQUAL(tell(asked, known), "register-differs");
  CAF_CHECK(says(message(asked, known),
                 "muster update " + the_agent.text + " --set 'name=it'\\''s' --capability +a --capability -c`"));
  asked.name = "app";
  asked.capabilities = {"c", "b"};
  asked.runtime = "other";
  asked.namespace_name = "TEAM";
  asked.description = "";
  CAF_CHECK_EQUAL(tell(asked, known).substr(0, 5), "adopt");
}

CAF_TEST([MC24] answers a repetition and adds nothing) {
  const auto text = manifest_text();
  const auto plan = plan_registration(request(), registered_here(text, text), the_ground());
  CAF_CHECK_EQUAL(told(plan), "nothing new");
  CAF_CHECK((std::get<nothing_new>(*plan).answer.version == commit_id{the_instance, 1}));
  auto asked = request();
  asked.name = "app";
  CAF_CHECK_EQUAL(tell(asked, registered_here(text, text)), "nothing new");
  asked.scan_root = "/home/me";
  CAF_CHECK_EQUAL(tell(asked, registered_here(text, text)), "adopt: place /home/me/src/app team /home/me");
}

CAF_TEST(admits an agent that a command names) {
  auto known = registered_here(manifest_text(), manifest_text());
  known.agent.here->admitted = false;
  CAF_CHECK_EQUAL(tell(request(), known), "adopt: place /home/me/src/app team /home/me/src");
}

CAF_TEST(takes edits along that no commit has) {
  const auto known = registered_here(manifest_text(), manifest_text({{"description", "\"new\""}}));
  CAF_CHECK_EQUAL(tell(request(), known), "adopt: put description=\"new\"@-");
}

CAF_TEST(brings a registered manifest up to date that is behind) {
  auto known = registered_here(manifest_text(), manifest_text());
  moves_on(known.agent, "name", "\"later\"");
  const auto plan = plan_registration(request(), known, the_ground());
  CAF_CHECK_EQUAL(told(plan), "write-through: ");
  CAF_CHECK_EQUAL(manifest_document::read(after(plan))->fields().name, "later");
}

CAF_TEST([RG06][RG08] refuses a copy and names both places) {
  auto known = manifest_there(manifest_text(), registered(manifest_text()));
  known.incumbent = sight_of(manifest_text());
  CAF_CHECK_EQUAL(tell(request(other_path), known), "agent-copied");
  const auto text = message(request(other_path), known);
  CAF_CHECK(says(text, the_path) && says(text, other_path));
}

CAF_TEST([RG05] waits where it cannot be told whether the old place has let go) {
  auto known = manifest_there(manifest_text(), registered(manifest_text()));
  CAF_CHECK_EQUAL(tell(request(other_path), known), "incumbent-unreadable");
  known.incumbent = obscured();
  CAF_CHECK_EQUAL(tell(request(other_path), known), "incumbent-unreadable");
  known.incumbent = sight_of("{");
  CAF_CHECK_EQUAL(tell(request(other_path), known), "incumbent-unreadable");
}

CAF_TEST([RG03][RG04] follows an agent whose old place has let go) {
  auto known = manifest_there(manifest_text(), registered(manifest_text()));
  known.incumbent = no_manifest{true};
  CAF_CHECK_EQUAL(tell(request(other_path), known), "move: place /home/me/src/copy team /home/me/src");
  known.incumbent = sight_of(manifest_text({}, another));
  const auto plan = plan_registration(request(other_path), known, the_ground());
  CAF_CHECK(change_in(plan).moving);
  CAF_CHECK_EQUAL(change_in(plan).claims.size(), 3u);
}

CAF_TEST(adopts content that nobody has seen for an agent elsewhere so that it loses) {
  auto known = manifest_there(manifest_text({{"name", "\"clone\""}}), registered_elsewhere(manifest_text()));
  known.history = log_of("name", "\"app\"");
  const auto plan = plan_registration(request(), known, the_ground());
  CAF_CHECK_EQUAL(told(plan), "adopt: adopt name=\"clone\"@-; place /home/me/src/app team");
  CAF_CHECK(change_in(plan).answer.adopted);
  CAF_CHECK(change_in(plan).held->fields == held_fields::as_adopted);
}

CAF_TEST(brings a clone that is merely behind up to date and adds no edit) {
  auto known = manifest_there(manifest_text(), registered_elsewhere(manifest_text({{"name", "\"later\""}})));
  known.history = log_of("name", "\"app\"");
  const auto plan = plan_registration(request(), known, the_ground());
  CAF_CHECK_EQUAL(told(plan), "adopt: place /home/me/src/app team");
  CAF_CHECK(!change_in(plan).answer.adopted);
  CAF_CHECK_EQUAL(manifest_document::read(after(plan))->fields().name, "later");
}

CAF_TEST(takes an absent field for an old version only if it was absent once) {
  auto known = manifest_there(manifest_text(), registered_elsewhere(manifest_text({{"color", "\"red\""}})));
  known.history = log_of("color", "\"red\"");
  CAF_CHECK(says(tell(request(), known), "adopt color=-@-"));
  known.history.push_back(log_of("name", "\"app\"").front());
  CAF_CHECK_EQUAL(tell(request(), known), "adopt: place /home/me/src/app team");
}

CAF_TEST(registers an agent again that lives nowhere and the file wins) {
  auto found = registered_elsewhere(manifest_text({{"color", "\"red\""}}));
  found.exists = false;
  const auto known = manifest_there(manifest_text({{"name", "\"back\""}}), found);
  CAF_CHECK_EQUAL(tell(request(), known), "adopt: put color=-@b:1 name=\"back\"@b:1; place /home/me/src/app team");
}

CAF_TEST(lifts a denial of the directory in the same commit) {
  auto known = manifest_there(manifest_text());
  known.place.denied = deny_put{the_instance, the_path, "unregistered", "muster", "manual"};
  const auto plan = plan_registration(request(), known, the_ground());
  CAF_CHECK(says(told(plan), "; undeny /home/me/src/app"));
  CAF_CHECK(says(change_in(plan).notes.front(), "unregistered"));
}

CAF_TEST(refuses a directory that a person has denied and says what to type) {
  auto known = manifest_there(manifest_text());
  known.place.denied = deny_put{the_instance, the_path, "noise", "ann", "manual"};
  const auto plan = plan_registration(request(), known, the_ground());
  CAF_CHECK_EQUAL(told(plan), "path-denied");
  CAF_CHECK(says(plan.error().message, "by ann (noise): type `muster undeny /home/me/src/app`"));
  auto fresh = nothing_there();
  fresh.place.denied = known.place.denied;
  auto asked = request();
  asked.name = "n";
  CAF_CHECK_EQUAL(tell(asked, fresh), "path-denied");
}

CAF_TEST(an agent that lives where somebody has denied it is as it was) {
  auto known = registered_here(manifest_text(), manifest_text());
  known.place.denied = deny_put{the_instance, the_path, "noise", "ann", "manual"};
  CAF_CHECK_EQUAL(tell(request(), known), "adopt: undeny /home/me/src/app");
}

CAF_TEST(gives agents in the managed home their own namespace) {
  auto asked = request("/home/me/agents/alpha");
  asked.name = "n";
  asked.scan_root = "/home/me";
  CAF_CHECK(says(tell(asked, nothing_there()), "place /home/me/agents/alpha alpha /home/me/agents"));
}
