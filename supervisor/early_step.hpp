#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"

#include <optional>
#include <utility>

namespace muster {

/// A step that is asked for before its saga comes to it, while the saga waits for
/// a disk. The answer is kept until the saga has come.
class early_step {
public:
  void asked() noexcept { now_ = state::asked; }

  /// The answer is there. Returns whom to tell, if the saga has come already.
  [[nodiscard]] std::optional<saga_ticket> answered(expected<void> how) {
    if (now_ == state::asked)
      now_ = state::answered;
    answer_ = std::move(how);
    return std::exchange(waits_, {});
  }

  /// The saga has come to the step, for which it was asked. Returns the answer, or
  /// nothing if that is told later.
  [[nodiscard]] std::optional<expected<void>> come(const saga_ticket& by) {
    if (std::exchange(now_, state::used) == state::answered)
      return std::move(answer_);
    waits_ = by;
    return std::nullopt;
  }

  [[nodiscard]] bool was_asked() const noexcept { return now_ != state::none; }
  /// The saga has not come; what was done has to be given back if it never does.
  [[nodiscard]] bool is_unused() const noexcept { return now_ == state::asked || now_ == state::answered; }
  [[nodiscard]] bool has_succeeded() const noexcept { return now_ == state::answered && answer_; }

private:
  enum class state : std::uint8_t { none, asked, answered, used };

  state now_ = state::none;
  expected<void> answer_ = {};
  std::optional<saga_ticket> waits_;
};

} // namespace muster
