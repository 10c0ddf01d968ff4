#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace muster {

/// What can be wrong with a feed on disk. The names in `to_string` are fixed
/// for answers; docs/formats.md says what a reader does about each.
enum class damage_kind : std::uint8_t {
  header_unreadable,  ///< the first line of a segment is not a header
  header_mismatch,    ///< it is one, of another feed or place
  line_cut,           ///< the file ends within a line
  commit_unreadable,  ///< a line is neither a seal nor a commit of the grammar
  commit_misnumbered, ///< a commit's seq is not the next one
  seal_unreadable,    ///< a line begins like a seal and is none
  seal_mismatch,      ///< a seal's seq or chain is not that of the commits before it
  seal_forged,        ///< a seal's signature is not the feed's
  unsealed,           ///< commits that no seal follows
  content_mismatch,   ///< bytes below the mark are not those that were written
  segment_missing,    ///< a segment below the mark is not there
  ends_early,         ///< the feed ends below its mark
  mark_missing,       ///< there are segments and no `durable` file
  mark_unreadable,    ///< neither slot of the `durable` file is whole
  forked,             ///< two valid seals for one seq with different chains
};

[[nodiscard]] std::string_view to_string(damage_kind kind) noexcept;

/// One thing that is wrong, and where: the first byte of the line concerned and
/// the first commit that is not vouched for.
struct feed_damage {
  damage_kind kind = damage_kind::content_mismatch;
  std::string segment; ///< the file's name; empty for a whole feed
  std::uint64_t offset = 0;
  sequence seq = 0;
  friend bool operator==(const feed_damage&, const feed_damage&) = default;
};

/// `damaged`, its code the name of the kind, for a feed in `folder`.
[[nodiscard]] failure damaged_feed(const feed_damage& what, const std::string& folder);

} // namespace muster
