#define CAF_SUITE manifest_rules_test

#include "muster/store/manifest_rules.hpp"

#include "tests/support/manifest_samples.hpp"
#include "tests/support/peer_grammar.hpp"

#include "muster/store/manifest_document.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace muster;
using namespace muster::test;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all = "\"";
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all + '"';
}

/// One value of one top-level member, and what comes of it.
struct row {
  std::string member;
  std::string value; ///< empty: the member is removed
  std::string code;  ///< empty: valid
  std::string path = {};
  /// The peer, who knows no budget and rounds numbers, takes it otherwise.
  bool peer_differs = false;
};

std::string traits(const std::string& level) {
  return R"({"humor": )" + level + "}";
}
std::string budget(const std::string& hops) {
  return R"({"maxHopsPerMessage": )" + hops + "}";
}
std::string threshold(const std::string& number) {
  return R"({"escalationThreshold": )" + number + "}";
}

/// A server with one member replaced, or removed if the text is empty.
std::string server(const std::string& member, const std::string& text) {
  object_sample sample{{"name", R"("files")"},
                       {"connection", R"({"transport": "stdio", "command": "run"})"},
                       {"addedAt", R"("2026-01-01T00:00Z")"},
                       {"addedBy", R"("me")"}};
  return "[" + (text.empty() ? sample.remove(member) : sample.set(member, text)).text() + "]";
}

std::string connection(const std::string& text) {
  return server("connection", text);
}

const std::vector<row> required_texts = {
    {"id", R"("x")", ""},
    {"id", R"("")", "manifest-too-short"},
    {"id", "", "manifest-missing"},
    {"id", "null", "manifest-null"},
    {"id", "1", "manifest-type"},
    {"name", R"("n")", ""},
    {"name", R"("")", "manifest-too-short"},
    {"name", "", "manifest-missing"},
    {"name", "null", "manifest-null"},
    {"name", "[]", "manifest-type"},
    {"registeredBy", R"("r")", ""},
    {"registeredBy", R"("")", "manifest-too-short"},
    {"registeredBy", "", "manifest-missing"},
    {"registeredBy", "null", "manifest-null"},
    {"registeredBy", "true", "manifest-type"},
    {"registeredAt", R"("2024-02-29T23:59:59.5Z")", ""},
    {"registeredAt", R"("2023-02-29T23:59:59.5Z")", "manifest-datetime"},
    {"registeredAt", R"("2024-02-29T23:59:59+00:00")", "manifest-datetime"},
    {"registeredAt", R"("")", "manifest-datetime"},
    {"registeredAt", "", "manifest-missing"},
    {"registeredAt", "null", "manifest-null"},
    {"registeredAt", "1767225600000", "manifest-type"},
    {"runtime", R"("other")", ""},
    {"runtime", R"("Other")", "manifest-choice"},
    {"runtime", R"("")", "manifest-choice"},
    {"runtime", "", "manifest-missing"},
    {"runtime", "null", "manifest-null"},
    {"runtime", "0", "manifest-type"},
};

