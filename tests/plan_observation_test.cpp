#define CAF_SUITE plan_observation_test

#include "tests/support/plan_facts.hpp"

#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/sha256.hpp"
#include "muster/supervisor/checkout_hold.hpp"
#include "muster/supervisor/field_edits.hpp"
#include "muster/supervisor/found_manifest.hpp"
#include "muster/supervisor/saga_steps.hpp"

#include <caf/test/unit_test.hpp>

#include <array>
#include <string>

using namespace muster;
using namespace muster::test;

namespace {

constexpr std::array<std::string_view, 11> observations{"unchanged", "synced",  "resurrected", "written",
                                                        "missing",   "invalid", "unreadable",  "unreachable",
                                                        "moved",     "removed", "refused"};

std::string show(const planned_observation& seen) {
  std::string text(observations[static_cast<std::size_t>(seen.what)]);
  if (seen.note)
    text += " " + std::string(to_string(seen.note->status)) + (seen.note->key ? " key" : "");
  if (seen.record)
    text += seen.record->fields == held_fields::as_folded ? " record-folded" : " record";
  if (seen.change)
    text += " " + told(planned{*seen.change});
  return text;
}

std::string observe(const agent_facts& known) {
  return show(plan_observation(the_path, known, the_ground()));
}

std::string observe(const std::map<std::string, std::string>& members) {
  return observe(facts(manifest_text(), manifest_text(members)));
}

agent_facts behind() {
  auto known = facts(manifest_text(), manifest_text());
  moves_on(known.found, "name", "\"later\"");
  return known;
}

} // namespace

CAF_TEST(finds nothing new in an untouched file) {
  CAF_CHECK_EQUAL(observe(std::map<std::string, std::string>{}), "unchanged active key");
}

CAF_TEST(only notes a file that says the same in other bytes) {
  CAF_CHECK_EQUAL(observe({{"description", "\"\""}}), "unchanged active record-folded");
}

CAF_TEST(commits an edit with what the file held) {
  CAF_CHECK_EQUAL(observe({{"name", "\"new\""}, {"color", "\"red\""}}),
                  "synced active observe: put color=\"red\"@- name=\"new\"@a:1");
  auto known = facts(manifest_text({{"color", "\"red\""}}), manifest_text());
  known.found.fields["color"].saw[elsewhere] = 3;
  CAF_CHECK_EQUAL(observe(known), "synced active observe: put color=-@a:1");
}

CAF_TEST(says again what was said before) {
  auto known = facts(manifest_text({{"name", "\"b\""}}), manifest_text({{"name", "\"a\""}}));
  commit first;
  first.ops.emplace_back(agent_put{the_agent, {{"name", "\"a\"", {}}}, false});
  known.history = {first};
  CAF_CHECK_EQUAL(observe(known), "synced active observe: put name=\"a\"@a:1");
}

CAF_TEST(brings a file up to date that is behind) {
  const auto seen = plan_observation(the_path, behind(), the_ground());
  CAF_CHECK_EQUAL(show(seen), "written active write-through: ");
  CAF_CHECK_EQUAL(manifest_document::read(seen.change->intent.after->bytes)->fields().name, "later");
  CAF_CHECK(seen.change->held->fields == held_fields::as_folded);
  CAF_CHECK(plan_write_through(behind(), the_ground()).has_value());
}

CAF_TEST(tells an edit from a field that is behind in the same file) {
  auto known = behind();
  known.sight = sight_of(manifest_text({{"color", "\"red\""}}));
  known.found.fields["name"].held_meaning = sha256::of("\"app\"");
  const auto seen = plan_observation(the_path, known, the_ground());
  CAF_CHECK_EQUAL(show(seen), "synced active observe: put color=\"red\"@-");
  CAF_CHECK(!seen.change->held->key);
  CAF_CHECK(!plan_write_through(known, the_ground()));
}

CAF_TEST(looks again at a file whose edit may lose against what it never held) {
  auto known = facts(manifest_text(), manifest_text({{"name", "\"mine\""}}));
  CAF_CHECK(plan_observation(the_path, known, the_ground()).change->held->key.has_value());
  known.found.fields["name"].saw[elsewhere] = 3;
  const auto seen = plan_observation(the_path, known, the_ground());
  CAF_CHECK_EQUAL(show(seen), "synced active observe: put name=\"mine\"@a:1");
  CAF_CHECK(!seen.change->held->key);
}

CAF_TEST(loses no edit where it is not known what the file held) {
  auto known = behind();
  known.sight = sight_of(manifest_text({{"color", "\"red\""}}));
  CAF_CHECK_EQUAL(observe(known), "synced active observe: put color=\"red\"@- name=\"app\"@a:1");
}

