#pragma once

#include "muster/store/json_decimal.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a manifest says, typed. The rules it obeys are in manifest_rules.hpp;
/// what it does not know of stays in the document (manifest_document.hpp).
namespace muster {

/// The 22 fields of the peer and `budget`, in the peer's order.
enum class manifest_field : std::uint8_t {
  id,
  name,
  display_name,
  description,
  runtime,
  capabilities,
  behavior,
  name_space,
  registered_at,
  registered_by,
  persona,
  persona_enabled,
  traits,
  conventions,
  color,
  icon,
  is_system,
  model,
  effort,
  account,
  enabled_tool_groups,
  mcp_servers,
  budget,
};

inline constexpr std::size_t manifest_field_count = 23;

enum class agent_runtime : std::uint8_t {
  claude_code,
  cursor,
  codex,
  opencode,
  windsurf,
  gemini,
  cline,
  roo_code,
  copilot,
  amazon_q,
  continue_dev,
  augment,
  jetbrains_ai,
  kilo_code,
  trae,
  other,
};

enum class response_mode : std::uint8_t { always, engaged, direct_only, mention_only, silent };

enum class effort_level : std::uint8_t { none, minimal, low, medium, high, max, xhigh };

enum class mcp_transport : std::uint8_t { stdio, http, sse };

/// How the values of the enumerations are spelled, in their order.
inline constexpr std::array<std::string_view, 16> runtime_names{
    "claude-code", "cursor",   "codex",    "opencode", "windsurf",     "gemini",    "cline", "roo-code",
    "copilot",     "amazon-q", "continue", "augment",  "jetbrains-ai", "kilo-code", "trae",  "other"};
inline constexpr std::array<std::string_view, 5> response_mode_names{"always", "engaged", "direct-only", "mention-only",
                                                                     "silent"};
inline constexpr std::array<std::string_view, 7> effort_names{"none", "minimal", "low",  "medium",
                                                              "high", "max",     "xhigh"};
inline constexpr std::array<std::string_view, 3> transport_names{"stdio", "http", "sse"};

[[nodiscard]] std::string_view to_string(agent_runtime runtime) noexcept;
[[nodiscard]] std::string_view to_string(response_mode mode) noexcept;
[[nodiscard]] std::string_view to_string(effort_level effort) noexcept;
[[nodiscard]] std::string_view to_string(mcp_transport transport) noexcept;

struct agent_behavior {
  response_mode mode = response_mode::always;
  std::optional<json::decimal> escalation_threshold;
  friend bool operator==(const agent_behavior&, const agent_behavior&) = default;
};

/// Levels from 1 to 5.
struct agent_traits {
  std::int64_t verbosity = 3;
  std::int64_t autonomy = 3;
  std::int64_t chaos = 3;
  std::int64_t creativity = 3;
  std::int64_t humor = 3;
  std::int64_t spice = 3;
  friend bool operator==(const agent_traits&, const agent_traits&) = default;
};

struct agent_conventions {
  bool soul = true;
  bool nope = true;
  bool dorkos_knowledge = true;
  friend bool operator==(const agent_conventions&, const agent_conventions&) = default;
};

/// An absent group is inherited.
struct tool_groups {
  std::optional<bool> tasks;
  std::optional<bool> relay;
  std::optional<bool> mesh;
  std::optional<bool> adapter;
  friend bool operator==(const tool_groups&, const tool_groups&) = default;
};

struct mcp_server {
  std::string name;
  bool enabled = false;
  mcp_transport transport = mcp_transport::stdio;
  std::string command;                        ///< of stdio
  std::vector<std::string> args;              ///< of stdio
  std::map<std::string, std::string> env;     ///< of stdio
  std::string url;                            ///< of http and sse
  std::map<std::string, std::string> headers; ///< of http and sse
  bool oauth2 = false;                        ///< of http and sse: `authKind`
  std::string added_at;
  std::string added_by;
  friend bool operator==(const mcp_server&, const mcp_server&) = default;
};

struct message_budget {
  std::int64_t max_hops_per_message = 5;
  std::int64_t max_calls_per_hour = 100;
  friend bool operator==(const message_budget&, const message_budget&) = default;
};

/// Defaults stand for what is absent; an empty optional means "not set" or
/// "inherit". `capabilities` are as written, repetitions included.
struct manifest {
  std::string id;
  std::string name;
  std::optional<std::string> display_name;
  std::string description;
  agent_runtime runtime = agent_runtime::other;
  std::vector<std::string> capabilities;
  agent_behavior behavior;
  std::optional<std::string> name_space; ///< not normalised
  std::string registered_at;
  std::string registered_by;
  std::optional<std::string> persona;
  bool persona_enabled = true;
  std::optional<agent_traits> traits;
  std::optional<agent_conventions> conventions;
  std::optional<std::string> color;
  std::optional<std::string> icon;
  bool is_system = false;
  std::optional<std::string> model;
  std::optional<effort_level> effort;
  std::optional<std::string> account;
  tool_groups enabled_tool_groups;
  std::vector<mcp_server> mcp_servers;
  message_budget budget;
  friend bool operator==(const manifest&, const manifest&) = default;
};

} // namespace muster
