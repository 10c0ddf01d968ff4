#pragma once

#include "muster/messages/interfaces.hpp"
#include "muster/runner/config_keeper.hpp"
#include "muster/store/json.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

/// How a muster is asked by documents: one table of operations, one decoder, one
/// encoder, whoever asks (docs/api.md).
namespace muster {

/// What the operations work on.
struct api_host {
  muster_actor muster;
  std::string data_directory; ///< absolute
  std::shared_ptr<config_keeper> config;
  /// What the settings of config.json are here: a command sweeps never, options
  /// of a daemon outdo the file.
  std::function<void(settings&)> adjust = [](settings&) {};
  io_threads threads = io_threads::own;
};

/// Called exactly once, on a thread of the actor system: passes the answer on and
/// does nothing else.
using answer_callback = std::function<void(expected<std::string>)>;

class operation_call;

/// A row of the table.
struct operation {
  std::string_view name;
  bool changes = false; ///< an answer that is lost leaves it unknown
  bool on_disk = false; ///< works on files itself, so on a thread of its own
  std::chrono::seconds limit{0};
  void (*begin)(operation_call& call, const json::value& request) = nullptr;
};

/// All of them, sorted by name.
[[nodiscard]] std::span<const operation> operations() noexcept;
/// Null for an unknown name.
[[nodiscard]] const operation* find_operation(std::string_view name) noexcept;
/// Of usage ("no-such-operation").
[[nodiscard]] failure no_such_operation(std::string_view name);

/// Asks. An answer in time, or a failure: of kind unknown_outcome if the time
/// ran out.
void call_operation(caf::actor_system& system, const api_host& host, const operation& what, std::string request,
                    answer_callback done);

/// The same, and waits for the answer. Not from within an actor.
[[nodiscard]] expected<std::string> call_and_wait(caf::actor_system& system, const api_host& host,
                                                  std::string_view name, std::string request);

} // namespace muster
