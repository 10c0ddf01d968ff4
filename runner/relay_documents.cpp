#include "muster/runner/relay_documents.hpp"

#include "muster/runner/document_text.hpp"
#include "muster/runner/terminal_text.hpp"
#include "muster/store/json_write.hpp"

#include <utility>

namespace muster {

namespace {

constexpr std::size_t most_messages = 100;
constexpr std::size_t longest_life_ms = std::size_t{30} * 24 * 3600 * 1000;

std::string message_document(const mail_item& what, const dead_letter* dead) {
  object_text text;
  text.text("id", what.id.text).text_if("subject", dead ? what.subject : "").text("from", what.from);
  text.time("sentAt", what.sent).time("expiresAt", what.expires).text_if("cause", what.cause.text);
  text.raw("payload", what.payload.empty() ? "null" : printable_json(what.payload));
  if (dead)
    text.text("reason", dead->reason).time("deadAt", dead->at);
  else
    text.number("hopsLeft", what.hops_left).flag("read", what.read);
  return text.take();
}

} // namespace

send_message read_relay_send(request_reader& from) {
  send_message result;
  result.request = request_id(from.text("requestId", request_limits::name));
  result.from.selector = from.selector("from");
  result.to = from.required_selector("to");
  result.cause = message_id(from.text("cause", request_limits::name));
  result.time_to_live = std::chrono::milliseconds(from.number("timeToLiveMs", 0, 0, longest_life_ms));
  const auto payload = from.any("payload");
  const auto text = from.optional_text("text");
  if (static_cast<bool>(payload) == text.has_value())
    from.fail({failure_kind::usage, "member-missing", "the request has either the member 'text' or 'payload'"});
  result.payload = text ? json_text(*text) : std::string(payload.text());
  return result;
}

read_mail read_relay_inbox(request_reader& from) {
  read_mail result;
  result.whose.selector = from.required_selector("agent");
  result.after = message_id(from.text("after", request_limits::name));
  result.limit = from.number("limit", 50, 1, most_messages);
  return result;
}

acknowledge_mail read_relay_ack(request_reader& from) {
  acknowledge_mail result;
  result.whose.selector = from.required_selector("agent");
  for (auto& each : from.texts("messages"))
    result.messages.emplace_back(std::move(each));
  return result;
}

list_dead_letters read_relay_dead(request_reader& from) {
  return {from.number("limit", most_messages, 1, most_messages)};
}

list_mailboxes read_relay_endpoints(request_reader&) {
  return {};
}

std::string sent_document(const message_sent& what) {
  object_text text;
  return text.flag("delivered", what.delivered).flag("held", what.held).text("messageId", what.id.text).take();
}

std::string inbox_document(const mail_read& what) {
  object_text text;
  text.text("agent", what.agent.text);
  text.list("messages", what.messages, [](const mail_item& each) { return message_document(each, nullptr); });
  return text.flag("more", what.more).take();
}

std::string acknowledged_document(const mail_acknowledged& what) {
  return object_text().text("agent", what.agent.text).number("acknowledged", what.gone).take();
}

std::string dead_document(const dead_letters_listed& what) {
  object_text text;
  text.list("letters", what.letters, [](const dead_letter& each) { return message_document(each.message, &each); });
  return text.number("total", what.total).take();
}

std::string mailboxes_document(const mailboxes_listed& what) {
  object_text text;
  text.list("endpoints", what.mailboxes, [](const listed_mailbox& each) {
    object_text row;
    row.text("subject", each.subject).text("namespace", each.namespace_name).text("agent", each.agent.text);
    row.flag("open", each.open).number("unread", each.unread).number("read", each.read);
    return row.take();
  });
  return text.number("dead", what.dead).number("problems", what.problems).take();
}

} // namespace muster