CAF_TEST(takes an old version for one where nothing was known of the file) {
  auto known = behind();
  known.found.held.reset();
  CAF_CHECK_EQUAL(observe(known), "synced active observe: put name=\"app\"@a:1");
  commit first;
  first.ops.emplace_back(agent_put{the_agent, {{"name", "\"app\"", {}}}, false});
  known.history = {first};
  CAF_CHECK_EQUAL(observe(known), "written active write-through: ");
}

CAF_TEST(takes a field that is not in the file for removed where the first version is not known) {
  auto known = facts(manifest_text({{"color", "\"red\""}}), manifest_text());
  known.found.held.reset();
  commit first;
  first.ops.emplace_back(agent_put{the_agent, {{"name", "\"app\"", {}}}, false});
  commit colored;
  colored.ops.emplace_back(agent_put{the_agent, {{"color", "\"red\"", {}}}, false});
  known.history = {colored, first};
  CAF_CHECK_EQUAL(observe(known), "written active write-through: ");
  known.history.assign(most_history, colored);
  known.history.back() = first;
  CAF_CHECK_EQUAL(observe(known), "synced active observe: put color=-@a:1");
}

CAF_TEST(says again what the fold has lost) {
  auto known = facts(manifest_text({{"name", "\"old\""}}), manifest_text());
  known.found.held = file_hash(manifest_text());
  known.found.fields["name"].held = {{the_instance, 2}};
  CAF_CHECK_EQUAL(observe(known), "synced active observe: put name=\"app\"@a:2");
  known.found.fields.erase("registeredBy");
  CAF_CHECK_EQUAL(observe(known), "synced active observe: put name=\"app\"@a:2 registeredBy=\"me\"@-");
}

CAF_TEST(writes no value that would make the manifest invalid) {
  auto known = behind();
  moves_on(known.found, "runtime", "\"emacs\"");
  const auto seen = plan_observation(the_path, known, the_ground());
  CAF_CHECK_EQUAL(show(seen), "written active write-through: ");
  const auto after = manifest_document::read(seen.change->intent.after->bytes);
  CAF_CHECK(after->fields().runtime == agent_runtime::other && after->fields().name == "later");
  CAF_CHECK_EQUAL(seen.note->problems.size(), 1u);
  auto only = facts(manifest_text(), manifest_text());
  moves_on(only.found, "runtime", "\"emacs\"");
  CAF_CHECK_EQUAL(observe(only), "unchanged active key");
}

CAF_TEST([MC44][RC01] tells absence apart from a directory that is gone) {
  auto known = facts(manifest_text(), manifest_text());
  known.sight = no_manifest{};
  CAF_CHECK_EQUAL(observe(known), "missing manifest-missing");
  known.sight = no_manifest{true};
  CAF_CHECK_EQUAL(observe(known), "unreachable unreachable");
}

CAF_TEST([RC05][GP11] keeps the last good content of a file that cannot be taken) {
  auto known = facts(manifest_text(), "{");
  CAF_CHECK_EQUAL(observe(known), "invalid manifest-invalid key");
  known.sight = obscured();
  CAF_CHECK_EQUAL(observe(known), "unreadable unreadable");
  CAF_CHECK(!plan_write_through(known, the_ground()));
}

CAF_TEST(whoever sweeps is told why a file could not be taken) {
  auto known = facts(manifest_text(), "{");
  const auto invalid = problems_to_report(plan_observation(the_path, known, the_ground()));
  CAF_REQUIRE_EQUAL(invalid.size(), 1u);
  CAF_CHECK_EQUAL(invalid[0].kind, "manifest-invalid");
  CAF_CHECK(invalid[0].message.starts_with(manifest_document::read("{").error().message));
  known.sight = obscured();
  const auto unreadable = problems_to_report(plan_observation(the_path, known, the_ground()));
  CAF_REQUIRE_EQUAL(unreadable.size(), 1u);
  CAF_CHECK_EQUAL(unreadable[0].message, std::get<manifest_obscured>(known.sight).why.message);
  known.sight = no_manifest{};
  CAF_CHECK(problems_to_report(plan_observation(the_path, known, the_ground())).empty());
}

CAF_TEST([GP04] takes nothing over from another agent) {
  const auto known = facts(manifest_text(), manifest_text({{"name", "\"x\""}}, agent_id{"another"}));
  const auto seen = plan_observation(the_path, known, the_ground());
  CAF_CHECK_EQUAL(show(seen), "refused manifest-missing key");
  CAF_CHECK_EQUAL(seen.note->problems.front().kind, "displaced");
  CAF_CHECK(!plan_write_through(known, the_ground()));
}

