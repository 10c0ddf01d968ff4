#pragma once

#include "muster/messages/access_messages.hpp"

#include <string>

/// What is answered about rules and topology, as the documents of docs/api.md.
namespace muster {

[[nodiscard]] std::string rules_document(const rules_listed& what);
[[nodiscard]] std::string rule_changed_document(const rule_changed& what);
[[nodiscard]] std::string reach_document(const reach_described& what);
[[nodiscard]] std::string topology_document(const topology_described& what);

} // namespace muster
