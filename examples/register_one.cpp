// Registers one directory: the least that a host does.
//
//   register_one DATA PROJECT     both are absolute paths

#include <chrono>
#include <iostream>

#include <muster/messages/actor_failure.hpp>
#include <muster/store/real_environment.hpp>
#include <muster/supervisor/runtime.hpp>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: register_one DATA PROJECT\n";
    return 2;
  }
  muster::register_message_types(); // before the first actor system
  muster::real_environment machine; // outlives the actor system
  caf::actor_system_config config;
  caf::actor_system system{config};

  muster::runtime_options options;
  options.data_directory = argv[1];
  auto runtime = muster::runtime::start(system, machine.view(), options);
  if (!runtime) {
    std::cerr << runtime.error().message << '\n';
    return muster::exit_code(runtime.error().kind);
  }

  muster::register_agent request;
  request.path = argv[2];
  request.name = "example";
  request.runtime = "claude-code";

  int exit = 0;
  caf::scoped_actor self{system};
  self->request(runtime->handle(), std::chrono::seconds{10}, request)
      .receive(
          [](const muster::agent_placed& placed) {
            std::cout << placed.agent.text << (placed.adopted ? " adopted at " : " registered at ") << placed.path
                      << '\n';
          },
          [&exit](const caf::error& error) {
            const auto why = muster::to_failure(error, "register");
            std::cerr << why.message << '\n';
            exit = muster::exit_code(why.kind);
          });
  return exit;
}
