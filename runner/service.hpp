#pragma once

#include "muster/messages/failure.hpp"
#include "muster/runner/command_line.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// Where commands take their requests: a runtime in this process, or the daemon
/// that holds the data directory. Both answer the same operations with the same
/// documents (docs/api.md); a failure keeps its kind, code and step.
class service {
public:
  virtual ~service() = default;

  /// One operation, such as "register", with its request as a JSON object. May be
  /// called from several threads at once.
  [[nodiscard]] virtual expected<std::string> call(std::string_view operation, std::string_view request) = 0;
  /// What people should know beside the answers, a sentence each.
  [[nodiscard]] virtual std::vector<std::string> notes() const = 0;
};

/// The service of the data directory that the command line names. With nobody
/// holding the directory that is a runtime in this process, which does not
/// sweep; with a daemon it is the daemon; a one-shot command is waited for,
/// as long as the context is patient (busy, "data-held").
[[nodiscard]] expected<std::unique_ptr<service>> reach_service(command_context& context);

} // namespace muster
