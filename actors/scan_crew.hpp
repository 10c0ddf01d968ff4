#pragma once

#include "muster/messages/interfaces.hpp"
#include "muster/store/scan_walk.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster {

struct scan_crew_options {
  std::size_t workers = 2;
  /// Batches that a worker has at hand, one of them at work.
  std::size_t batches_ahead = 4;
  /// A directory that takes longer, without a single call that returns, is given
  /// up on; and so many workers are left behind in one scan before it ends.
  std::chrono::nanoseconds hang_limit = std::chrono::seconds{5};
  std::size_t left_behind = 8;
  /// On one batch. Never reached: who hangs is given up long before.
  std::chrono::nanoseconds batch_limit = std::chrono::minutes{20};
};

/// The workers of one walk: keeps all of them at work until nothing waits.
///
/// 1. A worker that hangs is left behind, with one directory; another takes over,
///    and what else it had at hand waits again.
/// 2. After `dismiss` nothing is asked and nothing is told to the walk.
class scan_crew : public std::enable_shared_from_this<scan_crew> {
public:
  /// `walk` outlives the work. `hire` starts a worker, `over` is called once, when
  /// nothing waits any more or too many hang.
  scan_crew(scanner_actor::pointer self, const scan_crew_options& options, std::function<scan_worker_actor()> hire,
            scan_walk& walk, std::function<void()> over)
      : self_(self), options_(options), hire_(std::move(hire)), walk_(walk), over_(std::move(over)) {}

  void start();
  /// Who hangs ends when it comes back.
  void dismiss();

private:
  struct hand {
    scan_worker_actor worker;
    std::shared_ptr<scan_pulse> pulse = std::make_shared<scan_pulse>();
    std::set<std::uint64_t> batches;
    std::uint64_t steps = 0; ///< as they were seen last
    caf::actor_clock::time_point moved;
    bool left = false; ///< behind
  };
  using hand_ptr = std::shared_ptr<hand>;

  [[nodiscard]] bool is_over() const noexcept { return !over_; }
  void add_hand();
  void hand_out();
  void give(const hand_ptr& to, list_directories batch);
  void watch_hands();
  void look_at(const hand_ptr& which);
  void leave_behind(const hand_ptr& which, std::uint64_t batch, const std::string& why);
  void end();

  scanner_actor::pointer self_;
  scan_crew_options options_;
  std::function<scan_worker_actor()> hire_;
  scan_walk& walk_;
  std::function<void()> over_;
  caf::disposable watch_;
  std::vector<hand_ptr> hands_;
  std::size_t left_behind_ = 0;
};

} // namespace muster
