#define CAF_SUITE namespace_rules_test

#include "muster/store/namespace_rules.hpp"

#include <caf/test/unit_test.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace muster;

namespace {

const std::string root = "/home/me/src";

std::string resolved(const namespace_question& asked) {
  const auto answer = resolve_namespace(asked);
  if (!answer)
    return std::string(answer.error().code);
  return answer->name + " " + answer->scan_root;
}

std::string derived(const std::string& path, const std::string& scan_root) {
  return resolved({.path = path, .scan_root = scan_root});
}

std::string usable(std::string_view text) {
  const auto answer = usable_namespace(text);
  return answer ? *answer : std::string(answer.error().code);
}

} // namespace

CAF_TEST([MC13][MC15] derives the first directory below the scan root) {
  CAF_CHECK_EQUAL(derived(root + "/dorkos/core", root), "dorkos " + root);
  CAF_CHECK_EQUAL(derived(root + "/My_Agent", root), "my-agent " + root);
  CAF_CHECK_EQUAL(derived(root + "/My_Agent", root + "/"), "my-agent " + root);
  CAF_CHECK_EQUAL(derived(root + "/My_Agent/", root), "my-agent " + root);
  CAF_CHECK_EQUAL(derived("/dorkos/core", "/"), "dorkos /");
}

CAF_TEST(gives a project in the managed home its own name and no other scan root) {
  const std::string home = "/home/me";
  const std::string managed = home + "/.dork/agents";
  CAF_CHECK_EQUAL(derived(managed + "/alpha", home), "dork " + home);
  CAF_CHECK_EQUAL(resolved({.path = managed + "/alpha", .scan_root = home, .managed_home = managed}),
                  "alpha " + managed);
  CAF_CHECK_EQUAL(resolved({.path = managed, .scan_root = home, .managed_home = managed}), "dork " + home);
}

CAF_TEST(refuses a scan root that the project is not below) {
  CAF_CHECK_EQUAL(derived(root, root), "namespace-outside-root");
  CAF_CHECK_EQUAL(derived("/home/me", root), "namespace-outside-root");
  CAF_CHECK_EQUAL(derived(root + "x/a", root), "namespace-outside-root");
  CAF_CHECK_EQUAL(derived(root + "/../a", root), "namespace-outside-root");
  CAF_CHECK_EQUAL(resolved({.path = "/home/me", .scan_root = root, .given = "x"}), "namespace-outside-root");
}

CAF_TEST(takes the own name of a project without a scan root) {
  CAF_CHECK_EQUAL(derived("/home/me/My Agent", ""), "my-agent ");
  CAF_CHECK_EQUAL(derived("/home/me/agent/", ""), "agent ");
  CAF_CHECK_EQUAL(derived("/", ""), "namespace-empty");
}

CAF_TEST(spells a namespace in one way) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"HELLO", "hello"},
      {"Hello World!", "hello-world"},
      {"---foo---", "foo"},
      {"FOO_BAR.baz", "foo-bar-baz"},
      {"cursor", "cursor"},
      {"caf\xc3\xa9", "caf"},
      {"Custom NS!", "custom-ns"},
      {".hidden", "hidden"},
      {"a\xf0\x9f\x98\x80"
       "b",
       "a-b"},
      {"\xe2\x84\xaa"
       "elvin",
       "kelvin"},
      {"\xc4\xb0stanbul", "i-stanbul"},
      {"a\xc4\xb0-b", "ai-b"},
      {"a\xff\xfe"
       "b",
       "a-b"},
      {std::string("a\0b", 3), "a-b"},
  };
  for (const auto& [text, normal] : table)
    CAF_CHECK_EQUAL(normal_namespace(text), normal);
}

CAF_TEST(sets what a relay takes for a runtime apart) {
  for (const std::string type : {"claude-code", "codex", "opencode", "test-mode"})
    CAF_CHECK_EQUAL(normal_namespace(type), type + "-ns");
  CAF_CHECK_EQUAL(normal_namespace("Claude Code"), "claude-code-ns");
  CAF_CHECK_EQUAL(normal_namespace("claude-code-ns"), "claude-code-ns");
}

