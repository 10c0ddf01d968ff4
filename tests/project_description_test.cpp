#define CAF_SUITE project_description_test

#include "muster/store/project_description.hpp"

#include "tests/support/scan_world.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace muster::test;

namespace {

struct fixture : scan_world {
  scan_candidate candidate() {
    const auto found = scan().report.candidates;
    return found.size() == 1 ? found[0] : scan_candidate{};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(project_description_tests, fixture)

CAF_TEST([CD01] the text below a heading describes a project) {
  CAF_CHECK_EQUAL(describe_project("# Atlas\n\nKeeps the maps.\n"), "Keeps the maps.");
}

CAF_TEST([CD02] several headings are passed over) {
  CAF_CHECK_EQUAL(describe_project("# Atlas\n## About\n\n### More\nKeeps the maps.\n"), "Keeps the maps.");
}

CAF_TEST([CD03] a paragraph of two lines becomes one) {
  CAF_CHECK_EQUAL(describe_project("# Atlas\n\n  Keeps the maps \nand the charts.\n\nAnd more.\n"),
                  "Keeps the maps and the charts.");
}

CAF_TEST([CD04] a long text is cut to 200 characters that end in dots) {
  const auto cut = describe_project(std::string(250, 'x'));
  CAF_CHECK(cut.size() == 200 && cut.ends_with("x...") && cut.find_first_not_of('x') == 197);
  CAF_CHECK_EQUAL(describe_project(std::string(200, 'x')), std::string(200, 'x'));
  std::string umlauts;
  for (int i = 0; i < 201; ++i)
    umlauts += "\xC3\xA4";
  CAF_CHECK_EQUAL(describe_project(umlauts), umlauts.substr(0, 2 * 197) + "...");
}

CAF_TEST([CD05] headings alone describe nothing) {
  CAF_CHECK_EQUAL(describe_project("# Atlas\n\n## About\n"), "");
}

CAF_TEST([CD06] an empty text describes nothing) {
  CAF_CHECK_EQUAL(describe_project(""), "");
  CAF_CHECK_EQUAL(describe_project("\n\n \n"), "");
}

CAF_TEST([CD07] a text without a heading describes a project) {
  CAF_CHECK_EQUAL(describe_project("Keeps the maps."), "Keeps the maps.");
}

CAF_TEST([CD08] a heading right behind the text ends it) {
  CAF_CHECK_EQUAL(describe_project("Keeps the maps.\n# Next\nNo more.\n"), "Keeps the maps.");
}

CAF_TEST([CD09] an AGENTS md gives description and name and runtime and capabilities) {
  put("/r/atlas/AGENTS.md", "# Atlas\n\nKeeps the maps.\n");
  const auto found = candidate();
  CAF_CHECK_EQUAL(found.description, "Keeps the maps.");
  CAF_CHECK_EQUAL(found.suggested_name, "atlas");
  CAF_CHECK_EQUAL(found.runtime, "claude-code");
  CAF_CHECK(found.capabilities == std::vector<std::string>{"code"});
}

CAF_TEST([CD10] an AGENTS md of headings alone gives no description) {
  put("/r/atlas/AGENTS.md", "# Atlas\n## About\n");
  CAF_CHECK_EQUAL(candidate().strategy, "claude-code");
  CAF_CHECK_EQUAL(candidate().description, "");
}

CAF_TEST([CD11] an empty AGENTS md gives no description) {
  put("/r/atlas/AGENTS.md", "");
  CAF_CHECK_EQUAL(candidate().strategy, "claude-code");
  CAF_CHECK_EQUAL(candidate().description, "");
}

CAF_TEST([CD12] without a file that can be read the other hints are there) {
  put("/r/atlas/CLAUDE.md", "secret");
  set_mode("/r/atlas/CLAUDE.md", 0);
  world.files.set_user({.uid = 1000, .gid = 1000});
  const auto found = candidate();
  CAF_CHECK_EQUAL(found.suggested_name, "atlas");
  CAF_CHECK_EQUAL(found.runtime, "claude-code");
  CAF_CHECK_EQUAL(found.description, "");
}

CAF_TEST(an AGENTS md describes where the CLAUDE md cannot be read) {
  put("/r/atlas/CLAUDE.md", "secret");
  put("/r/atlas/AGENTS.md", "public");
  set_mode("/r/atlas/CLAUDE.md", 0);
  world.files.set_user({.uid = 1000, .gid = 1000});
  CAF_CHECK_EQUAL(candidate().description, "public");
}

CAF_TEST(what is no UTF-8 describes nothing) {
  CAF_CHECK_EQUAL(describe_project("Keeps \xFF maps."), "");
  CAF_CHECK_EQUAL(describe_project("\xC3"), "");
}

CAF_TEST(a character that the limit of bytes cuts is left out) {
  for (std::size_t before = description_bytes - 3; before <= description_bytes; ++before) {
    const auto text = "# " + std::string(before - 3, 'h') + "\n\xF0\x9F\xA4\x96 and more that is not read at all";
    const auto told = describe_project(text);
    CAF_CHECK(told.empty() || told.starts_with("\xF0\x9F\xA4\x96"));
  }
}

CAF_TEST(control characters and a byte order mark do not get through) {
  CAF_CHECK_EQUAL(describe_project("\xEF\xBB\xBF# A\r\n\r\nKeeps\x1b[31m the maps.\r\nAll of them.\r\n"),
                  "Keeps [31m the maps. All of them.");
}

CAF_TEST(only the beginning of a large file is read) {
  put("/r/atlas/CLAUDE.md", std::string(std::size_t{1} << 20U, 'x'));
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  CAF_CHECK_EQUAL(candidate().description.size(), description_characters);
  CAF_CHECK(std::ranges::count(trace, disk_operation::read, &traced_call::operation) <= 2);
  world.files.set_trace(nullptr);
}

CAF_TEST_FIXTURE_SCOPE_END()
