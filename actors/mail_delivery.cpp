#include "muster/actors/mail_delivery.hpp"

#include "muster/store/json.hpp"

#include <algorithm>

namespace muster {

using namespace std::chrono_literals;

namespace {

failure refused(std::string_view code, std::string message) {
  return {failure_kind::refused, code, std::move(message)};
}

constexpr std::chrono::hours oldest_call{2};

// What is counted by the hour may have been sent before the machine was started.
std::chrono::nanoseconds hour_time(std::chrono::nanoseconds boot) {
  return boot + oldest_call;
}

bool is_console(const std::string& sender) {
  return sender == console_subject;
}

} // namespace

void mail_delivery::recall(const std::vector<sender_calls>& sent, std::chrono::milliseconds wall,
                           std::chrono::nanoseconds boot) {
  for (const auto& each : sent) {
    const auto age = std::clamp<std::chrono::milliseconds>(wall - each.minute, 0min, oldest_call);
    if (auto* counted = counters_of(each.sender, boot))
      counted->hour.add(hour_time(boot) - age, each.count);
  }
}

expected<void> mail_delivery::check(const relay_send& what) const {
  if (!is_subject(what.from) || !is_subject(what.to))
    return refused("subject-invalid", "a subject is words of visible ASCII with dots between and no wildcard; give "
                                      "another");
  if (what.payload.size() > options_.mail.payload_bytes)
    return refused("message-too-large", "a message may have " + std::to_string(options_.mail.payload_bytes) +
                                            " bytes; make it smaller or name a file in it");
  if (what.request.text.size() > options_.mail.text_bytes)
    return refused("request-id-too-long", "the request id is too long; give a shorter one");
  if (!json::document::parse(what.payload, {.bytes = options_.mail.payload_bytes, .depth = 32}))
    return refused("message-invalid", "the content of a message is one JSON value; give a string, for instance");
  return {};
}

expected<mail_item> mail_delivery::admit(const relay_send& what, const delivery_facts& facts) {
  if (!facts.checked)
    if (auto good = check(what); !good)
      return good.error();
  if (!is_console(what.from) && !facts.verdict.allowed)
    return access_denied(what.from, what.to, facts.verdict);
  if (!facts.target)
    return failure{failure_kind::not_found, "no-endpoint",
                   "the relay has no endpoint " + what.to + "; `muster relay endpoints` shows those it has"};
  if (auto slow = check_rate(what, facts.boot); !slow)
    return slow.error();
  mail_item made;
  if (auto passed = pass_on(what, facts, made); !passed)
    return passed.error();
  if (facts.mailbox_full)
    return failure{failure_kind::busy, "mailbox-full",
                   "the mailbox " + what.to + " is full; try again when its agent has read and acknowledged mail"};
  made.subject = what.to;
  made.agent = facts.target->agent;
  made.from = what.from;
  made.payload = what.payload;
  made.cause = what.cause;
  made.request = what.request;
  made.sent = facts.wall;
  auto& counted = senders_.at(sender_of(what.from));
  counted.minute.add(facts.boot);
  counted.hour.add(hour_time(facts.boot));
  return made;
}

/// What is left for the message and for what will answer it.
expected<void> mail_delivery::pass_on(const relay_send& what, const delivery_facts& facts, mail_item& made) const {
  const auto asked = what.time_to_live.count() > 0 ? what.time_to_live : options_.time_to_live;
  made.expires = facts.wall + std::min(asked, options_.longest_life);
  auto hops = std::min(what.budget.hops, options_.most_hops);
  if (!what.cause.empty()) {
    if (!facts.cause)
      return failure{failure_kind::not_found, "no-such-message",
                     "the message that is answered is not in the sender's mailbox; answer before it is acknowledged"};
    const auto& cause = *facts.cause;
    hops = std::min(hops, cause.hops_left);
    const auto is_receiver = [to = sender_of(what.to)](const auto& subject) { return sender_of(subject) == to; };
    if (std::ranges::any_of(cause.before, is_receiver) && !is_receiver(cause.from))
      return refused("cycle-detected", what.to + " has had a part in what this message answers, so it would go in a "
                                                 "circle; answer its sender, or begin anew");
    made.before = cause.before;
    made.before.push_back(cause.from);
    made.expires = std::min(made.expires, cause.expires);
    if (cause.expires <= facts.wall)
      return refused("ttl-expired", "the message that is answered has lived too long; begin anew");
  }
  if (hops == 0)
    return refused("hop-limit", "what this message answers has been passed on as often as the budget of an agent "
                                "allows (`budget.maxHopsPerMessage`); begin anew");
  made.hops_left = hops - 1;
  return {};
}

expected<void> mail_delivery::check_rate(const relay_send& what, std::chrono::nanoseconds now) {
  auto* counted = counters_of(what.from, now);
  if (!counted)
    return failure{failure_kind::busy, "too-many-senders",
                   "more senders are counted than the relay has room for; try "
                   "again in an hour"};
  if (counted->minute.count(now) >= per_minute(what.from))
    return failure{failure_kind::busy, "rate-limited",
                   what.from + " sends more than " + std::to_string(per_minute(what.from)) +
                       " messages in a minute; send slower"};
  if (!is_console(what.from) && counted->hour.count(hour_time(now)) >= what.budget.calls_per_hour)
    return refused("budget-exhausted", what.from + " has sent " + std::to_string(what.budget.calls_per_hour) +
                                           " messages within an hour, all that its manifest allows "
                                           "(`budget.maxCallsPerHour`); wait, or allow it more");
  return {};
}

std::uint32_t mail_delivery::per_minute(const std::string& sender) const {
  const rate_limit* best = nullptr;
  for (const auto& each : options_.rates)
    if (sender.starts_with(each.prefix) && (!best || each.prefix.size() > best->prefix.size()))
      best = &each;
  return best ? best->per_minute : 0;
}

mail_delivery::counters* mail_delivery::counters_of(const std::string& subject, std::chrono::nanoseconds now) {
  const auto sender = sender_of(subject);
  if (const auto found = senders_.find(sender); found != senders_.end())
    return &found->second;
  if (senders_.size() >= options_.senders)
    for (auto each = senders_.begin(); each != senders_.end();)
      each = each->second.hour.count(hour_time(now)) == 0 ? senders_.erase(each) : std::next(each);
  return senders_.size() < options_.senders ? &senders_[sender] : nullptr;
}

} // namespace muster