CAF_TEST(normalises what is normal to itself) {
  std::size_t others = 0;
  for (const std::string text : {"a", "a-b", "0", "claude-code-ns", "i-stanbul"})
    others += normal_namespace(text) != text;
  CAF_CHECK_EQUAL(others, 0u);
}

CAF_TEST(refuses a namespace that cannot be used) {
  for (const auto* text : {"", "..", "---", "\xe6\x97\xa5\xe6\x9c\xac", "\xc3\x9f"})
    CAF_CHECK_EQUAL(usable(text), "namespace-empty");
  CAF_CHECK_EQUAL(usable(std::string(64, 'a')), std::string(64, 'a'));
  CAF_CHECK_EQUAL(usable(std::string(65, 'a')), "namespace-too-long");
  CAF_CHECK_EQUAL(usable(std::string(64, 'a').append("!!")), std::string(64, 'a'));
}

CAF_TEST([MC14] takes what is given unless it is blank) {
  const auto given = [](std::string_view text) {
    return resolved({.path = "/home/me/src/team/x", .scan_root = "/home/me/src", .given = text});
  };
  CAF_CHECK_EQUAL(given("Custom NS!"), "custom-ns /home/me/src");
  CAF_CHECK_EQUAL(given(""), "team /home/me/src");
  CAF_CHECK_EQUAL(given(" \t\n"), "team /home/me/src");
  CAF_CHECK_EQUAL(given("\xc2\xa0\xe3\x80\x80\xef\xbb\xbf"), "team /home/me/src");
  CAF_CHECK_EQUAL(given("\xe6\x97\xa5"), "namespace-empty");
  CAF_CHECK_EQUAL(resolved({.path = "/a/b", .given = "X"}), "x ");
}

CAF_TEST(never refuses an import) {
  const auto imported = [](const namespace_question& asked) {
    const auto answer = import_namespace(asked);
    return answer.name + " " + answer.scan_root;
  };
  CAF_CHECK_EQUAL(imported({.path = "/src/team/x", .scan_root = "/src"}), "team /src");
  CAF_CHECK_EQUAL(imported({.path = "/src/team/x", .scan_root = "/src", .given = "\xe6\x97\xa5"}), "x /src");
  CAF_CHECK_EQUAL(imported({.path = "/elsewhere/x", .scan_root = "/src"}), "x ");
  CAF_CHECK_EQUAL(imported({.path = "/src", .scan_root = "/src"}), "src ");
  CAF_CHECK_EQUAL(imported({.path = "/src", .scan_root = "/src", .given = "Team"}), "team ");
  CAF_CHECK_EQUAL(imported({.path = "/src/..", .scan_root = "/src"}), "default ");
  const std::string as(63, 'a');
  CAF_CHECK_EQUAL(imported({.path = "/" + as + "_b"}), as + " ");
}

CAF_TEST(addresses an agent by namespace and id) {
  const agent_id ulid{"01JF5K3W8RZQ0V7B2M4N6P8S9T"};
  CAF_CHECK_EQUAL(subject_of("relay.agent.", "team", ulid), "relay.agent.team.01JF5K3W8RZQ0V7B2M4N6P8S9T");
  CAF_CHECK_EQUAL(subject_of("relay.agent.", "codex", ulid), "relay.agent.codex-ns.01JF5K3W8RZQ0V7B2M4N6P8S9T");
}

