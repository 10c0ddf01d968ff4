#pragma once

#include "muster/runner/api.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

namespace muster {

struct gateway_options {
  std::size_t connections = 64;                      ///< answered at a time; more are told to come back
  std::size_t header_bytes = std::size_t{8} * 1024;  ///< of a request
  std::size_t body_bytes = std::size_t{1024} * 1024; ///< of a request
  std::chrono::milliseconds patience{30'000};        ///< for a whole request to come, and an answer to go
  std::chrono::milliseconds farewell{2'000};         ///< for a client to take a refusal
};

/// The operations over HTTP/1.1 on `muster.sock` of a data directory. One thread
/// serves all connections; it mails requests to actors and is mailed answers.
///
/// Whoever opens it holds the directory's lock, so a socket that is there is
/// stale and replaced.
class gateway {
public:
  /// Answers from when it returns. The system and the environment outlive it.
  [[nodiscard]] static expected<gateway> open(caf::actor_system& system, const environment& env, api_host host,
                                              const gateway_options& options = {});

  gateway(gateway&&) noexcept;
  gateway& operator=(gateway&&) = delete;
  ~gateway();

  /// No more requests are taken and the socket is gone; those under way are
  /// still answered.
  void refuse_new();
  /// Ends when all are answered, or at the deadline without their answers.
  void close(std::chrono::milliseconds deadline);

private:
  struct inside;
  explicit gateway(std::unique_ptr<inside> what);
  std::unique_ptr<inside> inside_;
};

} // namespace muster
