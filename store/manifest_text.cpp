#include "muster/store/manifest_text.hpp"

#include "muster/store/json_text.hpp"
#include "muster/store/json_write.hpp"

#include <iterator>
#include <string_view>

namespace muster {

namespace {

// A text that is no UTF-8 becomes one that the reader refuses for that.
std::string text_of(const std::string& text) {
  return json::is_utf8(text) ? json::quote(text) : "\"\xFF\"";
}
std::string text_of(std::string_view name) {
  return json::quote(name);
}
std::string text_of(bool flag) {
  return flag ? "true" : "false";
}
std::string text_of(std::int64_t number) {
  return std::to_string(number);
}
std::string text_of(const json::decimal& number) {
  return number.canonical();
}

std::string text_of(const std::vector<std::string>& texts);
std::string text_of(const std::map<std::string, std::string>& texts);
std::string text_of(const agent_behavior& behavior);
std::string text_of(const agent_traits& traits);
std::string text_of(const agent_conventions& conventions);
std::string text_of(const tool_groups& groups);
std::string text_of(const message_budget& budget);
std::string text_of(const std::vector<mcp_server>& servers);

/// Writes an object member by member, leaving out what is not set.
class object_text {
public:
  template <class T>
  object_text& add(std::string_view key, const T& value) {
    return add_text(key, text_of(value));
  }

  template <class T>
  object_text& add(std::string_view key, const std::optional<T>& value) {
    return value ? add(key, *value) : *this;
  }

  object_text& add_text(std::string_view key, std::string_view text) { return add_quoted(json::quote(key), text); }

  object_text& add_quoted(std::string_view quoted_key, std::string_view text) {
    out_ += out_.size() == 1 ? "" : ",";
    out_ += quoted_key;
    out_ += ':';
    out_ += text;
    return *this;
  }

  [[nodiscard]] std::string finish() { return out_ + '}'; }

private:
  std::string out_ = "{";
};

template <class T, class Write>
std::string array_of(const std::vector<T>& elements, Write write) {
  std::string text = "[";
  for (const auto& element : elements) {
    text += text.size() == 1 ? "" : ",";
    text += write(element);
  }
  return text + ']';
}

std::string text_of(const std::vector<std::string>& texts) {
  return array_of(texts, [](const std::string& text) { return text_of(text); });
}

std::string text_of(const std::map<std::string, std::string>& texts) {
  object_text written;
  for (const auto& [key, text] : texts)
    written.add_quoted(text_of(key), text_of(text));
  return written.finish();
}

std::string text_of(const agent_behavior& behavior) {
  return object_text()
      .add("responseMode", to_string(behavior.mode))
      .add("escalationThreshold", behavior.escalation_threshold)
      .finish();
}

std::string text_of(const agent_traits& traits) {
  return object_text()
      .add("verbosity", traits.verbosity)
      .add("autonomy", traits.autonomy)
      .add("chaos", traits.chaos)
      .add("creativity", traits.creativity)
      .add("humor", traits.humor)
      .add("spice", traits.spice)
      .finish();
}

std::string text_of(const agent_conventions& conventions) {
  return object_text()
      .add("soul", conventions.soul)
      .add("nope", conventions.nope)
      .add("dorkosKnowledge", conventions.dorkos_knowledge)
      .finish();
}

std::string text_of(const tool_groups& groups) {
  return object_text()
      .add("tasks", groups.tasks)
      .add("relay", groups.relay)
      .add("mesh", groups.mesh)
      .add("adapter", groups.adapter)
      .finish();
}

std::string text_of(const message_budget& budget) {
  return object_text()
      .add("maxHopsPerMessage", budget.max_hops_per_message)
      .add("maxCallsPerHour", budget.max_calls_per_hour)
      .finish();
}

std::string connection_of(const mcp_server& server) {
  object_text connection;
  connection.add("transport", to_string(server.transport));
  if (server.transport == mcp_transport::stdio)
    return connection.add("command", server.command).add("args", server.args).add("env", server.env).finish();
  connection.add("url", server.url).add("headers", server.headers);
  if (server.oauth2)
    connection.add("authKind", std::string_view("oauth2"));
  return connection.finish();
}

std::string text_of(const std::vector<mcp_server>& servers) {
  return array_of(servers, [](const mcp_server& server) {
    return object_text()
        .add("name", server.name)
        .add("enabled", server.enabled)
        .add_text("connection", connection_of(server))
        .add("addedAt", server.added_at)
        .add("addedBy", server.added_by)
        .finish();
  });
}

std::optional<std::string_view> name_of(std::optional<effort_level> effort) {
  return effort ? std::optional(to_string(*effort)) : std::nullopt;
}

/// In the order in which the peer writes a registration; what it leaves out
/// of that order stands beside its neighbour in the schema.
std::string compact_text(const manifest& fields) {
  object_text written;
  written.add("id", fields.id)
      .add("name", fields.name)
      .add("displayName", fields.display_name)
      .add("description", fields.description)
      .add("runtime", to_string(fields.runtime))
      .add("capabilities", fields.capabilities)
      .add("behavior", fields.behavior)
      .add("namespace", fields.name_space)
      .add("registeredAt", fields.registered_at)
      .add("registeredBy", fields.registered_by)
      .add("persona", fields.persona)
      .add("personaEnabled", fields.persona_enabled)
      .add("traits", fields.traits)
      .add("conventions", fields.conventions)
      .add("isSystem", fields.is_system)
      .add("color", fields.color)
      .add("icon", fields.icon)
      .add("model", fields.model)
      .add("effort", name_of(fields.effort))
      .add("account", fields.account)
      .add("enabledToolGroups", fields.enabled_tool_groups)
      .add("mcpServers", fields.mcp_servers);
  if (fields.budget != message_budget{})
    written.add("budget", fields.budget);
  return written.finish();
}

} // namespace

manifest_result<manifest_document> new_manifest(const manifest& fields) {
  const auto compact = json::document::parse(compact_text(fields));
  if (!compact)
    return manifest_refusal{compact.error(), {{"", {}, compact.error().code, compact.error().message}}, 1};
  const auto text = json::pretty(compact->root()) + '\n';
  auto made = manifest_document::read(text);
  // Reading tolerates more than we ever write.
  if (made && made->degraded().empty())
    return made;
  auto report = check_manifest(text);
  report.count += report.degraded.size();
  std::move(report.degraded.begin(), report.degraded.end(), std::back_inserter(report.problems));
  return refusal_of(std::move(report), "the new manifest");
}

} // namespace muster
