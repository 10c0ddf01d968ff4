#pragma once

#include "muster/messages/relay_messages.hpp"
#include "muster/supervisor/workers.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <vector>

namespace muster {

/// Folds that the index did not make while their sagas lasted. Each is asked for
/// again, `attempts` times, with a pause that doubles; after that the next commit,
/// or a start, brings it.
class late_folds {
public:
  struct options {
    unsigned attempts = 8;
    std::chrono::nanoseconds pause = std::chrono::seconds{1};
  };

  /// `limit` on each request.
  late_folds(supervisor_actor::pointer self, worker_mail& mail, const workers& by, std::chrono::nanoseconds limit,
             const options& how)
      : self_(self), mail_(mail), by_(by), limit_(limit), options_(how) {}

  /// `brings`: the endpoint that is stated for it.
  void add(fold_commit what, std::optional<endpoint_under_way> brings);

  /// Those that are stated for folds not made yet.
  [[nodiscard]] std::vector<endpoint_under_way> endpoints() const;

private:
  void ask(fold_commit what, unsigned attempt);

  supervisor_actor::pointer self_;
  worker_mail& mail_;
  const workers& by_;
  std::chrono::nanoseconds limit_;
  options options_;
  std::map<saga_id, endpoint_under_way> endpoints_;
};

} // namespace muster