const std::vector<row> optional_texts = {
    {"displayName", repeated("a", 100), ""},
    {"displayName", repeated("a", 101), "manifest-too-long"},
    {"displayName", repeated("\U0001F916", 50), ""},
    {"displayName", repeated("\U0001F916", 51), "manifest-too-long"},
    {"displayName", repeated("\\ud83e\\udd16", 50), ""},
    {"displayName", repeated("ß", 100), ""},
    {"displayName", repeated("ß", 101), "manifest-too-long"},
    {"displayName", R"("")", ""},
    {"displayName", "null", "manifest-null"},
    {"displayName", "1", "manifest-type"},
    {"description", R"("")", ""},
    {"description", repeated("a", 100000), ""},
    {"description", "null", "manifest-null"},
    {"description", "{}", "manifest-type"},
    {"namespace", repeated("a", 64), ""},
    {"namespace", repeated("a", 65), "manifest-too-long"},
    {"namespace", repeated("\U0001F916", 32), ""},
    {"namespace", repeated("\U0001F916", 33), "manifest-too-long"},
    {"namespace", R"("")", ""},
    {"namespace", "null", "manifest-null"},
    {"namespace", "false", "manifest-type"},
    {"persona", repeated("a", 4000), ""},
    {"persona", repeated("a", 4001), "manifest-too-long"},
    {"persona", R"("")", ""},
    {"persona", "null", "manifest-null"},
    {"persona", "3", "manifest-type"},
    {"color", R"("")", ""},
    {"color", "null", "manifest-null"},
    {"color", "7", "manifest-type"},
    {"icon", R"("")", ""},
    {"icon", "null", "manifest-null"},
    {"icon", "[\"x\"]", "manifest-type"},
    {"personaEnabled", "false", ""},
    {"personaEnabled", "null", "manifest-null"},
    {"personaEnabled", R"("true")", "manifest-type"},
    {"isSystem", "true", ""},
    {"isSystem", "null", "manifest-null"},
    {"isSystem", "1", "manifest-type"},
    {"capabilities", "[]", ""},
    {"capabilities", R"(["", "a", "a"])", ""},
    {"capabilities", "null", "manifest-null"},
    {"capabilities", R"("code")", "manifest-type"},
    {"capabilities", R"(["a", 1])", "manifest-type", "capabilities[1]"},
    {"capabilities", R"([null])", "manifest-null", "capabilities[0]"},
    // Those that degrade are valid whatever they are.
    {"model", R"("")", ""},
    {"model", "null", ""},
    {"effort", R"("maximal")", ""},
    {"effort", "{}", ""},
    {"account", R"("")", ""},
    {"account", "[1]", ""},
};

const std::vector<row> objects = {
    {"behavior", "{}", ""},
    {"behavior", "null", "manifest-null"},
    {"behavior", "[]", "manifest-type"},
    {"behavior", R"({"responseMode": "engaged"})", ""},
    {"behavior", R"({"responseMode": "loud"})", "manifest-choice", "behavior.responseMode"},
    {"behavior", R"({"responseMode": null})", "manifest-null", "behavior.responseMode"},
    {"behavior", threshold("-1.5"), ""},
    {"behavior", threshold("1.7976931348623157e308"), ""},
    // Boost.JSON does not round this one to the nearest double, which is finite.
    {"behavior", threshold("1.797693134862315807e308"), "", "", true},
    {"behavior", threshold("1.7976931348623159e308"), "manifest-not-finite", "behavior.escalationThreshold"},
    {"behavior", threshold("-1.7976931348623159e308"), "manifest-not-finite", "behavior.escalationThreshold"},
    {"behavior", threshold("1e999"), "manifest-not-finite", "behavior.escalationThreshold"},
    {"behavior", threshold("-1e999"), "manifest-not-finite", "behavior.escalationThreshold"},
    {"behavior", threshold("1" + std::string(308, '0')), ""},
    {"behavior", threshold("1" + std::string(309, '0')), "manifest-not-finite", "behavior.escalationThreshold"},
    {"behavior", threshold("1e-999"), ""},
    {"behavior", threshold("null"), "manifest-null", "behavior.escalationThreshold"},
    {"behavior", threshold(R"("1")"), "manifest-type", "behavior.escalationThreshold"},
    {"traits", "{}", ""},
    {"traits", "null", "manifest-null"},
    {"traits", "3", "manifest-type"},
    {"traits", traits("1"), ""},
    {"traits", traits("5"), ""},
    {"traits", traits("5.0"), ""},
    {"traits", traits("0"), "manifest-too-small", "traits.humor"},
    {"traits", traits("-0"), "manifest-too-small", "traits.humor"},
    {"traits", traits("-1"), "manifest-too-small", "traits.humor"},
    {"traits", traits("6"), "manifest-too-great", "traits.humor"},
    {"traits", traits("1e30"), "manifest-too-great", "traits.humor"},
    {"traits", traits("-1e30"), "manifest-too-small", "traits.humor"},
    {"traits", traits("3.5"), "manifest-not-integer", "traits.humor"},
    {"traits", traits("3.00000000000000000000001"), "manifest-not-integer", "traits.humor", true},
    {"traits", traits("null"), "manifest-null", "traits.humor"},
    {"traits", traits("true"), "manifest-type", "traits.humor"},
    {"conventions", "{}", ""},
    {"conventions", "null", "manifest-null"},
    {"conventions", "[]", "manifest-type"},
    {"conventions", R"({"soul": false})", ""},
    {"conventions", R"({"soul": null})", "manifest-null", "conventions.soul"},
    {"conventions", R"({"dorkosKnowledge": "no"})", "manifest-type", "conventions.dorkosKnowledge"},
    {"enabledToolGroups", "{}", ""},
    {"enabledToolGroups", "null", "manifest-null"},
    {"enabledToolGroups", "[]", "manifest-type"},
    {"enabledToolGroups", R"({"mesh": false, "other": null})", ""},
    {"enabledToolGroups", R"({"mesh": null})", "manifest-null", "enabledToolGroups.mesh"},
    {"enabledToolGroups", R"({"adapter": 1})", "manifest-type", "enabledToolGroups.adapter"},
    {"budget", "{}", ""},
    {"budget", "null", "manifest-null", "", true},
    {"budget", "[]", "manifest-type", "", true},
    {"budget", budget("1"), ""},
    {"budget", budget("0"), "manifest-too-small", "budget.maxHopsPerMessage", true},
    {"budget", budget("-3"), "manifest-too-small", "budget.maxHopsPerMessage", true},
    {"budget", budget("2.5"), "manifest-not-integer", "budget.maxHopsPerMessage", true},
    {"budget", budget(R"("5")"), "manifest-type", "budget.maxHopsPerMessage", true},
    {"budget", budget("9007199254740991"), ""},
    {"budget", budget("9007199254740992"), "manifest-too-great", "budget.maxHopsPerMessage", true},
    {"budget", budget("1e400"), "manifest-too-great", "budget.maxHopsPerMessage", true},
    {"budget", R"({"maxCallsPerHour": 1})", ""},
    {"budget", R"({"maxCallsPerHour": 0})", "manifest-too-small", "budget.maxCallsPerHour", true},
    {"budget", R"({"maxCallsPerHour": null})", "manifest-null", "budget.maxCallsPerHour", true},
};

