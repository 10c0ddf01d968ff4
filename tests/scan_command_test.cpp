#define CAF_SUITE scan_command_test

#include "tests/support/service_double.hpp"

#include "muster/runner/scan_documents.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace muster::test;

namespace {

struct fixture : service_double {
  scan_report report;

  fixture() {
    report.scanned = 12;
    report.took = std::chrono::milliseconds{34};
    report.candidates.push_back(
        {"/r/atlas", "/r", "claude-code", "claude-code", "atlas", "Keeps the maps.", {"code"}, false});
    report.candidates.push_back({"/r", "/r", "codex", "codex", "r", "", {"code"}, false});
    report.candidates.push_back({"/r/no", "/r", "codex", "codex", "no", "", {"code"}, true});
    answers.insert_or_assign("register", expected<std::string>(R"({"agent":"01A","path":"/r/atlas"})"));
  }

  command_line::outcome scan(std::vector<std::string> more = {}) {
    answers.insert_or_assign("scan", expected<std::string>(scan_document(report)));
    more.insert(more.begin(), "scan");
    return run(std::move(more));
  }
  std::vector<std::string> requests(std::string_view operation) const {
    std::vector<std::string> result;
    for (const auto& each : asked)
      if (each.operation == operation)
        result.push_back(each.request);
    return result;
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(scan_command_tests, fixture)

CAF_TEST(asks for what was typed) {
  CAF_REQUIRE(scan({"/r", "/s", "--depth", "3", "--timeout", "500", "--follow-mounts"}).result);
  const auto request = requests("scan").at(0);
  CAF_CHECK(has(request, R"("roots":["/r","/s"])"));
  CAF_CHECK(has(request, R"("depth":3)"));
  CAF_CHECK(has(request, R"("timeoutMs":500)"));
  CAF_CHECK(has(request, R"("followMounts":true)"));
  CAF_CHECK(!has(request, "fallback"));
}

CAF_TEST(without a root the home directory is the last resort) {
  CAF_REQUIRE(scan().result);
  CAF_CHECK(has(requests("scan").at(0), R"("fallback":"/)"));
  CAF_CHECK(!has(requests("scan").at(0), "roots"));
}

CAF_TEST(shows candidates in a table and the rest in lines) {
  report.existing.push_back({agent_id{"01B"}, "boron", "/r/boron", "/r/boron", false});
  report.existing.push_back({agent_id{"01C"}, "carbon", "/r/carbon", "/old", true});
  report.duplicates.push_back({agent_id{"01D"}, "dup", "/r/dup", "/r/boron", false});
  report.unadmitted.push_back({agent_id{"01E"}, "guest", "/r/guest", "", true});
  report.denied.push_back({"/r/never", "mine", ""});
  report.counts.hung = 1;
  report.problems.push_back({"/r/stuck", "directory-hung", "does not answer"});
  report.truncated = true;
  const auto done = scan({"/r"});
  CAF_REQUIRE(done.result);
  const auto& text = done.result->text;
  for (const char* part :
       {"/r/atlas", "claude-code", "Keeps the maps.", "denied", "1 agent registered already", "moved from /old",
        "copies of agents", "wait for 'muster admit'", "/r/never  mine", "1 that do not answer",
        "/r/stuck: does not answer", "12 directories in 34 ms", "not everything was seen"})
    CAF_CHECK(has(text, part));
  CAF_CHECK_EQUAL(done.result->exit, 0);
}

CAF_TEST(names that steer a terminal are made safe) {
  report.candidates = {{"/r/\x1b[31mred\n", "/r", "codex", "codex", "\x1b]0;x\x07", "\xff", {"code"}, false}};
  const auto text = scan({"/r"}).result->text;
  CAF_CHECK(!has(text, "\x1b"));
  CAF_CHECK(!has(text, "\xff"));
}

CAF_TEST(answers one document for json) {
  const auto done = scan({"/r", "--json"});
  CAF_REQUIRE(done.result);
  CAF_CHECK(has(done.result->json, R"("candidates":[{"path":"/r/atlas","scanRoot":"/r","strategy":"claude-code",)"
                                   R"("runtime":"claude-code","suggestedName":"atlas","hints":{)"));
  CAF_CHECK(has(done.result->json, R"("scannedDirs":12,"truncated":false,"cancelled":false,"durationMs":34)"));
}

CAF_TEST(registers every candidate that is not denied with what was inferred) {
  const auto done = scan({"/r", "--register-all"});
  CAF_REQUIRE(done.result);
  auto sent = requests("register");
  std::ranges::sort(sent);
  CAF_REQUIRE_EQUAL(sent.size(), 2u);
  // A root is no scan root of its own.
  CAF_CHECK_EQUAL(sent[0], R"({"path":"/r","name":"r","runtime":"codex","capabilities":["code"]})");
  CAF_CHECK_EQUAL(sent[1], R"({"path":"/r/atlas","name":"atlas","runtime":"claude-code",)"
                           R"("description":"Keeps the maps.","capabilities":["code"],"scanRoot":"/r"})");
  CAF_CHECK(has(done.result->text, "registered 2 agents"));
  CAF_CHECK_EQUAL(done.result->exit, 0);
}

CAF_TEST(what cannot be registered is told and fails the command) {
  answers.insert_or_assign("register", failure{failure_kind::refused, "name-bad", "the name is bad"});
  const auto done = scan({"/r", "--register-all"});
  CAF_REQUIRE(done.result);
  CAF_CHECK(has(done.result->text, "registered 0 agents"));
  CAF_CHECK(has(done.result->text, "not /r/atlas: the name is bad"));
  CAF_CHECK_EQUAL(done.result->exit, 1);
  const auto json = scan({"/r", "--register-all", "--json"});
  CAF_CHECK(
      has(json.result->json, R"("registered":[],"failed":[{"path":"/r/atlas","kind":"refused","code":"name-bad")"));
}

CAF_TEST(a scan that was cancelled registers nothing and fails) {
  report.cancelled = true;
  const auto done = scan({"/r", "--register-all"});
  CAF_REQUIRE(done.result);
  CAF_CHECK(requests("register").empty());
  CAF_CHECK(has(done.result->text, "cancelled"));
  CAF_CHECK_EQUAL(done.result->exit, 1);
}

CAF_TEST(a failure is the answer) {
  answers.insert_or_assign("scan", failure{failure_kind::not_found, "no-such-path", "nothing is there"});
  const auto done = run({"scan", "/r"});
  CAF_REQUIRE(!done.result);
  CAF_CHECK_EQUAL(done.result.error().code, "no-such-path");
}

CAF_TEST(an option that makes no sense is refused before anything is asked) {
  CAF_CHECK(!run({"scan", "--depth", "deep"}).result);
  CAF_CHECK(!run({"scan", "--timeout", "soon"}).result);
  CAF_CHECK(!run({"scan", "--timeout", "-1"}).result);
  CAF_CHECK_EQUAL(reached, 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
