#include "muster/runner/finding_text.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/sweep_text.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"
#include "muster/runner/watch.hpp"
#include "muster/store/instance_text.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace muster {

namespace {

constexpr std::size_t most_groups = 12;

std::size_t count(json::value object, std::string_view name) {
  return static_cast<std::size_t>(number_of(object, name).value_or(0));
}

std::string agents_text(json::value status) {
  struct part {
    std::string_view member;
    std::string_view word;
  };
  static constexpr std::array parts{part{"activeCount", "active"}, part{"inactiveCount", "inactive"},
                                    part{"staleCount", "stale"}, part{"unreachableCount", "unreachable"}};
  std::string text;
  for (const auto& [member, word] : parts)
    if (const auto n = count(status, member); n > 0)
      text += (text.empty() ? "" : ", ") + std::to_string(n) + " " + std::string(word);
  const auto total = count(status, "totalAgents");
  if (total == 0)
    return "none yet; see 'muster register --help'";
  return std::to_string(total) + (text.empty() ? "" : ": " + text);
}

// "claude-code 3, codex 1"
std::string groups_text(json::value groups) {
  std::string text;
  std::size_t listed = 0;
  for (const auto each : groups) {
    if (listed++ == most_groups)
      return text + ", and " + std::to_string(groups.size() - most_groups) + " more";
    text += (text.empty() ? "" : ", ") + printable(each.key(), 64) + " " + printable(each.text(), 20);
  }
  return text;
}

std::string history_text(json::value status) {
  const auto ops = status.find("ops");
  const auto held = count(ops, "held");
  const auto folded = count(ops, "folded");
  const auto quarantined = count(ops, "quarantined");
  std::string text = counted(held, "commit") + " in " + counted(status.find("feeds").size(), "feed");
  text += held == folded ? ", all folded" : ", " + std::to_string(folded) + " of them folded";
  text += quarantined == 0 ? "" : ", " + std::to_string(quarantined) + " refused (see 'muster doctor')";
  return text;
}

std::string last_sweep_text(json::value status, std::chrono::milliseconds now) {
  const auto last = status.find("lastSweep");
  if (!last.is(json::kind::object))
    return "none yet; 'muster sweep' compares files, index and relay now";
  return shown_age(text_of(last, "at"), now) + ": " + sweep_counts(last);
}

std::string conflicts_text(json::value status) {
  const auto open = count(status.find("conflicts"), "open");
  return open == 0 ? "none" : std::to_string(open) + " open; 'muster list' and 'muster show AGENT' name them";
}

std::string sagas_text(json::value status) {
  const auto sagas = status.find("sagas");
  const auto busy = count(sagas, "inFlight");
  const auto owing = count(sagas, "owing");
  std::string text = busy == 0 ? "" : std::to_string(busy) + " under way";
  if (owing > 0)
    text += (text.empty() ? "" : ", ") + std::to_string(owing) + " still owe something; sweeps try again";
  return text;
}

std::string peers_text(json::value status) {
  std::string text;
  for (const auto peer : status.find("peers"))
    text +=
        (text.empty() ? "" : ", ") + printable(text_of(peer, "name"), 64) + " " + printable(text_of(peer, "state"), 32);
  return text.empty() ? "none" : text;
}

std::string instance_text(json::value status) {
  const auto instance = text_of(status, "instance");
  return instance.empty() ? "" : printable(shown_instance(instance_id{instance}));
}

std::string status_text(json::value status, std::chrono::milliseconds now) {
  const auto release = number_of(status, "release");
  fact_list facts(0);
  facts.add("agents", agents_text(status));
  facts.add("runtimes", groups_text(status.find("byRuntime")));
  facts.add("namespaces", groups_text(status.find("byNamespace")));
  facts.add("projects", groups_text(status.find("byProject")));
  facts.add("conflicts", conflicts_text(status));
  facts.add("last sweep", last_sweep_text(status, now));
  facts.add("in flight", sagas_text(status));
  facts.add("history", history_text(status));
  facts.add("relay", printable(text_of(status, "relay"), 512));
  facts.add("peers", peers_text(status));
  facts.add("instance", instance_text(status));
  facts.add("data", shown_path(path_of(status, "data")) + (release ? ", release " + std::to_string(*release) : ""));
  const auto findings = findings_text(status.find("problems"), "  ");
  return facts.text() + (findings.empty() ? "" : "\nproblems\n" + findings);
}

} // namespace

void add_status_command(command_line& line) {
  auto* command = line.add(line.root(), "status", "Shows how everything is, at a glance", "muster status --watch");
  auto watches = std::make_shared<bool>(false);
  command->add_flag("--watch", *watches,
                    "Look again every 2 s until Ctrl-C; in a pipe, print it again when it has changed");
  command_line::bind(line, command, [watches](command_context& context) {
    const auto look = [&context] {
      return ask_service(context, {.operation = "status", .body = {}, .doing = "counting"},
                         [&](json::value status) { return status_text(status, context.env.clock.wall()); });
    };
    return *watches ? watch(context, look) : look();
  });
}

} // namespace muster
