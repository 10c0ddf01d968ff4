#define CAF_SUITE project_strategies_test

#include "tests/support/scan_world.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace muster::test;

namespace {

/// One project at `/r/atlas` and what a scan makes of it.
struct fixture : scan_world {
  fixture() { make("/r/atlas"); }

  std::string strategy() {
    const auto found = scan().report.candidates;
    return found.size() == 1 && found[0].path == "/r/atlas" ? found[0].strategy : std::string{};
  }
  /// The names and what is inferred besides.
  bool hints(const std::string& name) {
    const auto found = scan().report.candidates;
    return found.size() == 1 && found[0].strategy == name && found[0].runtime == name &&
           found[0].suggested_name == "atlas" && found[0].capabilities == std::vector<std::string>{"code"} &&
           found[0].scan_root == "/r" && (name == "claude-code" || found[0].description.empty());
  }
  bool is_known(const std::string& name) {
    return std::ranges::count_if(known_strategies(), [&](const project_strategy& each) {
             return each.name == name && each.runtime == name;
           }) == 1;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(project_strategies_tests, fixture)

CAF_TEST([ST01] a CLAUDE md is a project of claude-code) {
  put("/r/atlas/CLAUDE.md");
  CAF_CHECK_EQUAL(strategy(), "claude-code");
}

CAF_TEST([ST02] an AGENTS md is a project of claude-code) {
  put("/r/atlas/AGENTS.md");
  CAF_CHECK_EQUAL(strategy(), "claude-code");
}

CAF_TEST([ST03] a CLAUDE md beside a claude directory is a project of claude-code) {
  put("/r/atlas/CLAUDE.md");
  make("/r/atlas/.claude");
  CAF_CHECK_EQUAL(strategy(), "claude-code");
}

CAF_TEST([ST04] a CLAUDE md describes the project rather than an AGENTS md) {
  put("/r/atlas/CLAUDE.md", "# A\n\nfrom claude\n");
  put("/r/atlas/AGENTS.md", "from agents\n");
  CAF_CHECK_EQUAL(scan().report.candidates.at(0).description, "from claude");
}

CAF_TEST([ST05] a bare claude directory says nothing) {
  make("/r/atlas/.claude");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST06] an empty directory is no project) {
  make("/r/atlas/src");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST07] a directory that does not exist is no project) {
  const auto result = scan({"/r/nowhere"});
  CAF_CHECK(result.candidates().empty());
  CAF_CHECK_EQUAL(result.report.counts.unreadable, 1u);
}

CAF_TEST([ST08] claude-code suggests the name of the directory and its runtime) {
  put("/r/atlas/CLAUDE.md", "what it does");
  CAF_CHECK(hints("claude-code"));
  CAF_CHECK_EQUAL(scan().report.candidates.at(0).description, "what it does");
}

CAF_TEST([ST09] claude-code names itself and its runtime) {
  CAF_CHECK(is_known("claude-code"));
}

CAF_TEST([ST10] a cursor directory is a project of cursor) {
  make("/r/atlas/.cursor");
  CAF_CHECK_EQUAL(strategy(), "cursor");
}

CAF_TEST([ST11] a file of cursor rules is a project of cursor) {
  put("/r/atlas/.cursorrules");
  CAF_CHECK_EQUAL(strategy(), "cursor");
}

CAF_TEST([ST12] without a marker there is no project of cursor) {
  put("/r/atlas/README.md");
  make("/r/atlas/src");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST13] cursor suggests the name of the directory and its runtime) {
  make("/r/atlas/.cursor");
  CAF_CHECK(hints("cursor"));
}

CAF_TEST([ST14] cursor names itself and its runtime) {
  CAF_CHECK(is_known("cursor"));
}

CAF_TEST([ST15] a codex directory is a project of codex) {
  make("/r/atlas/.codex");
  CAF_CHECK_EQUAL(strategy(), "codex");
}

CAF_TEST([ST16] without a marker there is no project of codex) {
  put("/r/atlas/README.md");
  make("/r/atlas/src");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST17] codex suggests the name of the directory and its runtime) {
  make("/r/atlas/.codex");
  CAF_CHECK(hints("codex"));
}

CAF_TEST([ST18] codex names itself and its runtime) {
  CAF_CHECK(is_known("codex"));
}

CAF_TEST([ST19] a file of windsurf rules is a project of windsurf) {
  put("/r/atlas/.windsurfrules");
  CAF_CHECK_EQUAL(strategy(), "windsurf");
}

CAF_TEST([ST20] a windsurf directory is a project of windsurf) {
  make("/r/atlas/.windsurf");
  CAF_CHECK_EQUAL(strategy(), "windsurf");
}