CAF_TEST([RC16] removes what is provably gone and was so for the whole grace) {
  using namespace std::chrono_literals;
  const auto remove = [](const manifest_sight& sight, agent_status status,
                         std::optional<std::chrono::nanoseconds> absent_for) {
    auto known = facts(manifest_text(), manifest_text());
    known.sight = sight;
    known.found.status = status;
    known.found.absent_for = absent_for;
    return show(plan_removal(the_path, known, 24h, the_ground()));
  };
  const auto missing = agent_status::manifest_missing;
  const auto drop = std::string("removed unregister-keeping: unplace");
  CAF_CHECK_EQUAL(remove(no_manifest{}, missing, 24h).substr(0, drop.size()), drop);
  CAF_CHECK_EQUAL(remove(no_manifest{true}, agent_status::unreachable, 25h).substr(0, drop.size()), drop);
  const auto anothers = sight_of(manifest_text({}, agent_id{"01JF5K3W8RZQ0V7B2M4N6P8S9V"}));
  CAF_CHECK_EQUAL(remove(anothers, missing, 24h).substr(0, drop.size()), drop);
  CAF_CHECK_EQUAL(remove(no_manifest{}, missing, 24h - 1ns), "missing manifest-missing");
  CAF_CHECK_EQUAL(remove(no_manifest{}, missing, {}), "missing manifest-missing");
  CAF_CHECK_EQUAL(remove(obscured(), missing, 48h), "unreadable unreadable");
  CAF_CHECK_EQUAL(remove(sight_of(manifest_text()), missing, 48h), "resurrected active key");
  CAF_CHECK_EQUAL(remove(sight_of("{"), missing, 48h), "invalid manifest-invalid key");
}

CAF_TEST(touches no file when it removes) {
  using namespace std::chrono_literals;
  auto known = facts(manifest_text(), manifest_text());
  known.sight = no_manifest{};
  known.found.absent_for = 48h;
  const auto plan = plan_removal(the_path, known, 24h, the_ground());
  CAF_REQUIRE(plan.change);
  CAF_CHECK_EQUAL(unsound(*plan.change), "");
  CAF_CHECK(!plan.note);
  for (const auto duty : plan_of(plan.change->intent.kind).duties)
    CAF_CHECK(duty != saga_step::retire_manifest);
}

CAF_TEST([RC13] tells that a file is back) {
  auto known = facts(manifest_text(), manifest_text());
  for (const auto status : {agent_status::unreachable, agent_status::manifest_missing}) {
    known.found.status = status;
    CAF_CHECK_EQUAL(observe(known), "resurrected active key");
  }
  known.found.status = agent_status::manifest_invalid;
  CAF_CHECK_EQUAL(observe(known), "unchanged active key");
  known.found.here->admitted = false;
  CAF_CHECK_EQUAL(observe(known), "unchanged unadmitted key");
}

CAF_TEST([GP02] moves an agent whose file names another namespace and admits it to no other) {
  auto known = facts(manifest_text(), manifest_text({{"namespace", "\"Club\""}}));
  const std::string moved = "change-namespace: put namespace=\"Club\"@a:1; place /home/me/src/app club /home/me/src";
  CAF_CHECK_EQUAL(observe(known), "synced unadmitted " + moved + " unadmitted");
  const auto told = [&] { return problems_to_report(plan_observation(the_path, known, the_ground())); };
  CAF_REQUIRE_EQUAL(told().size(), 1u);
  CAF_CHECK_EQUAL(told()[0].kind, "unadmitted");
  CAF_CHECK(told()[0].message.find("muster admit") != std::string::npos);
  known.namespaces_in_use = std::vector<std::string>{"team"};
  CAF_CHECK_EQUAL(observe(known), "synced active " + moved);
  CAF_CHECK(told().empty());
  CAF_CHECK(plan_observation(the_path, known, the_ground()).change->relay_may_owe);
}

CAF_TEST(follows the namespace that was written through) {
  const auto text = manifest_text({{"namespace", "\"club\""}});
  CAF_CHECK_EQUAL(observe(facts(text, text)),
                  "synced unadmitted change-namespace: place /home/me/src/app club /home/me/src unadmitted");
}

CAF_TEST(stays in its namespace where the file names none that can be used) {
  auto known = facts(manifest_text(), manifest_text({{"namespace", "\"!\""}}));
  const auto seen = plan_observation(the_path, known, the_ground());
  CAF_CHECK_EQUAL(show(seen), "synced active observe: put namespace=\"!\"@a:1");
  CAF_CHECK_EQUAL(seen.note->problems.front().kind, "namespace");
  CAF_CHECK_EQUAL(observe({{"namespace", ""}}), "synced active observe: put namespace=-@a:1");
}

