#define CAF_SUITE manifest_merge_test

#include "muster/store/manifest_merge.hpp"

#include "tests/support/manifest_samples.hpp"
#include "tests/support/peer_grammar.hpp"

#include "muster/store/manifest_meaning.hpp"

#include <caf/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace muster;
using namespace muster::test;

namespace {

manifest_document document_of(const std::string& text) {
  auto read = manifest_document::read(text);
  if (read.has_error())
    CAF_FAIL("refused: " << read.error().message);
  return std::move(*read);
}

/// The bytes after the changes, or the code of the refusal.
std::string changed(const std::string& text, const std::vector<field_change>& changes) {
  const auto base = document_of(text);
  auto bytes = apply_changes(base, changes);
  return bytes ? std::move(*bytes) : std::string(bytes.error().code);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  CAF_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

constexpr std::string_view hand_written = R"({ "id" : "a",   "later": {"x":1.10},
  "name":"n",
  "runtime":"codex" , "registeredAt": "2026-01-01T00:00Z",
  "behavior": {"responseMode":"\u0061lways",  "future":  -0 },
  "registeredBy":"me"
 }

)";

} // namespace

CAF_TEST(returns the very same bytes when nothing changes) {
  const std::string text(hand_written);
  CAF_CHECK_EQUAL(changed(text, {}), text);
  CAF_CHECK_EQUAL(changed(text, {{"name", R"("\u006e")"}}), text);
  CAF_CHECK_EQUAL(changed(text, {{"behavior", R"({"responseMode":"always"})"}}), text);
  CAF_CHECK_EQUAL(changed(text, {{"behavior", "{}"}}), text);
  CAF_CHECK_EQUAL(changed(text, {{"behavior", R"({"future":0.0})", unknown_members::drop}}), text);
  CAF_CHECK_EQUAL(changed(text, {{"description", R"("")"}}), text);
  CAF_CHECK_EQUAL(changed(text, {{"budget", R"({"maxCallsPerHour":1e2})"}}), text);
  CAF_CHECK_EQUAL(changed(text, {{"capabilities", std::nullopt}}), text);
  CAF_CHECK_EQUAL(changed(text, {{"displayName", std::nullopt}}), text);
  CAF_CHECK_EQUAL(changed(text, {{"never seen", std::nullopt}}), text);
  CAF_CHECK_EQUAL(changed(text, {{"later", R"({ "x": 11e-1 })"}}), text);
  CAF_CHECK_EQUAL(changed(text, {{"id", R"("a")"}}), text);
}

CAF_TEST([GP08] changes one value and no other byte) {
  const std::string text(hand_written);
  CAF_CHECK_EQUAL(changed(text, {{"name", R"("m")"}}), replaced(text, R"("name":"n")", R"("name":"m")"));
  CAF_CHECK_EQUAL(changed(text, {{"later", R"({"x":1.11})"}}), replaced(text, "1.10", "1.11"));
  CAF_CHECK_EQUAL(changed(text, {{"behavior", R"({"responseMode":"silent"})"}}),
                  replaced(text, R"("\u0061lways")", R"("silent")"));
}

CAF_TEST(removes a member and no other) {
  CAF_CHECK_EQUAL(changed("{\"id\":\"a\",\"name\":\"n\",\"color\":\"red\",\"runtime\":\"codex\",\"registeredBy\":\"b\","
                          "\"registeredAt\":\"2026-01-01T00:00Z\"}",
                          {{"color", std::nullopt}}),
                  "{\"id\":\"a\",\"name\":\"n\",\"runtime\":\"codex\",\"registeredBy\":\"b\","
                  "\"registeredAt\":\"2026-01-01T00:00Z\"}");
}

CAF_TEST(keeps unknown members inside a field unless told to drop them) {
  const std::string text(hand_written);
  const auto kept = document_of(changed(text, {{"behavior", R"({"responseMode":"silent"})"}}));
  CAF_CHECK_EQUAL(kept.document().root().find("behavior").find("future").text(), "-0");
  const auto dropped =
      document_of(changed(text, {{"behavior", R"({"responseMode":"silent"})", unknown_members::drop}}));
  CAF_CHECK(!dropped.document().root().find("behavior").find("future"));
  const auto removed = document_of(changed(text, {{"behavior", std::nullopt}}));
  CAF_CHECK(!removed.document().root().find("behavior"));
}

CAF_TEST(lets known members go that a new value does not mention) {
  auto sample = full_manifest();
  sample.set("behavior", R"({"responseMode": "silent", "escalationThreshold": 1, "later": 2})");
  const auto read = document_of(changed(sample.text(), {{"behavior", R"({"responseMode": "silent"})"}}));
  CAF_CHECK(!read.fields().behavior.escalation_threshold);
  CAF_CHECK(read.document().root().find("behavior").find("later"));
}

CAF_TEST(keeps unknown members of a server with the same name) {
  auto sample = minimal_manifest();
  sample.set("mcpServers", R"([
    {"name": "a", "connection": {"transport": "stdio", "command": "c", "later": 1.0}, "addedAt": "2026-01-01T00:00Z",
     "addedBy": "b", "future": [ 1 ]},
    {"name": "gone", "connection": {"transport": "sse", "url": "a:b"}, "addedAt": "2026-01-01T00:00Z", "addedBy": "b"}
  ])");
  const std::string servers =
      R"([{"name": "new", "connection": {"transport": "sse", "url": "a:b"}, "addedAt": "2026-01-01T00:00Z", "addedBy": "b"},
          {"name": "a", "connection": {"transport": "http", "url": "c:d"}, "addedAt": "2026-01-01T00:00Z", "addedBy": "b"}])";
  const auto read = document_of(changed(sample.text(), {{"mcpServers", servers}}));
  CAF_REQUIRE_EQUAL(read.fields().mcp_servers.size(), 2u);
  CAF_CHECK_EQUAL(read.fields().mcp_servers[0].name, "new");
  const auto entry = *++read.document().root().find("mcpServers").begin();
  CAF_CHECK_EQUAL(entry.find("future").text(), "[ 1 ]");
  CAF_CHECK_EQUAL(entry.find("connection").find("later").text(), "1.0");
  CAF_CHECK_EQUAL(entry.find("connection").find("url").text(), R"("c:d")");
  // What the other transport knew is known, so it goes.
  CAF_CHECK(!entry.find("connection").find("command"));
}

