#pragma once

#include "muster/messages/file_messages.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/manifest_leftovers.hpp"
#include "muster/store/manifest_outcome.hpp"
#include "muster/store/manifest_probe.hpp"

#include <chrono>

namespace muster {

/// What the folder of a manifest found and did, as our messages tell it.

/// `looked_at` is the wall clock before the look. A file changed within
/// `racy_window` before it, or at a time still to come, gets a racy key.
[[nodiscard]] stat_key to_stat_key(const file_status& status, std::chrono::nanoseconds looked_at,
                                   std::chrono::nanoseconds racy_window);

/// True if the file is provably as it was when `known` was taken.
[[nodiscard]] bool is_untouched(const stat_key& known, const file_status& status) noexcept;

/// True if the sight proves that an agent is gone in the way that was known.
[[nodiscard]] bool is_gone_as(absence known, const manifest_sight& sight) noexcept;

[[nodiscard]] manifest_sight to_sight(manifest_probe found, std::chrono::nanoseconds looked_at,
                                      std::chrono::nanoseconds racy_window);

[[nodiscard]] manifest_changed to_changed(manifest_outcome outcome, std::chrono::nanoseconds looked_at,
                                          std::chrono::nanoseconds racy_window);

[[nodiscard]] leftovers_found to_found(manifest_leftovers leftovers);

/// The disk did not give all of them out, and perhaps will another time.
[[nodiscard]] bool withholds_some(const leftovers_found& found);

} // namespace muster
