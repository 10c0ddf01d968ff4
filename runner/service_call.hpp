#pragma once

#include "muster/runner/command_line.hpp"
#include "muster/runner/documents.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace muster {

/// What a command asks of a service (docs/api.md).
struct service_request {
  std::string_view operation;
  request_document body;
  /// What people are told it does while they wait, such as "registering".
  std::string_view doing;
  /// It takes a request id. Without one from the caller one is minted, so that
  /// an unknown outcome can be asked for again.
  bool has_request_id = false;
};

/// Makes readable text of a document that answers. Whatever it takes from the
/// document it makes safe for a terminal.
using renderer = std::function<std::string(json::value)>;

/// What a service said: a document that is an object, and notes for people.
struct service_answer {
  json::document document;
  std::string notes;
};

/// Reaches the service and asks.
[[nodiscard]] expected<service_answer> call_service(command_context& context, service_request request);

/// The document itself for `--json`, readable text of it otherwise.
[[nodiscard]] answer as_answer(const command_context& context, const service_answer& said, const renderer& text);

/// Both.
[[nodiscard]] expected<answer> ask_service(command_context& context, service_request request, const renderer& text);

/// For what also works without a service, so that it works on a directory that
/// no runtime would start on: does `alone`, which opens the data directory, and
/// asks the service only where somebody else holds it.
[[nodiscard]] expected<answer> alone_or_service(command_context& context,
                                                const std::function<expected<answer>()>& alone,
                                                const std::function<expected<answer>()>& ask);

/// An agent as somebody typed it, as a request carries it: what contains `/` or
/// starts with `.` or `~` is a path and made absolute.
[[nodiscard]] expected<std::string> agent_selector(const std::string& typed);

/// A path as somebody typed it, absolute and without dots; links are left to the
/// muster, unless dots stand behind one.
[[nodiscard]] expected<std::string> spelled_path(const std::string& typed);

/// A path as somebody typed it, absolute, without dots, and without links as far
/// as it exists.
[[nodiscard]] expected<std::string> project_path(const std::string& typed);

} // namespace muster
