#pragma once

#include "muster/runner/command_line.hpp"
#include "muster/store/json.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

/// What commands about agents take and show alike.
namespace muster {

/// What an AGENT argument may be, for help.
inline constexpr const char* agent_argument = "An id, the beginning of one, a name, or a path";

/// Adds an option that may be repeated and takes one value each time.
CLI::Option* add_texts(CLI::App* command, const std::string& name, std::vector<std::string>& values,
                       const std::string& does);

/// The runtimes that manifests know, and the kinds of health.
[[nodiscard]] const std::vector<std::string>& runtimes();
[[nodiscard]] const std::vector<std::string>& agent_healths();
/// The runtimes in one line, for help.
[[nodiscard]] std::string known_runtimes();

/// Refused with the nearest name if there is no such runtime; empty is none given.
[[nodiscard]] expected<void> check_runtime(const std::string& typed);

/// Refused with the nearest name if there is no such health; empty is none given.
[[nodiscard]] expected<void> check_health(const std::string& typed);

/// What an answer tells beside it, a line each.
[[nodiscard]] std::string note_lines(json::value answered);

/// Where an agent stands after a change, as an answer tells it; "nothing had to
/// be changed" in place of `done` where nothing was committed.
[[nodiscard]] std::string placed_text(const std::string& done, json::value placed);

/// A version for people: the first characters of the instance, "@", the number;
/// what `revert` and `log --since` take.
[[nodiscard]] std::string shown_version(std::string_view version);

/// The problems of a row, a line each: what, since when, and what happens next.
[[nodiscard]] std::string problem_lines(json::value problems, std::string_view indent, std::chrono::milliseconds now);

} // namespace muster
