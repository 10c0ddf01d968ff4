#include "muster/supervisor/mail_desk.hpp"

#include "muster/store/json.hpp"
#include "muster/store/namespace_rules.hpp"
#include "muster/store/whole_number.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace muster {

namespace {

constexpr std::string_view subject_mark = "relay.";

failure no_relay() {
  return {failure_kind::refused, "no-relay",
          "there is no relay: the setting `relay` is none; `muster config set relay strict` brings it back"};
}

failure nobody_named() {
  return {failure_kind::usage, "agent-missing", "say whose mailbox is meant"};
}

json::document value_of(const agent_found& known, const std::string& field) {
  const auto found = known.fields.find(field);
  auto text = found != known.fields.end() && found->second.value ? *found->second.value : std::string{"null"};
  auto read = json::document::parse(std::move(text));
  return read ? std::move(*read) : std::move(*json::document::parse("null"));
}

std::uint32_t number_in(const json::document& from, std::string_view member, std::uint32_t otherwise) {
  const auto value = from.root().find(member);
  const auto number = value.is(json::kind::number) ? whole_number(value.text()) : std::nullopt;
  return number ? static_cast<std::uint32_t>(std::min<std::uint64_t>(*number, UINT32_MAX)) : otherwise;
}

mail_address address_of(const std::string& prefix, const agent_id& agent, const agent_found& known) {
  mail_address result;
  result.agent = agent;
  result.subject = subject_of(prefix, known.here->namespace_name, agent);
  const auto budget = value_of(known, "budget");
  result.budget.hops = number_in(budget, "maxHopsPerMessage", result.budget.hops);
  result.budget.calls_per_hour = number_in(budget, "maxCallsPerHour", result.budget.calls_per_hour);
  const auto behavior = value_of(known, "behavior");
  const auto mode = behavior.root().find("responseMode");
  result.silent = mode.is(json::kind::string) && mode.as_string() == "silent";
  return result;
}

} // namespace

void mail_desk::when_ready(const std::function<void(const expected<void>&)>& then) {
  if (core_.options.now.relay == relay_mode::none)
    return then(no_relay());
  relay_.when_held(then);
}

template <class Answer, class Request, class Then>
void mail_desk::ask_relay(Request request, Then then) {
  consult<Answer>(core_.self, core_.mail, core_.options.question_limit, core_.by.relay, std::move(request),
                  std::move(then));
}

// -- who is meant ------------------------------------------------------------

void mail_desk::find(const mail_party& whose, const told<mail_address>& then) {
  if (!whose.exact.empty())
    return find_exact(whose.exact, then);
  if (whose.selector.empty())
    return then(nobody_named());
  look_up<agent_resolved>(core_, core_.by.index, resolve_agent{whose.selector},
                          [this, then](const expected<agent_resolved>& meant) {
                            if (!meant)
                              return then(meant.error());
                            find_exact(meant->agent, then);
                          });
}

void mail_desk::find_when_ready(const mail_party& whose, const told<mail_address>& then) {
  when_ready([this, whose, then](const expected<void>& ready) {
    if (!ready)
      return then(ready.error());
    find(whose, then);
  });
}

void mail_desk::find_exact(const agent_id& agent, const told<mail_address>& then) {
  look_up<agent_found>(core_, core_.by.index, find_agent{agent},
                       [this, agent, then](const expected<agent_found>& known) {
                         if (!known)
                           return then(known.error());
                         if (!known->here)
                           return then(failure{failure_kind::not_found,
                                               "agent-not-here",
                                               "the agent does not live on this instance, and mail goes no further",
                                               {},
                                               {},
                                               agent.text});
                         then(address_of(core_.ground.relay_prefix, agent, *known));
                       });
}

/// A subject stands for itself: it may be an endpoint of the host's.
void mail_desk::find_target(const std::string& to, const told<mail_address>& then) {
  if (!to.starts_with(subject_mark))
    return find({to, {}}, then);
  look_up<endpoints_listed>(core_, core_.by.index, list_endpoints{},
                            [this, to, then](const expected<endpoints_listed>& all) {
                              if (!all)
                                return then(all.error());
                              for (const auto& each : all->endpoints)
                                if (each.endpoint.subject == to)
                                  return find_exact(each.agent, then);
                              mail_address other;
                              other.subject = to;
                              then(std::move(other));
                            });
}

void mail_desk::find_sender(const mail_party& from, const told<mail_address>& then) {
  if (from.empty()) {
    mail_address console;
    console.subject = console_subject;
    return then(std::move(console));
  }
  find(from, [this, then](expected<mail_address> who) {
    if (!who)
      return then(std::move(who));
    look_up<agent_found>(core_, core_.by.index, find_agent{who->agent},
                         [who, then](const expected<agent_found>& known) {
                           if (!known)
                             return then(known.error());
                           if (!known->here || !known->here->admitted)
                             return then(failure{failure_kind::refused,
                                                 "sender-unadmitted",
                                                 "the sender is not admitted to its namespace and reaches nobody; "
                                                 "`muster admit` it first",
                                                 {},
                                                 {},
                                                 who->agent.text});
                           then(who);
                         });
  });
}

// -- what is asked -----------------------------------------------------------

