#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace muster {

/// The newest life that has begun, for workers that a hung call may keep beyond
/// their own.
using newest_life = std::shared_ptr<std::atomic<std::uint64_t>>;

/// What a worker keeps to fence off an earlier life: commands of the newest
/// epoch it has seen or heard of pass, and of a newer one, and none of an older one.
class epoch_fence {
public:
  explicit epoch_fence(newest_life begun = {}) : begun_(std::move(begun)) {}

  [[nodiscard]] bool admits(epoch life) noexcept {
    newest_ = std::max(newest_, life);
    if (begun_)
      newest_ = std::max(newest_, epoch{begun_->load()});
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
  newest_life begun_;
  epoch newest_;
};

} // namespace muster
