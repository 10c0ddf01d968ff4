#include "muster/runner/answer_documents.hpp"
#include "muster/runner/document_text.hpp"

#include <cstdlib>

namespace muster {

namespace {

std::string rule_text(const rule_told& rule) {
  object_text text;
  text.text("source", rule.source).text("target", rule.target);
  if (!rule.action)
    return text.raw("action", "null").take();
  switch (*rule.action) {
    case rule_action::allow: return text.text("action", "allow").take();
    case rule_action::deny: return text.text("action", "deny").take();
  }
  std::abort();
}

std::string denial_text(const denial_told& denial) {
  object_text text;
  text.path("path", denial.path).flag("denied", denial.denied);
  return text.text_if("reason", denial.reason).take();
}

std::string mail_text(const mail_told& mail) {
  object_text text;
  text.text("messageId", mail.message).text("subject", mail.subject);
  return text.text("from", mail.from).flag("held", mail.held).take();
}

// What every event about an agent says.
void add_agent(object_text& to, const roster_row& row) {
  to.text("id", row.id.text).text("name", row.name).text_if("displayName", row.display_name);
  to.text("runtime", row.runtime).text("namespace", row.namespace_name).path("path", row.path);
  to.text("status", to_string(row.status)).text("health", to_string(row.health));
  to.text("subject", row.subject).text("instance", row.instance.text);
}

bool changes_status(event_kind what) noexcept {
  return what == event_kind::unreachable || what == event_kind::resurrected || what == event_kind::status_changed ||
         what == event_kind::admitted;
}

std::string event_text(const lifecycle_event& what) {
  object_text text;
  text.number("number", what.number).time("at", what.at).text("kind", to_string(what.what));
  if (!what.row.id.empty())
    add_agent(text, what.row);
  text.path_if("pathBefore", what.path_before);
  if (changes_status(what.what))
    text.text("statusBefore", to_string(what.status_before));
  if (what.what == event_kind::health_changed)
    text.text("healthBefore", to_string(what.health_before));
  text.version_if("version", what.version);
  if (what.rule)
    text.raw("rule", rule_text(*what.rule));
  if (what.denial)
    text.raw("denial", denial_text(*what.denial));
  if (what.mail)
    text.raw("mail", mail_text(*what.mail));
  if (what.what == event_kind::restarted)
    text.number("life", what.life);
  return text.take();
}

} // namespace

std::string events_document(const events_read& what) {
  object_text text;
  if (what.missed)
    text.raw("missed", object_text().number("first", what.missed->first).number("last", what.missed->last).take());
  text.list("events", what.events, event_text);
  return text.text("at", what.at.log + "@" + std::to_string(what.at.number)).take();
}

} // namespace muster
