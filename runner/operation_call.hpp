#pragma once

#include "muster/messages/actor_failure.hpp"
#include "muster/runner/api.hpp"
#include "muster/runner/request_reader.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace muster {

/// One operation at work: an actor that asks the muster, tells the answer and
/// ends.
class operation_call : public caf::event_based_actor {
public:
  operation_call(caf::actor_config& config, api_host host, const operation& what, std::string request,
                 answer_callback done);

  caf::behavior make_behavior() override;
  /// Whoever waits is told, also when this ends before there was an answer.
  void on_exit() override;

  [[nodiscard]] const api_host& host() const noexcept { return host_; }

  /// The answer; the first one counts.
  void answer(std::string document);
  void fail(failure why);

  /// Asks the muster; a failure ends the operation. `then(answer)` is called in
  /// this actor.
  template <class Answer, class Request, class Then>
  void ask_muster(Request&& request, Then then) {
    ask_muster<Answer>(std::forward<Request>(request), std::move(then), [this](failure why) { fail(std::move(why)); });
  }
  /// The same, and what to do about a failure.
  template <class Answer, class Request, class Then, class Otherwise>
  void ask_muster(Request&& request, Then then, Otherwise otherwise) {
    ask(this, what_.limit, host_.muster, std::forward<Request>(request))
        .then([then = std::move(then)](const Answer& answer) mutable { then(answer); },
              [otherwise = std::move(otherwise)](const caf::error& error) { otherwise(to_failure(error, {})); });
  }

private:
  api_host host_;
  const operation& what_;
  std::string request_;
  answer_callback done_;
};

} // namespace muster
