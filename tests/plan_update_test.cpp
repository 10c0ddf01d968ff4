#define CAF_SUITE plan_update_test

#include "tests/support/plan_facts.hpp"

#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/sha256.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;
using namespace muster::test;

namespace {

using members = std::map<std::string, std::string>;

update_agent set(std::vector<std::string> path, std::optional<std::string> value) {
  update_agent asked;
  asked.selector = the_agent.text;
  asked.assignments.push_back({std::move(path), std::move(value)});
  return asked;
}

std::string tell(const update_agent& asked, const agent_facts& known) {
  return told(plan_update(asked, known, the_ground()));
}
std::string tell(const update_agent& asked, const members& was = {}) {
  return tell(asked, facts(manifest_text(was), manifest_text(was)));
}

manifest after(const expected<planned>& plan) {
  return manifest_document::read(change_in(plan).intent.after->bytes)->fields();
}

std::string revert(const members& version, const agent_facts& known) {
  version_found found;
  const auto file = manifest_document::read(manifest_text(version));
  for (const auto member : file->document().root())
    found.fields[member.key()] = std::string(member.text());
  return told(plan_revert(found, known, the_ground()));
}

} // namespace

CAF_TEST(sets and removes members with what the command has seen) {
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"new\"")), "update: put name=\"new\"@a:1");
  CAF_CHECK_EQUAL(tell(set({"color"}, "\"red\"")), "update: put color=\"red\"@-");
  CAF_CHECK_EQUAL(tell(set({"color"}, {}), {{"color", "\"red\""}}), "update: put color=-@a:1");
}

CAF_TEST(keeps the bytes that it does not change) {
  const auto text = manifest_text({{"custom", "{ \"n\":1.10 }"}});
  const auto plan = plan_update(set({"name"}, "\"new\""), facts(text, text), the_ground());
  auto expected_text = text;
  expected_text.replace(expected_text.find("\"app\""), 5, "\"new\"");
  CAF_CHECK_EQUAL(change_in(plan).intent.after->bytes, expected_text);
  CAF_CHECK_EQUAL(change_in(plan).intent.before->bytes, text);
}

CAF_TEST(sets and removes members inside of objects) {
  const members was{{"behavior", R"({"responseMode":"silent","mine":{"x":1,"y":2}})"}};
  CAF_CHECK_EQUAL(tell(set({"behavior", "responseMode"}, "\"engaged\""), was),
                  R"(update: put behavior={"mine":{"x":1,"y":2},"responseMode":"engaged"}@a:1)");
  CAF_CHECK_EQUAL(tell(set({"behavior", "mine", "x"}, {}), was),
                  R"(update: put behavior={"mine":{"y":2},"responseMode":"silent"}@a:1)");
  CAF_CHECK_EQUAL(tell(set({"traits", "humor"}, "5")), R"(update: put traits={"humor":5}@-)");
  CAF_CHECK_EQUAL(tell(set({"traits", "humor"}, {})), "nothing new");
  CAF_CHECK_EQUAL(tell(set({"name", "first"}, "1")), "change-no-object");
  auto both = set({"traits", "humor"}, "5");
  both.assignments.push_back({{"traits", "chaos"}, "1"});
  CAF_CHECK_EQUAL(tell(both), R"(update: put traits={"chaos":1,"humor":5}@-)");
}

CAF_TEST(adds and removes capabilities) {
  update_agent asked;
  asked.add_capabilities = {"c", "a"};
  asked.remove_capabilities = {"b", "none"};
  CAF_CHECK_EQUAL(tell(asked, {{"capabilities", R"(["a","b"])"}}), R"(update: put capabilities=["a","c"]@a:1)");
  asked.remove_capabilities = {"c"};
  CAF_CHECK_EQUAL(tell(asked), "manifest-change-twice");
  asked = set({"capabilities"}, "[]");
  asked.add_capabilities = {"c"};
  CAF_CHECK_EQUAL(tell(asked), "manifest-change-twice");
}

CAF_TEST(adds nothing where nothing changes) {
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"app\"")), "nothing new");
  CAF_CHECK_EQUAL(tell(set({"description"}, "\"\"")), "nothing new");
  CAF_CHECK_EQUAL(tell(update_agent{}), "nothing new");
  const auto text = manifest_text();
  const auto plan = plan_update(set({"color"}, {}), facts(text, text), the_ground());
  CAF_CHECK((std::get<nothing_new>(*plan).answer.version == commit_id{the_instance, 1}));
}

