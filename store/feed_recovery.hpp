#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/feed_damage.hpp"
#include "muster/store/feed_limits.hpp"
#include "muster/store/segment_log.hpp"
#include "muster/store/segment_scan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace muster {

struct recovery_options {
  /// `chain` reads the segment of the mark, and the last line of the ones before
  /// it; `whole` reads all there is.
  scan_depth depth = scan_depth::chain;
  /// Without a mark nobody can tell a torn tail from damage, so recovery reports
  /// it and changes nothing. This takes what is valid for the whole feed and
  /// marks its end anew: to be asked for by a person, or for a feed that can be
  /// fetched again.
  bool rebuild_mark = false;
  /// Where the log begins a new segment; no more than the format's own limit.
  std::uint64_t segment_bytes = feed_limits::segment_bytes;
};

struct recovered_feed {
  instance_id instance;
  public_key key{};
  durable_mark mark;                  ///< of all that holds from the first commit on
  std::vector<feed_damage> damages;   ///< what is wrong at or below the mark
  std::vector<std::string> cut;       ///< files made of what followed the last valid seal
  std::vector<std::string> set_aside; ///< files made of damage
  /// To append with; none if there is damage, for whoever goes on after a gap
  /// gives numbers out twice.
  std::optional<segment_log> log;
};

/// Brings the feed of `instance` under `feeds` into the state that its mark and
/// its seals speak for. The rules, which docs/formats.md has as a table:
///
/// 1. Every sealed run that is valid is kept; one above the mark is written and
///    synced again before the mark moves over it.
/// 2. What follows the last valid seal above the mark is a torn tail and is cut.
/// 3. Anything wrong at or below the mark is damage: named, set aside, and the feed
///    is not written to until it is whole again.
/// 4. It may be interrupted at any call and run again.
///
/// A directory that is not there is made, for `key`; without a key that is
/// not_found. The failures are those of the disk, and `feed-format`.
[[nodiscard]] expected<recovered_feed> recover_feed(environment env, handle feeds, const instance_id& instance,
                                                    const std::optional<public_key>& key,
                                                    const recovery_options& options = {});

} // namespace muster
