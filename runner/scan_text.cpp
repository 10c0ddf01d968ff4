#include "muster/runner/scan_text.hpp"

#include "muster/runner/documents.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t widest_description = 60;
constexpr std::size_t widest_sentence = 1024;
constexpr std::size_t most_lines = 50;

std::string candidates_text(json::value candidates) {
  text_table table({"PATH", "KIND", "NAME", "", "DESCRIPTION"});
  for (const auto each : candidates)
    table.add({shown_path(path_of(each, "path")), printable(text_of(each, "strategy"), 32),
               printable(text_of(each, "suggestedName"), 32), flag_of(each, "denied") ? "denied" : "",
               printable(text_of(each.find("hints"), "description"), widest_description)});
  return table.empty() ? "" : table.text();
}

/// A line each for the first, and how many more there are.
template <class Line>
std::string lines(json::value all, Line line) {
  std::string text;
  std::size_t count = 0;
  for (const auto each : all)
    if (++count <= most_lines)
      text += "  " + line(each) + "\n";
  if (count > most_lines)
    text += "  and " + std::to_string(count - most_lines) + " more; --json lists them\n";
  return text;
}

std::string agents_text(std::string_view head, json::value agents) {
  const auto text = lines(agents, [](json::value each) {
    const auto home = path_of(each, "home");
    return printable(text_of(each, "name"), 64) + "  " + shown_path(path_of(each, "path")) +
           (home.empty() ? "" : "  (" + shown_path(home) + ")");
  });
  return text.empty() ? "" : std::string(head) + ":\n" + text;
}

/// Of the agents that were there before only how many.
std::string existing_text(json::value existing) {
  std::size_t before = 0;
  std::string text;
  for (const auto each : existing)
    if (flag_of(each, "registered")) {
      const auto home = path_of(each, "home");
      text += "  " + printable(text_of(each, "name"), 64) + "  " + shown_path(path_of(each, "path")) +
              (home.empty() ? "" : "  (moved from " + shown_path(home) + ")") + "\n";
    } else {
      ++before;
    }
  if (!text.empty())
    text = "registered, with the manifest that was there:\n" + text;
  if (before > 0)
    text += counted(before, "agent") + " registered already\n";
  return text;
}

std::string not_seen_text(json::value scanned) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> names{
      {{"unreadable", "unreadable"},
       {"vanished", "vanished meanwhile"},
       {"mounts", "on other file systems (--follow-mounts goes there)"},
       {"repeated", "met twice"},
       {"hung", "that do not answer"},
       {"invalid", "with a manifest that cannot be used"}}};
  std::string text;
  const auto counts = scanned.find("notSeen");
  for (const auto& [name, words] : names)
    if (const auto n = number_of(counts, name).value_or(0); n > 0)
      text += (text.empty() ? "" : ", ") + std::to_string(n) + " " + std::string(words);
  return text.empty() ? "" : "not looked into: " + text + "\n";
}

} // namespace

std::string scan_text(json::value scanned) {
  auto text = candidates_text(scanned.find("candidates"));
  text += existing_text(scanned.find("existing"));
  text += agents_text("registered, and wait for 'muster admit'", scanned.find("unadmitted"));
  text += agents_text("copies of agents that live elsewhere", scanned.find("duplicates"));
  text += agents_text("manifests that were left alone", scanned.find("unregistered"));
  const auto denied = lines(scanned.find("denied"), [](json::value each) {
    const auto reason = text_of(each, "reason");
    return shown_path(path_of(each, "path")) + (reason.empty() ? "" : "  " + printable(reason));
  });
  text += denied.empty() ? "" : "denied:\n" + denied;
  text += not_seen_text(scanned);
  text += lines(scanned.find("problems"), [](json::value each) {
    const auto path = path_of(each, "path");
    return (path.empty() ? "" : shown_path(path) + ": ") + printable(text_of(each, "message"), widest_sentence);
  });
  const auto took = std::chrono::milliseconds{number_of(scanned, "durationMs").value_or(0)};
  const auto directories = number_of(scanned, "scannedDirs").value_or(0);
  text += std::to_string(directories) + (directories == 1 ? " directory" : " directories") + " in " + shown_span(took);
  if (flag_of(scanned, "cancelled"))
    text += "; it was cancelled, so there may be more";
  else if (flag_of(scanned, "truncated"))
    text += "; not everything was seen: the time was over or there is too much (see --timeout, or name a smaller ROOT)";
  return text + "\n";
}

std::string scan_progress_text(json::value progress) {
  const auto number = [&](std::string_view name) { return std::to_string(number_of(progress, name).value_or(0)); };
  auto text = "scanning, " + number("scannedDirs") + " directories, " + number("candidates") + " candidates, " +
              number("manifests") + " manifests";
  if (number_of(progress, "taken").value_or(0) > 0)
    text += ", " + number("taken") + " taken";
  return text;
}

} // namespace muster
