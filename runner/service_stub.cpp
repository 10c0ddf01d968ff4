#include "muster/runner/service.hpp"

namespace muster {

expected<std::unique_ptr<service>> reach_service(command_context&) {
  return failure{failure_kind::unreachable, "no-service", "nothing serves here yet"};
}

} // namespace muster
