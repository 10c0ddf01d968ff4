#define CAF_SUITE manifest_bad_input_test

#include "tests/support/manifest_samples.hpp"

#include "muster/store/json_write.hpp"
#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_meaning.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

using namespace muster;
using namespace muster::test;

// The groups SHP (57) and VAL (47) of the catalogue of bad input. A row without
// a code must be accepted: the limits are those of the reader (256 KiB, depth
// 32), and the grammar is the peer's, which is content with ids and names that
// a catalogue for stricter registries lists as bad.

namespace {

struct input {
  std::string name;
  std::string text;
  std::string_view code;      ///< empty: accepted
  std::string_view path = {}; ///< of the problem
};

std::string with(std::string_view member, std::string_view value) {
  return minimal_manifest().set(member, value).text();
}

std::string quoted(std::string_view text) {
  return json::quote(text);
}

std::string without(std::string_view member) {
  return minimal_manifest().remove(member).text();
}

/// A value with so many arrays or objects in one another.
std::string nested(std::size_t depth, bool arrays, bool objects) {
  std::string open;
  std::string close;
  for (std::size_t level = 0; level < depth; ++level) {
    const bool array = arrays && (!objects || level % 2 == 0);
    open += array ? "[" : "{\"a\":";
    close += array ? ']' : '}';
  }
  return open + "1" + std::string(close.rbegin(), close.rend());
}

std::string many_keys(std::size_t count) {
  auto text = minimal_manifest().text();
  text.erase(text.size() - 3);
  for (std::size_t i = 5; i < count; ++i)
    text += ",\"k" + std::to_string(i) + "\":0";
  return text + "}";
}

std::string of_size(std::size_t bytes) {
  const auto empty = with("description", "\"\"");
  return with("description", quoted(std::string(bytes - empty.size(), 'x')));
}

std::string list(std::size_t count, std::string_view element) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) {
    text += i == 0 ? "" : ",";
    text += element;
  }
  return text + "]";
}

std::string server_with(std::string_view member, std::string_view value) {
  object_sample server{{"name", "\"files\""},
                       {"connection", R"({"transport":"stdio","command":"c"})"},
                       {"addedAt", R"("2026-01-01T00:00Z")"},
                       {"addedBy", R"("me")"}};
  return with("mcpServers", "[" + (value.empty() ? server.remove(member) : server.set(member, value)).text() + "]");
}

std::string command(std::string_view quoted_command) {
  return server_with("connection", R"({"transport":"stdio","command":)" + std::string(quoted_command) + "}");
}

std::vector<input> duplicates_and_depth() {
  std::vector<input> rows{
      {"duplicate key at top", R"({"id":"a","id":"b"})", "json-duplicate-key"},
      {"duplicate key nested", with("behavior", R"({"a":1,"a":1})"), "json-duplicate-key"},
      {"duplicate key by an escape", R"({"id":"a","\u0069d":"b"})", "json-duplicate-key"},
      {"key in other case", with("ID", "7"), ""},
  };
  for (const auto& [kind, arrays, objects] :
       {std::tuple{"arrays", true, false}, std::tuple{"objects", false, true}, std::tuple{"both", true, true}}) {
    const std::string name(kind);
    rows.push_back({"depth 16 of " + name, with("later", nested(15, arrays, objects)), ""});
    rows.push_back({"depth 17 of " + name, with("later", nested(16, arrays, objects)), ""});
    rows.push_back({"depth 1000 of " + name, with("later", nested(999, arrays, objects)), "json-depth"});
    rows.push_back({"depth 1000000 of " + name, with("later", nested(999999, arrays, objects)), "json-size"});
  }
  return rows;
}

std::vector<input> sizes() {
  constexpr std::size_t kib = 1024;
  return {
      {"1024 keys", many_keys(1024), ""},
      {"1025 keys", many_keys(1025), ""},
      {"100000 keys", many_keys(100000), "json-size"},
      {"64 KiB less one", of_size(64 * kib - 1), ""},
      {"64 KiB", of_size(64 * kib), ""},
      {"64 KiB and one", of_size(64 * kib + 1), ""},
      {"a string of 8 KiB less one", with("description", quoted(std::string(8 * kib - 1, 's'))), ""},
      {"a string of 8 KiB and one", with("description", quoted(std::string(8 * kib + 1, 's'))), ""},
      {"no capabilities", with("capabilities", "[]"), ""},
      {"257 capabilities", with("capabilities", list(257, "\"c\"")), ""},
      {"no servers", with("mcpServers", "[]"), ""},
      {"257 servers", with("mcpServers", list(257, sample_server)), ""},
  };
}

