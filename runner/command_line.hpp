#pragma once

#include "muster/runner/answer.hpp"
#include "muster/store/environment.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace muster {

/// What every command is given.
struct command_context {
  environment& env;
  answer_style style;
  std::string data_directory; ///< as it was given; empty if it was not and there is no home
};

/// What a parsed command line asks for.
using command_body = std::function<expected<answer>(command_context&)>;

/// The tree of commands. Each group of commands adds itself by one function;
/// the one that the line names leaves its body here.
class command_line {
public:
  command_line();

  /// Adds a command below `parent`. The example is shown by `--help` and must
  /// be a line that works.
  CLI::App* add(CLI::App* parent, const std::string& name, const std::string& does, const std::string& example);
  /// What to run when the line names `command`.
  static void bind(command_line& line, CLI::App* command, command_body body);

  [[nodiscard]] CLI::App* root() noexcept { return &app_; }

  /// Parses and runs; returns the exit code of the process.
  int run(int argc, const char* const* argv, environment& env);

private:
  /// The answer of a line that cannot be run: help, or what is wrong with it.
  expected<answer> explain(const CLI::ParseError& why);

  CLI::App app_;
  command_body selected_;
  answer_style style_;
  std::string data_directory_;
  std::vector<std::string> help_path_;
};

/// Each adds its commands.
void add_version_commands(command_line& line);
void add_data_commands(command_line& line);
void add_log_command(command_line& line);
void add_doctor_command(command_line& line);
void add_manifest_commands(command_line& line);
void add_serve_command(command_line& line);

} // namespace muster
