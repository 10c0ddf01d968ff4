#pragma once

#include "muster/messages/failure.hpp"

#include <string>
#include <vector>

namespace muster {

/// The changes that `--set FIELD=VALUE` and `--unset FIELD` ask for, as the
/// `changes` of an update request (docs/api.md), a JSON array; empty if there
/// are none. FIELD is a name or a path of names such as
/// `behavior.responseMode`. What VALUE is follows from the field: a text is
/// taken as it is, `true` and `false` and numbers as they are, lists and objects
/// as JSON. Refused: a field that manifests do not have, with the one that was
/// meant, a value of another type, and a field named twice.
[[nodiscard]] expected<std::string> field_changes(const std::vector<std::string>& set,
                                                  const std::vector<std::string>& unset);

} // namespace muster