std::vector<input> types_and_absence() {
  std::vector<input> rows;
  for (const std::string_view field :
       {"id", "name", "displayName", "description", "runtime", "capabilities", "behavior", "namespace", "registeredAt",
        "registeredBy", "persona", "traits", "mcpServers", "budget"})
    rows.push_back({"wrong type of " + std::string(field), with(field, "12"), "manifest-type", field});
  for (const std::string_view field : {"id", "name", "runtime", "registeredAt", "registeredBy"}) {
    rows.push_back({"no " + std::string(field), without(field), "manifest-missing", field});
    rows.push_back({"null for " + std::string(field), with(field, "null"), "manifest-null", field});
  }
  rows.push_back({"no name of a server", server_with("name", ""), "manifest-missing", "mcpServers[0].name"});
  rows.push_back({"null for the name of a server", server_with("name", "null"), "manifest-null", "mcpServers[0].name"});
  rows.push_back({"unknown field at top", with("later", "{\"a\":[null]}"), ""});
  rows.push_back({"unknown field in behavior", with("behavior", R"({"later":1e400})"), ""});
  rows.push_back({"unknown field in a server", server_with("later", "null"), ""});
  return rows;
}

std::vector<input> ids_and_names() {
  std::vector<input> rows;
  const auto id = [&](const char* what, std::string_view text, std::string_view code = {}) {
    rows.push_back({std::string("id ") + what, with("id", quoted(text)), code, "id"});
  };
  id("short", "0");
  id("long", std::string(300, '0'));
  id("lower case", "01kdvdnwjbyg9jqras1cdvvy2z");
  id("with letters that ULIDs lack", "01KDVDNWJBYG9JQRAS1CDVVYIL");
  id("of 2099", "03PKQ6AY000000000000000000");
  id("all zero", "00000000000000000000000000");
  id("of another agent", "01KDVDNWJBYG9JQRAS1CDVVY30");
  id("with slash", "../01KDVDNWJBYG9JQRAS1CD");
  const auto name = [&](const char* what, std::string_view text, std::string_view code = {}) {
    rows.push_back({std::string("name ") + what, with("name", quoted(text)), code, "name"});
  };
  name("empty", "", "manifest-too-short");
  name("of 129 characters", std::string(129, 'n'));
  name("reserved", "CON");
  name("with leading dot", ".hidden");
  name("two dots", "..");
  name("with slash", "a/b");
  name("with backslash", "a\\b");
  name("with newline", "a\nb");
  name("with escape", "\x1b[31mred");
  name("like an option", "--option");
  name("like a command", "$(reboot)");
  name("like SQL", "'; DROP TABLE agents; --");
  name("like a format", "%s%n");
  const auto space = [&](const char* what, std::string_view text, std::string_view code = {}) {
    rows.push_back({std::string("namespace ") + what, with("namespace", quoted(text)), code, "namespace"});
  };
  space("empty", "");
  space("of dashes", "---");
  space("of 65 characters", std::string(65, 'n'), "manifest-too-long");
  space("two dots", "..");
  space("upper case", "BOOKS");
  space("reserved", "*");
  return rows;
}

