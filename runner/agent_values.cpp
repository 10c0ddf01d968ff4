#include "muster/runner/agent_values.hpp"

#include "muster/runner/documents.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"
#include "muster/store/closest_name.hpp"
#include "muster/store/manifest.hpp"

#include <algorithm>
#include <span>

namespace muster {

namespace {

constexpr std::size_t short_instance = 8;
constexpr std::size_t widest_sentence = 1024;

std::string joined(std::span<const std::string> names) {
  std::string list;
  for (const auto& each : names)
    list += (list.empty() ? "" : ", ") + each;
  return list;
}

expected<void> check_choice(const std::string& typed, std::span<const std::string> known, std::string_view code,
                            const std::string& noun) {
  if (typed.empty() || std::ranges::find(known, typed) != known.end())
    return {};
  const auto near = closest_name(typed, known);
  return failure{failure_kind::refused, code,
                 "there is no " + noun + " '" + printable(typed, 64) + "'" +
                     (near.empty() ? "; choose one of " + joined(known) : "; did you mean '" + near + "'?")};
}

// What happens next with a problem of this kind, or what to do about it.
std::string_view outlook(std::string_view kind) {
  if (kind == "duplicate")
    return "only the first place counts until the other one is gone or has an id of its own";
  if (kind == "name-clash")
    return "both keep working";
  if (kind == "owed")
    return "the next sweep tries again";
  if (kind == "clock")
    return "stamps follow the clock again; set it right";
  if (kind == "held")
    return "it waits for your word";
  if (kind == "conflict")
    return "the winner holds until somebody resolves it";
  return "";
}

} // namespace

CLI::Option* add_texts(CLI::App* command, const std::string& name, std::vector<std::string>& values,
                       const std::string& does) {
  return command->add_option(name, values, does)->allow_extra_args(false);
}

const std::vector<std::string>& runtimes() {
  static const std::vector<std::string> names(runtime_names.begin(), runtime_names.end());
  return names;
}

const std::vector<std::string>& agent_healths() {
  static const std::vector<std::string> names{"active", "inactive", "stale"};
  return names;
}

std::string known_runtimes() {
  return joined(runtimes());
}

expected<void> check_runtime(const std::string& typed) {
  return check_choice(typed, runtimes(), "no-such-runtime", "runtime");
}

expected<void> check_health(const std::string& typed) {
  return check_choice(typed, agent_healths(), "no-such-health", "health");
}

std::string shown_version(std::string_view version) {
  const auto at = version.rfind('@');
  if (at == std::string_view::npos)
    return printable(version);
  return printable(version.substr(0, std::min(at, short_instance))) + printable(version.substr(at), 21);
}

std::string note_lines(json::value answered) {
  std::string lines;
  for (const auto each : answered.find("notes"))
    if (each.is(json::kind::string))
      lines += "note: " + printable(each.as_string(), widest_sentence) + "\n";
  return lines;
}

std::string placed_text(const std::string& done, json::value placed) {
  fact_list facts;
  facts.add("id", printable(text_of(placed, "agent")));
  facts.add("path", shown_path(path_of(placed, "path")));
  facts.add("namespace", printable(text_of(placed, "namespace")));
  facts.add("subject", printable(text_of(placed, "subject")));
  facts.add("content", printable(text_of(placed, "contentHash")));
  facts.add("version", shown_version(text_of(placed, "version")));
  const bool changed = placed.find("version").is(json::kind::string);
  return (changed ? done : "nothing had to be changed") + ":\n" + facts.text() + note_lines(placed);
}

std::string problem_lines(json::value problems, std::string_view indent, std::chrono::milliseconds now) {
  std::string lines;
  for (const auto each : problems) {
    const auto kind = text_of(each, "kind");
    const auto since = text_of(each, "since");
    const auto message = text_of(each, "message");
    const auto path = path_of(each, "path");
    const auto next = outlook(kind);
    lines += std::string(indent) + printable(kind, 64);
    lines += since.empty() ? "" : ", first seen " + shown_age(since, now);
    lines += ": " + printable(message, widest_sentence);
    lines += path.empty() || message.find(path) != message.npos ? "" : " (" + shown_path(path) + ")";
    lines += next.empty() ? "\n" : "; " + std::string(next) + "\n";
  }
  return lines;
}

} // namespace muster
