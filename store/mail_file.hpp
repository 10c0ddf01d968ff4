#pragma once

#include "muster/messages/mail_messages.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// A message as a file of one line of canonical JSON (docs/formats.md), and the
/// names of such files.
namespace muster {

struct mail_limits {
  std::size_t payload_bytes = std::size_t{256} * 1024;
  std::size_t text_bytes = 4096; ///< of any other text
  std::size_t before = 64;       ///< senders that a message goes back to
};

/// The most that a file can have.
[[nodiscard]] std::size_t largest_mail_file(const mail_limits& limits) noexcept;

[[nodiscard]] std::string encode_mail(const mail_item& what);
/// Nothing for anything but what `encode_mail` makes, within the limits.
[[nodiscard]] std::optional<mail_item> decode_mail(std::string_view bytes, const mail_limits& limits);

/// "ID.json"
[[nodiscard]] std::string mail_file_name(const message_id& id);
/// Nothing for other names.
[[nodiscard]] std::optional<message_id> message_of_file(std::string_view name);

/// "ID.REASON.MS.json": why a message is dead, and since when.
struct dead_file {
  message_id id;
  std::string reason;
  std::chrono::milliseconds at{0};
};
[[nodiscard]] std::string dead_file_name(const dead_file& what);
[[nodiscard]] std::optional<dead_file> dead_of_file(std::string_view name);

/// "ID.REQUEST.PAYLOAD.MS": what is remembered of a message that was sent with a
/// request id, since it was acknowledged.
struct done_file {
  message_id id;
  std::string request; ///< as `request_key` makes it
  std::string payload; ///< as `payload_key` makes it
  std::chrono::milliseconds at{0};
};
[[nodiscard]] std::string done_file_name(const done_file& what);
[[nodiscard]] std::optional<done_file> done_of_file(std::string_view name);

/// What tells one request from all others of one mailbox: a hash of the id and of
/// its sender. Empty without an id.
[[nodiscard]] std::string request_key(std::string_view from, const request_id& request);
[[nodiscard]] std::string payload_key(std::string_view payload);

/// The agent that a subject or a mailbox directory is of: its last word, if that
/// is a ULID. Else nothing.
[[nodiscard]] agent_id agent_in(std::string_view subject);

/// Who sends from a subject: an agent in whatever namespace it is now, by its id,
/// or else the subject.
[[nodiscard]] std::string sender_of(std::string_view subject);

/// The directory of a subject's mailbox: its name, or a hash where that cannot be
/// one.
[[nodiscard]] std::string mailbox_directory(std::string_view subject);

} // namespace muster
