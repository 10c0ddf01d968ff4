#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"

#include <algorithm>
#include <optional>

namespace muster {

/// Lets commands of the newest life seen pass, and none of an older one.
class epoch_fence {
public:
  /// Why a command is not obeyed; nothing if it is.
  [[nodiscard]] std::optional<failure> check(epoch life) {
    newest_ = std::max(newest_, life);
    if (life == newest_)
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