void mail_desk::send(const send_message& asked, const told<message_sent>& then) {
  when_ready([this, asked, then](const expected<void>& ready) {
    if (!ready)
      return then(ready.error());
    find_sender(asked.from, [this, asked, then](const expected<mail_address>& from) {
      if (!from)
        return then(from.error());
      find_target(asked.to, [this, asked, from, then](const expected<mail_address>& to) {
        if (!to)
          return then(to.error());
        pass(asked, *from, *to, then);
      });
    });
  });
}

void mail_desk::pass(const send_message& asked, const mail_address& from, const mail_address& to,
                     const told<message_sent>& then) {
  relay_send message{from.subject, to.subject,  asked.payload,      asked.request,
                     asked.cause,  from.budget, asked.time_to_live, !to.silent};
  ask_relay<relay_sent>(std::move(message), [this, from, to, then](const expected<relay_sent>& how) {
    if (!how)
      return then(how.error());
    // Who sends is alive, and hosts are told of the message: it is durable. One that
    // was repeated and acknowledged meanwhile is nowhere.
    if (core_.by.events && !how->acknowledged)
      tell(core_.self, core_.by.events,
           note_mail{to.agent, from.agent, {how->id.text, to.subject, from.subject, how->held}});
    then(message_sent{how->id, to.agent, !how->held, how->held});
  });
}

void mail_desk::read(const read_mail& asked, const told<mail_read>& then) {
  find_when_ready(asked.whose, [this, asked, then](const expected<mail_address>& whose) {
    if (!whose)
      return then(whose.error());
    ask_relay<relay_inbox>(relay_read_inbox{whose->subject, asked.after, asked.limit},
                           [agent = whose->agent, then](expected<relay_inbox> inbox) {
                             if (!inbox)
                               return then(inbox.error());
                             then(mail_read{agent, std::move(inbox->messages), inbox->more});
                           });
  });
}

void mail_desk::acknowledge(const acknowledge_mail& asked, const told<mail_acknowledged>& then) {
  find_when_ready(asked.whose, [this, asked, then](const expected<mail_address>& whose) {
    if (!whose)
      return then(whose.error());
    ask_relay<relay_acked>(relay_ack{whose->subject, asked.messages},
                           [agent = whose->agent, then](const expected<relay_acked>& acked) {
                             if (!acked)
                               return then(acked.error());
                             then(mail_acknowledged{agent, acked->gone});
                           });
  });
}

void mail_desk::dead(const list_dead_letters& asked, const told<dead_letters_listed>& then) {
  if (core_.options.now.relay == relay_mode::none)
    return then(no_relay());
  ask_relay<relay_dead>(relay_list_dead{asked.limit}, [then](expected<relay_dead> dead) {
    if (!dead)
      return then(dead.error());
    then(dead_letters_listed{std::move(dead->letters), dead->total});
  });
}

void mail_desk::mailboxes(const list_mailboxes&, const told<mailboxes_listed>& then) {
  when_ready([this, then](const expected<void>& ready) {
    if (!ready)
      return then(ready.error());
    ask_relay<relay_listed>(relay_list{}, [this, then](expected<relay_listed> held) {
      if (!held)
        return then(held.error());
      ask_relay<relay_mail_counted>(relay_count_mail{},
                                    [held = std::move(*held), then](const expected<relay_mail_counted>& counted) {
                                      if (!counted)
                                        return then(counted.error());
                                      std::map<std::string_view, const counted_mailbox*> waiting;
                                      for (const auto& each : counted->mailboxes)
                                        waiting[each.subject] = &each;
                                      mailboxes_listed result{{}, counted->dead, counted->problems};
                                      for (const auto& each : held.endpoints) {
                                        const auto found = waiting.find(each.subject);
                                        const counted_mailbox none;
                                        const auto& mail = found == waiting.end() ? none : *found->second;
                                        result.mailboxes.push_back({each.subject, each.namespace_name, each.agent,
                                                                    each.open, mail.unread, mail.read});
                                      }
                                      std::ranges::sort(result.mailboxes, {}, &listed_mailbox::subject);
                                      then(std::move(result));
                                    });
    });
  });
}

void mail_desk::watch(const watch_mail& asked, const told<mail_watched>& then) {
  const auto subscribe = [this, listener = asked.listener, then](std::string pattern) {
    ask_relay<relay_done>(relay_subscribe{std::move(pattern), listener}, [then](const expected<relay_done>& done) {
      if (!done)
        return then(done.error());
      then(mail_watched{});
    });
  };
  when_ready([this, asked, subscribe, then](const expected<void>& ready) {
    if (!ready)
      return then(ready.error());
    if (asked.whose.empty())
      return subscribe(core_.ground.relay_prefix + ">");
    find(asked.whose, [this, subscribe, then](const expected<mail_address>& whose) {
      if (!whose)
        return then(whose.error());
      // Whatever its namespace becomes.
      const auto& prefix = core_.ground.relay_prefix;
      const auto last = whose->subject.rfind('.');
      subscribe(prefix + "*" + whose->subject.substr(last));
    });
  });
}

void mail_desk::port(const open_mail_port& asked, const told<mail_port_opened>& then) {
  find({asked.selector, {}}, [then](const expected<mail_address>& whose) {
    if (!whose)
      return then(whose.error());
    then(mail_port_opened{whose->agent, {}});
  });
}

} // namespace muster
