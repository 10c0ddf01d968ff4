#define CAF_SUITE topology_picture_test

#include "muster/runner/topology_picture.hpp"

#include "muster/runner/access_documents.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace muster;

namespace {

topology_described some(std::size_t namespaces, std::size_t agents) {
  topology_described what;
  what.caller = "*";
  for (std::size_t i = 0; i < namespaces; ++i) {
    topology_namespace each{"space-" + std::to_string(i), {}};
    for (std::size_t j = 0; j < agents; ++j) {
      roster_row row;
      row.id = agent_id{std::to_string(i * agents + j)};
      row.name = "agent-" + row.id.text;
      row.runtime = "codex";
      row.namespace_name = each.name;
      row.path = "/p/" + row.id.text;
      each.agents.push_back(row);
    }
    what.namespaces.push_back(std::move(each));
  }
  return what;
}

void say(topology_described& what, const std::string& source, const std::string& target, rule_action action) {
  what.rules.push_back({source, target, action, rule_weight::by_hand, rule_origin::by_hand});
}

topology_picture picture_of(const topology_described& what) {
  const auto document = json::document::parse(topology_document(what));
  CAF_REQUIRE(document);
  return read_picture(document->root());
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size()))
    ++found;
  return found;
}

/// Whether every element of an XML text without comments is closed, in order, and
/// no text holds what begins one.
bool is_well_formed(const std::string& text) {
  std::vector<std::string> open;
  for (auto at = text.find('<'); at != std::string::npos; at = text.find('<', at)) {
    const auto end = text.find('>', at);
    if (end == std::string::npos || text.find('<', at + 1) < end)
      return false;
    const auto tag = text.substr(at + 1, end - at - 1);
    if (count(tag, "\"") % 2 != 0)
      return false;
    const auto name = tag.substr(0, tag.find_first_of(" /"));
    if (tag.starts_with("/")) {
      if (open.empty() || open.back() != tag.substr(1))
        return false;
      open.pop_back();
    } else if (!tag.ends_with("/"))
      open.push_back(name);
    at = end;
  }
  return open.empty();
}

} // namespace

CAF_TEST(a rule in both directions is one line and a pair of different ones two) {
  auto what = some(3, 1);
  say(what, "space-0", "space-1", rule_action::allow);
  say(what, "space-1", "space-0", rule_action::allow);
  say(what, "space-1", "space-2", rule_action::allow);
  say(what, "space-2", "space-1", rule_action::deny);
  const auto picture = picture_of(what);
  CAF_REQUIRE_EQUAL(picture.links.size(), 3u);
  CAF_CHECK(picture.links[0].both_ways && picture.links[0].allows);
  CAF_CHECK(!picture.links[1].both_ways && picture.links[1].allows);
  CAF_CHECK(!picture.links[2].allows);
  const auto svg = svg_of(picture);
  CAF_CHECK_EQUAL(count(svg, "marker-end=\"url(#arrow)\""), 2u);
  CAF_CHECK_EQUAL(count(svg, "marker-start=\"url(#arrow)\""), 1u);
  CAF_CHECK_EQUAL(count(svg, "marker-end=\"url(#bar)\""), 1u);
  CAF_CHECK_EQUAL(count(dot_of(picture), " -> "), 3u);
}

CAF_TEST(a namespace that only a rule names is drawn without agents) {
  auto what = some(1, 2);
  say(what, "space-0", "nobody", rule_action::allow);
  const auto picture = picture_of(what);
  CAF_REQUIRE_EQUAL(picture.groups.size(), 2u);
  CAF_CHECK_EQUAL(picture.groups[0].name, "nobody");
  CAF_CHECK(svg_of(picture).find("no agent<") != std::string::npos);
  CAF_CHECK(dot_of(picture).find("no agent lives here") != std::string::npos);
}

CAF_TEST(the switch is a sentence and no line) {
  auto what = some(2, 1);
  say(what, "*", "*", rule_action::allow);
  const auto open = picture_of(what);
  CAF_CHECK(open.switched == topology_picture::mesh::open && open.links.empty());
  CAF_CHECK(svg_of(open).find("every namespace reaches every other") != std::string::npos);
  what.rules.front().action = rule_action::deny;
  CAF_CHECK(picture_of(what).switched == topology_picture::mesh::shut);
}

