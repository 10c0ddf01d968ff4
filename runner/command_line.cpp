#include "muster/runner/command_line.hpp"

#include "muster/runner/terminal_text.hpp"
#include "muster/store/closest_name.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace muster {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// $MUSTER_DATA, else below $XDG_STATE_HOME, else below the home directory.
std::string default_data_directory() {
  if (auto chosen = variable("MUSTER_DATA"); !chosen.empty())
    return chosen;
  // A relative XDG directory is to be ignored by that specification.
  if (auto state = variable("XDG_STATE_HOME"); state.starts_with('/'))
    return state + "/muster";
  if (auto home = variable("HOME"); home.starts_with('/'))
    return home + "/.local/state/muster";
  return "";
}

const CLI::App* child(const CLI::App& app, const std::string& name) {
  for (const auto* command : app.get_subcommands({}))
    if (command->get_name() == name)
      return command;
  return nullptr;
}

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands({}))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* level = &app; level; level = level->get_parent())
    for (const auto* option : level->get_options())
      for (const auto& name : option->get_lnames())
        names.push_back("--" + name);
  return names;
}

CLI::App* deepest(CLI::App* app) {
  while (!app->get_subcommands().empty())
    app = app->get_subcommands().front();
  return app;
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() ? full_name(*app.get_parent()) + " " + app.get_name() : "muster";
}

// App::help() would hand over to whatever command the line named.
std::string help_of(const CLI::App& app) {
  return app.get_formatter()->make_help(&app, full_name(app), CLI::AppFormatMode::Normal);
}

answer show_help(const CLI::App& app) {
  auto text = help_of(app);
  auto json = "{\"help\":" + json_text(text) + "}\n";
  return {std::move(text), std::move(json)};
}

failure usage(std::string message) {
  return {failure_kind::usage, "usage", std::move(message)};
}

std::string suggestion(const std::string& typed, const std::vector<std::string>& known) {
  const auto near = closest_name(typed, known);
  return near.empty() ? "" : "; did you mean '" + near + "'";
}

// As the parser wants them: from the last to the first. It would take the next
// argument for the value of `--name=`, so an empty value becomes an argument.
std::vector<std::string> reversed_arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  bool options = true;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    options = options && argument != "--";
    const bool says_nothing = options && argument.starts_with("--") && argument.find('=') == argument.size() - 1;
    if (says_nothing)
      argument.pop_back();
    arguments.push_back(std::move(argument));
    if (says_nothing)
      arguments.emplace_back();
  }
  std::ranges::reverse(arguments);
  return arguments;
}

} // namespace

command_line::command_line(service_door reach)
    : app_("muster keeps one true roster of the agents on your machines.", "muster"), reach_(std::move(reach)) {
  app_.require_subcommand(1);
  app_.fallthrough();
  app_.set_help_flag("-h,--help", "Show help and end");
  app_.set_version_flag("--version", std::string{}, "Show the version and end");
  app_.add_option("--data", data_directory_,
                  "The data directory (else $MUSTER_DATA, $XDG_STATE_HOME/muster, ~/.local/state/muster)");
  app_.add_flag("--json", style_.json, "Answer with one JSON document on standard output");
  app_.add_flag("--quiet", style_.quiet, "No notes on standard error");
  app_.add_flag("-v,--verbose", style_.verbose, "Say more about what went wrong");
  app_.add_option("--request-id", style_.request_id, "Names a change, so that a repetition of it has the same result");
  app_.footer("Help on a command: muster help COMMAND\nExample: muster manifest check ~/projects/atlas");

  auto* help = add(&app_, "help", "Shows the help of a command", "muster help manifest check");
  help->add_option("COMMAND", help_path_, "The command, word by word");
  bind(*this, help, [this](command_context&) -> expected<answer> {
    const CLI::App* target = &app_;
    for (const auto& word : help_path_) {
      const auto* next = child(*target, word);
      if (!next)
        return usage("there is no command '" + printable(word) + "' in '" + full_name(*target) + "'" +
                     suggestion(word, names_of(*target)) + "; try muster help");
      target = next;
    }
    return show_help(*target);
  });
}

CLI::App* command_line::add(CLI::App* parent, const std::string& name, const std::string& does,
                            const std::string& example) {
  auto* command = parent->add_subcommand(name, does);
  command->footer("Example: " + example);
  return command;
}

void command_line::bind(command_line& line, CLI::App* command, command_body body) {
  command->callback([&line, body = std::move(body)] { line.selected_ = body; });
}

expected<answer> command_line::explain(const CLI::ParseError& why) {
  const CLI::App* at = deepest(&app_);
  if (why.get_name() == "CallForVersion")
    return tell_version(false);
  if (why.get_exit_code() == 0)
    return show_help(*at);
  std::string message = at->get_parent() ? at->get_name() + ": " : "";
  const auto leftover = app_.remaining(true);
  if (!leftover.empty()) {
    const auto typed = leftover.front().substr(0, leftover.front().find('='));
    const bool is_option = typed.starts_with("-");
    const auto known = is_option ? options_of(*at) : names_of(*at);
    const bool is_too_late = is_option && std::ranges::count(known, typed) > 0;
    message += is_too_late     ? "what follows '--' is no option: '"
               : is_option     ? "there is no option '"
               : known.empty() ? "one argument too many: '"
                               : "there is no command '";
    message += printable(typed) + "'" + (is_too_late ? std::string() : suggestion(typed, known));
  } else if (why.get_name() == "RequiredError" && !at->get_subcommands({}).empty()) {
    message += "no command was given";
  } else {
    message += printable(why.what());
  }
  return usage(message + "; see '" + full_name(*at) + " --help'");
}

answer_style command_line::style_of(const std::vector<std::string>& arguments) const {
  // A line that does not parse leaves some options unread.
  auto style = style_;
  for (auto argument = arguments.rbegin(); argument != arguments.rend() && *argument != "--"; ++argument)
    style.json = style.json || *argument == "--json";
  return style;
}

command_line::outcome command_line::perform(int argc, const char* const* argv, environment& env) {
  const auto arguments = reversed_arguments(argc, argv);
  try {
    auto parsed = arguments; // which the parser takes apart
    app_.parse(parsed);
  } catch (const CLI::ParseError& why) {
    return {explain(why), style_of(arguments)};
  }
  const auto named = [this](const char* option) { return app_.get_option(option)->count() > 0; };
  if (named("--data") && data_directory_.empty())
    return {usage("--data names no directory: its value is empty"), style_};
  if (named("--request-id") && style_.request_id.empty())
    return {usage("--request-id is empty; leave it out, and one is made"), style_};
  command_context context{env, style_, named("--data") ? data_directory_ : default_data_directory(), reach_};
  auto result = selected_ ? selected_(context) : usage("nothing to do; see 'muster --help'");
  // An option without a value may have taken `--json` for it.
  if (!result)
    context.style.json = style_of(arguments).json;
  return {std::move(result), context.style, context.ends_at_once};
}

int command_line::run(int argc, const char* const* argv, environment& env) {
  const auto done = perform(argc, argv, env);
  const int code = deliver(done.result, done.style);
  if (done.ends_at_once) {
    (void)std::fflush(nullptr);
    std::quick_exit(code);
  }
  return code;
}

} // namespace muster
