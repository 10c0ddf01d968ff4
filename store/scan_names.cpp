#include "muster/store/scan_names.hpp"

#include <algorithm>
#include <array>

namespace muster {

namespace {

using namespace std::string_view_literals;

constexpr std::array left_out{"node_modules"sv, "vendor"sv, "Library"sv,     "AppData"sv,   "dist"sv,
                              "build"sv,        "venv"sv,   "__pycache__"sv, "extensions"sv};

// `.dork` is not among them: it holds a manifest and is no project.
constexpr std::array hidden_but_walked{".claude"sv, ".cursor"sv,   ".codex"sv,      ".windsurf"sv,   ".gemini"sv,
                                       ".cline"sv,  ".roo"sv,      ".amazonq"sv,    ".continue"sv,   ".augment"sv,
                                       ".trae"sv,   ".kilocode"sv, ".clinerules"sv, ".aiassistant"sv};

constexpr std::string_view backup_mark = ".dorkos-bak-";

} // namespace

bool is_walked_name(std::string_view name) noexcept {
  if (name.starts_with('.'))
    return std::ranges::find(hidden_but_walked, name) != hidden_but_walked.end();
  return std::ranges::find(left_out, name) == left_out.end() && name.find(backup_mark) == std::string_view::npos;
}

bool is_scanned_name(std::string_view name) noexcept {
  return is_walked_name(name) || name == ".dork";
}

} // namespace muster