const std::vector<row> servers = {
    {"mcpServers", "[]", ""},
    {"mcpServers", "null", "manifest-null"},
    {"mcpServers", "{}", "manifest-type"},
    {"mcpServers", "[7]", "manifest-type", "mcpServers[0]"},
    {"mcpServers", server("enabled", "true"), ""},
    {"mcpServers", server("enabled", "null"), "manifest-null", "mcpServers[0].enabled"},
    {"mcpServers", server("name", repeated("a", 64)), ""},
    {"mcpServers", server("name", repeated("a", 65)), "manifest-too-long", "mcpServers[0].name"},
    {"mcpServers", server("name", R"("a_B-9")"), ""},
    {"mcpServers", server("name", R"("a b")"), "manifest-server-name", "mcpServers[0].name"},
    {"mcpServers", server("name", R"("ä")"), "manifest-server-name", "mcpServers[0].name"},
    {"mcpServers", server("name", R"("")"), "manifest-too-short", "mcpServers[0].name"},
    {"mcpServers", server("name", ""), "manifest-missing", "mcpServers[0].name"},
    {"mcpServers", server("addedAt", R"("2026-01-01")"), "manifest-datetime", "mcpServers[0].addedAt"},
    {"mcpServers", server("addedAt", ""), "manifest-missing", "mcpServers[0].addedAt"},
    {"mcpServers", server("addedBy", R"("")"), "manifest-too-short", "mcpServers[0].addedBy"},
    {"mcpServers", server("addedBy", ""), "manifest-missing", "mcpServers[0].addedBy"},
    {"mcpServers", server("connection", ""), "manifest-missing", "mcpServers[0].connection"},
    {"mcpServers", connection("null"), "manifest-null", "mcpServers[0].connection"},
    {"mcpServers", connection("{}"), "manifest-missing", "mcpServers[0].connection.transport"},
    {"mcpServers", connection(R"({"transport": "udp"})"), "manifest-choice", "mcpServers[0].connection.transport"},
    {"mcpServers", connection(R"({"transport": 1})"), "manifest-type", "mcpServers[0].connection.transport"},
    {"mcpServers", connection(R"({"transport": "stdio"})"), "manifest-missing", "mcpServers[0].connection.command"},
    {"mcpServers", connection(R"({"transport": "stdio", "command": ""})"), "manifest-too-short",
     "mcpServers[0].connection.command"},
    {"mcpServers", connection(R"({"transport": "stdio", "command": "x", "args": [""], "env": {"": ""}})"), ""},
    {"mcpServers", connection(R"({"transport": "stdio", "command": "x", "args": [1]})"), "manifest-type",
     "mcpServers[0].connection.args[0]"},
    {"mcpServers", connection(R"({"transport": "stdio", "command": "x", "env": {"A": 1}})"), "manifest-type",
     R"(mcpServers[0].connection.env["A"])"},
    {"mcpServers", connection(R"({"transport": "stdio", "command": "x", "env": []})"), "manifest-type",
     "mcpServers[0].connection.env"},
    {"mcpServers", connection(R"({"transport": "stdio", "command": "x", "url": 7})"), ""},
    {"mcpServers", connection(R"({"transport": "http", "url": "https://h/x", "headers": {"A": "b"}})"), ""},
    {"mcpServers", connection(R"({"transport": "sse", "url": " javascript:alert(1) "})"), ""},
    {"mcpServers", connection(R"({"transport": "http", "url": "foo"})"), "manifest-url",
     "mcpServers[0].connection.url"},
    {"mcpServers", connection(R"({"transport": "sse", "url": "http://"})"), "manifest-url",
     "mcpServers[0].connection.url"},
    {"mcpServers", connection(R"({"transport": "http"})"), "manifest-missing", "mcpServers[0].connection.url"},
    {"mcpServers", connection(R"({"transport": "http", "url": "a:b", "headers": {"A": null}})"), "manifest-null",
     R"(mcpServers[0].connection.headers["A"])"},
    {"mcpServers", connection(R"({"transport": "http", "url": "a:b", "authKind": "oauth2"})"), ""},
    {"mcpServers", connection(R"({"transport": "http", "url": "a:b", "authKind": "basic"})"), "manifest-choice",
     "mcpServers[0].connection.authKind"},
};

int rows_run = 0;

void run(const std::vector<row>& rows) {
  for (const auto& [member, value, code, path, peer_differs] : rows) {
    ++rows_run;
    auto sample = minimal_manifest();
    const auto text = (value.empty() ? sample.remove(member) : sample.set(member, value)).text();
    const auto report = check_manifest(text);
    const auto shown = member + ": " + value.substr(0, 80);
    if (code.empty()) {
      CAF_CHECK_EQUAL(shown + (report.count == 0 ? "" : report.problems[0].message), shown);
    } else if (report.count != 1) {
      CAF_ERROR(shown << " has " << report.count << " problems");
    } else {
      const auto& problem = report.problems[0];
      CAF_CHECK_EQUAL(shown + ' ' + std::string(problem.code), shown + ' ' + code);
      CAF_CHECK_EQUAL(problem.path, path.empty() ? member : path);
      CAF_CHECK(problem.message.starts_with(problem.path + ' '));
      CAF_CHECK(problem.message.find("; it must be ") != std::string::npos);
    }
    const bool peer_accepts = peer::accepts(text);
    CAF_CHECK_EQUAL(shown + (peer_accepts == (code.empty() != peer_differs) ? "" : ": the peer says otherwise"), shown);
    CAF_CHECK_EQUAL(manifest_document::read(text).has_value(), report.count == 0);
  }
}

} // namespace

CAF_TEST(accepts and refuses required fields at their boundary) {
  run(required_texts);
}

CAF_TEST(accepts and refuses optional fields at their boundary) {
  run(optional_texts);
}

CAF_TEST(accepts and refuses objects at their boundary) {
  run(objects);
}

CAF_TEST(accepts and refuses servers at their boundary) {
  run(servers);
  std::printf("lane manifest_rules_test: %d rows\n", rows_run);
}

CAF_TEST(accepts each value of each enumeration) {
  std::vector<row> rows;
  for (const auto name : runtime_names)
    rows.push_back({"runtime", '"' + std::string(name) + '"', ""});
  for (const auto name : response_mode_names)
    rows.push_back({"behavior", R"({"responseMode": ")" + std::string(name) + "\"}", ""});
  run(rows);
  for (const auto name : effort_names) {
    auto sample = minimal_manifest();
    const auto read = manifest_document::read(sample.set("effort", '"' + std::string(name) + '"').text());
    CAF_CHECK(read && read->degraded().empty());
    CAF_CHECK_EQUAL(to_string(read->fields().effort.value()), name);
  }
}

CAF_TEST(lists every problem in the order of the text with its line and column) {
  const auto report = check_manifest(R"({
  "runtime": "none", "name": "",
  "traits": {"humor": 9,
    "spice": "x"},
  "mcpServers": [{}, {"name": "a", "connection": {"transport": "http", "url": 1},
    "addedAt": "soon", "addedBy": "b"}],
  "budget": null
})");
  std::vector<std::string> found;
  for (const auto& problem : report.problems)
    found.push_back(std::to_string(problem.where.line) + ':' + std::to_string(problem.where.column) + ' ' +
                    problem.path);
  const std::vector<std::string> expected{"1:1 id",
                                          "1:1 registeredAt",
                                          "1:1 registeredBy",
                                          "2:14 runtime",
                                          "2:30 name",
                                          "3:23 traits.humor",
                                          "4:14 traits.spice",
                                          "5:18 mcpServers[0].name",
                                          "5:18 mcpServers[0].connection",
                                          "5:18 mcpServers[0].addedAt",
                                          "5:18 mcpServers[0].addedBy",
                                          "5:79 mcpServers[1].connection.url",
                                          "6:16 mcpServers[1].addedAt",
                                          "7:13 budget"};
  CAF_CHECK_EQUAL(found, expected);
  CAF_CHECK_EQUAL(report.count, expected.size());
}