CAF_TEST([ST21] without a marker there is no project of windsurf) {
  put("/r/atlas/README.md");
  make("/r/atlas/src");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST22] windsurf suggests the name of the directory and its runtime) {
  put("/r/atlas/.windsurfrules");
  CAF_CHECK(hints("windsurf"));
}

CAF_TEST([ST23] windsurf names itself and its runtime) {
  CAF_CHECK(is_known("windsurf"));
}

CAF_TEST([ST24] a GEMINI md is a project of gemini) {
  put("/r/atlas/GEMINI.md");
  CAF_CHECK_EQUAL(strategy(), "gemini");
}

CAF_TEST([ST25] a gemini directory is a project of gemini) {
  make("/r/atlas/.gemini");
  CAF_CHECK_EQUAL(strategy(), "gemini");
}

CAF_TEST([ST26] without a marker there is no project of gemini) {
  put("/r/atlas/README.md");
  make("/r/atlas/src");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST27] gemini suggests the name of the directory and its runtime) {
  put("/r/atlas/GEMINI.md");
  CAF_CHECK(hints("gemini"));
}

CAF_TEST([ST28] gemini names itself and its runtime) {
  CAF_CHECK(is_known("gemini"));
}

CAF_TEST([ST29] a file of cline rules is a project of cline) {
  put("/r/atlas/.clinerules");
  CAF_CHECK_EQUAL(strategy(), "cline");
}

CAF_TEST([ST31] without a marker there is no project of cline) {
  put("/r/atlas/README.md");
  make("/r/atlas/src");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST32] cline suggests the name of the directory and its runtime) {
  put("/r/atlas/.clinerules");
  CAF_CHECK(hints("cline"));
}

CAF_TEST([ST33] cline names itself and its runtime) {
  CAF_CHECK(is_known("cline"));
}

CAF_TEST([ST30] a directory of cline rules is a project of cline) {
  make("/r/atlas/.clinerules");
  CAF_CHECK_EQUAL(strategy(), "cline");
}

CAF_TEST([ST34] a roo directory is a project of roo-code) {
  make("/r/atlas/.roo");
  CAF_CHECK_EQUAL(strategy(), "roo-code");
}

CAF_TEST([ST35] a file of roo rules is a project of roo-code) {
  put("/r/atlas/.roorules");
  CAF_CHECK_EQUAL(strategy(), "roo-code");
}

CAF_TEST([ST36] without a marker there is no project of roo-code) {
  put("/r/atlas/README.md");
  make("/r/atlas/src");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST37] roo-code suggests the name of the directory and its runtime) {
  make("/r/atlas/.roo");
  CAF_CHECK(hints("roo-code"));
}

CAF_TEST([ST38] roo-code names itself and its runtime) {
  CAF_CHECK(is_known("roo-code"));
}

CAF_TEST([ST39] a file of instructions for copilot is a project of copilot) {
  put("/r/atlas/.github/copilot-instructions.md");
  CAF_CHECK_EQUAL(strategy(), "copilot");
}

CAF_TEST([ST40] a directory of instructions for copilot is a project of copilot) {
  make("/r/atlas/.github/instructions");
  CAF_CHECK_EQUAL(strategy(), "copilot");
}

CAF_TEST([ST41] a directory of agents for copilot is a project of copilot) {
  make("/r/atlas/.github/agents");
  CAF_CHECK_EQUAL(strategy(), "copilot");
}

CAF_TEST([ST42] a bare github directory says nothing) {
  make("/r/atlas/.github/workflows");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST43] without a marker there is no project of copilot) {
  put("/r/atlas/copilot-instructions.md");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST44] copilot suggests the name of the directory and its runtime) {
  make("/r/atlas/.github/agents");
  CAF_CHECK(hints("copilot"));
}

CAF_TEST([ST45] copilot names itself and its runtime) {
  CAF_CHECK(is_known("copilot"));
}

CAF_TEST([ST46] an amazonq directory is a project of amazon-q) {
  make("/r/atlas/.amazonq");
  CAF_CHECK_EQUAL(strategy(), "amazon-q");
}

CAF_TEST([ST47] without a marker there is no project of amazon-q) {
  put("/r/atlas/README.md");
  make("/r/atlas/src");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST48] amazon-q suggests the name of the directory and its runtime) {
  make("/r/atlas/.amazonq");
  CAF_CHECK(hints("amazon-q"));
}

CAF_TEST([ST49] amazon-q names itself and its runtime) {
  CAF_CHECK(is_known("amazon-q"));
}

CAF_TEST([ST50] a continue directory is a project of continue) {
  make("/r/atlas/.continue");
  CAF_CHECK_EQUAL(strategy(), "continue");
}

