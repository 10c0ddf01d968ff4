#define CAF_SUITE manifest_hash_test

#include "tests/support/manifest_samples.hpp"

#include "muster/store/json_write.hpp"
#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_meaning.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <set>
#include <string>
#include <vector>

using namespace muster;
using namespace muster::test;

namespace {

std::string hash_of(const std::string& text) {
  const auto read = manifest_document::read(text);
  if (read)
    return to_hex(content_hash(read->document()));
  CAF_FAIL("refused: " << read.error().message);
  return {};
}

std::string hash_with(const std::string& member, const std::string& value) {
  auto sample = full_manifest();
  return hash_of((value.empty() ? sample.remove(member) : sample.set(member, value)).text());
}

/// For one field: values that all mean the same, then values that each mean
/// something else than those and than each other. Empty: absent.
struct meaning_row {
  std::string member;
  std::vector<std::string> same;
  std::vector<std::string> others;
};

const std::vector<meaning_row> meanings = {
    {"id", {R"("a1")", R"("\u0061\u0031")"}, {R"("a2")", R"("A1")"}},
    {"name", {R"("n/x")", R"("n\/x")"}, {R"("n")", R"("N/x")"}},
    {"displayName", {R"("é🤖")", R"("\u00e9\ud83e\uDD16")"}, {"", R"("")", R"("e")"}},
    {"description", {"", R"("")"}, {R"("x")", R"(" ")"}},
    {"runtime", {R"("codex")", R"("\u0063odex")"}, {R"("cursor")", R"("other")"}},
    {"capabilities",
     {R"(["b","a"])", R"([ "a", "b" ])", R"(["a","b","a","\u0062"])"},
     {"[]", R"(["a"])", R"(["b"])", R"(["a","b","c"])", R"(["ab"])"}},
    {"behavior",
     {"", "{}", R"({"responseMode":"always"})", R"({ "responseMode" : "\u0061lways" })"},
     {R"({"responseMode":"silent"})", R"({"escalationThreshold":0})", R"({"later":1})"}},
    {"namespace", {R"("books")", R"("book\u0073")"}, {"", R"("")", R"("Books")"}},
    {"registeredAt",
     {R"("2026-01-01T00:00:00Z")", R"("2026-01-01T00:00:00\u005a")"},
     {R"("2026-01-01T00:00:00.000Z")", R"("2026-01-01T00:00Z")"}},
    {"registeredBy", {R"("mesh")", R"("\u006desh")"}, {R"("me")", R"("dorkos-ui")"}},
    {"persona", {R"("p\n")", R"("p\u000a")"}, {"", R"("")", R"("p")"}},
    {"personaEnabled", {"", "true"}, {"false"}},
    {"traits",
     {"{}", R"({"humor":3})", R"({"spice":3.0,"humor":30e-1})"},
     {"", R"({"humor":4})", R"({"spice":4})", R"({"wit":3})"}},
    {"conventions", {"{}", R"({"nope":true})"}, {"", R"({"nope":false})", R"({"soul":false})"}},
    {"color", {R"("red")", R"("\u0072ed")"}, {"", R"("")", R"("Red")"}},
    {"icon", {R"("🤖")", R"("\uD83E\uDD16")"}, {"", R"("")", R"("🧭")"}},
    {"isSystem", {"", "false"}, {"true"}},
    {"model", {"", "null", R"("")", "7", "{}"}, {R"("opus")", R"("sonnet")"}},
    {"effort", {"", "null", R"("utmost")", "[]"}, {R"("low")", R"("none")"}},
    {"account", {"", "null", R"("")"}, {R"("work")", R"("home")"}},
    {"enabledToolGroups",
     {"", "{}", "{ }"},
     {R"({"mesh":true})", R"({"mesh":false})", R"({"relay":true})", R"({"later":null})"}},
    {"mcpServers",
     {R"([{"name":"a","enabled":false,"connection":{"transport":"stdio","command":"c","args":[],"env":{}},
          "addedAt":"2026-01-01T00:00Z","addedBy":"b"}])",
      R"([{"addedBy":"b","connection":{"command":"c","transport":"stdio"},"addedAt":"2026-01-01T00:00Z","name":"a"}])"},
     {"",
      R"([{"name":"a","connection":{"transport":"stdio","command":"d"},"addedAt":"2026-01-01T00:00Z","addedBy":"b"}])",
      R"([{"name":"a","connection":{"transport":"stdio","command":"c","args":["x"]},
          "addedAt":"2026-01-01T00:00Z","addedBy":"b"}])",
      R"([{"name":"a","connection":{"transport":"stdio","command":"c","env":{"x":""}},
          "addedAt":"2026-01-01T00:00Z","addedBy":"b"}])",
      R"([{"name":"a","enabled":true,"connection":{"transport":"stdio","command":"c"},
          "addedAt":"2026-01-01T00:00Z","addedBy":"b"}])",
      R"([{"name":"a","connection":{"transport":"stdio","command":"c","later":1},
          "addedAt":"2026-01-01T00:00Z","addedBy":"b"}])",
      R"([{"name":"a","connection":{"transport":"http","url":"a:b"},"addedAt":"2026-01-01T00:00Z","addedBy":"b"}])",
      R"([{"name":"a","connection":{"transport":"sse","url":"a:b"},"addedAt":"2026-01-01T00:00Z","addedBy":"b"}])",
      R"([{"name":"a","connection":{"transport":"sse","url":"a:b","authKind":"oauth2"},
          "addedAt":"2026-01-01T00:00Z","addedBy":"b"}])"}},
    {"budget",
     {"", "{}", R"({"maxCallsPerHour":100})", R"({"maxCallsPerHour":1e2,"maxHopsPerMessage":5.0})"},
     {R"({"maxHopsPerMessage":6})", R"({"maxCallsPerHour":99})", R"({"later":0})"}},
    // What we do not know counts as it stands.
    {"later", {R"({"b":1.10,"a":[null]})", R"({ "a":[ null ], "b":1.1 })"}, {"", "null", R"({"b":1.1})", "{}", "0"}},
    {"exact",
     {"12345678901234567890.10", "123456789012345678901e-1"},
     {"12345678901234567890.11", "12345678901234567890", "12345678901234567891", "1e400", "1e401"}},
};

} // namespace

