#include "muster/runner/answer_documents.hpp"

#include "muster/runner/document_text.hpp"
#include "muster/runner/documents.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/hlc.hpp"
#include "muster/store/instance_text.hpp"
#include "muster/store/json.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/release.hpp"

#include <map>

namespace muster {

namespace {

// A commit's line may be as long as a feed allows, deeper than a request.
constexpr json::limits line_limits{.bytes = 2 * 1024 * 1024, .depth = 64};

template <class Spell>
std::string counts_text(const std::map<std::string, std::size_t>& counts, Spell spell) {
  std::string text = "{";
  for (const auto& [name, count] : counts)
    text += (text.size() > 1 ? "," : "") + spell(name) + ":" + std::to_string(count);
  return text + "}";
}

std::string sweep_problem_text(const sweep_problem& problem) {
  object_text text;
  text.text_if("id", problem.agent.text).path("path", problem.path).text("kind", problem.kind);
  return text.text("message", problem.message).take();
}

void add_sweep(object_text& to, const sweep_report& what) {
  to.number("synced", what.synced).number("unreachable", what.unreachable).number("removed", what.removed);
  to.number("resurrected", what.resurrected).number("discovered", what.discovered).number("moved", what.moved);
  to.number("refused", what.refused).number("invalid", what.invalid).number("missing", what.missing);
  to.number("unreadable", what.unreadable).number("unchanged", what.unchanged).number("errors", what.errors);
  to.duration("durationMs", what.took).list("problems", what.problems, sweep_problem_text);
}

std::string last_sweep_text(const runtime_described& what) {
  if (!what.last_sweep)
    return "null";
  object_text text;
  text.time("at", what.last_sweep_at);
  add_sweep(text, *what.last_sweep);
  return text.take();
}

// What there is to know beside an answer; left out when there is nothing.
void add_notes(object_text& to, const std::vector<std::string>& notes) {
  if (!notes.empty())
    to.list("notes", notes, [](const std::string& each) { return json_text(each); });
}

std::string denial_text(const known_denial& what) {
  object_text text;
  text.path("path", what.path);
  what.reason.empty() ? text.raw("reason", "null") : text.text("reason", what.reason);
  text.text("by", what.by).time("at", what.at).text("strategy", what.strategy);
  return text.version_if("version", what.version).take();
}

// Counts of agents, as `status` begins.
void add_agents(object_text& to, const agents_counted& what) {
  to.number("totalAgents", what.total).number("activeCount", what.active).number("inactiveCount", what.inactive);
  to.number("staleCount", what.stale).number("unreachableCount", what.unreachable);
  to.raw("byRuntime", counts_text(what.by_runtime, json_text))
      .raw("byProject", counts_text(what.by_project, path_json));
  to.raw("byNamespace", counts_text(what.by_namespace, json_text));
  object_text ops;
  ops.number("held", what.held).number("folded", what.folded).number("quarantined", what.refused);
  to.raw("ops", ops.take()).raw("conflicts", object_text().number("open", what.conflicts).take());
}

// What is wrong with the runtime, its index and its feeds included.
std::string problems_text(const runtime_described& what) {
  auto problems = what.problems;
  problems.insert(problems.end(), what.agents.problems.begin(), what.agents.problems.end());
  if (const auto& why = what.feeds.read_only)
    problems.push_back({std::string(why->code), why->message, why->path, why->kind == failure_kind::damaged});
  for (const auto& problem : what.feeds.problems)
    problems.push_back({"feed-problem", problem, {}, false});
  return array_text(problems, finding_document);
}

} // namespace

std::string placed_document(const agent_placed& what) {
  object_text text;
  text.text("agent", what.agent.text).path("path", what.path).text("namespace", what.namespace_name);
  text.text("subject", what.subject).hash("contentHash", what.content_hash).flag("adopted", what.adopted);
  add_notes(text.version_if("version", what.version), what.notes);
  return text.take();
}

std::string unregistered_document(const agent_unregistered& what) {
  object_text text;
  add_notes(text.text("removed", what.agent.text), what.notes);
  return text.take();
}

std::string denied_document(const path_denied& what) {
  return denials_document({{what.denial}});
}

std::string undenied_document(const path_undenied& what) {
  object_text text;
  text.raw("denied", "[]").path("path", what.path).flag("wasDenied", what.was_denied);
  return text.version_if("version", what.version).take();
}

std::string denials_document(const denials_listed& what) {
  return object_text().list("denied", what.denials, denial_text).take();
}

std::string admitted_document(const agents_admitted& what) {
  object_text text;
  return text.list("agents", what.agents, placed_document).flag("more", what.more).take();
}

std::string heartbeat_document(const heartbeat_stamped& what) {
  return object_text().text("id", what.agent.text).time("lastSeenAt", what.at).take();
}

std::string sweep_document(const sweep_report& what) {
  object_text text;
  add_sweep(text, what);
  return text.take();
}

std::string rebuilt_document(const index_rebuilt& what) {
  object_text text;
  text.number("ops", what.ops).duration("durationMs", what.took);
  if (what.identical)
    text.flag("identical", *what.identical);
  return text.text("dumpHash", what.dump_hash).take();
}

std::string commit_document(const commit& what) {
  std::string ops = "[]";
  if (const auto line = encode_commit(what))
    if (const auto document = json::document::parse(*line, line_limits))
      ops = printable_json(document->root().find("ops").text());
  object_text text;
  text.text("instance", what.instance.text).number("seq", what.seq).time("at", time_of(what.at));
  return text.raw("ops", ops).take();
}

std::string log_document(const log_read& what) {
  object_text text;
  text.list("commits", what.commits, commit_document);
  if (!what.problems.empty())
    text.list("problems", what.problems, finding_document);
  return text.take();
}

std::string dump_document(const index_dumped& what) {
  return object_text().text("dump", what.text).take();
}

std::string finding_document(const finding& what) {
  object_text text;
  text.text("severity", what.damage ? "damage" : "warning").text("code", what.code).path_if("path", what.path);
  return text.text("message", what.message).take();
}

std::string findings_document(const findings_told& what) {
  object_text text;
  text.flag("ok", what.findings.empty());
  return text.list("findings", what.findings, finding_document).take();
}

std::string status_document(const runtime_described& what, std::string_view data_directory) {
  object_text text;
  text.text("instance", what.feeds.own.text).path("data", data_directory).number("release", current_release);
  add_agents(text, what.agents);
  text.raw("lastSweep", last_sweep_text(what)).text("relay", what.relay).raw("peers", "[]");
  text.list("feeds", what.feeds.durable, [](const commit_id& last) {
    return object_text().text("instance", last.instance.text).number("seq", last.seq).take();
  });
  object_text sagas;
  text.raw("sagas", sagas.number("inFlight", what.sagas_in_flight).number("owing", what.sagas_owing).take());
  return text.number("life", what.life).raw("problems", problems_text(what)).take();
}

std::string identity_document(const instance_id& own, std::string_view data_directory) {
  object_text text;
  text.text("instance", own.text).text("shown", shown_instance(own)).number("release", current_release);
  return text.path("data", data_directory).take();
}

std::string setting_document(const setting& what) {
  object_text text;
  text.text("key", what.key).raw("value", printable_json(what.value));
  return text.raw("default", printable_json(what.fallback)).take();
}

std::string settings_document(const settings& now) {
  return object_text().list("settings", list_settings(now), setting_document).take();
}

} // namespace muster
