#include "muster/runner/agent_values.hpp"
#include "muster/runner/commit_text.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"
#include "muster/store/json_write.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t widest_value = 512;

// A value of a manifest on one line: texts plain, the rest as JSON.
std::string shown_value(json::value v) {
  if (v.is(json::kind::string))
    return printable(v.as_string(), widest_value);
  if (!v)
    return "";
  const auto all_texts = v.is(json::kind::array) &&
                         std::all_of(v.begin(), v.end(), [](json::value each) { return each.is(json::kind::string); });
  if (!all_texts)
    return printable(json::canonical(v), widest_value);
  std::string list;
  for (const auto each : v)
    list += (list.empty() ? "" : ", ") + printable(each.as_string());
  return list.size() <= widest_value ? list : printable(list, widest_value);
}

std::string head_text(json::value shown, std::chrono::milliseconds now) {
  const auto name = printable(text_of(shown, "name"));
  const auto display_name = printable(text_of(shown, "displayName"));
  const auto seen = text_of(shown, "lastSeenAt");
  const auto event = printable(text_of(shown, "lastSeenEvent"), 64);
  fact_list facts;
  facts.add("id", printable(text_of(shown, "id")));
  facts.add("status", printable(text_of(shown, "status")));
  facts.add("health",
            printable(text_of(shown, "health")) +
                (seen.empty() ? ", never seen"
                              : ", seen " + shown_age(seen, now) + (event.empty() ? "" : " (" + event + ")")));
  facts.add("runtime", printable(text_of(shown, "runtime")));
  facts.add("namespace", printable(text_of(shown, "namespace")));
  facts.add("path", shown_path(path_of(shown, "path")));
  return name + (display_name.empty() ? "" : " (" + display_name + ")") + "\n" + facts.text();
}

// What the head does not say of the manifest.
std::string manifest_text(json::value manifest) {
  static constexpr std::array<std::string_view, 5> said{"id", "name", "displayName", "runtime", "namespace"};
  fact_list facts;
  for (const auto member : manifest)
    if (const auto key = member.key(); std::ranges::find(said, key) == said.end())
      facts.add(printable(key, 64), shown_value(member));
  const auto lines = facts.text();
  return lines.empty() ? "" : "\nmanifest\n" + lines;
}

std::string placements_text(json::value placements) {
  if (placements.size() == 0)
    return "";
  text_table table({"INSTANCE", "NAMESPACE", "VERSION", "ADMITTED", "PATH"}, 2);
  for (const auto each : placements)
    table.add({flag_of(each, "here") ? "here" : printable(text_of(each, "instance").substr(0, 8)),
               printable(text_of(each, "namespace")), shown_version(text_of(each, "version")),
               flag_of(each, "admitted") ? "yes" : "no", shown_path(path_of(each, "path"))});
  return "\nplacements\n" + table.text();
}

std::string relay_text(json::value shown) {
  const auto endpoint = shown.find("relay");
  std::string text = "\nrelay\n  ";
  text +=
      endpoint.is(json::kind::object) ? "endpoint " + printable(text_of(endpoint, "subject")) + "\n" : "no endpoint\n";
  for (const auto rule : shown.find("rules"))
    text += "  " + printable(text_of(rule, "action")) + " " + printable(text_of(rule, "source")) + " to " +
            printable(text_of(rule, "target")) + "\n";
  return text;
}

std::string conflicts_text(json::value conflicts, std::chrono::milliseconds now) {
  if (conflicts.size() == 0)
    return "";
  std::string text = "\nconflicts\n";
  for (const auto each : conflicts) {
    const auto winner = text_of(each, "winner");
    text += "  " + printable(text_of(each, "field")) + ", " + printable(text_of(each, "status")) + " (" +
            printable(text_of(each, "id")) + ")\n";
    for (const auto candidate : each.find("candidates")) {
      const auto version = text_of(candidate, "version");
      text += "    " + std::string(version == winner ? "wins  " : "loses ") + shown_version(version) + ", " +
              shown_age(text_of(candidate, "at"), now) + ": " +
              (flag_of(candidate, "removed") ? "removed" : shown_value(candidate.find("value"))) + "\n";
    }
  }
  return text;
}

std::string versions_text(json::value shown) {
  fact_list facts;
  facts.add("version", shown_version(text_of(shown, "version")));
  facts.add("content", printable(text_of(shown, "contentHash")));
  facts.add("file", printable(text_of(shown, "fileHash")));
  std::string text = "\nhistory\n" + facts.text();
  for (const auto each : shown.find("versions"))
    text += "  " + commit_line(each);
  return text;
}

std::string shown_text(json::value shown, std::chrono::milliseconds now) {
  const auto problems = problem_lines(shown.find("problems"), "  ", now);
  return head_text(shown, now) + (problems.empty() ? "" : "\nproblems\n" + problems) +
         manifest_text(shown.find("agent")) + placements_text(shown.find("placements")) + relay_text(shown) +
         conflicts_text(shown.find("conflicts"), now) + versions_text(shown);
}

} // namespace

void add_show_command(command_line& line) {
  struct show_options {
    std::string agent;
    bool all_versions = false;
  };
  auto* command =
      line.add(line.root(), "show", "Shows everything that is known of one agent", "muster show ~/projects/atlas");
  auto options = std::make_shared<show_options>();
  command->add_option("AGENT", options->agent, agent_argument)->required();
  command->add_flag("--all-versions", options->all_versions, "Also every commit that made it what it is");
  command_line::bind(line, command, [options](command_context& context) -> expected<answer> {
    const auto agent = agent_selector(options->agent);
    if (!agent)
      return agent.error();
    service_request request{.operation = "show", .body = {}, .doing = "looking it up"};
    request.body.add_path("agent", *agent).add_flag("allVersions", options->all_versions);
    return ask_service(context, std::move(request),
                       [&](json::value shown) { return shown_text(shown, context.env.clock.wall()); });
  });
}

} // namespace muster
