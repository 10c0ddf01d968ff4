#include "muster/runner/command_line.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/runner/user_path.hpp"
#include "muster/store/disk_failure.hpp"
#include "muster/store/json_write.hpp"
#include "muster/store/manifest_check.hpp"
#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_meaning.hpp"
#include "muster/store/manifest_probe.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace muster {

namespace {

struct named_manifest {
  std::string path; ///< of the file
  std::string bytes;
};

// The path without empty parts and single dots. Links stay what they are.
std::string without_dots(const std::string& absolute) {
  std::string clean;
  for (std::size_t from = 0; from < absolute.size();) {
    const auto to = std::min(absolute.find('/', from), absolute.size());
    if (const auto part = absolute.substr(from, to - from); !part.empty() && part != ".")
      clean += "/" + part;
    from = to + 1;
  }
  return clean.empty() ? "/" : clean;
}

// A directory stands for the manifest in it, and so does the place of a
// manifest in a project; anything else is a manifest by itself. All are read
// with the same care.
manifest_probe probe(disk& files, const std::string& given, std::string& shown) {
  constexpr std::string_view place = "/.dork/agent.json";
  const manifest_folder_options options;
  const auto typed = without_dots(given);
  if (typed.ends_with(place) && typed.size() > place.size()) {
    shown = typed;
    return probe_manifest(files, options, resolved_path(typed.substr(0, typed.size() - place.size())));
  }
  const auto path = resolved_path(typed);
  const auto status = files.status(no_handle, path, true);
  if (status && status->type == file_type::directory) {
    shown = path + "/.dork/agent.json";
    return probe_manifest(files, options, path);
  }
  const auto slash = typed.rfind('/');
  shown = typed;
  const auto above = slash == 0 ? "/" : typed.substr(0, slash);
  auto parent = files.open(no_handle, above, {.access = open_how::access_mode::path_only, .directory = true});
  if (!parent && (parent.error().code == ENOENT || parent.error().code == ENOTDIR))
    return manifest_absent{parent.error().code};
  if (!parent)
    return manifest_unreadable{disk_failure("open the directory", above, parent.error())};
  const open_file directory(files, *parent);
  return read_manifest_file(files, options, directory.get(), typed.substr(slash + 1), shown, writer_check::no);
}

expected<named_manifest> read_named(command_context& context, const std::string& argument) {
  const auto path = absolute_path(argument);
  if (!path)
    return path.error();
  named_manifest result;
  auto found = probe(context.env.files, *path, result.path);
  if (auto* present = std::get_if<manifest_present>(&found)) {
    result.bytes = std::move(present->bytes);
    return result;
  }
  if (auto* unreadable = std::get_if<manifest_unreadable>(&found))
    return std::move(unreadable->why);
  return failure{failure_kind::not_found, "manifest-absent",
                 "there is no manifest at " + result.path + "; name a project directory that has one", result.path};
}

std::string problem_line(const std::string& file, const manifest_problem& problem, std::string_view kind) {
  auto line =
      printable(file) + ":" + std::to_string(problem.where.line) + ":" + std::to_string(problem.where.column) + ": ";
  line += kind;
  if (!problem.path.empty())
    line += printable(problem.path) + ": ";
  return line + printable(problem.message) + " [" + std::string(problem.code) + "]\n";
}

std::string problem_json(const manifest_problem& problem) {
  return "{\"path\":" + json_text(problem.path) + ",\"line\":" + std::to_string(problem.where.line) +
         ",\"column\":" + std::to_string(problem.where.column) + ",\"code\":" + json_text(problem.code) +
         ",\"message\":" + json_text(problem.message) + "}";
}

std::string problems_json(const std::vector<manifest_problem>& problems) {
  std::string out = "[";
  for (const auto& problem : problems)
    out += (out.size() > 1 ? "," : "") + problem_json(problem);
  return out + "]";
}

answer describe(const std::string& file, const manifest_report& report) {
  answer result;
  for (const auto& problem : report.problems)
    result.text += problem_line(file, problem, "");
  for (const auto& degraded : report.degraded)
    result.text += problem_line(file, degraded, "counts as absent: ");
  if (report.count == 0)
    result.text += printable(file) + ": valid\n";
  else
    result.text += std::to_string(report.count) + (report.count == 1 ? " problem" : " problems") +
                   (report.count > report.problems.size() ? ", the first of them above\n" : "\n");
  result.json = std::string("{\"ok\":") + (report.count == 0 ? "true" : "false") + ",\"path\":" + json_text(file) +
                ",\"count\":" + std::to_string(report.count) + ",\"problems\":" + problems_json(report.problems) +
                ",\"degraded\":" + problems_json(report.degraded) + "}\n";
  result.exit = report.count == 0 ? 0 : exit_code(failure_kind::refused);
  return result;
}

expected<answer> check(command_context& context, const std::string& argument) {
  auto manifest = read_named(context, argument);
  if (!manifest)
    return manifest.error();
  return describe(manifest->path, check_manifest(std::move(manifest->bytes)));
}

struct show_options {
  std::string path;
  bool canonical = false;
  bool hash = false;
};

answer show_document(const show_options& options, const std::string& file, const manifest_document& manifest) {
  const auto hash_of_file = to_hex(file_hash(manifest.bytes()));
  const auto hash_of_content = to_hex(content_hash(manifest.document()));
  answer result;
  if (options.hash)
    result.text = "file    " + hash_of_file + "\ncontent " + hash_of_content + "\n";
  else if (options.canonical)
    result.text = manifest_meaning(manifest.document()) + "\n";
  else
    result.text = manifest.bytes();
  result.text_is_json = !options.hash;
  result.json = "{\"path\":" + json_text(file) + ",\"fileHash\":" + json_text(hash_of_file) +
                ",\"contentHash\":" + json_text(hash_of_content);
  if (!options.hash)
    result.json += ",\"agent\":" + printable_json(options.canonical ? manifest_meaning(manifest.document())
                                                                    : json::canonical(manifest.document().root()));
  result.json += "}\n";
  for (const auto& degraded : manifest.degraded())
    result.notes += problem_line(file, degraded, "counts as absent: ");
  return result;
}

expected<answer> show(command_context& context, const show_options& options) {
  auto named = read_named(context, options.path);
  if (!named)
    return named.error();
  const auto manifest = manifest_document::read(std::move(named->bytes));
  if (!manifest) {
    failure why = manifest.error();
    why.path = named->path;
    why.message += "; see 'muster manifest check " + options.path + "'";
    return why;
  }
  return show_document(options, named->path, *manifest);
}

} // namespace

void add_manifest_commands(command_line& line) {
  auto* group =
      line.add(line.root(), "manifest", "Looks at a manifest by itself", "muster manifest check ~/projects/atlas");
  group->require_subcommand(1);

  auto* checking = line.add(group, "check", "Lists every problem of a manifest; exit code 4 where there are any",
                            "muster manifest check ~/projects/atlas");
  auto checked = std::make_shared<std::string>();
  checking->add_option("PATH", *checked, "A project directory, or a manifest file")->required();
  command_line::bind(line, checking, [checked](command_context& context) { return check(context, *checked); });

  auto* showing = line.add(group, "show", "Shows a valid manifest as it is, in canonical form, or its hashes",
                           "muster manifest show ~/projects/atlas --hash");
  auto options = std::make_shared<show_options>();
  showing->add_option("PATH", options->path, "A project directory, or a manifest file")->required();
  auto* canonical = showing->add_flag("--canonical", options->canonical,
                                      "Its meaning in one spelling: members sorted, defaults filled in");
  showing->add_flag("--hash", options->hash, "SHA-256 of the bytes (file) and of the meaning (content)")
      ->excludes(canonical);
  command_line::bind(line, showing, [options](command_context& context) { return show(context, *options); });
}

} // namespace muster
