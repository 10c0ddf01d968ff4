#include "muster/store/project_strategies.hpp"

#include <algorithm>

namespace muster {

namespace {

using enum marker_kind;

bool is_name(std::string_view text) noexcept {
  return !text.empty() && text != "." && text != ".." && text.find('/') == std::string_view::npos &&
         text.find('\0') == std::string_view::npos;
}

bool is_marker_path(std::string_view path) noexcept {
  const auto slash = path.find('/');
  return is_name(path.substr(0, slash)) && (slash == std::string_view::npos || is_name(path.substr(slash + 1)));
}

failure invalid(const project_strategy& which, std::string_view why) {
  return {failure_kind::refused, "strategy-invalid",
          "the strategy '" + which.name + "' to recognise projects cannot be used: " + std::string(why)};
}

} // namespace

// A bare `.claude` and a bare `.github` say nothing: every clone may have them.
const std::vector<project_strategy>& known_strategies() {
  static const std::vector<project_strategy> all{
      {.name = "claude-code",
       .runtime = "claude-code",
       .markers = {{"CLAUDE.md", file}, {"AGENTS.md", file}},
       .described_by = {"CLAUDE.md", "AGENTS.md"}},
      {.name = "cursor", .runtime = "cursor", .markers = {{".cursor", directory}, {".cursorrules", file}}},
      {.name = "codex", .runtime = "codex", .markers = {{".codex", directory}}},
      {.name = "windsurf", .runtime = "windsurf", .markers = {{".windsurfrules", file}, {".windsurf", directory}}},
      {.name = "gemini", .runtime = "gemini", .markers = {{"GEMINI.md", file}, {".gemini", directory}}},
      {.name = "cline", .runtime = "cline", .markers = {{".clinerules", either}}},
      {.name = "roo-code", .runtime = "roo-code", .markers = {{".roo", directory}, {".roorules", file}}},
      {.name = "copilot",
       .runtime = "copilot",
       .markers = {{".github/copilot-instructions.md", either},
                   {".github/instructions", either},
                   {".github/agents", either}}},
      {.name = "amazon-q", .runtime = "amazon-q", .markers = {{".amazonq", directory}}},
      {.name = "continue", .runtime = "continue", .markers = {{".continue", directory}}},
  };
  return all;
}

expected<void> check_strategies(std::span<const project_strategy> strategies) {
  std::size_t markers = 0;
  for (const auto& each : strategies) {
    if (each.name.empty() || each.runtime.empty())
      return invalid(each, "it needs a name and a runtime");
    for (const auto& marker : each.markers)
      if (!is_marker_path(marker.path))
        return invalid(each, "a marker is the name of an entry, or of one in a directory, not '" + marker.path + "'");
    for (const auto& file : each.described_by)
      if (!is_name(file))
        return invalid(each, "what describes a project is a file in it, not '" + file + "'");
    markers += each.markers.size();
    if (markers > seen_markers::most)
      return invalid(each, "all strategies together have over " + std::to_string(seen_markers::most) + " markers");
  }
  return {};
}

marker_table::marker_table(std::span<const project_strategy> strategies) {
  for (const auto& each : strategies) {
    auto& made = strategies_.emplace_back();
    for (const auto& [path, kind] : each.markers)
      if (const auto slash = path.find('/'); slash == std::string::npos)
        made.bits.push_back(bit_of(path, kind));
      else
        made.inner.push_back({bit_of(std::string_view(path).substr(0, slash), directory), path, kind});
  }
}

std::size_t marker_table::bit_of(std::string_view name, marker_kind kind) {
  const auto known = std::ranges::find_if(entries_, [&](const entry& e) { return e.name == name && e.kind == kind; });
  if (known != entries_.end())
    return known->bit;
  begins_[static_cast<unsigned char>(name.front())] = true;
  entries_.push_back({std::string(name), kind, entries_.size()});
  return entries_.back().bit;
}

bool marker_table::knows(std::string_view name) const noexcept {
  return begins_[static_cast<unsigned char>(name.front())] &&
         std::ranges::find(entries_, name, &entry::name) != entries_.end();
}

void marker_table::note(std::string_view name, file_type type, seen_markers& seen) const noexcept {
  for (const auto& each : entries_)
    if (each.name == name && fits(each.kind, type))
      seen.set(each.bit);
}

bool marker_table::fits(marker_kind kind, file_type type) noexcept {
  switch (kind) {
    case file: return type == file_type::regular;
    case directory: return type == file_type::directory;
    case either: return type == file_type::regular || type == file_type::directory;
  }
  return false;
}

} // namespace muster