std::vector<input> other_values() {
  std::vector<input> rows{
      {"runtime unknown", with("runtime", "\"emacs\""), "manifest-choice", "runtime"},
      {"behavior unknown", with("behavior", R"({"responseMode":"shout"})"), "manifest-choice", "behavior.responseMode"},
      {"budget negative", with("budget", R"({"maxCallsPerHour":-1})"), "manifest-too-small", "budget.maxCallsPerHour"},
      {"budget huge", with("budget", R"({"maxCallsPerHour":1e99})"), "manifest-too-great", "budget.maxCallsPerHour"},
      {"budget float", with("budget", R"({"maxCallsPerHour":1.5})"), "manifest-not-integer", "budget.maxCallsPerHour"},
      {"budget string", with("budget", R"({"maxCallsPerHour":"9"})"), "manifest-type", "budget.maxCallsPerHour"},
      {"capability duplicate", with("capabilities", R"(["a","a"])"), ""},
      {"capability empty", with("capabilities", R"([""])"), ""},
      {"capability of 257 characters", with("capabilities", '[' + quoted(std::string(257, 'c')) + ']'), ""},
      {"capability with control", with("capabilities", R"(["a\u0007b"])"), ""},
      {"entry point absolute", command("\"/bin/sh\""), ""},
      {"entry point above", command("\"../run\""), ""},
      {"entry point with NUL", command("\"run\\u0000\""), ""},
  };
  const auto at = [&](const char* what, std::string_view text, std::string_view code = {}) {
    rows.push_back({std::string("registeredAt ") + what, with("registeredAt", quoted(text)), code, "registeredAt"});
  };
  at("date only", "2026-01-01", "manifest-datetime");
  at("1970", "1970-01-01T00:00:00.000Z");
  at("2099", "2099-01-01T00:00:00.000Z");
  at("with offset", "2026-01-01T00:00:00+01:00", "manifest-datetime");
  at("leap second", "2016-12-31T23:59:60Z", "manifest-datetime");
  at("30 February", "2024-02-30T00:00:00Z", "manifest-datetime");
  at("text", "yesterday", "manifest-datetime");
  return rows;
}

/// What the catalogue does not list: our own limits.
std::vector<input> own_limits() {
  constexpr std::size_t most = 256 * 1024;
  return {
      {"256 KiB less one", of_size(most - 1), ""},
      {"256 KiB", of_size(most), ""},
      {"256 KiB and one", of_size(most + 1), "json-size"},
      {"depth 32", with("later", nested(31, true, true)), ""},
      {"depth 33", with("later", nested(32, true, true)), "json-depth"},
      {"empty", "", "json-empty"},
      {"byte order mark", "\xEF\xBB\xBF" + minimal_manifest().text(), "json-bom"},
      {"trailing text", minimal_manifest().text() + "x", "json-trailing-text"},
      {"top level array", "[" + minimal_manifest().text() + "]", "manifest-top-level"},
      {"top level null", "null", "manifest-top-level"},
  };
}

/// The rows that did not come out as they should.
int wrong(const std::vector<input>& rows) {
  int count = 0;
  for (const auto& [name, text, code, path] : rows) {
    const auto report = check_manifest(text);
    const auto read = manifest_document::read(text);
    const auto found = report.count == 0 ? std::string_view() : report.problems.front().code;
    bool good = found == code && read.has_value() == code.empty() && report.count == (code.empty() ? 0 : 1);
    if (!code.empty())
      good = good && report.problems.front().path == path && !report.problems.front().message.empty() &&
             read.has_error() && read.error().code == code && read.error().kind == failure_kind::refused &&
             read.error().message.size() < 600;
    else if (read)
      good = good && read->bytes() == text;
    if (!good)
      std::printf("wrong: %s: <%.*s>, expected <%.*s>, %s\n", name.c_str(), static_cast<int>(found.size()),
                  found.data(), static_cast<int>(code.size()), code.data(),
                  report.count == 0 ? "" : report.problems.front().message.substr(0, 300).c_str());
    count += !good;
  }
  return count;
}

std::vector<input> joined(std::initializer_list<std::vector<input>> parts) {
  std::vector<input> all;
  for (const auto& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

} // namespace

CAF_TEST(answers each input of the group SHP as listed) {
  const auto rows = joined({duplicates_and_depth(), sizes(), types_and_absence()});
  CAF_CHECK_EQUAL(rows.size(), 57u);
  CAF_CHECK_EQUAL(wrong(rows), 0);
}

CAF_TEST(answers each input of the group VAL as listed) {
  const auto rows = joined({ids_and_names(), other_values()});
  CAF_CHECK_EQUAL(rows.size(), 47u);
  CAF_CHECK_EQUAL(wrong(rows), 0);
}

CAF_TEST(answers inputs at its own limits as listed) {
  const auto rows = own_limits();
  CAF_CHECK_EQUAL(wrong(rows), 0);
  std::printf("lane manifest_bad_input_test: %zu inputs\n", 57 + 47 + rows.size());
}