CAF_TEST(has a row of meanings for each of the 23 fields) {
  std::set<std::string_view> covered;
  for (const auto& row : meanings)
    covered.insert(row.member);
  for (const auto& field : rules::manifest_fields())
    CAF_CHECK(covered.count(field.name) == 1);
}

CAF_TEST([HS-02][HS-05][HS-08] hashes respellings alike and changes apart for each field) {
  int texts = 0;
  for (const auto& [member, same, others] : meanings) {
    std::set<std::string> seen;
    for (const auto& value : same)
      seen.insert(hash_with(member, value));
    CAF_CHECK_EQUAL(member + ' ' + std::to_string(seen.size()), member + " 1");
    for (const auto& value : others)
      seen.insert(hash_with(member, value));
    CAF_CHECK_EQUAL(member + ' ' + std::to_string(seen.size()), member + ' ' + std::to_string(1 + others.size()));
    texts += static_cast<int>(same.size() + others.size());
  }
  std::printf("lane manifest_hash_test: %zu members, %d texts\n", meanings.size(), texts);
}

CAF_TEST([HS-03] gives each field alone the meaning it has in the whole) {
  for (const auto& [member, same, others] : meanings) {
    const auto meaning_of = [&, &name = member](const std::string& value) {
      if (value.empty())
        return default_meaning(name);
      const auto read = json::document::parse(value);
      return field_meaning(name, read->root());
    };
    std::set<std::string> seen;
    for (const auto& value : same)
      seen.insert(meaning_of(value).value_or("absent"));
    CAF_CHECK_EQUAL(member + ' ' + std::to_string(seen.size()), member + " 1");
    for (const auto& value : others)
      seen.insert(meaning_of(value).value_or("absent"));
    CAF_CHECK_EQUAL(member + ' ' + std::to_string(seen.size()), member + ' ' + std::to_string(1 + others.size()));
  }
}

CAF_TEST([HS-01] ignores the layout and the order of members) {
  auto sample = full_manifest();
  const auto usual = sample.text();
  const auto reversed = sample.reverse().text();
  const auto read = json::document::parse(usual);
  const auto compact = json::canonical(read->root());
  const auto pretty = json::pretty(read->root());
  CAF_CHECK_EQUAL(hash_of(reversed), hash_of(usual));
  CAF_CHECK_EQUAL(hash_of(compact), hash_of(usual));
  CAF_CHECK_EQUAL(hash_of(pretty), hash_of(usual));
  CAF_CHECK(file_hash(reversed) != file_hash(usual));
  CAF_CHECK(file_hash(compact) != file_hash(usual));
}

CAF_TEST([HS-06] means the same when its meaning is read again) {
  for (const auto& text : {minimal_manifest().text(), full_manifest().text(), manifest_fixture("peer_full.json")}) {
    const auto read = manifest_document::read(text);
    const auto meaning = manifest_meaning(read->document());
    const auto again = manifest_document::read(meaning);
    CAF_REQUIRE(again.has_value());
    CAF_CHECK_EQUAL(manifest_meaning(again->document()), meaning);
    CAF_CHECK(again->fields() == read->fields());
  }
}

CAF_TEST([HS-07][HS-09] spells the meaning of a minimal manifest as written here) {
  const auto read = manifest_document::read(minimal_manifest().text());
  CAF_REQUIRE(read.has_value());
  CAF_CHECK_EQUAL(
      manifest_meaning(read->document()),
      R"({"behavior":{"responseMode":"always"},"budget":{"maxCallsPerHour":100,"maxHopsPerMessage":5},"capabilities":[],)"
      R"("description":"","enabledToolGroups":{},"id":"01KDVDNWJBYG9JQRAS1CDVVY2Z","isSystem":false,"mcpServers":[],)"
      R"("name":"ledger-keeper","personaEnabled":true,"registeredAt":"2026-01-01T00:00:19.019Z",)"
      R"("registeredBy":"mesh","runtime":"claude-code"})");
}

CAF_TEST(fills defaults that are themselves canonical and complete) {
  for (const auto& field : rules::manifest_fields()) {
    const auto meaning = default_meaning(field.name);
    if (!meaning)
      continue;
    const auto read = json::document::parse(*meaning);
    CAF_REQUIRE(read.has_value());
    CAF_CHECK_EQUAL(json::canonical(read->root()), *meaning);
    CAF_CHECK_EQUAL(field_meaning(field.name, read->root()).value_or(""), *meaning);
    CAF_CHECK(obeys(read->root(), field.value));
  }
}

CAF_TEST(has a meaning also for a value that breaks its rule) {
  const auto read = json::document::parse(R"([1.0, {"b": 1, "a": 2}])");
  CAF_CHECK_EQUAL(field_meaning("capabilities", read->root()).value_or(""), R"([1,{"a":2,"b":1}])");
  CAF_CHECK_EQUAL(field_meaning("behavior", read->root()).value_or(""), R"([1,{"a":2,"b":1}])");
}

CAF_TEST(hashes the bytes as they are) {
  CAF_CHECK_EQUAL(to_hex(file_hash("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
