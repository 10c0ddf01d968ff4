#pragma once

#include "muster/messages/interfaces.hpp"
#include "muster/messages/time_limits.hpp"

#include <chrono>
#include <utility>

namespace muster {

/// Speaks for one agent to the muster, and for nobody else: the only way to a
/// sender for whoever does not hold the muster itself.
class mail_port_state {
public:
  static inline const char* name = "muster.mail_port";

  mail_port_state(mail_port_actor::pointer self, muster_actor muster, agent_id agent, std::chrono::nanoseconds limit)
      : self_(self), limits_(self), muster_(std::move(muster)), agent_(std::move(agent)), limit_(limit) {}

  mail_port_actor::behavior_type make_behavior();

private:
  template <class Answer, class Request>
  caf::result<Answer> pass_on(Request& asked, mail_party& party);

  mail_port_actor::pointer self_;
  time_limits limits_;
  muster_actor muster_;
  agent_id agent_;
  std::chrono::nanoseconds limit_;
};

using mail_port = mail_port_actor::stateful_impl<mail_port_state>;

} // namespace muster
