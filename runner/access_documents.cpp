#include "muster/runner/access_documents.hpp"

#include "muster/runner/answer_documents.hpp"
#include "muster/runner/document_text.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/hlc.hpp"

#include <cstdlib>
#include <string_view>

namespace muster {

namespace {

std::string_view action_text(rule_action action) noexcept {
  switch (action) {
    case rule_action::allow: return "allow";
    case rule_action::deny: return "deny";
  }
  std::abort();
}

std::string_view origin_text(rule_origin origin) noexcept {
  switch (origin) {
    case rule_origin::by_default: return "default";
    case rule_origin::by_hand: return "explicit";
  }
  std::abort();
}

std::string rule_text(const reach_rule& rule) {
  object_text text;
  text.text("source", rule.source).text("target", rule.target).text("action", action_text(rule.action));
  text.number("priority", static_cast<std::uint64_t>(rule.priority)).text("origin", origin_text(rule.origin));
  text.text_if("agent", rule.agent.text);
  if (rule.origin == rule_origin::by_hand && rule.made.seq > 0)
    text.version_if("version", rule.made).text("by", rule.made.instance.text).time("at", time_of(rule.at));
  if (rule.contested)
    text.flag("contested", true);
  if (rule.without_agents)
    text.flag("withoutAgents", true);
  return text.take();
}

std::string side_text(bool allowed, const std::optional<std::size_t>& rule) {
  object_text text;
  text.flag("allowed", allowed);
  if (rule)
    text.number("rule", *rule);
  return text.take();
}

std::string reach_row_text(const reach_row& row) {
  object_text text;
  text.text("id", row.id.text).text("name", row.name).text_if("displayName", row.display_name);
  text.text("namespace", row.namespace_name).path("projectPath", row.path).text("status", to_string(row.status));
  text.raw("reaches", side_text(row.reaches, row.reaches_by));
  return text.raw("reachedBy", side_text(row.reached, row.reached_by)).take();
}

std::string agent_text(const roster_row& row) {
  object_text text;
  text.text("id", row.id.text).text("name", row.name).text_if("displayName", row.display_name);
  text.text("runtime", row.runtime).list("capabilities", row.capabilities, json_text);
  text.text("namespace", row.namespace_name).path("projectPath", row.path).text("status", to_string(row.status));
  text.text("healthStatus", to_string(row.health));
  if (row.last_seen)
    text.time("lastSeenAt", *row.last_seen);
  else
    text.raw("lastSeenAt", "null");
  text.text_if("registeredAt", row.registered_at).text("relaySubject", row.subject);
  if (!row.problems.empty())
    text.raw("problems", problems_document(row.problems));
  return text.take();
}

std::string namespace_text(const topology_namespace& what) {
  object_text text;
  text.text("namespace", what.name).number("agentCount", what.agents.size());
  return text.list("agents", what.agents, agent_text).take();
}

} // namespace

std::string rules_document(const rules_listed& what) {
  return object_text().list("rules", what.rules, rule_text).flag("openMesh", what.open_mesh).take();
}

std::string rule_changed_document(const rule_changed& what) {
  object_text text;
  if (what.action) {
    reach_rule rule{what.source, what.target, *what.action, rule_weight::by_hand, rule_origin::by_hand};
    text.raw("rules", "[" + rule_text(rule) + "]");
  } else {
    text.raw("rules", "[]");
    text.raw("withdrawn", object_text().text("source", what.source).text("target", what.target).take());
  }
  text.version_if("version", what.version);
  return text.list("notes", what.notes, json_text).take();
}

std::string reach_document(const reach_described& what) {
  object_text text;
  text.text("id", what.id.text).text("name", what.name).text("namespace", what.namespace_name);
  text.text("status", to_string(what.status)).list("agents", what.others, reach_row_text);
  return text.list("rules", what.rules, rule_text).take();
}

std::string topology_document(const topology_described& what) {
  object_text text;
  text.text("callerNamespace", what.caller).list("namespaces", what.namespaces, namespace_text);
  text.list("accessRules", what.rules, rule_text).flag("openMesh", what.open_mesh);
  return text.list("withoutAgents", what.without_agents, json_text).take();
}

} // namespace muster
