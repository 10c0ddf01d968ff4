#pragma once

#include "muster/messages/denial_messages.hpp"
#include "muster/messages/requests.hpp"
#include "muster/runner/request_reader.hpp"

#include <optional>
#include <string>

/// What the documents of docs/api.md ask, as messages. What is wrong with a
/// request is told by the reader's `finish`, to be asked before the message is
/// used. The member `requestId` is the caller's to read.
namespace muster {

[[nodiscard]] register_agent read_register(request_reader& from);
[[nodiscard]] update_agent read_update(request_reader& from);
[[nodiscard]] move_agent read_move(request_reader& from);
[[nodiscard]] unregister_agent read_unregister(request_reader& from);
[[nodiscard]] deny_path read_deny(request_reader& from);
[[nodiscard]] undeny_path read_undeny(request_reader& from);
[[nodiscard]] list_denials read_denied(request_reader& from);
[[nodiscard]] admit_agents read_admit(request_reader& from);
[[nodiscard]] stamp_heartbeat read_heartbeat(request_reader& from);
[[nodiscard]] sweep_now read_sweep(request_reader& from);
[[nodiscard]] rebuild_index read_rebuild(request_reader& from);
[[nodiscard]] list_agents read_list(request_reader& from);
[[nodiscard]] show_agent read_show(request_reader& from);
[[nodiscard]] dump_index read_dump(request_reader& from);
[[nodiscard]] examine_all read_doctor(request_reader& from);
[[nodiscard]] describe_runtime read_status(request_reader& from);

/// A message in which an instance is still as somebody typed it.
struct typed_revert {
  revert_agent message;
  typed_version version;
};
[[nodiscard]] typed_revert read_revert(request_reader& from);

struct typed_log {
  show_log message; ///< its `instance` as typed
  std::optional<typed_version> since;
};
[[nodiscard]] typed_log read_log_request(request_reader& from);

/// The instance that begins with `typed`, of those whose feeds are here; our own
/// if it is empty. Not found ("no-such-instance"), or refused
/// ("instance-ambiguous") with the candidates.
[[nodiscard]] expected<instance_id> find_instance(const std::string& typed, const feeds_described& feeds);

/// Whether the id is whole, so that no feed has to be asked for it.
[[nodiscard]] bool is_whole_instance(const std::string& typed);

} // namespace muster
