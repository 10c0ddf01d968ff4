#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"

#include <algorithm>
#include <optional>

namespace muster {

/// What a worker keeps to fence off an earlier life: commands of the newest
/// epoch it has seen pass, and of a newer one, and none of an older one.
class epoch_fence {
public:
  [[nodiscard]] bool admits(epoch life) noexcept {
    newest_ = std::max(newest_, life);
    return life == newest_;
  }
  [[nodiscard]] epoch newest() const noexcept { return newest_; }

  /// Why a command is not obeyed; nothing if it is.
  [[nodiscard]] std::optional<failure> check(epoch life) {
    if (admits(life))
      return {};
    return failure{failure_kind::refused,
                   "epoch-over",
                   "the command comes from a supervisor that has been replaced; repeat the request",
                   {},
                   "check the epoch"};
  }

private:
  epoch newest_;
};

} // namespace muster
