#include "muster/runner/agent_values.hpp"
#include "muster/runner/field_assignments.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace muster {

namespace {

struct register_options {
  std::string path, name, display_name, runtime, namespace_name, description, scan_root, by;
  std::vector<std::string> capabilities;
};

expected<answer> register_it(command_context& context, const register_options& options) {
  const auto path = project_path(options.path);
  if (!path)
    return path.error();
  const auto scan_root = options.scan_root.empty() ? expected<std::string>("") : project_path(options.scan_root);
  if (!scan_root)
    return scan_root.error();
  if (auto known = check_runtime(options.runtime); !known)
    return known.error();
  service_request request{.operation = "register", .body = {}, .doing = "registering", .has_request_id = true};
  request.body.add_path("path", *path)
      .add_text("name", options.name)
      .add_text("displayName", options.display_name)
      .add_text("runtime", options.runtime)
      .add_text("namespace", options.namespace_name)
      .add_text("description", options.description)
      .add_texts("capabilities", options.capabilities)
      .add_path("scanRoot", *scan_root)
      .add_text("by", options.by);
  return ask_service(context, std::move(request), [](json::value placed) {
    return placed_text(flag_of(placed, "adopted") ? "registered, with the manifest that was there" : "registered",
                       placed);
  });
}

void add_register(command_line& line) {
  auto* command =
      line.add(line.root(), "register", "Registers a project directory as an agent, or adopts the manifest in it",
               "muster register ~/projects/atlas --name atlas --runtime codex --capability review");
  auto options = std::make_shared<register_options>();
  command->add_option("PATH", options->path, "The project directory")->required();
  command->add_option("--name", options->name, "Its name; needed where there is no manifest yet");
  command->add_option("--runtime", options->runtime, "What runs it: " + known_runtimes());
  command->add_option("--namespace", options->namespace_name,
                      "Its namespace (else the first directory below the scan root, or its own name)");
  command->add_option("--description", options->description, "What it is for");
  add_texts(command, "--capability", options->capabilities, "What it can do; may be repeated");
  command->add_option("--display-name", options->display_name, "Its name for people");
  command->add_option("--scan-root", options->scan_root, "The directory that agents are looked for in");
  command->add_option("--by", options->by, "Who registers it (else muster)");
  command_line::bind(line, command, [options](command_context& context) { return register_it(context, *options); });
}

struct update_options {
  std::string agent, if_hash;
  std::vector<std::string> set, unset, capabilities;
};

// Sorts `+C` and `-C` apart.
expected<void> add_capabilities(request_document& body, const std::vector<std::string>& typed) {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  for (const auto& each : typed) {
    if (each.size() < 2 || (each[0] != '+' && each[0] != '-'))
      return failure{failure_kind::usage, "no-capability",
                     "--capability takes +NAME to add one or -NAME to remove one, not '" + printable(each, 64) + "'"};
    (each[0] == '+' ? added : removed).push_back(each.substr(1));
  }
  body.add_texts("addCapabilities", added).add_texts("removeCapabilities", removed);
  return {};
}

expected<answer> update(command_context& context, const update_options& options) {
  const auto agent = agent_selector(options.agent);
  if (!agent)
    return agent.error();
  const auto changes = field_changes(options.set, options.unset);
  if (!changes)
    return changes.error();
  service_request request{.operation = "update", .body = {}, .doing = "updating", .has_request_id = true};
  request.body.add_path("agent", *agent).add_text("ifHash", options.if_hash);
  if (!changes->empty())
    request.body.add_json("changes", *changes);
  if (auto added = add_capabilities(request.body, options.capabilities); !added)
    return added.error();
  if (changes->empty() && options.capabilities.empty())
    return failure{failure_kind::usage, "usage",
                   "update: nothing to change was given; name it with --set, --unset or --capability"};
  return ask_service(context, std::move(request), [](json::value placed) { return placed_text("updated", placed); });
}

void add_update(command_line& line) {
  auto* command = line.add(line.root(), "update", "Changes an agent's manifest and everything derived from it",
                           "muster update atlas --set behavior.responseMode=silent --capability +review\n"
                           "A text is taken as it is typed: --set description='Reviews code'. Flags and numbers are\n"
                           "plain: --set personaEnabled=false --set traits.humor=2. Lists and objects are JSON:\n"
                           "--set 'enabledToolGroups={\"tasks\":false}'. A path of names leads into an object.");
  auto options = std::make_shared<update_options>();
  command->add_option("AGENT", options->agent, agent_argument)->required();
  add_texts(command, "--set", options->set, "FIELD=VALUE: the field gets that value; may be repeated");
  add_texts(command, "--unset", options->unset, "The field goes; may be repeated");
  add_texts(command, "--capability", options->capabilities, "+C adds a capability, -C removes one; may be repeated");
  command->add_option("--if-hash", options->if_hash, "Only if the content hash still is this one");
  command_line::bind(line, command, [options](command_context& context) { return update(context, *options); });
}

struct two_words {
  std::string agent, other;
};

void add_revert(command_line& line) {
  auto* command = line.add(line.root(), "revert", "Makes an earlier version of an agent current again",
                           "muster revert atlas abcdefgh@12\nVersions are listed by 'muster log AGENT'.");
  auto options = std::make_shared<two_words>();
  command->add_option("AGENT", options->agent, agent_argument)->required();
  command->add_option("VERSION", options->other, "As the log writes it; @12 is one of ours")->required();
  command_line::bind(line, command, [options](command_context& context) -> expected<answer> {
    const auto agent = agent_selector(options->agent);
    if (!agent)
      return agent.error();
    service_request request{.operation = "revert", .body = {}, .doing = "reverting", .has_request_id = true};
    request.body.add_path("agent", *agent).add_text("version", options->other);
    return ask_service(context, std::move(request), [](json::value placed) { return placed_text("reverted", placed); });
  });
}

void add_move(command_line& line) {
  auto* command =
      line.add(line.root(), "move", "Tells that the directory of an agent has moved", "muster move atlas ~/work/atlas");
  auto options = std::make_shared<two_words>();
  command->add_option("AGENT", options->agent, agent_argument)->required();
  command->add_option("PATH", options->other, "The directory it lies in now")->required();
  command_line::bind(line, command, [options](command_context& context) -> expected<answer> {
    const auto agent = agent_selector(options->agent);
    if (!agent)
      return agent.error();
    const auto path = project_path(options->other);
    if (!path)
      return path.error();
    service_request request{.operation = "move", .body = {}, .doing = "moving", .has_request_id = true};
    request.body.add_path("agent", *agent).add_path("path", *path);
    return ask_service(context, std::move(request), [](json::value placed) { return placed_text("moved", placed); });
  });
}

void add_unregister(command_line& line) {
  struct unregister_options {
    std::string agent;
    bool keep_manifest = false;
    bool everywhere = false;
  };
  auto* command = line.add(line.root(), "unregister", "Removes an agent from the roster, with its manifest",
                           "muster unregister atlas --keep-manifest");
  auto options = std::make_shared<unregister_options>();
  command->add_option("AGENT", options->agent, agent_argument)->required();
  command->add_flag("--keep-manifest", options->keep_manifest,
                    "Leave the manifest where it is, and let no scan register it again");
  command->add_flag("--everywhere", options->everywhere, "On every instance that has it, not only here");
  command_line::bind(line, command, [options](command_context& context) -> expected<answer> {
    const auto agent = agent_selector(options->agent);
    if (!agent)
      return agent.error();
    service_request request{.operation = "unregister", .body = {}, .doing = "unregistering", .has_request_id = true};
    request.body.add_path("agent", *agent)
        .add_flag("keepManifest", options->keep_manifest)
        .add_flag("everywhere", options->everywhere);
    return ask_service(context, std::move(request), [](json::value done) {
      return "unregistered " + printable(text_of(done, "removed")) + "\n" + note_lines(done);
    });
  });
}

void add_heartbeat(command_line& line) {
  auto* command = line.add(line.root(), "heartbeat", "Stamps that an agent was seen now",
                           "muster heartbeat atlas --event response_complete");
  auto options = std::make_shared<two_words>();
  command->add_option("AGENT", options->agent, agent_argument)->required();
  command->add_option("--event", options->other, "What it was seen doing");
  command_line::bind(line, command, [options](command_context& context) -> expected<answer> {
    const auto agent = agent_selector(options->agent);
    if (!agent)
      return agent.error();
    service_request request{.operation = "heartbeat", .body = {}, .doing = "stamping"};
    request.body.add_path("agent", *agent).add_text("event", options->other);
    return ask_service(context, std::move(request), [](json::value stamped) {
      return printable(text_of(stamped, "id")) + " was seen at " + printable(text_of(stamped, "lastSeenAt")) + "\n";
    });
  });
}

} // namespace

void add_agent_commands(command_line& line) {
  add_register(line);
  add_update(line);
  add_revert(line);
  add_move(line);
  add_unregister(line);
  add_heartbeat(line);
}

} // namespace muster
