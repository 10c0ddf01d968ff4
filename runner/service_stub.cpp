#include "muster/runner/data_session.hpp"
#include "muster/runner/service.hpp"

namespace muster {

expected<std::unique_ptr<service>> reach_service(command_context& context) {
  if (const auto opened = open_when_free(context, data_directory::presence::create); !opened)
    return opened.error();
  return failure{failure_kind::unreachable, "no-service", "this build has no runtime to ask"};
}

} // namespace muster