CAF_TEST(refuses what a manifest may not say) {
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"\"")), "manifest-too-short");
  CAF_CHECK_EQUAL(tell(set({"name"}, {})), "manifest-missing");
  CAF_CHECK_EQUAL(tell(set({"runtime"}, "\"emacs\"")), "manifest-choice");
  CAF_CHECK_EQUAL(tell(set({"color"}, "null")), "manifest-null");
  CAF_CHECK_EQUAL(tell(set({"id"}, "\"x\"")), "manifest-id-changed");
  CAF_CHECK_EQUAL(tell(set({"id"}, {})), "manifest-id-changed");
  CAF_CHECK_EQUAL(tell(set({"name"}, "app")).substr(0, 5), "json-");
  CAF_CHECK_EQUAL(tell(set({}, "1")), "change-empty");
  CAF_CHECK_EQUAL(tell(set({"namespace"}, "\"!\"")), "namespace-empty");
}

CAF_TEST(refuses one member changed twice) {
  auto asked = set({"behavior"}, "{}");
  asked.assignments.push_back({{"behavior", "responseMode"}, "\"silent\""});
  CAF_CHECK_EQUAL(tell(asked), "manifest-change-twice");
  asked.assignments.back().path = {"behavior"};
  CAF_CHECK_EQUAL(tell(asked), "manifest-change-twice");
}

CAF_TEST(refuses a name that nobody can see) {
  CAF_CHECK_EQUAL(tell(set({"name"}, R"(" \t")")), "name-blank");
  CAF_CHECK_EQUAL(tell(set({"name"}, R"(" x")")), R"(update: put name=" x"@a:1)");
}

CAF_TEST(bounds what one update may change) {
  update_agent asked;
  for (int n = 0; n < 1025; ++n)
    asked.assignments.push_back({{"x" + std::to_string(n)}, "1"});
  CAF_CHECK_EQUAL(tell(asked), "change-too-many");
}

CAF_TEST(holds only while the hash is what was said) {
  const auto text = manifest_text();
  auto asked = set({"name"}, "\"new\"");
  asked.if_hash = to_hex(content_hash(manifest_document::read(text)->document()));
  CAF_CHECK_EQUAL(tell(asked), "update: put name=\"new\"@a:1");
  asked.if_hash = to_hex(file_hash(text));
  CAF_CHECK_EQUAL(tell(asked), "update: put name=\"new\"@a:1");
  CAF_CHECK_EQUAL(tell(asked, facts(text, manifest_text({{"color", "\"red\""}}))), "manifest-changed");
}

CAF_TEST(refuses a manifest that is absent or invalid or obscured or of another agent) {
  auto known = facts(manifest_text(), "{");
  const auto asked = set({"name"}, "\"new\"");
  CAF_CHECK_EQUAL(tell(asked, known), "manifest-invalid");
  known.sight = no_manifest{};
  CAF_CHECK_EQUAL(tell(asked, known), "manifest-absent");
  known.sight = obscured();
  CAF_CHECK_EQUAL(tell(asked, known), "manifest-denied");
  known.sight = sight_of(manifest_text({}, agent_id{"other"}));
  CAF_CHECK_EQUAL(tell(asked, known), "path-holds-another");
  known.found.exists = false;
  CAF_CHECK_EQUAL(tell(asked, known), "agent-not-found");
}

CAF_TEST(takes edits in the file along with what the file had seen) {
  auto known = facts(manifest_text(), manifest_text({{"color", "\"red\""}, {"registeredBy", "\"you\""}}));
  known.found.fields["registeredBy"].saw[elsewhere] = 9;
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"new\""), known),
                  "update: put color=\"red\"@- name=\"new\"@a:1 registeredBy=\"you\"@a:1");
}

CAF_TEST(does not take a field for an edit that is only behind) {
  auto known = facts(manifest_text(), manifest_text({{"color", "\"red\""}}));
  moves_on(known.found, "registeredBy", "\"later\"");
  known.found.fields["registeredBy"].held_meaning = sha256::of("\"me\"");
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"new\""), known), "update: put color=\"red\"@- name=\"new\"@a:1");
  known.found.fields["registeredBy"].held_meaning = {};
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"new\""), known),
                  "update: put color=\"red\"@- name=\"new\"@a:1 registeredBy=\"me\"@a:1");
}

CAF_TEST(changes a field that is behind from what it is and not from what the file says) {
  const auto text = manifest_text({{"traits", R"({"humor":1,"chaos":1})"}});
  auto known = facts(text, text);
  moves_on(known.found, "traits", R"({"chaos":5,"humor":1})");
  CAF_CHECK_EQUAL(tell(set({"traits", "humor"}, "2"), known), R"(update: put traits={"chaos":5,"humor":2}@a:1,b:5)");
}

