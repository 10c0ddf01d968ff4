#pragma once

#include "muster/store/manifest_document.hpp"

namespace muster {

/// The manifest of a first registration: the peer's layout and order of keys, one
/// line end, no null, no byte order mark, `budget` only if it differs from its
/// default. Refused, with every problem, if the rules do not allow it.
[[nodiscard]] manifest_result<manifest_document> new_manifest(const manifest& fields);

} // namespace muster
