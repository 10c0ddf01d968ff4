#include "muster/runner/agent_values.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"

#include <memory>
#include <string>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t widest_cell = 60;

struct deny_options {
  std::string path, reason;
};

std::string denied_text(json::value answered) {
  const auto denied = answered.find("denied");
  const auto denial = denied.size() == 0 ? json::value() : *denied.begin();
  const auto path = shown_path(path_of(denial, "path"));
  const auto reason = printable(text_of(denial, "reason"));
  return "denied " + path + (reason.empty() ? "" : " (" + reason + ")") +
         ": no scan and no sweep registers it, or what lies below\n"
         "  muster undeny takes it back\n";
}

void add_deny(command_line& line) {
  auto* command =
      line.add(line.root(), "deny", "Keeps scans and sweeps from registering a directory and what lies below",
               "muster deny ~/projects/vendored --reason 'not ours'\n"
               "An agent that lives there has to be unregistered first; one that lives below stays.");
  auto options = std::make_shared<deny_options>();
  command->add_option("PATH", options->path, "The directory; it need not exist")->required();
  command->add_option("--reason", options->reason, "Why, for people");
  command_line::bind(line, command, [options](command_context& context) -> expected<answer> {
    const auto path = spelled_path(options->path);
    if (!path)
      return path.error();
    service_request request{.operation = "deny", .body = {}, .doing = "denying", .has_request_id = true};
    request.body.add_path("path", *path).add_text("reason", options->reason);
    return ask_service(context, std::move(request), denied_text);
  });
}

std::string undenied_text(json::value answered) {
  const auto path = shown_path(path_of(answered, "path"));
  if (flag_of(answered, "wasDenied"))
    return path + " is denied no longer: the next sweep or scan looks there again\n";
  return path + " was not denied; 'muster denied' lists what is\n";
}

void add_undeny(command_line& line) {
  auto* command = line.add(line.root(), "undeny", "Takes a denial back", "muster undeny ~/projects/vendored");
  auto path = std::make_shared<std::string>();
  command->add_option("PATH", *path, "As 'muster denied' shows it, or any other path to the directory")->required();
  command_line::bind(line, command, [path](command_context& context) -> expected<answer> {
    const auto spelled = spelled_path(*path);
    if (!spelled)
      return spelled.error();
    service_request request{.operation = "undeny", .body = {}, .doing = "taking it back", .has_request_id = true};
    request.body.add_path("path", *spelled);
    return ask_service(context, std::move(request), undenied_text);
  });
}

std::string denials_text(json::value answered, std::chrono::milliseconds now) {
  const auto denied = answered.find("denied");
  if (denied.size() == 0)
    return "nothing is denied; 'muster deny PATH' keeps scans and sweeps from a directory\n";
  text_table table({"PATH", "REASON", "BY", "SINCE", "STRATEGY"});
  for (const auto each : denied)
    table.add({shown_path(path_of(each, "path")), printable(text_of(each, "reason"), widest_cell),
               printable(text_of(each, "by"), widest_cell), shown_age(text_of(each, "at"), now),
               printable(text_of(each, "strategy"), widest_cell)});
  return table.text();
}

void add_denied(command_line& line) {
  auto* command =
      line.add(line.root(), "denied", "Lists the directories that are denied, the newest first", "muster denied");
  command_line::bind(line, command, [](command_context& context) {
    return ask_service(context, {.operation = "denied", .body = {}, .doing = "reading the denials"},
                       [&](json::value answered) { return denials_text(answered, context.env.clock.wall()); });
  });
}

struct admit_options {
  std::string agent, namespace_name;
};

std::string admitted_text(json::value answered, const std::string& namespace_name) {
  const auto agents = answered.find("agents");
  if (agents.size() == 0)
    return "no agent waits in the namespace " + printable(namespace_name) + "\n";
  text_table table({"ID", "NAMESPACE", "PATH"}, 2);
  for (const auto each : agents)
    table.add(
        {printable(text_of(each, "agent")), printable(text_of(each, "namespace")), shown_path(path_of(each, "path"))});
  return "admitted " + counted(agents.size(), "agent") + ":\n" + table.text() +
         (flag_of(answered, "more") ? "more of them wait: type the same once more\n" : "");
}

expected<answer> admit(command_context& context, const admit_options& options) {
  if (options.agent.empty() == options.namespace_name.empty())
    return failure{failure_kind::usage, "admit-what",
                   "admit: name one agent, or with --namespace all that wait in a namespace"};
  service_request request{.operation = "admit", .body = {}, .doing = "admitting", .has_request_id = true};
  if (options.agent.empty()) {
    request.body.add_text("namespace", options.namespace_name);
    return ask_service(context, std::move(request),
                       [&](json::value answered) { return admitted_text(answered, options.namespace_name); });
  }
  const auto agent = agent_selector(options.agent);
  if (!agent)
    return agent.error();
  request.body.add_path("agent", *agent);
  return ask_service(context, std::move(request), [](json::value placed) { return placed_text("admitted", placed); });
}

void add_admit(command_line& line) {
  auto* command =
      line.add(line.root(), "admit", "Lets an agent that waits in a namespace use the rules of that",
               "muster admit atlas\n"
               "An agent that a scan or an edit of its manifest put into a namespace which has agents or rules waits\n"
               "there, 'unadmitted'. All of one namespace: muster admit --namespace lab");
  auto options = std::make_shared<admit_options>();
  command->add_option("AGENT", options->agent, agent_argument);
  command->add_option("--namespace", options->namespace_name, "All that wait in this namespace");
  command_line::bind(line, command, [options](command_context& context) { return admit(context, *options); });
}

} // namespace

void add_denial_commands(command_line& line) {
  add_deny(line);
  add_undeny(line);
  add_denied(line);
  add_admit(line);
}

} // namespace muster
