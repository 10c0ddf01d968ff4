#include "muster/runner/command_line.hpp"
#include "muster/runner/service.hpp"
#include "muster/store/real_environment.hpp"

#include <csignal>

int main(int argc, char** argv) {
  // A closed pipe and a file size limit are errors of a call, not our end.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  muster::real_environment world;
  muster::command_line line(muster::reach_service);
  muster::add_all_commands(line);
  auto env = world.view();
  return line.run(argc, argv, env);
}
