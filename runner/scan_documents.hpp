#pragma once

#include "muster/messages/discovery_messages.hpp"

#include <string>

/// What the messages of a scan answer, as the documents of docs/api.md.
namespace muster {

[[nodiscard]] std::string scan_document(const scan_report& what);
[[nodiscard]] std::string scan_progress_document(const scan_progress& what);
[[nodiscard]] std::string scan_cancelled_document(const scan_cancelled& what);

} // namespace muster