CAF_TEST([GP13] makes of every id and namespace one token of bounded length that no other has) {
  const std::vector<std::string> texts{"a",
                                       "a.b",
                                       "a b",
                                       "*",
                                       ">",
                                       std::string("\0", 1),
                                       "_x_",
                                       "_x_a",
                                       std::string(64, 'a'),
                                       "\xff",
                                       std::string(65, 'a'),
                                       std::string(4096, 'a')};
  std::set<std::string> subjects;
  std::size_t wrong = 0;
  for (const auto& id : texts)
    for (const auto& name : texts) {
      const auto subject = subject_of("p.", name, agent_id{id});
      subjects.insert(subject);
      const auto dot = subject.rfind('.');
      wrong += subject.size() > 2 + 64 + 1 + 64;
      wrong += !is_subject_token(subject.substr(2, dot - 2)) || !is_subject_token(subject.substr(dot + 1));
    }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_EQUAL(subjects.size(), texts.size() * texts.size());
  const auto escaped = subject_of("p.", "t", agent_id{"a.b"});
  const agent_id imitation{escaped.substr(escaped.rfind('.') + 1)};
  CAF_CHECK_NOT_EQUAL(subject_of("p.", "t", imitation), escaped);
}

CAF_TEST([NR01][NR02][NR03][NR04][NR05][NR06] the spellings that others give a namespace) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"HELLO", "hello"},   {"Hello World!", "hello-world"}, {"---foo---", "foo"}, {"FOO_BAR.baz", "foo-bar-baz"},
      {"team-a", "team-a"}, {"dorkos123", "dorkos123"},
  };
  for (const auto& [text, normal] : table)
    CAF_CHECK_EQUAL(normal_namespace(text), normal);
}

CAF_TEST([NR07][NR08][NR09][NR10][NR11] a namespace has one to sixty four characters) {
  const auto empty = usable_namespace("");
  CAF_CHECK_EQUAL(empty.error().code, "namespace-empty");
  CAF_CHECK(empty.error().message.find("at least one") != std::string::npos);
  const auto longer = usable_namespace(std::string(65, 'a'));
  CAF_CHECK_EQUAL(longer.error().code, "namespace-too-long");
  CAF_CHECK(longer.error().message.find("64") != std::string::npos);
  CAF_CHECK_EQUAL(usable(std::string(64, 'a')), std::string(64, 'a'));
  CAF_CHECK_EQUAL(usable("my-team"), "my-team");
  CAF_CHECK_EQUAL(usable("a"), "a");
}

CAF_TEST([NR12][NR13][NR14][NR15][NR16][NR17] a namespace that is given comes before one that is derived) {
  const auto given = [](std::string_view text) {
    return resolved({.path = root + "/dorkos/core", .scan_root = root, .given = text});
  };
  CAF_CHECK_EQUAL(given("custom"), "custom " + root);
  CAF_CHECK_EQUAL(given("Custom NS!"), "custom-ns " + root);
  CAF_CHECK_EQUAL(given(""), "dorkos " + root);
  CAF_CHECK_EQUAL(given("  \t "), "dorkos " + root);
  CAF_CHECK_EQUAL(given("---"), "namespace-empty");
  CAF_CHECK_EQUAL(given(std::string(65, 'a')), "namespace-too-long");
}

CAF_TEST([NR18][NR19][NR20][NR21][NR22][NR23][NR24][NR25] a namespace is derived from the first directory below the root) {
  const std::vector<std::pair<std::string, std::string>> table{
      {root + "/dorkos/core", "dorkos "},
      {root + "/dorkos/packages/mesh/src", "dorkos "},
      {root + "/my-project/x", "my-project "},
      {root + "/My_Agent", "my-agent "},
      {root + "/alone", "alone "},
  };
  for (const auto& [path, name] : table) {
    CAF_CHECK_EQUAL(derived(path, root), name + root);
    CAF_CHECK_EQUAL(derived(path, root + "/"), name + root);
  }
  for (const auto& path : {root, std::string("/home/me"), std::string("/")}) {
    CAF_CHECK_EQUAL(derived(path, root), "namespace-outside-root");
    CAF_CHECK(resolve_namespace({.path = path, .scan_root = root}).error().message.find("scan root") !=
              std::string::npos);
  }
}
