#define CAF_SUITE manifest_test

#include "tests/support/manifest_samples.hpp"
#include "tests/support/peer_grammar.hpp"

#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_text.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace muster;
using namespace muster::test;

namespace {

manifest fields_of(const std::string& text) {
  auto read = manifest_document::read(text);
  if (read)
    return read->fields();
  CAF_FAIL("refused: " << read.error().message);
  return {};
}

/// The code of the refusal, "valid" if there is none.
std::string code_of(const std::string& text) {
  const auto read = manifest_document::read(text);
  return read ? "valid" : std::string(read.error().code);
}

} // namespace

CAF_TEST([AR44] reads the defaults of what a minimal manifest leaves out) {
  manifest expected;
  expected.id = "01KDVDNWJBYG9JQRAS1CDVVY2Z";
  expected.name = "ledger-keeper";
  expected.runtime = agent_runtime::claude_code;
  expected.registered_at = "2026-01-01T00:00:19.019Z";
  expected.registered_by = "mesh";
  const auto fields = fields_of(minimal_manifest().text());
  CAF_CHECK(fields == expected);
  CAF_CHECK_EQUAL(fields.budget.max_hops_per_message, 5);
  CAF_CHECK_EQUAL(fields.budget.max_calls_per_hour, 100);
  CAF_CHECK(fields.persona_enabled);
  CAF_CHECK(!fields.traits);
}

CAF_TEST(reads each of the 23 fields) {
  const auto fields = fields_of(full_manifest().text());
  manifest expected = fields_of(minimal_manifest().text());
  expected.display_name = "Ledger keeper";
  expected.description = "Keeps the ledger.";
  expected.capabilities = {"code", "review"};
  expected.behavior = {response_mode::silent, json::decimal::parse("0.75")};
  expected.name_space = "books";
  expected.persona = "Careful.";
  expected.persona_enabled = false;
  expected.traits = agent_traits{1, 2, 4, 5, 1, 2};
  expected.conventions = agent_conventions{false, false, false};
  expected.color = "#6366f1";
  expected.icon = "\U0001F916";
  expected.is_system = true;
  expected.model = "opus";
  expected.effort = effort_level::high;
  expected.account = "work";
  expected.enabled_tool_groups = {true, false, true, false};
  expected.budget = {7, 250};
  mcp_server files;
  files.name = "files";
  files.enabled = true;
  files.command = "files-server";
  files.args = {"--root", "."};
  files.env = {{"A", "b"}};
  files.added_at = "2026-01-01T00:01:19.019Z";
  files.added_by = "operator";
  mcp_server tickets;
  tickets.name = "tickets";
  tickets.enabled = true;
  tickets.transport = mcp_transport::http;
  tickets.url = "https://example.org/mcp";
  tickets.headers = {{"X-A", "b"}};
  tickets.oauth2 = true;
  tickets.added_at = "2026-01-01T00:01:19Z";
  tickets.added_by = "operator";
  expected.mcp_servers = {files, tickets};
  CAF_CHECK(fields == expected);
}

CAF_TEST(fills the members of an object that is given empty) {
  auto sample = minimal_manifest();
  sample.set("traits", "{}").set("conventions", "{}").set("behavior", "{}").set("budget", "{}");
  const auto fields = fields_of(sample.text());
  CAF_REQUIRE(fields.traits.has_value());
  CAF_CHECK(*fields.traits == agent_traits{});
  CAF_REQUIRE(fields.conventions.has_value());
  CAF_CHECK(*fields.conventions == agent_conventions{});
  CAF_CHECK(fields.behavior == agent_behavior{});
  CAF_CHECK(fields.budget == message_budget{});
}

CAF_TEST(takes an integer that is spelled with a fraction or an exponent) {
  auto sample = minimal_manifest();
  sample.set("traits", R"({"verbosity": 3.0, "autonomy": 3e0, "chaos": 40e-1, "humor": 0.05E+2})");
  const auto fields = fields_of(sample.text());
  CAF_REQUIRE(fields.traits.has_value());
  CAF_CHECK(*fields.traits == (agent_traits{3, 3, 4, 3, 5, 3}));
}

CAF_TEST(keeps the escalation threshold exactly) {
  auto sample = minimal_manifest();
  sample.set("behavior", R"({"escalationThreshold": -0.1234567890123456789012345678901234567890})");
  const auto threshold = fields_of(sample.text()).behavior.escalation_threshold;
  CAF_REQUIRE(threshold.has_value());
  CAF_CHECK_EQUAL(threshold->canonical(), "-0.123456789012345678901234567890123456789");
}

CAF_TEST(decodes keys and strings that are written with escapes) {
  auto sample = minimal_manifest();
  sample.set("display\\u004Eame", R"("\u00e9\ud83e\udd16")");
  CAF_CHECK_EQUAL(fields_of(sample.text()).display_name.value_or(""), "é\U0001F916");
}

