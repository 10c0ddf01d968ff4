#pragma once

#include "muster/messages/failure.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace muster {

class release_stage;

/// Gates the data directory and the wire. Raised when an older muster could not
/// read what a newer one writes, or the reverse.
using release_number = std::uint64_t;

inline constexpr release_number current_release = 1;

/// The first release there was.
inline constexpr release_number first_release = 1;

enum class release_break : std::uint8_t {
  durable,      ///< everything is kept; only the index is folded anew
  clean,        ///< what is derived or observed is cleared: index and local database
  clean_shared, ///< the feeds too: they are moved aside, and begin anew
};

/// How a data directory of the release before becomes one of `number`.
struct release_step {
  release_number number = 0;
  release_break kind = release_break::durable;
  /// Stages what changes. Runs again after a crash before the stamp.
  expected<void> (*run)(release_stage& stage) = nullptr;
};

/// The steps that this muster ships.
[[nodiscard]] std::span<const release_step> shipped_steps() noexcept;

/// Refuses (`release-registry`) steps that are not exactly those from the
/// release after the first up to `current`, in order: a gap is a migration
/// that is skipped, a duplicate one that runs twice, and one above `current` is
/// out of reach.
[[nodiscard]] expected<void> check_steps(std::span<const release_step> steps, release_number current);

/// The steps above `stored` up to `current`, of steps that were checked.
[[nodiscard]] std::span<const release_step> pending_steps(std::span<const release_step> steps, release_number stored,
                                                          release_number current) noexcept;

/// What a start finds.
struct release_stamp {
  std::optional<release_number> stored; ///< nothing: no stamp at all
  bool has_data = false;                ///< something that a stamp should stand beside
};

enum class release_plan : std::uint8_t {
  stamp,            ///< new: stamped when its identity is made
  proceed,          ///< ours
  migrate,          ///< older, all pending steps durable
  break_cleanly,    ///< older, a pending step is a clean break
  refuse_newer,     ///< left as it is
  refuse_unstamped, ///< data of we do not know which release: left as it is
};

[[nodiscard]] release_plan plan_release(const release_stamp& found, std::span<const release_step> steps,
                                        release_number current) noexcept;

/// Says which side has to be upgraded; empty if the two are one release.
[[nodiscard]] std::string release_mismatch(release_number ours, release_number theirs, std::string_view their_name);

} // namespace muster
