#include "muster/supervisor/mail_port.hpp"

#include "muster/messages/actor_failure.hpp"

namespace muster {

namespace {

failure named_a_party() {
  return {failure_kind::refused, "not-the-owner",
          "a port speaks for its agent alone; leave the sender, and whose mail it is, out"};
}

} // namespace

mail_port_actor::behavior_type mail_port_state::make_behavior() {
  ignore_stray_errors(self_);
  // Nobody answers it any more, and a host waits for the end of all actors.
  watch(self_, muster_, [this](const caf::error&) { self_->quit(); });
  return {
      [this](send_message& m) { return pass_on<message_sent>(m, m.from); },
      [this](read_mail& m) { return pass_on<mail_read>(m, m.whose); },
      [this](acknowledge_mail& m) { return pass_on<mail_acknowledged>(m, m.whose); },
      [this](watch_mail& m) { return pass_on<mail_watched>(m, m.whose); },
  };
}

template <class Answer, class Request>
caf::result<Answer> mail_port_state::pass_on(Request& asked, mail_party& party) {
  if (!party.empty())
    return to_error(named_a_party());
  party.exact = agent_;
  auto promise = self_->make_response_promise<Answer>();
  ask(self_, limits_, limit_, muster_, std::move(asked))
      .then([promise](Answer& answer) mutable { promise.deliver(std::move(answer)); },
            [promise](const caf::error& error) mutable { promise.deliver(to_error(to_failure(error, {}))); });
  return promise;
}

} // namespace muster
