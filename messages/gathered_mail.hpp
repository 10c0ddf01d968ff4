#pragma once

#include "muster/messages/time_limits.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace muster {

/// Mail of one actor to actors on threads of their own. One that sleeps has to be
/// woken up, which costs more than most of what it is asked. So mail leaves behind
/// all that is there for the sender, or when `most` have gathered: the first wakes
/// its receiver up, the others find it awake. A part of the actor's state, used
/// inside of that actor alone.
///
/// 1. Each receiver gets what is sent to it by this in the order in which it was
///    sent.
/// 2. What has not left at the actor's end never does.
class gathered_mail {
public:
  /// Few enough that receivers are at work while their sender still is.
  static constexpr std::size_t most = 16;

  explicit gathered_mail(caf::scheduled_actor* self) : self_(self) {}
  gathered_mail(const gathered_mail&) = delete;
  gathered_mail& operator=(const gathered_mail&) = delete;

  void put(caf::strong_actor_ptr to, caf::mailbox_element_ptr what);

  /// Sends at once what has gathered.
  void send();

private:
  struct letter {
    caf::strong_actor_ptr to;
    caf::mailbox_element_ptr what;
  };

  caf::scheduled_actor* self_;
  std::vector<letter> letters_;
  bool marked_ = false; ///< what has gathered is sent behind the mail
};

/// As `ask` without it.
template <class Self, class Handle, class Content>
[[nodiscard]] auto ask(Self* self, time_limits& limits, gathered_mail& mail, caf::timespan limit, const Handle& to,
                       Content&& content) {
  using answer = decltype(self->request(to, caf::infinite, std::forward<Content>(content)));
  if (!to)
    return ask(self, limits, limit, to, std::forward<Content>(content));
  const auto asked = self->new_request_id(caf::message_priority::normal);
  mail.put(caf::actor_cast<caf::strong_actor_ptr>(to),
           caf::make_mailbox_element(self->ctrl(), asked, caf::no_stages, std::forward<Content>(content)));
  return answer{self, asked.response_id(), limits.on_answer(limit, asked.response_id())};
}

/// As `tell` without it.
template <class Self, class Handle, class Content>
void tell(Self* self, gathered_mail& mail, const Handle& to, Content&& content) {
  if (to)
    mail.put(caf::actor_cast<caf::strong_actor_ptr>(to),
             caf::make_mailbox_element(self->ctrl(), caf::make_message_id(), caf::no_stages,
                                       std::forward<Content>(content)));
}

} // namespace muster