CAF_TEST(holds an earlier version that came with another head and nothing else) {
  const auto plan_of_edit = [](const std::string& name) {
    return plan_observation(the_path, facts(manifest_text(), manifest_text({{"name", name}})), the_ground());
  };
  auto known = facts(manifest_text(), manifest_text({{"name", "\"new\""}}));
  known.found.head = "a:b";
  const auto edit = plan_of_edit("\"new\"");
  CAF_CHECK(may_be_checkout(edit, known, "c:b"));
  CAF_CHECK(!may_be_checkout(edit, known, "a:b"));
  CAF_CHECK(!may_be_checkout(edit, known, ""));
  const auto same = plan_observation(the_path, facts(manifest_text(), manifest_text()), the_ground());
  CAF_CHECK(!may_be_checkout(same, known, "c:b"));
  const auto held = hold_checkout(edit);
  CAF_CHECK_EQUAL(show(held), "refused active");
  CAF_REQUIRE_EQUAL(held.note->problems.size(), 1u);
  CAF_CHECK_EQUAL(held.note->problems.front().kind, "held");
}

CAF_TEST(an earlier version is what all fields were at once) {
  const auto put = [](std::map<std::string, std::string> fields) {
    commit made;
    agent_put edit{the_agent, {}, false};
    for (const auto& [name, value] : fields)
      edit.fields.push_back({name, value, {}});
    made.ops.emplace_back(edit);
    return made;
  };
  const auto file = [](const std::map<std::string, std::string>& members) {
    return manifest_document::read(manifest_text(members)).value();
  };
  const auto base = facts(manifest_text(), manifest_text());
  std::map<std::string, std::string> first;
  for (const auto& [name, field] : base.found.fields)
    if (field.value)
      first[name] = *field.value;
  // Newest first, as a log is read.
  const std::vector<commit> log{put({{"description", "\"new\""}}), put({{"name", "\"new\""}}), put(first)};
  CAF_CHECK(is_earlier_version(file({}), the_agent, log));
  CAF_CHECK(is_earlier_version(file({{"name", "\"new\""}}), the_agent, log));
  CAF_CHECK(is_earlier_version(file({{"name", "\"new\""}, {"description", "\"new\""}}), the_agent, log));
  CAF_CHECK(!is_earlier_version(file({{"description", "\"new\""}}), the_agent, log));
  CAF_CHECK(!is_earlier_version(file({{"name", "\"newer\""}}), the_agent, log));
  CAF_CHECK(!is_earlier_version(file({}), agent_id{"other"}, log));
  CAF_CHECK(!is_earlier_version(file({}), the_agent, {}));
}

CAF_TEST([RC14] leaves alone what is not placed there any more) {
  auto known = facts(manifest_text(), manifest_text());
  CAF_CHECK_EQUAL(show(plan_observation("/elsewhere", known, the_ground())), "refused");
  known.found.here.reset();
  CAF_CHECK_EQUAL(observe(known), "refused");
}

CAF_TEST(tells recovery what the file holds) {
  const auto image = [](const std::string& bytes) { return manifest_image{to_hex(file_hash(bytes)), bytes}; };
  saga_intent intent;
  const auto found = [&](const manifest_sight& sight) { return found_against(intent, sight); };
  CAF_CHECK(found(no_manifest{}) == found_file::as_both);
  CAF_CHECK(found(sight_of("x")) == found_file::other);
  intent.after = image("new");
  CAF_CHECK(found(no_manifest{}) == found_file::as_before);
  CAF_CHECK(found(sight_of("new")) == found_file::as_written);
  intent.before = image("old");
  CAF_CHECK(found(no_manifest{}) == found_file::gone);
  CAF_CHECK(found(sight_of("old")) == found_file::as_before);
  CAF_CHECK(found(sight_of("new")) == found_file::as_written);
  CAF_CHECK(found(sight_of("x")) == found_file::other);
  CAF_CHECK(found(obscured()) == found_file::unreadable);
  intent.after = intent.before;
  CAF_CHECK(found(sight_of("old")) == found_file::as_both);
  CAF_CHECK(found(no_manifest{}) == found_file::gone);
  intent.after.reset();
  CAF_CHECK(found(no_manifest{}) == found_file::as_written);
}

CAF_TEST(asks for a proof of absence only where the saga may have written) {
  saga_intent intent;
  intent.path = "/p";
  intent.where = directory_mark{1, 2};
  CAF_CHECK(question_after(intent).project == "/p");
  CAF_CHECK(!question_after(intent).where);
  intent.after = manifest_image{"hash", "bytes"};
  CAF_CHECK(question_after(intent).where == intent.where);
}
