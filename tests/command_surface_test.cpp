#define CAF_SUITE command_surface_test

#include "tests/support/service_double.hpp"

#include "muster/runner/api.hpp"
#include "muster/runner/completion_tree.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/data_directory.hpp"
#include "muster/store/json.hpp"

#include <caf/test/unit_test.hpp>

#include <iostream>
#include <sstream>

using namespace muster;
using namespace muster::test;

namespace {

/// Every command that runs by itself, with arguments that it takes.
struct command_sample {
  std::vector<std::string> words;
  std::vector<std::string> arguments;
};

std::vector<std::string> words_of(const std::string& chain) {
  std::istringstream in(chain);
  return {std::istream_iterator<std::string>(in), {}};
}

std::vector<std::string> arguments_of(const std::string& chain) {
  if (chain == " revert")
    return {"atlas", "abc@1"};
  if (chain == " move")
    return {"atlas", "/nowhere"};
  if (chain == " update")
    return {"atlas", "--set", "description=x"};
  if (chain == " access allow" || chain == " access deny" || chain == " access withdraw")
    return {"lab", "web"};
  if (chain == " access who")
    return {"atlas"};
  if (chain == " config set")
    return {"relay", "none"};
  if (chain == " config get")
    return {"relay"};
  if (chain == " register" || chain == " deny" || chain == " undeny" || chain == " manifest check" ||
      chain == " manifest show")
    return {"/nowhere"};
  if (chain == " relay send")
    return {"atlas", "hello"};
  if (chain == " show" || chain == " relay inbox" || chain == " unregister" || chain == " heartbeat" ||
      chain == " admit")
    return {"atlas"};
  return {};
}

std::vector<command_sample> all_commands() {
  command_line line({});
  add_all_commands(line);
  std::vector<command_sample> samples;
  for (const auto& each : read_tree(*line.root()).commands)
    if (each.commands.empty())
      samples.push_back({words_of(each.chain), arguments_of(each.chain)});
  return samples;
}

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Everything a terminal could take for more than text, and then a lot of it.
const std::string hostile = "\x1b[2J\x1b]0;x\x07\r\n\u202e\u2066\u0085" + std::string(10000, 'A');

// A document with this text in every place that any command reads.
std::string hostile_document() {
  const auto x = json_text(hostile);
  const std::string problem = R"({"kind":)" + x + R"(,"message":)" + x + R"(,"since":)" + x + R"(,"path":)" + x +
                              R"(,"id":)" + x + R"(,"severity":)" + x + R"(,"code":)" + x + "}";
  const std::string commit = R"({"instance":)" + x + R"(,"seq":1,"at":)" + x + R"(,"ops":[{)" + x + R"(:{"agent":)" +
                             x + R"(,"path":)" + x + R"(,"source":)" + x + R"(,"fields":[{"field":)" + x + "}]}}]}";
  const std::string rule = R"({"source":)" + x + R"(,"target":)" + x + R"(,"action":)" + x + R"(,"priority":50,"at":)" +
                           x + R"(,"origin":)" + x + R"(,"version":)" + x + R"(,"agent":)" + x + "}";
  const std::string side = R"({"allowed":true,"rule":0})";
  const std::string message = R"({"id":)" + x + R"(,"from":)" + x + R"(,"subject":)" + x + R"(,"sentAt":)" + x +
                              R"(,"reason":)" + x + R"(,"deadAt":)" + x + R"(,"payload":[)" + x + "]}";
  std::string members;
  for (const auto* name :
       {"id",     "name",   "displayName", "runtime",     "namespace", "path",     "subject", "instance",
        "status", "health", "lastSeenAt",  "contentHash", "fileHash",  "version",  "removed", "dumpHash",
        "key",    "value",  "default",     "shown",       "data",      "messageId"})
    members += json_text(name) + ":" + x + ",";
  const auto row = "{" + members + R"("reaches":)" + side + R"(,"reachedBy":)" + side + R"(,"healthStatus":)" + x +
                   R"(,"problems":[)" + problem + "]}";
  return "{" + members + R"("messages":[)" + message + R"(],"letters":[)" + message + R"(],"endpoints":[)" + row +
         R"(],"agents":[)" + row + "," + row + R"(],"agent":{)" + x + ":" + x + R"(,"list":[)" + x + R"(],"object":{)" +
         x + ":" + x + R"(}},"placements":[)" + row + R"(],"rules":[)" + rule + R"(],"conflicts":[{"id":)" + x +
         R"(,"field":)" + x + R"(,"status":)" + x + R"(,"winner":"v","candidates":[{"version":)" + x + R"(,"at":)" + x +
         R"(,"value":)" + x + R"(}]}],"versions":[)" + commit + R"(],"commits":[)" + commit + R"(],"problems":[)" +
         problem + R"(],"findings":[)" + problem + R"(],"settings":[)" + row + R"(],"byRuntime":{)" + x +
         R"(:1},"relay":)" + x + R"(,"accessRules":[)" + rule + R"(],"withoutAgents":[)" + x + R"(],"notes":[)" + x +
         R"(],"callerNamespace":)" + x + R"(,"namespaces":[{"namespace":)" + x + R"(,"agents":[)" + row + R"(]}])" +
         R"(,"peers":[{"name":)" + x + R"(,"state":)" + x + "}]}";
}

bool is_one_document(const std::string& text) {
  return text.ends_with('\n') && json::document::parse(text, {.bytes = 64 << 20, .depth = 64}).has_value();
}

// Lines and blanks aside, nothing in it steers a terminal.
bool is_harmless(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (printable(line, std::size_t{1} << 28) != line)
      return false;
  return true;
}

std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);)
    longest = std::max(longest, line.size());
  return longest;
}

