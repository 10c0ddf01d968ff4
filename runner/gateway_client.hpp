#pragma once

#include "muster/runner/service.hpp"
#include "muster/store/environment.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace muster {

/// The daemon of a data directory, asked over its socket: a connection for each
/// call, so that a lost one says something about that call alone. Fails with
/// unreachable "no-daemon" if nobody listens there. A call is given up as soon as
/// `gives_up`, a descriptor that outlives the service, is readable.
[[nodiscard]] expected<std::unique_ptr<service>> dial_daemon(const environment& env, const std::string& data_directory,
                                                             int gives_up = -1);

} // namespace muster
