#pragma once

#include "muster/runner/answer.hpp"
#include "muster/store/environment.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace muster {

class service;
struct command_context;

/// How a command reaches the service of its data directory (service.hpp).
using service_door = std::function<expected<std::unique_ptr<service>>(command_context&)>;

/// What every command is given.
struct command_context {
  environment& env;
  answer_style style;
  std::string data_directory; ///< as it was given; empty if it was not and there is no home
  service_door reach = {};
  /// How long a directory is waited for that somebody else holds.
  std::chrono::milliseconds patience = std::chrono::seconds{10};
  bool new_request = false; ///< its id has just been drawn
  /// A thread of ours hangs in a call to the disk: the process ends without
  /// waiting for it, and leaves alone what it may still use.
  bool ends_at_once = false;
};

/// What a parsed command line asks for.
using command_body = std::function<expected<answer>(command_context&)>;

/// The tree of commands. Each group of commands adds itself by one function;
/// the one that the line names leaves its body here.
class command_line {
public:
  /// Commands that need a service go through `reach`.
  explicit command_line(service_door reach);

  /// Adds a command below `parent`. The example is shown by `--help` and must
  /// be a line that works.
  CLI::App* add(CLI::App* parent, const std::string& name, const std::string& does, const std::string& example);
  /// What to run when the line names `command`.
  static void bind(command_line& line, CLI::App* command, command_body body);

  [[nodiscard]] CLI::App* root() noexcept { return &app_; }

  /// What a line comes to, and how it wants to be told.
  struct outcome {
    expected<answer> result;
    answer_style style;
    bool ends_at_once = false; ///< as in `command_context`
  };
  [[nodiscard]] outcome perform(int argc, const char* const* argv, environment& env);

  /// Performs and prints; returns the exit code of the process.
  int run(int argc, const char* const* argv, environment& env);

private:
  /// What somebody wants who typed a line that cannot be parsed.
  [[nodiscard]] answer_style style_of(const std::vector<std::string>& arguments) const;
  /// The answer of a line that cannot be run: help, or what is wrong with it.
  expected<answer> explain(const CLI::ParseError& why);

  CLI::App app_;
  command_body selected_;
  answer_style style_;
  std::string data_directory_;
  std::vector<std::string> help_path_;
  service_door reach_;
};

/// Each adds its commands.
/// What `muster version` answers; with `deps` also of the libraries.
[[nodiscard]] answer tell_version(bool deps);
void add_version_commands(command_line& line);
void add_data_commands(command_line& line);
void add_agent_commands(command_line& line);
void add_denial_commands(command_line& line);
void add_list_command(command_line& line);
void add_show_command(command_line& line);
void add_status_command(command_line& line);
void add_scan_command(command_line& line);
void add_sweep_command(command_line& line);
void add_log_command(command_line& line);
void add_doctor_command(command_line& line);
void add_access_commands(command_line& line);
void add_topology_command(command_line& line);
void add_config_commands(command_line& line);
void add_manifest_commands(command_line& line);
void add_relay_commands(command_line& line);
void add_serve_command(command_line& line);
void add_completion_command(command_line& line);

/// Adds every command there is, in the order of the help.
void add_all_commands(command_line& line);

} // namespace muster
