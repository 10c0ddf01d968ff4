#include "muster/runner/access_text.hpp"

#include "muster/messages/access_messages.hpp"
#include "muster/runner/agent_values.hpp"
#include "muster/runner/documents.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"

#include <set>

namespace muster {

namespace {

constexpr std::size_t widest_cell = 40;

bool is_switch(json::value rule) {
  return text_of(rule, "source") == every_namespace && text_of(rule, "target") == every_namespace;
}

bool is_default(json::value rule) {
  return text_of(rule, "origin") == "default";
}

// A side of a rule that is about one agent names the agent.
std::string side(json::value rule, std::string_view member) {
  const auto name = text_of(rule, member);
  const auto agent = text_of(rule, "agent");
  if (agent.empty() || name == every_namespace)
    return printable(name, widest_cell);
  return printable(name + "/" + agent, widest_cell);
}

std::string origin(json::value rule, std::chrono::milliseconds now) {
  if (is_default(rule))
    return text_of(rule, "agent").empty() ? "comes with the namespace" : "comes with the agent";
  std::string text = "by hand";
  if (const auto at = text_of(rule, "at"); !at.empty())
    text += ", " + shown_age(at, now);
  if (const auto version = text_of(rule, "version"); !version.empty())
    text += " (" + shown_version(version) + ")";
  if (flag_of(rule, "contested"))
    text += "; instances disagree";
  if (flag_of(rule, "withoutAgents"))
    text += "; nobody lives there";
  return text;
}

} // namespace

std::string rule_reason(json::value rule) {
  const auto source = printable(text_of(rule, "source"), widest_cell);
  const auto target = printable(text_of(rule, "target"), widest_cell);
  const bool allows = text_of(rule, "action") == "allow";
  if (!is_default(rule)) {
    if (is_switch(rule))
      return allows ? "the mesh-wide switch allows it" : "the mesh-wide switch denies it";
    return source + " to " + target + (allows ? " is allowed by hand" : " is denied by hand");
  }
  switch (static_cast<int>(number_of(rule, "priority").value_or(0))) {
    case rule_weight::not_admitted: return "the sender is not admitted";
    case rule_weight::system_agent: return "system agent";
    case rule_weight::own_namespace: return "own namespace";
    default: return "nothing allows it";
  }
}

std::string rules_text(json::value rules, bool all, std::chrono::milliseconds now) {
  text_table table({"SOURCE", "TARGET", "ACTION", "PRIORITY", "ORIGIN"});
  std::set<std::string> namespaces;
  for (const auto rule : rules) {
    if (!all && is_default(rule) && text_of(rule, "agent").empty()) {
      namespaces.insert(text_of(rule, "source"));
      continue;
    }
    table.add({side(rule, "source"), side(rule, "target"), printable(text_of(rule, "action"), widest_cell),
               std::to_string(number_of(rule, "priority").value_or(0)), origin(rule, now)});
  }
  std::string text = table.empty() ? "no rule was made by hand\n" : table.text();
  if (!namespaces.empty())
    text +=
        (namespaces.size() == 1 ? "and in 1 namespace" : "and in each of " + counted(namespaces.size(), "namespace")) +
        " the agents reach each other (priority " + std::to_string(rule_weight::own_namespace) + ") and nobody else (" +
        std::to_string(rule_weight::everybody_else) + "); 'muster access list --all' lists these\n";
  return text;
}

} // namespace muster
