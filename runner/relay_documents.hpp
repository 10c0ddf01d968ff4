#pragma once

#include "muster/messages/mail_messages.hpp"
#include "muster/runner/request_reader.hpp"

#include <string>

/// The documents of docs/api.md about mail, as messages and back.
namespace muster {

[[nodiscard]] send_message read_relay_send(request_reader& from);
[[nodiscard]] read_mail read_relay_inbox(request_reader& from);
[[nodiscard]] acknowledge_mail read_relay_ack(request_reader& from);
[[nodiscard]] list_dead_letters read_relay_dead(request_reader& from);
[[nodiscard]] list_mailboxes read_relay_endpoints(request_reader& from);

[[nodiscard]] std::string sent_document(const message_sent& what);
[[nodiscard]] std::string inbox_document(const mail_read& what);
[[nodiscard]] std::string acknowledged_document(const mail_acknowledged& what);
[[nodiscard]] std::string dead_document(const dead_letters_listed& what);
[[nodiscard]] std::string mailboxes_document(const mailboxes_listed& what);

} // namespace muster
