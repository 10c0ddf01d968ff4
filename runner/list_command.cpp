#include "muster/runner/agent_values.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"
#include "muster/runner/watch.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace muster {

namespace {

constexpr std::size_t widest_cell = 40;
constexpr std::size_t least_id = 10;

struct list_options {
  std::string runtime, capability, namespace_name, health;
  bool all_instances = false;
  bool watch = false;

  [[nodiscard]] bool filters() const {
    return !runtime.empty() || !capability.empty() || !namespace_name.empty() || !health.empty();
  }
};

std::size_t common_prefix(const std::string& a, const std::string& b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

// How many characters tell the ids of a list apart; at least ten, as other
// lists show more agents.
std::size_t telling_length(json::value agents) {
  std::vector<std::string> ids;
  for (const auto each : agents)
    ids.push_back(text_of(each, "id"));
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::size_t length = least_id;
  for (std::size_t i = 1; i < ids.size(); ++i)
    length = std::max(length, common_prefix(ids[i - 1], ids[i]) + 1);
  return length;
}

std::string cut_id(const std::string& id, std::size_t length) {
  return id.size() <= length ? printable(id) : printable(id.substr(0, length));
}

std::string seen_text(json::value row, std::chrono::milliseconds now) {
  const auto at = text_of(row, "lastSeenAt");
  return at.empty() ? "never" : shown_age(at, now);
}

std::string empty_text(const list_options& options) {
  if (options.filters())
    return "no agent matches; 'muster list' shows all\n";
  return "no agents yet; register a project directory:\n"
         "  muster register ~/projects/atlas --name atlas --runtime claude-code\n";
}

std::string list_text(json::value answered, const list_options& options, std::chrono::milliseconds now) {
  const auto agents = answered.find("agents");
  if (agents.size() == 0)
    return empty_text(options);
  const auto id_length = telling_length(agents);
  std::vector<std::string> heads{"NAME", "ID", "RUNTIME", "NAMESPACE", "STATUS", "HEALTH", "SEEN", "PATH"};
  if (options.all_instances)
    heads.emplace_back("INSTANCE");
  text_table table(std::move(heads));
  std::string problems;
  for (const auto each : agents) {
    std::vector<std::string> cells{printable(text_of(each, "name"), widest_cell),
                                   cut_id(text_of(each, "id"), id_length),
                                   printable(text_of(each, "runtime"), widest_cell),
                                   printable(text_of(each, "namespace"), widest_cell),
                                   printable(text_of(each, "status"), widest_cell),
                                   printable(text_of(each, "health"), widest_cell),
                                   seen_text(each, now),
                                   shown_path(path_of(each, "path"))};
    if (options.all_instances)
      cells.push_back(printable(text_of(each, "instance").substr(0, 8)));
    table.add(std::move(cells));
    if (auto lines = problem_lines(each.find("problems"), "    ", now); !lines.empty())
      problems += "  " + printable(text_of(each, "name"), widest_cell) + "\n" + lines;
  }
  return table.text() + (problems.empty() ? "" : "\nproblems\n" + problems);
}

expected<answer> list(command_context& context, const list_options& options) {
  for (const auto& checked : {check_runtime(options.runtime), check_health(options.health)})
    if (!checked)
      return checked.error();
  const auto look = [&context, &options] {
    service_request request{.operation = "list", .body = {}, .doing = "reading the roster"};
    request.body.add_text("runtime", options.runtime)
        .add_text("capability", options.capability)
        .add_text("namespace", options.namespace_name)
        .add_text("health", options.health)
        .add_flag("allInstances", options.all_instances);
    return ask_service(context, std::move(request),
                       [&](json::value answered) { return list_text(answered, options, context.env.clock.wall()); });
  };
  return options.watch ? watch(context, look) : look();
}

} // namespace

void add_list_command(command_line& line) {
  auto* command =
      line.add(line.root(), "list", "Lists the agents, the newest first", "muster list --runtime codex --health stale");
  auto options = std::make_shared<list_options>();
  command->add_option("--runtime", options->runtime, "Only with this runtime: " + known_runtimes());
  command->add_option("--capability", options->capability, "Only with this capability");
  command->add_option("--namespace", options->namespace_name, "Only in this namespace");
  command->add_option("--health", options->health, "Only with this health: active, inactive, stale");
  command->add_flag("--all-instances", options->all_instances, "Also those that live on other instances");
  command->add_flag("--watch", options->watch,
                    "Look again every 2 s until Ctrl-C; in a pipe, print it again when it has changed");
  command_line::bind(line, command, [options](command_context& context) { return list(context, *options); });
}

} // namespace muster
