#define CAF_SUITE plan_denial_test

#include "tests/support/plan_facts.hpp"

#include "muster/supervisor/consent_plan.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;
using namespace muster::test;

namespace {

deny_path denying(const std::string& reason = {}, const std::string& by = {}) {
  return {{}, the_path, reason, by, {}};
}

denial_facts facts_of(std::optional<known_denial> standing = {}) {
  denial_facts known;
  known.path = the_path;
  known.home = the_path;
  known.user = "me";
  known.standing = std::move(standing);
  return known;
}

known_denial standing(const std::string& reason, const std::string& by = "me", const std::string& path = the_path) {
  return {path, reason, by, {}, "manual", {the_instance, 4}};
}

const deny_put& put_in(const expected<planned>& plan) {
  return std::get<deny_put>(change_in(plan).intent.ops.front());
}

expected<planned> deny(const deny_path& asked, const denial_facts& known) {
  return plan_denial(asked, known, the_ground());
}

} // namespace

CAF_TEST([DL03] denies a directory with the reason and the name of whoever asks) {
  const auto plan = deny(denying("noise", "ann"), facts_of());
  CAF_CHECK_EQUAL(told(plan), "change-denial: deny /home/me/src/app noise");
  CAF_CHECK((put_in(plan) == deny_put{the_instance, the_path, "noise", "ann", "manual"}));
  CAF_CHECK_EQUAL(change_in(plan).answer.path, the_path);
}

CAF_TEST([DL04] what is not said is the user and no reason and by hand) {
  CAF_CHECK((put_in(deny(denying(), facts_of())) == deny_put{the_instance, the_path, "", "me", "manual"}));
  auto asked = denying();
  asked.strategy = "codex";
  CAF_CHECK_EQUAL(put_in(deny(asked, facts_of())).strategy, "codex");
}

CAF_TEST([DL05] the same once more is nothing new and another reason takes the place) {
  const auto known = facts_of(standing("noise"));
  CAF_CHECK_EQUAL(told(deny(denying("noise"), known)), "nothing new");
  CAF_CHECK_EQUAL(told(deny(denying(), known)), "nothing new");
  CAF_CHECK(std::get<nothing_new>(*deny(denying(), known)).answer.version == (commit_id{the_instance, 4}));
  CAF_CHECK((put_in(deny(denying("not ours"), known)) == deny_put{the_instance, the_path, "not ours", "me", "manual"}));
  CAF_CHECK((put_in(deny(denying({}, "ann"), known)) == deny_put{the_instance, the_path, "noise", "ann", "manual"}));
}

CAF_TEST(what an unregistration left becomes the word of whoever denies) {
  const auto plan = deny(denying(), facts_of(standing("unregistered", "muster")));
  CAF_CHECK((put_in(plan) == deny_put{the_instance, the_path, "", "me", "manual"}));
}

CAF_TEST([GP21] a directory in which an agent lives is refused with what to type) {
  auto known = facts_of();
  known.agent = the_agent;
  const auto plan = deny(denying(), known);
  CAF_CHECK_EQUAL(told(plan), "denied-registered");
  CAF_CHECK_EQUAL(exit_code(plan.error().kind), 4);
  CAF_CHECK(plan.error().message.find("`muster unregister " + the_agent.text + " --keep-manifest`") !=
            std::string::npos);
  CAF_CHECK_EQUAL(plan.error().agent, the_agent.text);
}

CAF_TEST(it waits for what a scan is about to take there or below) {
  auto known = facts_of();
  known.arriving = {the_path + "/below"};
  CAF_CHECK(change_in(deny(denying(), known)).claims == claims_on({}, {the_path, the_path + "/below"}));
}

CAF_TEST(texts that are too long or no text are refused) {
  CAF_CHECK_EQUAL(told(deny(denying(std::string(4097, 'x')), facts_of())), "denial-text");
  CAF_CHECK_EQUAL(told(deny(denying("\xff"), facts_of())), "denial-text");
  CAF_CHECK_EQUAL(told(deny(denying({}, "\xff"), facts_of())), "denial-text");
}

CAF_TEST([DL06] what is lifted is the denial that is spelled so and else that of the directory) {
  undenial_facts known{the_path, {}, standing("noise", "me", "/real/app")};
  CAF_CHECK_EQUAL(told(plan_undenial(known, the_ground())), "change-denial: undeny /real/app");
  CAF_CHECK(change_in(plan_undenial(known, the_ground())).claims == claims_on({}, {"/real/app"}));
  known.as_typed = standing("noise");
  CAF_CHECK_EQUAL(told(plan_undenial(known, the_ground())), "change-denial: undeny " + the_path);
}

CAF_TEST([DL07] what is not denied is nothing to lift) {
  const auto plan = plan_undenial({the_path, {}, {}}, the_ground());
  CAF_CHECK_EQUAL(told(plan), "nothing new");
  CAF_CHECK_EQUAL(std::get<nothing_new>(*plan).answer.version.seq, 0u);
}
