#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace muster {

/// A step that many take together, so that they share what it costs: whoever has
/// come to it waits for those who are on the way. How long is for the owner to
/// bound.
class rendezvous {
public:
  using step = std::function<void()>;

  /// One more is on the way. It comes, or it stays away, once.
  void set_out() noexcept { ++coming_; }
  void come(step next) {
    stay_away();
    waiting_.push_back(std::move(next));
  }
  void stay_away() noexcept {
    assert(coming_ > 0);
    --coming_;
  }

  [[nodiscard]] bool is_complete() const noexcept { return coming_ == 0; }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }
  /// Tells the groups apart.
  [[nodiscard]] std::uint64_t group() const noexcept { return group_; }

  /// The steps of all who wait, in the order in which they came. Who comes later is
  /// of the next group.
  [[nodiscard]] std::vector<step> part() {
    ++group_;
    return std::exchange(waiting_, {});
  }

private:
  std::size_t coming_ = 0;
  std::uint64_t group_ = 0;
  std::vector<step> waiting_;
};

} // namespace muster