CAF_TEST([ST51] without a marker there is no project of continue) {
  put("/r/atlas/README.md");
  make("/r/atlas/src");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST([ST52] continue suggests the name of the directory and its runtime) {
  make("/r/atlas/.continue");
  CAF_CHECK(hints("continue"));
}

CAF_TEST([ST53] continue names itself and its runtime) {
  CAF_CHECK(is_known("continue"));
}

CAF_TEST(the first strategy in the table counts) {
  make("/r/atlas/.codex");
  put("/r/atlas/GEMINI.md");
  make("/r/atlas/.github/agents");
  CAF_CHECK_EQUAL(strategy(), "codex");
  put("/r/atlas/AGENTS.md");
  CAF_CHECK_EQUAL(strategy(), "claude-code");
}

CAF_TEST(a marker of another type does not count) {
  make("/r/atlas/CLAUDE.md");
  put("/r/atlas/.codex");
  put("/r/atlas/.roo");
  make("/r/atlas/.cursorrules");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST(neither FIFO nor device nor socket is a marker) {
  put_special("/r/atlas/CLAUDE.md", file_type::fifo);
  put_special("/r/atlas/AGENTS.md", file_type::char_device);
  put_special("/r/atlas/GEMINI.md", file_type::socket);
  put_special("/r/atlas/.clinerules", file_type::block_device);
  put_special("/r/atlas/.codex", file_type::fifo);
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST(a link counts as what it leads to) {
  put("/r/atlas/AGENTS.txt", "linked");
  world.files.put_symlink("/r/atlas/CLAUDE.md", "AGENTS.txt");
  CAF_CHECK_EQUAL(strategy(), "claude-code");
  CAF_CHECK_EQUAL(scan().report.candidates.at(0).description, "linked");
}

CAF_TEST(a link to nowhere or to itself is no marker) {
  world.files.put_symlink("/r/atlas/CLAUDE.md", "gone");
  world.files.put_symlink("/r/atlas/AGENTS.md", "AGENTS.md");
  CAF_CHECK_EQUAL(strategy(), "");
}

CAF_TEST(a host adds its own tool by one entry) {
  strategies.push_back({.name = "acme",
                        .runtime = "other",
                        .markers = {{"acme.toml", marker_kind::file}, {".acme/agent", marker_kind::directory}},
                        .described_by = {"acme.toml"},
                        .capabilities = {"code", "review"}});
  CAF_REQUIRE(check_strategies(strategies));
  make("/r/atlas/.acme/agent");
  put("/r/boron/acme.toml", "mines boron");
  const auto found = scan().report.candidates;
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  CAF_CHECK_EQUAL(found[0].strategy, "acme");
  CAF_CHECK_EQUAL(found[1].runtime, "other");
  CAF_CHECK_EQUAL(found[1].description, "mines boron");
  CAF_CHECK_EQUAL(found[1].capabilities.size(), 2u);
}

CAF_TEST(refuses a strategy that cannot be used) {
  const auto refused = [](project_strategy one) {
    const auto checked = check_strategies(std::vector{std::move(one)});
    return !checked && checked.error().code == "strategy-invalid";
  };
  CAF_CHECK(refused({.name = "", .runtime = "a", .markers = {}}));
  CAF_CHECK(refused({.name = "a", .runtime = "", .markers = {}}));
  for (const char* path : {"", "/etc", "a/b/c", "..", "../x", "a/", "./a", "a//b"})
    CAF_CHECK(refused({.name = "a", .runtime = "a", .markers = {{path, marker_kind::file}}}));
  CAF_CHECK(refused({.name = "a", .runtime = "a", .markers = {}, .described_by = {"../README"}}));
  std::vector<project_marker> many;
  for (std::size_t i = 0; i <= seen_markers::most; ++i)
    many.push_back({"m" + std::to_string(i), marker_kind::file});
  CAF_CHECK(refused({.name = "a", .runtime = "a", .markers = many}));
  many.pop_back();
  CAF_CHECK(check_strategies(std::vector{project_strategy{.name = "a", .runtime = "a", .markers = many}}));
  CAF_CHECK(check_strategies(known_strategies()));
}

CAF_TEST(asks nothing more of a directory without a marker) {
  for (int i = 0; i < 20; ++i)
    put("/r/atlas/file" + std::to_string(i));
  std::vector<traced_call> trace;
  world.files.set_trace(&trace);
  (void)scan();
  world.files.set_trace(nullptr);
  std::size_t calls = 0;
  for (const auto& each : trace)
    calls += each.path.find("atlas") != std::string::npos ? 1 : 0;
  // Opened, looked at, listed to its end, closed.
  CAF_CHECK_EQUAL(calls, 5u);
}

CAF_TEST_FIXTURE_SCOPE_END()