CAF_TEST(foreign texts stay texts) {
  auto what = some(1, 1);
  auto& agent = what.namespaces[0].agents[0];
  agent.name = "</text><script>alert('x')</script>&\"";
  agent.runtime = "\x1b[31m\\N\xff]]>";
  what.namespaces[0].name = "\"];n9->n9[\\";
  const auto picture = picture_of(what);
  const auto svg = svg_of(picture);
  CAF_CHECK(is_well_formed(svg));
  CAF_CHECK(svg.find("<script") == std::string::npos);
  CAF_CHECK(svg.find('\x1b') == std::string::npos);
  const auto dot = dot_of(picture);
  CAF_CHECK(dot.find("<script") == std::string::npos);
  CAF_CHECK(dot.find('\\') == std::string::npos);
  CAF_CHECK(dot.find("n9->n9") == std::string::npos);
  CAF_CHECK_EQUAL(picture_text("a<b>&\"'\\", 40), "a&lt;b&gt;&amp;&quot;&#39;&#92;");
}

CAF_TEST(a long text is cut to what fits and a wide character is not cut in two) {
  CAF_CHECK_EQUAL(picture_text("abcdef", 6), "abcdef");
  CAF_CHECK_EQUAL(picture_text("abcdefg", 6), "abcde…");
  CAF_CHECK_EQUAL(picture_text("日本語語", 6), "日本…");
  CAF_CHECK_EQUAL(picture_text("", 6), "");
}

CAF_TEST(no two lines of one side touch in their lane) {
  auto what = some(30, 1);
  for (int i = 0; i < 30; ++i)
    for (int j : {i + 1, i + 2, i + 7})
      if (j < 30)
        say(what, "space-" + std::to_string(i), "space-" + std::to_string(j),
            (i + j) % 5 == 0 ? rule_action::deny : rule_action::allow);
  const auto picture = picture_of(what);
  const auto svg = svg_of(picture);
  CAF_CHECK(is_well_formed(svg));
  // x of the lane, then the two ends: "… Q<lane>,<from> …" and the last "L<edge>,<to>".
  std::map<std::string, std::vector<std::pair<int, int>>> lanes;
  std::size_t touching = 0;
  for (auto at = svg.find(" Q"); at != std::string::npos; at = svg.find("<path fill", at), at = svg.find(" Q", at)) {
    const auto comma = svg.find(',', at);
    const auto lane = svg.substr(at + 2, comma - at - 2);
    const int from = std::stoi(svg.substr(comma + 1));
    const auto second = svg.find(" Q", at + 2);
    const int to = std::stoi(svg.substr(svg.find(',', second) + 1));
    const auto [top, bottom] = std::minmax(from, to);
    for (const auto& [other_top, other_bottom] : lanes[lane])
      touching += top <= other_bottom && other_top <= bottom;
    lanes[lane].emplace_back(top, bottom);
    at = second + 2;
  }
  std::size_t drawn = 0;
  for (const auto& [lane, lines] : lanes)
    drawn += lines.size();
  CAF_CHECK_EQUAL(drawn, picture.links.size());
  CAF_CHECK_EQUAL(touching, 0u);
}

CAF_TEST(nothing is a picture too and very much has an end) {
  CAF_CHECK(is_well_formed(svg_of(picture_of(some(0, 0)))));
  auto what = some(40, 1);
  for (int i = 0; i < 40; ++i)
    for (int j = 0; j < i; ++j)
      say(what, "space-" + std::to_string(i), "space-" + std::to_string(j), rule_action::allow);
  const auto svg = svg_of(picture_of(what));
  CAF_CHECK(is_well_formed(svg));
  CAF_CHECK(svg.find("180 rules that are not drawn") != std::string::npos);
}

CAF_TEST(the words say how many and who looks) {
  auto what = some(2, 3);
  CAF_CHECK_EQUAL(picture_title(picture_of(what)), "6 agents in 2 namespaces");
  what.caller = "space-1";
  CAF_CHECK_EQUAL(picture_title(picture_of(what)), "6 agents in 2 namespaces, as space-1 sees them");
}
