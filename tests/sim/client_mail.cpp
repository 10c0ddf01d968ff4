#include "tests/sim/client_desk.hpp"

#include <string>

// What clients write to each other, and what they know of who may.

namespace muster::sim {

namespace {

// Also whether an agent lives in a project at all.
bool may_change_placement(verb what) {
  switch (what) {
    case verb::register_it:
    case verb::update:
    case verb::enter_space:
    case verb::revert:
    case verb::unregister:
    case verb::unregister_keeping:
    case verb::unregister_everywhere:
    case verb::admit:
    case verb::undeny_path: return true;
    default: return false;
  }
}

} // namespace

// Reads and acknowledgements are never repeated, so that each has one moment.
bool client_desk::compose_mail(asked& into, std::size_t project) {
  const auto number = into.step.c >> ask_bits::number_from;
  if (into.step.what == verb::send_mail) {
    const auto from = static_cast<std::size_t>(number % (known_.size() + 1));
    send_message wanted;
    wanted.request = into.request;
    if (from < known_.size())
      wanted.from.selector = project_path(from);
    wanted.to = project_path(project);
    wanted.payload = mail_watch::payload_of(into.step.id);
    into.message = std::move(wanted);
    return true;
  }
  into.request = {};
  if (into.step.what == verb::read_mail) {
    into.message = read_mail{{project_path(project), {}}, {}, 100};
    return true;
  }
  auto wanted = letters_.acknowledgement(project, number);
  if (!wanted)
    return false;
  into.message = std::move(*wanted);
  return true;
}

// A request goes out, for the first time or once more.
void client_desk::note_question(const asked& one) {
  const auto project = one.step.b % known_.size();
  const auto step = one.step.id;
  if (may_change_placement(one.step.what))
    return letters_.asked_to_place(project);
  switch (one.step.what) {
    case verb::send_mail: {
      const auto from = static_cast<std::size_t>((one.step.c >> ask_bits::number_from) % (known_.size() + 1));
      return letters_.asked_to_send(step, from, project, !one.request.empty());
    }
    case verb::read_mail: return letters_.asked_to_read(step);
    case verb::ack_mail: return letters_.asked_to_acknowledge(std::get<acknowledge_mail>(one.message));
    case verb::move: return letters_.lose_track();
    case verb::allow_rule:
    case verb::deny_rule:
    case verb::withdraw_rule:
      if (const auto* rule = std::get_if<set_rule>(&one.message))
        letters_.asked_for_rule(rule->source, rule->target, rule->action);
      else if (const auto* none = std::get_if<withdraw_rule>(&one.message))
        letters_.asked_for_rule(none->source, none->target, {});
      return;
    default: return;
  }
}

// What was repeated may be answered without being done. An agent that is named by
// its id may live elsewhere by now.
void client_desk::note_outcome(const asked& one, const agent_placed* answer, bool clean, const failure* why) {
  const auto project = one.step.b % known_.size();
  const bool is_open = why && why->kind == failure_kind::unknown_outcome;
  const auto how = is_open                          ? mail_watch::outcome::open
                   : !why && clean && !one.repeated ? mail_watch::outcome::done
                                                    : mail_watch::outcome::not_done;
  if (may_change_placement(one.step.what))
    return letters_.placed(project, answer && answer->path == project_path(project) ? answer : nullptr, how);
  switch (one.step.what) {
    case verb::send_mail:
      if (why && why->code == "relay-unruly")
        letters_.half_sent(one.step.id);
      if (why)
        letters_.not_sent(one.step.id,
                          !is_open && one.lost == 0 && one.how == answer_kind::none_yet && one.in_flight == 0);
      return;
    case verb::allow_rule:
    case verb::deny_rule:
    case verb::withdraw_rule:
      if (const auto* rule = std::get_if<set_rule>(&one.message))
        letters_.rule_settled(rule->source, rule->target, rule->action, how);
      else if (const auto* none = std::get_if<withdraw_rule>(&one.message))
        letters_.rule_settled(none->source, none->target, {}, how);
      return;
    default: return;
  }
}

void client_desk::note(asked& one, const message_sent& answer) {
  letters_.sent(one.step.id, answer);
}

void client_desk::note(asked& one, const mail_read& answer) {
  letters_.told(one.step.id, one.step.b % known_.size(), answer);
}

void client_desk::note(asked& one, const mail_acknowledged&) {
  letters_.acknowledged(std::get<acknowledge_mail>(one.message));
}

} // namespace muster::sim
