#pragma once

#include "muster/messages/actor_failure.hpp"
#include "muster/messages/interfaces.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

// Last, because it defines macros with common names.
#include <caf/test/dsl.hpp>

namespace muster::test {

struct actor_fixture_config : caf::actor_system_config {
  actor_fixture_config() { register_message_types(); }
};

/// What an actor will have answered, once it has.
template <class Answer>
using awaited = std::shared_ptr<std::optional<expected<Answer>>>;

/// Actors on one thread, with time that stands still until it is moved. Timers
/// fire only in `pass`.
class actor_fixture : public test_coordinator_fixture<actor_fixture_config> {
public:
  ~actor_fixture() override {
    for (const auto& each : kept_)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    kept_.clear();
    sched.run();
  }

  /// Ends with the fixture.
  template <class Handle>
  Handle keep(Handle handle) {
    kept_.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  /// Asks when the actors run next, before any of them works; the answer comes
  /// then.
  template <class Answer, class Handle, class Request>
  awaited<Answer> ask_later(const Handle& to, Request request) {
    auto result = std::make_shared<std::optional<expected<Answer>>>();
    sys.spawn([to, result, request = std::move(request)](caf::event_based_actor* me) {
      me->request(to, caf::infinite, request)
          .then(
              [result](Answer& answer) { result->emplace(boost::system::in_place_value, std::move(answer)); },
              [result](const caf::error& why) { result->emplace(boost::system::in_place_error, to_failure(why, {})); });
    });
    return result;
  }

  /// Asks and runs the actors until nothing more happens without time. Silence
  /// is a failure with the code "silence".
  template <class Answer, class Handle, class Request>
  expected<Answer> get(const Handle& to, Request request) {
    const auto result = ask_later<Answer>(to, std::move(request));
    sched.run();
    if (!*result)
      return {boost::system::in_place_error, failure{failure_kind::unknown_outcome, "silence", "nothing came"}};
    return std::move(**result);
  }

  /// Everybody works, then time goes by, then everybody works.
  void pass(std::chrono::nanoseconds time) {
    sched.run();
    sched.advance_time(time);
    sched.run();
  }

private:
  std::vector<caf::actor> kept_;
};

/// The code of a failure; "done" or "silence" if there is none.
template <class T>
std::string_view code_of(const expected<T>& answer) {
  return answer ? std::string_view{"done"} : answer.error().code;
}
template <class T>
std::string_view code_of(const awaited<T>& answer) {
  return *answer ? code_of(**answer) : std::string_view{"silence"};
}

} // namespace muster::test