struct fixture {
  service_double there;
  std::unique_ptr<data_directory> held;

  // From here on somebody holds the data directory, so that everything is
  // asked of the service.
  void hold_directory() {
    CAF_REQUIRE(there.run({"--data", "/data", "init"}).result);
    auto env = there.world.view();
    auto opened = data_directory::open(env, "/data", data_directory::presence::required);
    CAF_REQUIRE(opened);
    held = std::make_unique<data_directory>(std::move(*opened));
  }

  void answer_all(const expected<std::string>& what) {
    for (const auto& each : operations())
      there.answers.insert_or_assign(std::string(each.name), what);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(command_surface, fixture)

CAF_TEST(every command has help with an example) {
  for (const auto& each : all_commands()) {
    const auto done = there.run(joined(each.words, {"--help"}));
    CAF_REQUIRE(done.result);
    CAF_CHECK(done.result->text.find("Example: ") != std::string::npos);
    CAF_CHECK(is_one_document(done.result->json));
    std::vector<std::string> asked{"help"};
    CAF_CHECK_EQUAL(there.run(joined(asked, each.words)).result->text, done.result->text);
  }
}

CAF_TEST(the version is told by an option and by a command) {
  const auto by_option = there.run({"--version"});
  CAF_REQUIRE(by_option.result);
  CAF_CHECK_EQUAL(by_option.result->text, there.run({"version"}).result->text);
  CAF_CHECK_EQUAL(there.run({"--json", "--version"}).result->json, there.run({"version"}).result->json);
}

CAF_TEST(every command refuses an option that nobody knows) {
  for (const auto& each : all_commands()) {
    const auto done = there.run(joined(joined({"--json"}, each.words), joined(each.arguments, {"--qiuet"})));
    CAF_REQUIRE(!done.result);
    CAF_CHECK_EQUAL(exit_code(done.result.error().kind), 2);
    CAF_CHECK(done.style.json);
    CAF_CHECK(done.result.error().message.find("did you mean '--quiet'") != std::string::npos);
  }
}

CAF_TEST(an option that stands where nothing is one is called so) {
  const auto done = there.run({"register", "--", "/p", "--name", "x"});
  CAF_REQUIRE(!done.result);
  CAF_CHECK(done.result.error().message.find("what follows '--' is no option: '--name'") != std::string::npos);
}

CAF_TEST(every command that takes no more arguments says so) {
  for (const auto& each : all_commands()) {
    if (each.words.front() == "help" || each.words.front() == "log" || each.words.front() == "scan")
      continue;
    const auto done = there.run(joined(joined(each.words, each.arguments), {"surplus"}));
    CAF_REQUIRE(!done.result);
    CAF_CHECK_EQUAL(exit_code(done.result.error().kind), 2);
  }
}

CAF_TEST(a line that does not parse is answered in JSON wherever that was asked for) {
  const std::vector<std::vector<std::string>> lines = {{"--json", "--data", "a", "--data", "b", "list"},
                                                       {"update", "atlas", "--set", "--json"},
                                                       {"log", "--limit", "many", "--json"},
                                                       {"list", "--runtime", "codex", "--runtime", "codex", "--json"},
                                                       {"--json", "log", "--limit"}};
  for (const auto& line : lines) {
    const auto done = there.run(line);
    CAF_REQUIRE(!done.result);
    CAF_CHECK(done.style.json);
    CAF_CHECK_EQUAL(exit_code(done.result.error().kind), 2);
    CAF_CHECK(is_one_document(failure_json(done.result.error(), "")));
  }
}

CAF_TEST(hostile text in an answer never reaches a terminal as it is) {
  hold_directory();
  answer_all(hostile_document());
  there.notes = {hostile};
  std::size_t asked = 0;
  for (const auto& each : all_commands()) {
    there.asked.clear();
    const auto done = there.run(joined(joined({"--data", "/data"}, each.words), each.arguments));
    asked += there.asked.size();
    if (there.asked.empty())
      continue;
    CAF_REQUIRE(done.result);
    CAF_CHECK(is_harmless(done.result->text));
    CAF_CHECK(is_harmless(done.result->notes));
    CAF_CHECK_LESS(longest_line(done.result->text), 60000u);
  }
  std::cout << "lane command_surface_test: " << asked << " hostile answers shown\n";
  CAF_CHECK_EQUAL(asked, 33u);
}

CAF_TEST(only plain words are handed to a shell that completes) {
  hold_directory();
  answer_all(R"x({"agents":[{"id":"01JC","name":"atlas"},{"id":"01JD","name":"$(reboot)"},{"id":"-rf","name":"-x"},)x"
             R"x({"id":"01JE","name":"a b"},{"id":"*","name":"a;b"},{"id":"01JF","name":"x.y_z-1"}]})x");
  const auto done = there.run({"--data", "/data", "completion", "agents"});
  CAF_REQUIRE(done.result);
  CAF_CHECK_EQUAL(done.result->text, "01JD\n01JE\natlas\nx.y_z-1\n");
  there.out_of_reach = failure{failure_kind::busy, "data-held", "another process has it"};
  CAF_CHECK_EQUAL(there.run({"--data", "/data", "completion", "agents"}).result->text, "");
}

CAF_TEST(with JSON an answer is one document that cannot steer a terminal) {
  answer_all(hostile_document());
  hold_directory();
  for (const auto& each : all_commands()) {
    there.asked.clear();
    const auto done = there.run(joined(joined({"--json", "--data", "/data"}, each.words), each.arguments));
    if (there.asked.empty())
      continue;
    CAF_REQUIRE(done.result);
    CAF_CHECK(is_one_document(done.result->json));
    CAF_CHECK(is_harmless(done.result->json));
    CAF_CHECK(done.result->text.empty());
  }
}

CAF_TEST(an answer that says nothing or something else is shown or refused and never trusted) {
  for (const std::string said : {"{}", R"({"agents":{"a":1},"problems":"x","commits":3,"agent":[],"lastSweep":[1]})"}) {
    answer_all(said);
    for (const auto& each : all_commands())
      // These ask nobody, and a daemon has threads, which the simulated disk must not meet.
      if (each.words.front() != "manifest" && each.words.front() != "serve")
        (void)there.run(joined(each.words, each.arguments));
  }
  for (const std::string said : {"", "[]", "nonsense", "{", "{\"a\":1}{}"}) {
    answer_all(said);
    const auto done = there.run({"list"});
    CAF_REQUIRE(!done.result);
    CAF_CHECK_EQUAL(done.result.error().code, "answer-malformed");
  }
}

CAF_TEST(a failure of the service keeps its kind and the exit code that goes with it) {
  for (int kind = 1; kind <= 9; ++kind) {
    answer_all(failure{static_cast<failure_kind>(kind), "some-code", "it is so", "/p", "commit", "01JC", 0});
    const auto done = there.run({"unregister", "atlas"});
    CAF_REQUIRE(!done.result);
    CAF_CHECK(done.result.error().kind == static_cast<failure_kind>(kind));
    CAF_CHECK_EQUAL(done.result.error().step, "commit");
  }
  there.out_of_reach = failure{failure_kind::busy, "data-held", "another process has it"};
  CAF_CHECK_EQUAL(exit_code(there.run({"list"}).result.error().kind), 8);
}

CAF_TEST_FIXTURE_SCOPE_END()
