#include "muster/runner/command_line.hpp"

namespace muster {

void add_all_commands(command_line& line) {
  add_data_commands(line);
  add_agent_commands(line);
  add_denial_commands(line);
  add_list_command(line);
  add_show_command(line);
  add_status_command(line);
  add_sweep_command(line);
  add_log_command(line);
  add_doctor_command(line);
  add_serve_command(line);
  add_config_commands(line);
  add_manifest_commands(line);
  add_completion_command(line);
  add_version_commands(line);
}

} // namespace muster
