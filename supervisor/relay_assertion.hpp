#pragma once

#include "muster/supervisor/supervisor_core.hpp"

#include <cstddef>
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

  [[nodiscard]] bool is_at_work() const noexcept { return at_work_ > 0; }
  /// Why it does not hold, as far as is known.
  [[nodiscard]] const std::optional<failure>& problem() const noexcept { return problem_; }
  /// A statement could not be made.
  void left_behind(const failure& why) { problem_ = why; }

private:
  void compare(statement_version version, endpoints_listed desired, std::function<void()> then);

  supervisor_core& core_;
  std::size_t at_work_ = 0;
  std::optional<failure> problem_;
};

} // namespace muster
