#pragma once

#include "muster/messages/denial_messages.hpp"
#include "muster/messages/requests.hpp"
#include "muster/store/setting_table.hpp"

#include <string>
#include <string_view>

/// What messages answer, as the documents of docs/api.md.
namespace muster {

[[nodiscard]] std::string placed_document(const agent_placed& what);
[[nodiscard]] std::string unregistered_document(const agent_unregistered& what);
/// Each tells the denials of what it was asked for, as they stand then.
[[nodiscard]] std::string denied_document(const path_denied& what);
[[nodiscard]] std::string undenied_document(const path_undenied& what);
[[nodiscard]] std::string denials_document(const denials_listed& what);
/// Of a namespace.
[[nodiscard]] std::string admitted_document(const agents_admitted& what);
[[nodiscard]] std::string heartbeat_document(const heartbeat_stamped& what);
[[nodiscard]] std::string sweep_document(const sweep_report& what);
[[nodiscard]] std::string rebuilt_document(const index_rebuilt& what);
[[nodiscard]] std::string list_document(const agents_listed& what);
[[nodiscard]] std::string shown_document(const agent_shown& what, bool with_versions);
[[nodiscard]] std::string log_document(const log_read& what);
[[nodiscard]] std::string dump_document(const index_dumped& what);
[[nodiscard]] std::string findings_document(const findings_told& what);
[[nodiscard]] std::string status_document(const runtime_described& what, std::string_view data_directory);
[[nodiscard]] std::string identity_document(const instance_id& own, std::string_view data_directory);
[[nodiscard]] std::string setting_document(const setting& what);
[[nodiscard]] std::string settings_document(const settings& now);

/// Parts of several of them.
[[nodiscard]] std::string commit_document(const commit& what);
[[nodiscard]] std::string problems_document(const std::vector<agent_problem>& problems);
[[nodiscard]] std::string finding_document(const finding& what);

} // namespace muster
