#pragma once

/// The only header of ours that includes CAF's. Everything that may differ in
/// another CAF, or that has a trap, is used through it.

#include <caf/all.hpp>

#include <utility>

namespace muster {

/// Sends without wanting an answer. Only to handlers that answer nothing and
/// cannot fail: an error that nobody asked for ends the sender.
template <class Self, class Handle, class... Ts>
void tell(Self* self, const Handle& to, Ts&&... content) {
  self->send(to, std::forward<Ts>(content)...);
}

/// The same from outside of any actor.
template <class Handle, class... Ts>
void tell_from_outside(const Handle& to, Ts&&... content) {
  caf::anon_send(to, std::forward<Ts>(content)...);
}

/// Sends and wants an answer within `limit`; finish with `.then(on_answer,
/// on_error)`. The limit passing says nothing about what happened.
template <class Self, class Handle, class... Ts>
[[nodiscard]] auto ask(Self* self, caf::timespan limit, const Handle& to, Ts&&... content) {
  return self->request(to, limit, std::forward<Ts>(content)...);
}

/// Hands the request at hand over to another actor, which answers the caller.
template <class Self, class Handle, class... Ts>
[[nodiscard]] auto hand_over(Self* self, const Handle& to, Ts&&... content) {
  return self->delegate(to, std::forward<Ts>(content)...);
}

/// Runs `what()` inside an actor, from anywhere; nothing if it has ended.
template <class What>
void run_inside(const caf::weak_actor_ptr& where, What what) {
  if (auto actor = caf::actor_cast<caf::strong_actor_ptr>(where))
    actor->enqueue(nullptr, caf::make_message_id(), caf::make_message(caf::make_action(std::move(what))), nullptr);
}

/// A handle of an actor that does not keep it.
template <class Self>
[[nodiscard]] caf::weak_actor_ptr weakly(Self* self) {
  return caf::actor_cast<caf::weak_actor_ptr>(self->ctrl());
}

/// Runs `then(const caf::error&)` inside `self` when `watched` has ended.
template <class Self, class Handle, class Then>
void watch(Self* self, const Handle& watched, Then then) {
  caf::actor_cast<caf::abstract_actor*>(watched)->attach_functor(
      [weak = weakly(self), then = std::move(then)](const caf::error& why) {
        run_inside(weak, [then, why]() mutable { then(why); });
      });
}

/// Keeps `what` until `which` has ended and let go of all it had.
template <class Handle, class What>
void keep_for(const Handle& which, What what) {
  caf::actor_cast<caf::abstract_actor*>(which)->attach_functor(
      [what = std::move(what)](const caf::error&) { (void)what; });
}

/// Runs `then(const caf::error&)` when `watched` has ended, on whatever thread
/// that happens; it does no more than wake somebody.
template <class Handle, class Then>
void watch_from_outside(const Handle& watched, Then then) {
  caf::actor_cast<caf::abstract_actor*>(watched)->attach_functor(std::move(then));
}

/// Runs `then()` inside `self` behind all mail that is there now: the end of a
/// backlog.
template <class Self, class Then>
void run_behind_mail(Self* self, Then then) {
  self->ctrl()->enqueue(nullptr, caf::make_message_id(), caf::make_message(caf::make_action(std::move(then))), nullptr);
}

/// An error that answers nothing the actor has asked would end it. Every actor
/// that lives long calls this at its start.
template <class Self>
void ignore_stray_errors(Self* self) {
  self->set_error_handler([](caf::error&) {});
}

/// Asks an actor to end, from anywhere; it finishes what it does at the moment.
template <class Handle>
void ask_to_end(const Handle& which) {
  caf::anon_send_exit(which, caf::exit_reason::user_shutdown);
}

/// Has `follower` end when `leader` has.
template <class Leader, class Follower>
void end_with(const Leader& leader, Follower follower) {
  caf::actor_cast<caf::abstract_actor*>(leader)->attach_functor(
      [follower = std::move(follower)](const caf::error&) { ask_to_end(follower); });
}

/// How actors that block are run: on a thread of their own in production, with
/// all others on the one thread of the simulator.
enum class io_threads : bool { shared, own };

/// The only place that starts a thread for an actor.
template <class Impl, class System, class... Ts>
[[nodiscard]] auto spawn_io(System& system, io_threads threads, Ts&&... arguments) {
  if (threads == io_threads::own)
    return system.template spawn<Impl, caf::detached>(std::forward<Ts>(arguments)...);
  return system.template spawn<Impl>(std::forward<Ts>(arguments)...);
}

} // namespace muster
