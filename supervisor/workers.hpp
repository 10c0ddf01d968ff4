#pragma once

#include "muster/messages/actor_failure.hpp"
#include "muster/messages/gathered_mail.hpp"
#include "muster/messages/interfaces.hpp"
#include "muster/messages/time_limits.hpp"

#include <concepts>
#include <memory>
#include <string_view>
#include <utility>

namespace muster {

/// The actors that work for a supervisor; a handle is empty while its actor is
/// being started again.
struct workers {
  journal_keeper_actor journal;
  file_store_actor files;
  feed_store_actor feed;
  index_actor index;
  relay_bridge_actor bridge;
  reconciler_actor reconciler;
  scanner_actor scanner;
  relay_actor relay;      ///< outlives the supervisor
  event_hub_actor events; ///< likewise; there may be none
};

/// A supervisor's mail to its workers. All that is for one of them goes one way,
/// so that it comes in its order.
struct worker_mail {
  explicit worker_mail(caf::scheduled_actor* self) : limits(self), gathered(self) {}

  time_limits limits;     ///< on all that is asked, and on what is answered
  gathered_mail gathered; ///< for those who block
};

/// Workers that block run on threads of their own.
template <class Handle>
concept blocking_worker = std::same_as<Handle, journal_keeper_actor> || std::same_as<Handle, feed_store_actor> ||
    std::same_as<Handle, index_actor>;

/// The code of "there was no answer in time".
inline constexpr std::string_view worker_silent = "worker-silent";

/// Why a worker gave no answer. One that is being started again has not been
/// asked, so nothing was done.
[[nodiscard]] failure no_answer(const caf::error& why, bool was_there);

/// Asks a worker and goes on with its answer or the failure, later, in `self`.
template <class Answer, class Self, class Handle, class Request, class Then>
void consult(Self* self, worker_mail& mail, caf::timespan limit, const Handle& worker, Request&& request, Then then) {
  const bool was_there = static_cast<bool>(worker);
  // CAF copies its handlers.
  const auto kept = std::make_shared<Then>(std::move(then));
  auto asked = [&] {
    if constexpr (blocking_worker<Handle>)
      return ask(self, mail.limits, mail.gathered, limit, worker, std::forward<Request>(request));
    else
      return ask(self, mail.limits, limit, worker, std::forward<Request>(request));
  }();
  asked.then(
      [kept](Answer& answer) {
        (*kept)(expected<Answer>{boost::system::in_place_value, std::move(answer)});
      },
      [kept, was_there](const caf::error& why) {
        (*kept)(expected<Answer>{boost::system::in_place_error, no_answer(why, was_there)});
      });
}

} // namespace muster
