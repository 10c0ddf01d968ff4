#include "muster/runner/topology_picture.hpp"

#include <string>

namespace muster {

namespace {

constexpr std::size_t most_columns = 6;
constexpr std::size_t widest_name = 28;

// So many agents in a row that a group is about twice as wide as high.
std::size_t columns_for(std::size_t agents) {
  std::size_t columns = 1;
  while (columns < most_columns && columns * columns * 2 < agents)
    ++columns;
  return columns;
}

std::string fill_of(const topology_picture::agent& agent) {
  if (agent.status != "active")
    return "#f6f8fa";
  if (agent.health == "active")
    return "#dafbe1";
  return agent.health == "inactive" ? "#fff8c5" : "#ffffff";
}

std::string cell_of(const topology_picture::agent& agent) {
  std::string text = "<TD BGCOLOR=\"" + fill_of(agent) + "\"><B>" + picture_text(agent.name, widest_name) + "</B>";
  text += "<BR/><FONT POINT-SIZE=\"9\">" + picture_text(agent.runtime, widest_name);
  if (agent.status != "active")
    text += ", " + picture_text(agent.status, widest_name);
  if (agent.is_system)
    text += ", reaches all";
  return text + "</FONT></TD>";
}

std::string label_of(const topology_picture::group& group) {
  const auto columns = columns_for(group.agents.size());
  std::string text = "<TABLE BORDER=\"1\" CELLBORDER=\"0\" CELLSPACING=\"4\" CELLPADDING=\"5\" COLOR=\"#57606a\" "
                     "STYLE=\"ROUNDED\"><TR><TD COLSPAN=\"" +
                     std::to_string(columns) + "\" ALIGN=\"LEFT\"><FONT POINT-SIZE=\"14\"><B>" +
                     picture_text(group.name, widest_name * 2) + "</B></FONT></TD></TR>";
  for (std::size_t i = 0; i < group.agents.size(); ++i) {
    if (i % columns == 0)
      text += i == 0 ? "<TR>" : "</TR><TR>";
    text += cell_of(group.agents[i]);
  }
  text += group.agents.empty() ? "<TR><TD>no agent lives here</TD></TR>" : "</TR>";
  return text + "</TABLE>";
}

} // namespace

std::string dot_of(const topology_picture& what) {
  std::string text =
      "digraph muster {\n"
      "  graph [rankdir=LR, pack=16, packmode=\"array_t\", fontname=\"sans-serif\", labelloc=t, label=<" +
      picture_text(picture_title(what), 200);
  if (const auto sentence = switch_sentence(what.switched); !sentence.empty())
    text += "<BR/>" + picture_text(sentence, 200);
  text +=
      "<BR/><FONT POINT-SIZE=\"9\">green: seen lately, yellow: not for a while, grey: not active, broken line: denied"
      "</FONT>";
  text += ">];\n  node [shape=plain, fontname=\"sans-serif\", fontsize=11];\n"
          "  edge [fontname=\"sans-serif\", fontsize=9];\n";
  for (std::size_t i = 0; i < what.groups.size(); ++i)
    text += "  n" + std::to_string(i) + " [label=<" + label_of(what.groups[i]) + ">];\n";
  for (const auto& link : what.links) {
    text += "  n" + std::to_string(link.source) + " -> n" + std::to_string(link.target);
    text += link.allows ? " [color=\"#1a7f37\""
                        : " [color=\"#cf222e\", style=dashed, arrowhead=tee, arrowtail=tee, label=deny";
    text += link.both_ways ? ", dir=both];\n" : "];\n";
  }
  return text + "}\n";
}

} // namespace muster
