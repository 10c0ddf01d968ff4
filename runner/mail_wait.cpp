#include "muster/runner/mail_wait.hpp"

#include "muster/runner/agent_values.hpp"
#include "muster/runner/data_session.hpp"
#include "muster/runner/gateway_client.hpp"
#include "muster/runner/service_call.hpp"

namespace muster {

namespace {

// A connection for each call; a daemon that has ended meanwhile is noticed so.
expected<json::document> ask_daemon(const command_context& context, const request_document& body, int gives_up) {
  const auto path = named_data_directory(context);
  if (!path)
    return path.error();
  const auto daemon = dial_daemon(context.env, *path, gives_up);
  if (!daemon)
    return daemon.error();
  return call_document(**daemon, "events", body);
}

bool tells_of(json::value read, const std::string& agent) {
  // What was missed may have been mail.
  if (read.find("missed"))
    return true;
  for (const auto each : read.find("events")) {
    const auto kind = text_of(each, "kind");
    if ((kind == "mail" || kind == "removed") && text_of(each, "id") == agent)
      return true;
  }
  return false;
}

} // namespace

void mail_wait::mark() {
  if (!at_.empty())
    return;
  if (const auto read = ask_daemon(context_, {}, -1))
    at_ = text_of(read->root(), "at");
}

void mail_wait::wait(const std::string& agent, const end_signal& ends) {
  while (!at_.empty() && !ends.came()) {
    request_document body;
    body.add_text("after", at_).add_number("waitMs", longest.count());
    const auto read = ask_daemon(context_, body, ends.descriptor());
    at_ = read ? text_of(read->root(), "at") : "";
    if (read && tells_of(read->root(), agent))
      return;
  }
  (void)ends.came_within(pause);
}

} // namespace muster