CAF_TEST(has a sentence of its own for each field and code) {
  std::map<std::string, std::string> meant;
  int shared = 0;
  for (const auto* rows : {&required_texts, &optional_texts, &objects, &servers})
    for (const auto& [member, value, code, path, ignored] : *rows) {
      if (code.empty())
        continue;
      auto sample = minimal_manifest();
      const auto report = check_manifest((value.empty() ? sample.remove(member) : sample.set(member, value)).text());
      const auto what = report.problems.at(0).path + ' ' + code;
      shared += meant.emplace(report.problems.at(0).message, what).first->second != what;
    }
  CAF_CHECK_EQUAL(shared, 0);
}

CAF_TEST(counts all problems but lists a bounded number of them) {
  std::string numbers = "[0";
  for (int i = 1; i < 100000; ++i)
    numbers += ",0";
  auto sample = minimal_manifest();
  const auto report = check_manifest(sample.set("capabilities", numbers + "]").text());
  CAF_CHECK_EQUAL(report.count, 100000u);
  CAF_CHECK_EQUAL(report.problems.size(), max_listed_problems);
}

CAF_TEST(refuses a top level that is no object) {
  for (const std::string text : {"[]", "null", "\"x\"", "1", "true"}) {
    const auto report = check_manifest(text);
    CAF_REQUIRE_EQUAL(report.problems.size(), 1u);
    CAF_CHECK_EQUAL(report.problems[0].code, "manifest-top-level");
  }
}

CAF_TEST(has the fields in the order of their enumeration) {
  CAF_CHECK_EQUAL(rules::manifest_fields().count, manifest_field_count);
  CAF_CHECK_EQUAL(rules::field_of(manifest_field::id).name, "id");
  CAF_CHECK_EQUAL(rules::field_of(manifest_field::name_space).name, "namespace");
  CAF_CHECK_EQUAL(rules::field_of(manifest_field::model).name, "model");
  CAF_CHECK_EQUAL(rules::field_of(manifest_field::budget).name, "budget");
  std::set<std::string_view> names;
  for (const auto& field : rules::manifest_fields())
    names.insert(field.name);
  CAF_CHECK_EQUAL(names.size(), manifest_field_count);
}
