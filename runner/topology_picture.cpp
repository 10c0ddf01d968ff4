#include "muster/runner/topology_picture.hpp"

#include "muster/messages/access_messages.hpp"
#include "muster/runner/display_width.hpp"
#include "muster/runner/documents.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/json_text.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace muster {

namespace {

using direction = std::pair<std::size_t, std::size_t>; ///< source, target

bool is_drawn(json::value rule) {
  return text_of(rule, "origin") == "explicit" && text_of(rule, "source") != every_namespace &&
         text_of(rule, "target") != every_namespace;
}

void read_groups(json::value topology, topology_picture& into) {
  std::set<std::string> system;
  for (const auto rule : topology.find("accessRules"))
    if (number_of(rule, "priority") == rule_weight::system_agent)
      system.insert(text_of(rule, "agent"));
  std::set<std::string> empty;
  for (const auto each : topology.find("namespaces")) {
    topology_picture::group group{text_of(each, "namespace"), {}};
    for (const auto agent : each.find("agents"))
      group.agents.push_back({text_of(agent, "name"), text_of(agent, "runtime"), text_of(agent, "status"),
                              text_of(agent, "healthStatus"), system.contains(text_of(agent, "id"))});
    std::ranges::stable_sort(group.agents, {}, &topology_picture::agent::name);
    into.groups.push_back(std::move(group));
  }
  std::set<std::string> known;
  for (const auto& group : into.groups)
    known.insert(group.name);
  for (const auto rule : topology.find("accessRules"))
    if (is_drawn(rule))
      for (const auto* side : {"source", "target"})
        if (known.insert(text_of(rule, side)).second)
          into.groups.push_back({text_of(rule, side), {}});
  std::ranges::sort(into.groups, {}, &topology_picture::group::name);
}

void read_links(json::value topology, topology_picture& into) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < into.groups.size(); ++i)
    places.emplace(into.groups[i].name, i);
  std::map<direction, bool> allows;
  for (const auto rule : topology.find("accessRules")) {
    const bool allowed = text_of(rule, "action") == "allow";
    if (is_drawn(rule))
      allows[{places.at(text_of(rule, "source")), places.at(text_of(rule, "target"))}] = allowed;
    else if (text_of(rule, "origin") == "explicit")
      into.switched = allowed ? topology_picture::mesh::open : topology_picture::mesh::shut;
  }
  for (const auto& [way, allowed] : allows) {
    const auto back = allows.find({way.second, way.first});
    const bool both = back != allows.end() && back->second == allowed;
    if (!both || way.first < way.second)
      into.links.push_back({way.first, way.second, allowed, both});
  }
}

std::string cut(const std::string& safe, std::size_t columns) {
  if (display_width(safe) <= columns)
    return safe;
  std::string kept;
  for (std::size_t at = 0; at < safe.size();) {
    const auto size = std::max<std::size_t>(json::utf8_sequence(safe.data() + at, safe.data() + safe.size()), 1);
    const auto next = kept + safe.substr(at, size);
    if (display_width(next) + 1 > columns)
      break;
    kept = next;
    at += size;
  }
  return kept + "…";
}

} // namespace

std::size_t topology_picture::agents() const noexcept {
  std::size_t count = 0;
  for (const auto& each : groups)
    count += each.agents.size();
  return count;
}

topology_picture read_picture(json::value topology) {
  topology_picture result;
  result.seen_from = text_of(topology, "callerNamespace");
  read_groups(topology, result);
  read_links(topology, result);
  return result;
}

std::string picture_title(const topology_picture& what) {
  auto text = counted(what.agents(), "agent") + " in " + counted(what.groups.size(), "namespace");
  if (what.seen_from != every_namespace)
    text += ", as " + what.seen_from + " sees them";
  return text;
}

std::string switch_sentence(topology_picture::mesh switched) {
  switch (switched) {
    case topology_picture::mesh::by_rules: return {};
    case topology_picture::mesh::open:
      return "mesh-wide switch: every namespace reaches every other, but for what is denied";
    case topology_picture::mesh::shut: return "mesh-wide switch: no namespace reaches another, whatever is allowed";
  }
  return {};
}

std::string picture_text(const std::string& foreign, std::size_t columns) {
  std::string result;
  for (const char c : cut(printable(foreign, columns * 8), columns))
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      case '\\': result += "&#92;"; break;
      default: result += c;
    }
  return result;
}

} // namespace muster
