#include "muster/store/manifest_document.hpp"

#include <algorithm>

namespace muster {

namespace {

// Everything below reads values that have passed the check, or absent ones.

void take(json::value from, std::string& into) {
  if (from)
    into = from.as_string();
}

void take(json::value from, bool& into) {
  if (from)
    into = from.as_bool();
}

void take(json::value from, std::int64_t& into) {
  if (from)
    into = json::decimal::parse(from.text())->to_int64().value_or(into);
}

void take(json::value from, json::decimal& into) {
  into = *json::decimal::parse(from.text());
}

// Defined last, where it sees how everything else is taken.
template <class T>
void take(json::value from, std::optional<T>& into);

void take(json::value from, std::vector<std::string>& into) {
  into.reserve(from.size());
  for (const auto element : from)
    into.push_back(element.as_string());
}

void take(json::value from, std::map<std::string, std::string>& into) {
  for (const auto member : from)
    into.emplace(member.key(), member.as_string());
}

template <class Enum, std::size_t N>
void take_choice(json::value from, const std::array<std::string_view, N>& names, Enum& into) {
  if (!from)
    return;
  const auto found = std::find(names.begin(), names.end(), from.as_string());
  into = static_cast<Enum>(found - names.begin());
}

void take(json::value from, agent_runtime& into) {
  take_choice(from, runtime_names, into);
}
void take(json::value from, effort_level& into) {
  take_choice(from, effort_names, into);
}

void take(json::value from, agent_behavior& into) {
  take_choice(from.find("responseMode"), response_mode_names, into.mode);
  take(from.find("escalationThreshold"), into.escalation_threshold);
}

void take(json::value from, agent_traits& into) {
  take(from.find("verbosity"), into.verbosity);
  take(from.find("autonomy"), into.autonomy);
  take(from.find("chaos"), into.chaos);
  take(from.find("creativity"), into.creativity);
  take(from.find("humor"), into.humor);
  take(from.find("spice"), into.spice);
}

void take(json::value from, agent_conventions& into) {
  take(from.find("soul"), into.soul);
  take(from.find("nope"), into.nope);
  take(from.find("dorkosKnowledge"), into.dorkos_knowledge);
}

void take(json::value from, tool_groups& into) {
  take(from.find("tasks"), into.tasks);
  take(from.find("relay"), into.relay);
  take(from.find("mesh"), into.mesh);
  take(from.find("adapter"), into.adapter);
}

void take(json::value from, message_budget& into) {
  take(from.find("maxHopsPerMessage"), into.max_hops_per_message);
  take(from.find("maxCallsPerHour"), into.max_calls_per_hour);
}

template <class T>
void take(json::value from, std::optional<T>& into) {
  if (from)
    take(from, into.emplace());
}

mcp_server server_of(json::value from) {
  mcp_server server;
  take(from.find("name"), server.name);
  take(from.find("enabled"), server.enabled);
  take(from.find("addedAt"), server.added_at);
  take(from.find("addedBy"), server.added_by);
  const auto connection = from.find("connection");
  take_choice(connection.find("transport"), transport_names, server.transport);
  if (server.transport == mcp_transport::stdio) {
    take(connection.find("command"), server.command);
    take(connection.find("args"), server.args);
    take(connection.find("env"), server.env);
  } else {
    take(connection.find("url"), server.url);
    take(connection.find("headers"), server.headers);
    server.oauth2 = static_cast<bool>(connection.find("authKind"));
  }
  return server;
}

void take(json::value from, std::vector<mcp_server>& into) {
  into.reserve(from.size());
  for (const auto element : from)
    into.push_back(server_of(element));
}

manifest manifest_of(const manifest_values& values) {
  const auto given = [&](manifest_field field) { return values[static_cast<std::size_t>(field)]; };
  manifest fields;
  take(given(manifest_field::id), fields.id);
  take(given(manifest_field::name), fields.name);
  take(given(manifest_field::display_name), fields.display_name);
  take(given(manifest_field::description), fields.description);
  take(given(manifest_field::runtime), fields.runtime);
  take(given(manifest_field::capabilities), fields.capabilities);
  take(given(manifest_field::behavior), fields.behavior);
  take(given(manifest_field::name_space), fields.name_space);
  take(given(manifest_field::registered_at), fields.registered_at);
  take(given(manifest_field::registered_by), fields.registered_by);
  take(given(manifest_field::persona), fields.persona);
  take(given(manifest_field::persona_enabled), fields.persona_enabled);
  take(given(manifest_field::traits), fields.traits);
  take(given(manifest_field::conventions), fields.conventions);
  take(given(manifest_field::color), fields.color);
  take(given(manifest_field::icon), fields.icon);
  take(given(manifest_field::is_system), fields.is_system);
  take(given(manifest_field::model), fields.model);
  take(given(manifest_field::effort), fields.effort);
  take(given(manifest_field::account), fields.account);
  take(given(manifest_field::enabled_tool_groups), fields.enabled_tool_groups);
  take(given(manifest_field::mcp_servers), fields.mcp_servers);
  take(given(manifest_field::budget), fields.budget);
  return fields;
}

} // namespace

manifest_refusal refusal_of(manifest_report report, std::string_view subject) {
  const auto& first = report.problems.front();
  std::string message(subject);
  if (report.count == 1)
    message += " is not valid: ";
  else
    message += " has " + std::to_string(report.count) + " problems, the first: ";
  message += "line " + std::to_string(first.where.line) + ", column " + std::to_string(first.where.column) + ": " +
             first.message;
  const auto code = first.code;
  return {{failure_kind::refused, code, std::move(message)}, std::move(report.problems), report.count};
}

manifest_result<manifest_document> manifest_document::read(std::string bytes) {
  // The reader takes the text over, and a refusal still has to point into it.
  std::string kept = bytes;
  auto parsed = json::document::parse(std::move(bytes));
  if (!parsed) {
    auto report = syntax_report(kept, parsed.error());
    return manifest_refusal{parsed.error(), std::move(report.problems), report.count};
  }
  manifest_values values;
  auto report = check_manifest(*parsed, values);
  if (report.count > 0)
    return refusal_of(std::move(report), "the manifest");
  auto fields = manifest_of(values);
  return manifest_document(std::move(*parsed), std::move(fields), std::move(report.degraded));
}

} // namespace muster