CAF_TEST(adds a new member last in the layout of the document) {
  const auto text = changed(minimal_manifest().text(), {{"traits", R"({"humor":5})"}});
  CAF_CHECK(text.ends_with("\n  \"registeredBy\": \"mesh\",\n  \"traits\": {\n    \"humor\": 5\n  }\n}\n"));
}

CAF_TEST(refuses changes that would leave an invalid manifest and lists every problem) {
  const auto base = document_of(full_manifest().text());
  const std::vector<field_change> changes{{"name", std::nullopt}, {"runtime", std::nullopt}};
  const auto refused = apply_changes(base, changes);
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().kind == failure_kind::refused);
  CAF_CHECK_EQUAL(refused.error().code, "manifest-missing");
  CAF_REQUIRE_EQUAL(refused.error().problems.size(), 2u);
  CAF_CHECK_EQUAL(refused.error().problems[1].path, "runtime");
}

CAF_TEST(refuses each value that breaks its rule and lists every problem) {
  const auto base = document_of(full_manifest().text());
  const std::vector<field_change> changes{
      {"name", "null"},    {"traits", R"({"humor": 9, "spice": null})"},
      {"model", R"("")"},  {"effort", R"("utmost")"},
      {"account", "null"}, {"color", "nonsense"},
  };
  const auto refused = apply_changes(base, changes);
  CAF_REQUIRE(refused.has_error());
  std::vector<std::string> found;
  for (const auto& problem : refused.error().problems)
    found.push_back(problem.path + ' ' + std::string(problem.code));
  const std::vector<std::string> expected{
      "name manifest-null",       "traits.humor manifest-too-great", "traits.spice manifest-null",
      "model manifest-too-short", "effort manifest-choice",          "account manifest-null",
      "color json-word"};
  CAF_CHECK_EQUAL(found, expected);
  CAF_CHECK_EQUAL(refused.error().count, expected.size());
}

CAF_TEST(refuses null in each known field and takes it in others) {
  const auto text = full_manifest().text();
  int taken = 0;
  for (const auto& field : rules::manifest_fields())
    taken += changed(text, {{std::string(field.name), "null"}}) != "manifest-null";
  CAF_CHECK_EQUAL(taken, 0);
  CAF_CHECK(document_of(changed(text, {{"later", "null"}})).document().root().find("later").is(json::kind::null));
}

CAF_TEST(refuses another id) {
  const auto text = full_manifest().text();
  CAF_CHECK_EQUAL(changed(text, {{"id", R"("other")"}}), "manifest-id-changed");
  CAF_CHECK_EQUAL(changed(text, {{"id", std::nullopt}}), "manifest-id-changed");
}

CAF_TEST(refuses a member that is changed twice and a text that is no JSON) {
  const auto text = full_manifest().text();
  CAF_CHECK_EQUAL(changed(text, {{"name", R"("a")"}, {"name", R"("b")"}}), "manifest-change-twice");
  CAF_CHECK_EQUAL(changed(text, {{"name", R"("a" "b")"}}), "json-trailing-text");
  CAF_CHECK_EQUAL(changed(text, {{"later", "{\"a\":1,\"a\":2}"}}), "json-duplicate-key");
  CAF_CHECK_EQUAL(changed(text, {{"\xFF", "1"}}), "json-change-key");
}

CAF_TEST(refuses a result over the limits) {
  const auto text = minimal_manifest().text();
  const std::string room(256 * 1024 - text.size() - 40, 'x');
  CAF_CHECK(changed(text, {{"description", '"' + room + '"'}}).size() > room.size());
  CAF_CHECK_EQUAL(changed(text, {{"description", '"' + room + std::string(100, 'x') + '"'}}), "json-size");
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CAF_CHECK(changed(text, {{"later", nested(31)}}).size() > text.size());
  CAF_CHECK_EQUAL(changed(text, {{"later", nested(32)}}), "json-depth");
}

CAF_TEST(keeps the bytes of a degraded value until it is changed or removed) {
  auto sample = minimal_manifest();
  const auto text = sample.set("effort", R"("utmost")").text();
  CAF_CHECK_EQUAL(changed(text, {{"name", R"("m")"}}), replaced(text, "ledger-keeper", "m"));
  CAF_CHECK_EQUAL(changed(text, {{"effort", R"("max")"}}), replaced(text, "utmost", "max"));
  CAF_CHECK_EQUAL(changed(text, {{"effort", std::nullopt}}), minimal_manifest().text());
}

CAF_TEST(changes every field at once into what the peer accepts) {
  auto target = full_manifest();
  std::vector<field_change> changes;
  for (const auto& field : rules::manifest_fields())
    changes.push_back({std::string(field.name), target.get(field.name)});
  const auto text = changed(minimal_manifest().text(), changes);
  CAF_CHECK(peer::accepts(text, true));
  CAF_CHECK(content_hash(document_of(text).document()) == content_hash(document_of(target.text()).document()));
}
