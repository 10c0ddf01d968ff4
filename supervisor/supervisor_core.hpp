#pragma once

#include "muster/messages/interfaces.hpp"
#include "muster/store/datetime.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/ulid.hpp"
#include "muster/supervisor/change_plan.hpp"
#include "muster/supervisor/claim_desk.hpp"
#include "muster/supervisor/request_ledger.hpp"
#include "muster/supervisor/restart_policy.hpp"
#include "muster/supervisor/saga_runner.hpp"
#include "muster/supervisor/workers.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace muster {

struct supervisor_options {
  settings now;
  std::string relay_prefix = "relay.agent.";
  std::string managed_home;
  std::string user = "muster"; ///< who registers, if a request does not say
  request_id new_request;      ///< nobody asked under it before this life
  bool sweeps = true;          ///< at the start and by the clock
  /// Has the relay hold all that the index says. Without it the relay is told
  /// only of what changes.
  bool asserts_relay = true;
  std::size_t sagas_in_flight = 256;
  /// On a whole request, and on one that looks at everything: a sweep, a rebuild.
  std::chrono::nanoseconds request_limit = std::chrono::seconds{60};
  std::chrono::nanoseconds long_limit = std::chrono::minutes{65};
  /// On a question to a worker. Longer than a hung device takes to be noticed.
  std::chrono::nanoseconds question_limit = std::chrono::seconds{15};
  /// What a start waits for before it takes requests: sagas of an earlier life,
  /// then the relay.
  std::chrono::nanoseconds recovery_limit = std::chrono::seconds{10};
  std::chrono::nanoseconds relay_limit = std::chrono::seconds{5};
  /// A journal that cannot be read is tried again after this.
  std::chrono::nanoseconds journal_pause = std::chrono::seconds{1};
  /// Told once, when what the journal held is taken up or it is clear why not.
  /// Requests that change something then still wait for the relay. Called in the
  /// supervisor; does not block.
  std::function<void(const std::vector<finding>&)> started;
  saga_runner_options sagas;
  restart_options restart;
  request_ledger_options ledger;
};

/// What the parts of one supervisor share.
struct supervisor_core {
  supervisor_core(supervisor_actor::pointer me, const environment& world, epoch this_life, plan_ground on,
                  const supervisor_options& with, const workers& handles, saga_listener& listener)
      : self(me),
        mail(me),
        env(world),
        life(this_life),
        ground(std::move(on)),
        options(with),
        by(handles),
        ids(world.clock, world.random),
        claims({.in_flight = with.sagas_in_flight},
               // Whoever waits may have come while a saga's decisions are carried out.
               [this](const saga_id& saga) { run_behind_mail(self, [this, saga] { sagas.settle(saga); }); }),
        sagas(me, mail, handles, this_life, listener, with.sagas),
        ledger(with.ledger) {}
  supervisor_core(const supervisor_core&) = delete;

  [[nodiscard]] std::chrono::milliseconds now() const { return env.clock.wall(); }
  [[nodiscard]] saga_id new_saga() { return saga_id{ids.next()}; }

  supervisor_actor::pointer self;
  worker_mail mail;
  environment env;
  epoch life;
  plan_ground ground;
  supervisor_options options;
  const workers& by;
  ulid_generator ids;
  claim_desk claims;
  saga_runner sagas;
  request_ledger ledger;
};

/// Asks for a fact. However it ends, nothing was changed, so a worker that says
/// nothing is busy.
template <class Answer, class Handle, class Request, class Then>
void look_up(supervisor_core& core, const Handle& worker, Request&& request, Then then) {
  consult<Answer>(core.self, core.mail, core.options.question_limit, worker, std::forward<Request>(request),
                  [then = std::move(then)](expected<Answer> answer) mutable {
                    if (!answer && answer.error().kind == failure_kind::unknown_outcome) {
                      auto why = answer.error();
                      why.kind = failure_kind::busy;
                      return then(expected<Answer>{std::move(why)});
                    }
                    then(std::move(answer));
                  });
}

} // namespace muster
