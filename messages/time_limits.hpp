#pragma once

#include "muster/messages/caf.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace muster {

/// The time limits of one actor behind one timer of the system: a timer for
/// each would cost as much as the message it guards, as most are never reached.
/// A part of the actor's state, used inside of that actor alone.
///
/// 1. What is limited is run, inside the actor, when its limit has passed, in
///    the order of the limits; not at all once it is disposed of.
/// 2. Nothing is run after the actor's end.
class time_limits {
public:
  explicit time_limits(caf::scheduled_actor* self);
  time_limits(const time_limits&) = delete;
  time_limits& operator=(const time_limits&) = delete;
  ~time_limits();

  /// Runs `what` after `limit`.
  [[nodiscard]] caf::disposable after(caf::timespan limit, std::function<void()> what);

  /// Answers that request of the actor with a time-out after `limit`.
  [[nodiscard]] caf::disposable on_answer(caf::timespan limit, caf::message_id response);

private:
  using time_point = caf::actor_clock::time_point;
  class entry;

  caf::disposable add(caf::timespan limit, caf::message_id response, std::function<void()> what);
  void remove(entry& which);
  void arm(time_point when);
  void expire();

  caf::scheduled_actor* self_;
  std::vector<caf::intrusive_ptr<entry>> entries_; ///< in no order
  std::uint64_t last_ = 0;
  std::optional<time_point> armed_;
  caf::disposable timer_;
};

/// As `ask` without them.
template <class Self, class Handle, class... Ts>
[[nodiscard]] auto ask(Self* self, time_limits& limits, caf::timespan limit, const Handle& to, Ts&&... content) {
  auto answer = self->request(to, caf::infinite, std::forward<Ts>(content)...);
  return decltype(answer){self, answer.id(), limits.on_answer(limit, answer.id())};
}

} // namespace muster
