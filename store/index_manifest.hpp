#pragma once

#include "muster/store/index_state.hpp"

namespace muster {

/// What values mean as fields of manifests, and the content hash of a whole
/// one: what every index of muster is made with.
[[nodiscard]] index_meaning meaning_of_manifests() noexcept;

} // namespace muster
