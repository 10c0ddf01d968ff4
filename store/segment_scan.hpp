#pragma once

#include "muster/store/durable_mark.hpp"
#include "muster/store/feed_damage.hpp"
#include "muster/store/feed_format.hpp"

#include <optional>
#include <string_view>

/// What the bytes of a segment are worth. Pure: bytes in, findings out.
namespace muster {

/// How much of a segment is looked at.
enum class scan_depth : std::uint8_t {
  /// The chain through all commits against every seal, and the signature of
  /// the last one, which vouches for all that it covers. Bytes of earlier
  /// signatures are not.
  chain,
  /// The grammar of every commit and the signature of every seal as well.
  whole,
};

struct segment_scan {
  /// After the last seal that holds; what follows `good.length` is worth nothing.
  durable_mark good;
  /// Why it ends there; none: the segment ends there.
  std::optional<feed_damage> stop;
};

/// The place after the header of a segment.
struct opened_segment {
  segment_header header;
  durable_mark start; ///< no run yet
};
/// Fails as `decode_header` does, or with "line-cut".
[[nodiscard]] expected<opened_segment> open_segment(std::string_view bytes);

/// Scans the runs from `from` on. `author` checks the signatures of
/// `instance`. Commits beyond `last` are not looked at: where the next segment
/// begins, the rest of this one is not part of the feed.
[[nodiscard]] segment_scan scan_segment(std::string_view bytes, const durable_mark& from, const instance_id& instance,
                                        const signature_check& author, scan_depth depth, sequence last);

/// What a mark of that length says of its segment's content, if it is all of runs; else nothing but zeros.
[[nodiscard]] sha256_digest content_until(std::string_view bytes, std::uint64_t length);

/// Splits text into lines.
class line_cursor {
public:
  explicit line_cursor(std::string_view text, std::uint64_t offset = 0) noexcept : text_(text), offset_(offset) {}

  /// The next line without its line feed, or false: the text ends, within a
  /// line if `in_line()`.
  bool next(std::string_view& line) noexcept;
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; } ///< of the next line
  [[nodiscard]] bool in_line() const noexcept { return offset_ < text_.size(); }

private:
  std::string_view text_;
  std::uint64_t offset_;
};

} // namespace muster
