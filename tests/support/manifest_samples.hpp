#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Manifests for tests, built member by member.
namespace muster::test {

/// The text of an object whose members are texts.
class object_sample {
public:
  object_sample() = default;
  object_sample(std::initializer_list<std::pair<std::string, std::string>> members) : members_(members) {}

  /// Replaces the member in its place, or adds it.
  object_sample& set(std::string_view key, std::string_view text) {
    const auto found = find(key);
    if (found == members_.end())
      members_.emplace_back(key, text);
    else
      found->second = text;
    return *this;
  }

  object_sample& remove(std::string_view key) {
    if (const auto found = find(key); found != members_.end())
      members_.erase(found);
    return *this;
  }

  object_sample& reverse() {
    std::reverse(members_.begin(), members_.end());
    return *this;
  }

  [[nodiscard]] std::string get(std::string_view key) {
    const auto found = find(key);
    return found == members_.end() ? std::string() : found->second;
  }

  /// One member on each line.
  [[nodiscard]] std::string text() const {
    std::string out = "{";
    for (const auto& [key, value] : members_)
      out += (out.size() == 1 ? "\n  \"" : ",\n  \"") + key + "\": " + value;
    return out + "\n}\n";
  }

private:
  std::vector<std::pair<std::string, std::string>>::iterator find(std::string_view key) {
    return std::find_if(members_.begin(), members_.end(), [&](const auto& member) { return member.first == key; });
  }

  std::vector<std::pair<std::string, std::string>> members_;
};

/// The five required members and nothing else.
inline object_sample minimal_manifest() {
  return {{"id", R"("01KDVDNWJBYG9JQRAS1CDVVY2Z")"},
          {"name", R"("ledger-keeper")"},
          {"runtime", R"("claude-code")"},
          {"registeredAt", R"("2026-01-01T00:00:19.019Z")"},
          {"registeredBy", R"("mesh")"}};
}

inline constexpr std::string_view sample_server = R"({
      "name": "files",
      "enabled": true,
      "connection": {"transport": "stdio", "command": "files-server", "args": ["--root", "."], "env": {"A": "b"}},
      "addedAt": "2026-01-01T00:01:19.019Z",
      "addedBy": "operator"
    })";

inline constexpr std::string_view sample_remote_server = R"({
      "name": "tickets",
      "enabled": true,
      "connection": {"transport": "http", "url": "https://example.org/mcp", "headers": {"X-A": "b"}, "authKind": "oauth2"},
      "addedAt": "2026-01-01T00:01:19Z",
      "addedBy": "operator"
    })";

/// All 23 fields, each with a value that is not its default.
inline object_sample full_manifest() {
  auto sample = minimal_manifest();
  sample.set("displayName", R"("Ledger keeper")")
      .set("description", R"("Keeps the ledger.")")
      .set("capabilities", R"(["code", "review"])")
      .set("behavior", R"({"responseMode": "silent", "escalationThreshold": 0.75})")
      .set("namespace", R"("books")")
      .set("persona", R"("Careful.")")
      .set("personaEnabled", "false")
      .set("traits", R"({"verbosity": 1, "autonomy": 2, "chaos": 4, "creativity": 5, "humor": 1, "spice": 2})")
      .set("conventions", R"({"soul": false, "nope": false, "dorkosKnowledge": false})")
      .set("color", R"("#6366f1")")
      .set("icon", R"("🤖")")
      .set("isSystem", "true")
      .set("model", R"("opus")")
      .set("effort", R"("high")")
      .set("account", R"("work")")
      .set("enabledToolGroups", R"({"tasks": true, "relay": false, "mesh": true, "adapter": false})")
      .set("mcpServers", "[" + std::string(sample_server) + ", " + std::string(sample_remote_server) + "]")
      .set("budget", R"({"maxHopsPerMessage": 7, "maxCallsPerHour": 250})");
  return sample;
}

/// A file of tests/fixtures/manifests.
inline std::string manifest_fixture(const std::string& name) {
  std::ifstream in(MUSTER_FIXTURES "/manifests/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline constexpr std::string_view peer_fixtures[] = {"peer_plain_bare.json", "peer_plain.json", "peer_740_bytes.json",
                                                     "peer_persona.json", "peer_full.json"};

} // namespace muster::test
