#pragma once

#include "muster/messages/actor_failure.hpp"
#include "muster/messages/caf.hpp"
#include "muster/messages/failure.hpp"

#include <memory>
#include <string>
#include <utility>

namespace muster {

/// Asks for somebody whose work may be over before there is an answer. `then`
/// takes the answer, or the failure with `step` in it, as an `expected`; it is
/// not called once `asker->is_over()`, and what it refers to of the asker is
/// there until then.
template <class Answer, class Asker, class Self, class Handle, class Request, class Then>
void ask_unless_over(std::shared_ptr<Asker> asker, Self* self, caf::timespan limit, std::string step,
                     const Handle& whom, Request request, Then then) {
  if (asker->is_over())
    return;
  ask(self, limit, whom, std::move(request))
      .then(
          [asker, then](Answer& answer) mutable {
            if (!asker->is_over())
              then(expected<Answer>{boost::system::in_place_value, std::move(answer)});
          },
          [asker, then, step = std::move(step)](const caf::error& why) mutable {
            if (!asker->is_over())
              then(expected<Answer>{boost::system::in_place_error, to_failure(why, step)});
          });
}

} // namespace muster
