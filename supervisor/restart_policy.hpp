#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <variant>

namespace muster {

struct restart_options {
  /// Deaths, of whatever child, within `window` that stop the runtime.
  std::size_t deaths = 5;
  std::chrono::nanoseconds window = std::chrono::minutes{1};
  /// The wait before the first restart; it doubles with each death in `window`.
  std::chrono::nanoseconds first_wait = std::chrono::milliseconds{50};
  std::chrono::nanoseconds longest_wait = std::chrono::seconds{5};
};

struct restart_after {
  std::chrono::nanoseconds wait;
};
/// The failure that the runtime stops with.
struct give_up {
  failure why;
};
using restart_decision = std::variant<restart_after, give_up>;

/// Decides what follows on the death of a child. Knows no clock: `now` is any
/// clock that does not go back.
class restart_policy {
public:
  explicit restart_policy(const restart_options& options = {}) : options_(options) {}

  /// `jitter` is drawn evenly from 0 to 2^32 - 1; the wait is between a half
  /// and the whole of what the number of deaths asks for.
  [[nodiscard]] restart_decision died(std::string_view child, std::string_view reason, std::chrono::nanoseconds now,
                                      std::uint32_t jitter);

  /// Deaths that still count at `now`.
  [[nodiscard]] std::size_t recent(std::chrono::nanoseconds now);

private:
  struct death {
    std::chrono::nanoseconds at;
    std::string child;
  };
  restart_options options_;
  std::deque<death> deaths_; ///< within the window, oldest first; `options_.deaths` at most
};

/// Hands out versions for statements to the relay: each newer than all before
/// it, in this life and in earlier ones.
class statement_versions {
public:
  explicit statement_versions(epoch life) : last_{life, 0} {}
  [[nodiscard]] statement_version next() noexcept {
    ++last_.n;
    return last_;
  }

private:
  statement_version last_;
};

} // namespace muster
