#include "muster/runner/access_text.hpp"
#include "muster/runner/agent_values.hpp"
#include "muster/runner/service_call.hpp"
#include "muster/runner/shown_values.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/text_table.hpp"
#include "muster/runner/topology_picture.hpp"
#include "muster/store/full_io.hpp"
#include "muster/store/real_program.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace muster {

namespace {

constexpr std::size_t widest_cell = 40;
constexpr std::uint32_t picture_mode = 0644;

struct topology_options {
  std::string namespace_name;
  std::string dot, svg; ///< files; "-" is standard output
};

std::string not_empty(const std::string& typed) {
  return typed.empty() ? "a file has a name; - is standard output" : std::string{};
}

std::string namespaces_text(json::value namespaces) {
  std::string text;
  for (const auto each : namespaces) {
    text += (text.empty() ? "" : "\n") + printable(text_of(each, "namespace"), widest_cell) + ", " +
            counted(each.find("agents").size(), "agent") + "\n";
    text_table table({"NAME", "ID", "RUNTIME", "STATUS", "HEALTH", "PATH"}, 2);
    for (const auto agent : each.find("agents"))
      table.add({printable(text_of(agent, "name"), widest_cell), printable(text_of(agent, "id"), widest_cell),
                 printable(text_of(agent, "runtime"), widest_cell), printable(text_of(agent, "status"), widest_cell),
                 printable(text_of(agent, "healthStatus"), widest_cell), shown_path(path_of(agent, "projectPath"))});
    text += table.text();
  }
  return text;
}

std::string topology_text(json::value topology, std::chrono::milliseconds now) {
  auto text = namespaces_text(topology.find("namespaces"));
  if (text.empty())
    text = "no namespace is to be seen\n";
  text += "\nrules\n" + rules_text(topology.find("accessRules"), false, now);
  std::string empty;
  for (const auto name : topology.find("withoutAgents"))
    empty += (empty.empty() ? "" : ", ") + printable(name.as_string(), widest_cell);
  if (!empty.empty())
    text += "rules name namespaces where nobody lives: " + empty + "\n";
  return text;
}

expected<void> write_picture(environment& env, const std::string& typed, const std::string& text) {
  const auto path = project_path(typed);
  if (!path)
    return path.error();
  const auto cannot = [&](const os_error& why) {
    failure result{failure_kind::failed, "picture-unwritable",
                   "the picture could not be written to " + printable(*path)};
    result.path = *path;
    result.system_errno = why.code;
    return result;
  };
  auto file = env.files.open(
      no_handle, *path,
      {.access = open_how::access_mode::read_write, .create = true, .truncate = true, .mode = picture_mode});
  if (!file)
    return cannot(file.error());
  const auto written = write_full(env.files, *file, 0, text);
  const auto closed = env.files.close(*file);
  if (!written)
    return cannot(written.error());
  if (!closed)
    return cannot(closed.error());
  return {};
}

struct drawn_picture {
  std::string text;
  std::string by; ///< for people
};

// Graphviz lays a graph out better than we do, where it is.
drawn_picture draw(const topology_picture& what) {
  if (auto made = run_program({"dot", "-Tsvg"}, dot_of(what)); made && made->find("</svg>") != std::string::npos)
    return {std::move(*made), "dot"};
  return {svg_of(what), "muster"};
}

// A picture goes into a file, or in place of the text; the document stays the document.
expected<void> deliver_picture(command_context& context, const std::string& file, const drawn_picture& picture,
                               answer& into) {
  if (file == "-" && context.style.json)
    return failure{failure_kind::usage, "picture-where",
                   "with --json a picture needs a FILE: --svg FILE or --dot FILE"};
  if (file == "-") {
    into.text = picture.text;
    return {};
  }
  if (auto written = write_picture(context.env, file, picture.text); !written)
    return written;
  if (!context.style.json)
    into.text = "drawn by " + picture.by + " into " + printable(file) + "\n";
  return {};
}

expected<answer> topology(command_context& context, const topology_options& options) {
  service_request request{.operation = "topology", .body = {}, .doing = "reading the topology"};
  request.body.add_text("namespace", options.namespace_name);
  const auto said = call_service(context, std::move(request));
  if (!said)
    return said.error();
  auto result = as_answer(context, *said, [&](json::value answered) {
    return options.dot.empty() && options.svg.empty() ? topology_text(answered, context.env.clock.wall()) : "";
  });
  if (options.dot.empty() && options.svg.empty())
    return result;
  const auto picture = read_picture(said->document.root());
  const bool as_svg = !options.svg.empty();
  if (auto done = deliver_picture(context, as_svg ? options.svg : options.dot,
                                  as_svg ? draw(picture) : drawn_picture{dot_of(picture), "muster"}, result);
      !done)
    return done.error();
  return result;
}

} // namespace

void add_topology_command(command_line& line) {
  auto* command = line.add(line.root(), "topology", "Shows namespaces, their agents and the rules between them",
                           "muster topology --svg topology.svg\n"
                           "What the agents of one namespace may reach: muster topology --namespace lab");
  auto options = std::make_shared<topology_options>();
  command->add_option("--namespace", options->namespace_name,
                      "As this namespace sees it: itself and what it may reach");
  auto* dot = command->add_option("--dot", options->dot, "Writes a graph for Graphviz to FILE; - is standard output");
  auto* svg =
      command->add_option("--svg", options->svg, "Writes a picture to FILE, by Graphviz's dot where that is installed");
  dot->type_name("FILE");
  svg->type_name("FILE")->excludes(dot)->check(not_empty);
  dot->check(not_empty);
  command_line::bind(line, command, [options](command_context& context) { return topology(context, *options); });
}

} // namespace muster
