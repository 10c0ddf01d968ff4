#define CAF_SUITE field_assignments_test

#include "muster/runner/field_assignments.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

namespace {

std::string changes(const std::vector<std::string>& set, const std::vector<std::string>& unset = {}) {
  const auto made = field_changes(set, unset);
  return made ? *made : std::string(made.error().code);
}

bool says(const std::vector<std::string>& set, const std::string& part) {
  const auto made = field_changes(set, {});
  return !made && made.error().message.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(a text is taken as it is typed) {
  CAF_CHECK_EQUAL(changes({"description=true"}), R"([{"field":["description"],"value":"true"}])");
  CAF_CHECK_EQUAL(changes({"description=12"}), R"([{"field":["description"],"value":"12"}])");
  CAF_CHECK_EQUAL(changes({"description="}), R"([{"field":["description"],"value":""}])");
  CAF_CHECK_EQUAL(changes({"description=a=b \"c\""}), R"([{"field":["description"],"value":"a=b \"c\""}])");
}

CAF_TEST(flags and numbers are plain and lists and objects are JSON) {
  CAF_CHECK_EQUAL(changes({"personaEnabled=false"}), R"([{"field":["personaEnabled"],"value":false}])");
  CAF_CHECK_EQUAL(changes({"traits.humor=2"}), R"([{"field":["traits","humor"],"value":2}])");
  CAF_CHECK_EQUAL(changes({"behavior.escalationThreshold=0.10"}),
                  R"([{"field":["behavior","escalationThreshold"],"value":0.10}])");
  CAF_CHECK_EQUAL(changes({R"(capabilities=["a","b"])"}), R"([{"field":["capabilities"],"value":["a","b"]}])");
  CAF_CHECK_EQUAL(changes({R"(enabledToolGroups={"tasks":false})"}),
                  R"([{"field":["enabledToolGroups"],"value":{"tasks":false}}])");
}

CAF_TEST(a choice must be one of them) {
  CAF_CHECK_EQUAL(changes({"behavior.responseMode=silent"}),
                  R"([{"field":["behavior","responseMode"],"value":"silent"}])");
  CAF_CHECK(says({"behavior.responseMode=silnet"}, "did you mean 'silent'"));
  CAF_CHECK(says({"runtime=typewriter"}, "claude-code"));
}

CAF_TEST(a value of another type is refused with an example) {
  CAF_CHECK_EQUAL(changes({"personaEnabled=yes"}), "bad-value");
  CAF_CHECK_EQUAL(changes({"traits.humor=much"}), "bad-value");
  CAF_CHECK_EQUAL(changes({"capabilities=code"}), "bad-value");
  CAF_CHECK_EQUAL(changes({R"(enabledToolGroups=["tasks"])"}), "bad-value");
  CAF_CHECK_EQUAL(changes({"description=\xff"}), "bad-value");
  CAF_CHECK(says({"capabilities=code"}, "[\"code\",\"review\"]"));
}

CAF_TEST(a field that manifests do not have is refused with the one that was meant) {
  CAF_CHECK_EQUAL(changes({"descripton=x"}), "no-such-field");
  CAF_CHECK(says({"descripton=x"}, "did you mean 'description'"));
  CAF_CHECK(says({"behavior.mode=x"}, "behavior has no field 'mode'; it has responseMode, escalationThreshold"));
  CAF_CHECK_EQUAL(changes({"name.first=x"}), "no-such-field");
  CAF_CHECK_EQUAL(changes({"=x"}), "no-assignment");
  CAF_CHECK_EQUAL(changes({"name"}), "no-assignment");
  CAF_CHECK_EQUAL(changes({".=x"}), "no-such-field");
}

CAF_TEST(what is unset has no value and nothing may be named twice) {
  CAF_CHECK_EQUAL(changes({}, {"persona", "traits.humor"}), R"([{"field":["persona"]},{"field":["traits","humor"]}])");
  CAF_CHECK_EQUAL(changes({"persona=x"}, {"persona"}), "named-twice");
  CAF_CHECK_EQUAL(changes({"persona=x", "persona=y"}), "named-twice");
  CAF_CHECK_EQUAL(changes({}, {"prsona"}), "no-such-field");
  CAF_CHECK_EQUAL(changes({}), "");
}
