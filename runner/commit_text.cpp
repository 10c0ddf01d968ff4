#include "muster/runner/commit_text.hpp"

#include "muster/runner/agent_values.hpp"
#include "muster/runner/documents.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"

namespace muster {

namespace {

// What an op is about, whatever its kind.
std::string object_of(json::value content) {
  std::string text;
  for (const auto* name : {"agent", "source", "target", "instance"})
    if (const auto value = text_of(content, name); !value.empty())
      text += " " + printable(value);
  if (const auto path = path_of(content, "path"); !path.empty())
    text += " " + shown_path(path);
  for (const auto each : content.find("fields"))
    text += " " + printable(text_of(each, "field"));
  if (const auto field = text_of(content, "field"); !field.empty())
    text += " " + printable(field);
  return text;
}

} // namespace

std::string commit_line(json::value commit) {
  const auto seq = number_of(commit, "seq");
  std::string line = printable(text_of(commit, "at"), 32) + "  " +
                     shown_version(text_of(commit, "instance") + "@" + (seq ? std::to_string(*seq) : "?"));
  for (const auto op : commit.find("ops"))
    for (const auto kind : op)
      line += "  " + printable(kind.key(), 64) + object_of(kind);
  return line + "\n";
}

} // namespace muster