CAF_TEST([AR56] takes a bad model or effort or account for absent and says so) {
  for (const std::string bad : {"null", "\"\"", "7", "[]", "{}", "true"})
    for (const std::string field : {"model", "effort", "account"}) {
      auto sample = full_manifest();
      const auto text = sample.set(field, bad).text();
      auto read = manifest_document::read(text);
      CAF_REQUIRE(read.has_value());
      CAF_REQUIRE_EQUAL(read->degraded().size(), 1u);
      CAF_CHECK_EQUAL(read->degraded()[0].path, field);
      CAF_CHECK_EQUAL(read->degraded()[0].where.column, field.size() + 7);
      CAF_CHECK_EQUAL(read->fields().model.has_value(), field != "model");
      CAF_CHECK_EQUAL(read->fields().effort.has_value(), field != "effort");
      CAF_CHECK_EQUAL(read->fields().account.has_value(), field != "account");
      CAF_CHECK_EQUAL(read->bytes(), text);
    }
  auto sample = full_manifest();
  CAF_CHECK(!fields_of(sample.set("effort", "\"heroic\"").text()).effort);
}

CAF_TEST(keeps what it does not know in the document) {
  auto sample = full_manifest();
  sample.set("later", R"({"deep": [1.10, -0, 1e400]})").set("__proto__", "1");
  const auto read = manifest_document::read(sample.text());
  CAF_REQUIRE(read.has_value());
  CAF_CHECK_EQUAL(read->document().root().find("later").text(), R"({"deep": [1.10, -0, 1e400]})");
  CAF_CHECK(read->document().root().find("__proto__"));
}

CAF_TEST(stays whole when it is moved) {
  auto read = manifest_document::read(full_manifest().text());
  CAF_REQUIRE(read.has_value());
  const manifest_document moved = std::move(*read);
  CAF_CHECK_EQUAL(moved.document().root().find("name").text(), R"("ledger-keeper")");
}

CAF_TEST(reads what the peer writes) {
  for (const auto name : peer_fixtures) {
    const auto text = manifest_fixture(std::string(name));
    CAF_CHECK(peer::accepts(text, true));
    const auto read = manifest_document::read(text);
    CAF_CHECK(read && read->degraded().empty());
  }
}

CAF_TEST([MF01] reads back what it has written) {
  for (const auto& sample : {minimal_manifest(), full_manifest()}) {
    const auto fields = fields_of(sample.text());
    const auto made = new_manifest(fields);
    CAF_REQUIRE(made.has_value());
    const std::string text{made->bytes()};
    CAF_CHECK(made->fields() == fields);
    CAF_CHECK(fields_of(text) == fields);
    CAF_CHECK(peer::accepts(text, true));
  }
}

CAF_TEST([MF03] refuses a text that is no JSON and says where) {
  CAF_CHECK_EQUAL(code_of("{ not json"), "json-key");
  const auto read = manifest_document::read("{\n  \"id\": }");
  CAF_REQUIRE(read.has_error());
  CAF_CHECK(read.error().kind == failure_kind::refused);
  CAF_REQUIRE_EQUAL(read.error().problems.size(), 1u);
  CAF_CHECK_EQUAL(read.error().problems[0].where.line, 2u);
  CAF_CHECK_EQUAL(read.error().problems[0].where.column, 9u);
}

CAF_TEST([MF04] refuses a manifest that breaks a rule and names the first and their number) {
  auto sample = minimal_manifest();
  sample.remove("id").set("name", R"("")").set("runtime", "null");
  const auto read = manifest_document::read(sample.text());
  CAF_REQUIRE(read.has_error());
  CAF_CHECK(read.error().kind == failure_kind::refused);
  CAF_CHECK_EQUAL(read.error().code, "manifest-missing");
  CAF_CHECK_EQUAL(read.error().count, 3u);
  CAF_CHECK_EQUAL(
      read.error().message,
      "the manifest has 3 problems, the first: line 1, column 1: id is missing; it must be a string that is "
      "not empty; put the id back that the agent had, or for a new agent remove the file and register it");
}

CAF_TEST([MF07] writes two blanks of indentation and one line end in the order of the peer) {
  manifest fields = fields_of(minimal_manifest().text());
  fields.name_space = "books";
  const auto made = new_manifest(fields);
  CAF_REQUIRE(made.has_value());
  CAF_CHECK_EQUAL(std::string{made->bytes()}, R"({
  "id": "01KDVDNWJBYG9JQRAS1CDVVY2Z",
  "name": "ledger-keeper",
  "description": "",
  "runtime": "claude-code",
  "capabilities": [],
  "behavior": {
    "responseMode": "always"
  },
  "namespace": "books",
  "registeredAt": "2026-01-01T00:00:19.019Z",
  "registeredBy": "mesh",
  "personaEnabled": true,
  "isSystem": false,
  "enabledToolGroups": {},
  "mcpServers": []
}
)");
}

CAF_TEST(writes no manifest that the rules forbid) {
  manifest fields = fields_of(full_manifest().text());
  fields.id = "";
  fields.model = "";
  fields.traits->humor = 6;
  fields.mcp_servers[1].url = "nowhere";
  const auto made = new_manifest(fields);
  CAF_REQUIRE(made.has_error());
  CAF_CHECK_EQUAL(made.error().count, 4u);
  fields = fields_of(minimal_manifest().text());
  fields.description = "\xC3\x28";
  const auto not_utf8 = new_manifest(fields);
  CAF_REQUIRE(not_utf8.has_error());
  CAF_CHECK_EQUAL(not_utf8.error().code, "json-utf8");
}
