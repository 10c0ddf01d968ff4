#pragma once

#include "muster/supervisor/supervisor_core.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace muster {

/// Has the relay hold what the index says, all of it and nothing else of ours:
/// at a start, at each sweep, and whenever its bridge may have forgotten. Does
/// nothing where there is no relay, or the options say that it is not asserted.
class relay_assertion {
public:
  explicit relay_assertion(supervisor_core& core) : core_(core) {}

  /// `then`, which may be empty, is called once it holds or has failed.
  void run(std::function<void()> then = {});

  /// Calls `then` when the relay holds what the index says, at the first time of
  /// this life, or why it does not; whatever the options say.
  void when_held(const std::function<void(const expected<void>&)>& then);

  /// One is under way whose answer may be waited for. An answer can be lost, so
  /// that is so for a short time only; several at once do no harm.
  [[nodiscard]] bool is_at_work() const;
  /// Why it does not hold, as far as is known.
  [[nodiscard]] const std::optional<failure>& problem() const noexcept { return problem_; }
  /// A statement could not be made.
  void left_behind(const failure& why) { problem_ = why; }

private:
  void start(std::function<void()> then);
  void compare(std::uint64_t run, compare_relay desired, std::function<void()> then);
  void conclude(std::uint64_t run, std::optional<failure> problem);

  supervisor_core& core_;
  std::size_t at_work_ = 0;
  std::uint64_t runs_ = 0;
  std::uint64_t concluded_ = 0;        ///< the latest of them
  caf::actor_clock::time_point began_; ///< the latest
  std::optional<failure> problem_;
  bool held_ = false; ///< once
  int overtaken_ = 0; ///< comparisons in turn
};

} // namespace muster
