#include "muster/runner/answer_documents.hpp"
#include "muster/runner/document_text.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/hlc.hpp"

#include <cstdlib>

namespace muster {

namespace {

std::string problem_text(const agent_problem& problem) {
  object_text text;
  text.text("kind", problem.kind).text("message", problem.message);
  // What follows from the roster as it is has no beginning that anybody noted.
  if (problem.since.count() > 0)
    text.time("since", problem.since);
  return text.path_if("path", problem.path).take();
}

// A time that may be unknown.
void add_last_seen(object_text& to, const roster_row& row) {
  if (row.last_seen)
    to.time("lastSeenAt", *row.last_seen);
  else
    to.raw("lastSeenAt", "null");
}

// What a row and everything about an agent have in common.
void add_row(object_text& to, const roster_row& row) {
  to.text("id", row.id.text).text("name", row.name).text_if("displayName", row.display_name);
  to.text("runtime", row.runtime).text("namespace", row.namespace_name).path("path", row.path);
  to.text("status", to_string(row.status)).text("health", to_string(row.health));
  add_last_seen(to, row);
  to.text_if("registeredAt", row.registered_at).text("subject", row.subject).text("instance", row.instance.text);
  to.raw("problems", problems_document(row.problems));
}

std::string row_text(const roster_row& row) {
  object_text text;
  add_row(text, row);
  return text.list("capabilities", row.capabilities, json_text).take();
}

std::string manifest_text(const agent_id& agent, const std::map<std::string, std::string>& fields) {
  std::string text = "{\"id\":" + json_text(agent.text);
  for (const auto& [name, value] : fields)
    if (name != "id")
      text += "," + json_text(name) + ":" + printable_json(value);
  return text + "}";
}

std::string placement_text(const described_placement& what) {
  object_text text;
  text.text("instance", what.instance.text).path("path", what.where.path).path_if("scanRoot", what.where.scan_root);
  text.text("namespace", what.where.namespace_name).flag("admitted", what.where.admitted);
  return text.version_if("version", what.version).flag("here", what.here).take();
}

std::string candidate_text(const described_candidate& what) {
  object_text text;
  text.version_if("version", what.version).time("at", time_of(what.at)).text_if("by", what.by);
  if (what.value)
    text.raw("value", printable_json(*what.value));
  else
    text.flag("removed", true);
  return text.take();
}

std::string_view action_text(rule_action action) noexcept {
  switch (action) {
    case rule_action::allow: return "allow";
    case rule_action::deny: return "deny";
  }
  std::abort();
}

std::string rule_text(const rule_put& rule) {
  return object_text()
      .text("source", rule.source)
      .text("target", rule.target)
      .text("action", action_text(rule.action))
      .take();
}

std::string endpoint_text(const std::optional<endpoint_statement>& endpoint) {
  if (!endpoint)
    return "null";
  return object_text().text("subject", endpoint->subject).text("namespace", endpoint->namespace_name).take();
}

void add_hashes(object_text& to, const agent_described& agent) {
  to.hash("contentHash", agent.content_hash);
  if (agent.file_hash)
    to.hash("fileHash", *agent.file_hash);
  else
    to.raw("fileHash", "null");
  to.version_if("version", agent.version);
}

} // namespace

std::string problems_document(const std::vector<agent_problem>& problems) {
  return array_text(problems, problem_text);
}

std::string list_document(const agents_listed& what) {
  return object_text().list("agents", what.agents, row_text).take();
}

std::string shown_document(const agent_shown& what, bool with_versions) {
  const auto& agent = what.agent;
  const auto conflict_text = [&agent](const described_conflict& conflict) {
    object_text text;
    text.text("id", conflict.id).text("key", agent.row.id.text).text("field", conflict.field).text("status", "open");
    if (!conflict.candidates.empty())
      text.version_if("winner", conflict.candidates.front().version);
    return text.list("candidates", conflict.candidates, candidate_text).take();
  };
  object_text text;
  text.raw("agent", manifest_text(agent.row.id, agent.fields));
  add_row(text, agent.row);
  text.text_if("lastSeenEvent", agent.last_seen_event);
  text.list("placements", agent.placements, placement_text).raw("relay", endpoint_text(what.endpoint));
  text.list("rules", what.rules, rule_text).list("conflicts", agent.conflicts, conflict_text);
  add_hashes(text, agent);
  if (with_versions)
    text.list("versions", what.versions, commit_document);
  return text.take();
}

} // namespace muster