CAF_TEST(only writes where the value is there and the file is behind) {
  const auto text = manifest_text();
  auto known = facts(text, text);
  moves_on(known.found, "name", "\"later\"");
  const auto plan = plan_update(set({"name"}, "\"later\""), known, the_ground());
  CAF_CHECK_EQUAL(told(plan), "write-through: ");
  CAF_CHECK_EQUAL(after(plan).name, "later");
}

CAF_TEST(moves the agent with its namespace) {
  const auto text = manifest_text();
  const auto plan = plan_update(set({"namespace"}, "\"Other Team\""), facts(text, text), the_ground());
  CAF_CHECK_EQUAL(told(plan), "change-namespace: put namespace=\"other-team\"@a:1; "
                              "place /home/me/src/app other-team /home/me/src");
  CAF_CHECK_EQUAL(*after(plan).name_space, "other-team");
  const auto& change = change_in(plan);
  CAF_CHECK_EQUAL(change.intent.endpoint_before->subject, "relay.agent.team." + the_agent.text);
  CAF_CHECK_EQUAL(change.intent.endpoint_after->subject, change.answer.subject);
  CAF_CHECK_EQUAL(change.answer.subject, "relay.agent.other-team." + the_agent.text);
}

CAF_TEST(derives the namespace of an agent whose manifest names none any more) {
  CAF_CHECK_EQUAL(tell(set({"namespace"}, {})), "change-namespace: put namespace=-@a:1; "
                                                "place /home/me/src/app app /home/me/src");
}

CAF_TEST(admits to a namespace only where the command names it) {
  auto known = facts(manifest_text(), manifest_text({{"namespace", "\"club\""}}));
  const auto edited = "change-namespace: put name=\"new\"@a:1 namespace=\"club\"@a:1; "
                      "place /home/me/src/app club /home/me/src";
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"new\""), known), edited + std::string(" unadmitted"));
  known.namespaces_in_use = std::vector<std::string>{"club"};
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"new\""), known), edited + std::string(" unadmitted"));
  known.namespaces_in_use = std::vector<std::string>{};
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"new\""), known), edited);
}

CAF_TEST(admits who waits where a command names the namespace that it is in) {
  auto known = facts(manifest_text(), manifest_text());
  known.found.here->admitted = false;
  CAF_CHECK_EQUAL(tell(set({"namespace"}, "\"team\""), known), "update: place /home/me/src/app team /home/me/src");
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"new\""), known), "update: put name=\"new\"@a:1");
}

CAF_TEST([GP02] lets only those be system agents that may) {
  CAF_CHECK_EQUAL(tell(set({"isSystem"}, "true")), "system-not-allowed");
  CAF_CHECK_EQUAL(tell(set({"isSystem"}, "false")), "nothing new");
  auto ground = the_ground();
  ground.system_allow = {the_agent.text};
  const auto text = manifest_text();
  CAF_CHECK_EQUAL(told(plan_update(set({"isSystem"}, "true"), facts(text, text), ground)),
                  "update: put isSystem=true@-");
}

CAF_TEST(only commits the change of an agent that lives elsewhere by the same rules) {
  agent_facts known;
  known.agent = the_agent;
  known.found = registered_elsewhere(manifest_text());
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"new\""), known), "change-remote: put name=\"new\"@b:1");
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"\""), known), "manifest-too-short");
  CAF_CHECK_EQUAL(tell(set({"name"}, "\"app\""), known), "nothing new");
  CAF_CHECK_EQUAL(tell(set({"namespace"}, "\"X Y\""), known), "change-remote: put namespace=\"x-y\"@b:1");
}

CAF_TEST(reverts all fields to what they were) {
  const auto text = manifest_text({{"color", "\"red\""}, {"name", "\"late\""}, {"mine", "1"}});
  CAF_CHECK_EQUAL(revert({{"icon", "\"x\""}}, facts(text, text)),
                  "revert: put color=-@a:1 icon=\"x\"@- mine=-@a:1 name=\"app\"@a:1");
  CAF_CHECK_EQUAL(revert({}, facts(manifest_text(), manifest_text())), "nothing new");
  CAF_CHECK_EQUAL(revert({{"namespace", "\"old\""}}, facts(manifest_text(), manifest_text())),
                  "change-namespace: put namespace=\"old\"@a:1; place /home/me/src/app old /home/me/src");
  CAF_CHECK_EQUAL(told(plan_revert({}, facts(text, text), the_ground())), "manifest-missing");
}

CAF_TEST(reverts an agent that lives elsewhere) {
  agent_facts known;
  known.agent = the_agent;
  known.found = registered_elsewhere(manifest_text({{"color", "\"red\""}}));
  CAF_CHECK_EQUAL(revert({}, known), "change-remote: put color=-@b:1");
}
