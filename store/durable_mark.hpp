#pragma once

#include "muster/store/environment.hpp"
#include "muster/store/feed_format.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace muster {

/// How far a feed is on disk: commit `tip.seq` ends at byte `length` of the
/// segment that begins with `first`.
struct durable_mark {
  feed_tip tip;
  stamp at;           ///< of the last commit
  sequence first = 1; ///< of the segment it stands in
  std::uint64_t length = 0;
  /// Over the segment up to `length`: each seal and what it covers once more
  /// (`after_run`), so that every byte below the mark is accounted for.
  sha256_digest content{};
  friend bool operator==(const durable_mark&, const durable_mark&) = default;
};

/// The running `content` of a segment: begins as SHA-256 of the header,
/// then SHA-256(content before, the bytes of a run with its seal), line feeds
/// included.
[[nodiscard]] sha256_digest start_of_content(std::string_view header);
[[nodiscard]] sha256_digest after_run(const sha256_digest& before, std::string_view run);

/// The `durable` file: two slots of 512 bytes in blocks of their own, each a
/// mark with a turn and a checksum. The valid slot with the greater turn counts.
///
/// 1. A mark is written only after what it marks was synced, so the file never
///    says more than the disk holds.
/// 2. A slot is overwritten only after the other one was synced, so at any
///    moment, whatever is lost or torn, one slot is whole.
/// 3. What is on disk lags behind by one mark at most, from `write` to the next
///    `settle`.
class durable_file {
public:
  static constexpr std::string_view name = "durable";

  struct found {
    std::optional<durable_mark> mark; ///< none: no slot is valid
    bool both = false;                ///< both slots are
    bool later_format = false;        ///< a slot is whole and of a format that is not ours
  };

  /// Makes or replaces the file so that both slots hold this mark, durably.
  [[nodiscard]] static os_result<durable_file> create(disk& files, handle directory, const durable_mark& mark);
  /// Opens it for writing; `seen` is what it holds. Nothing is written before the
  /// first `settle`.
  [[nodiscard]] static os_result<durable_file> open(disk& files, handle directory, found& seen);
  /// What it holds; ENOENT if there is none.
  [[nodiscard]] static os_result<found> read(disk& files, handle directory);

  /// Writes a mark without a sync. Call `settle` before the next one.
  [[nodiscard]] os_result<void> write(const durable_mark& mark);
  /// Syncs the mark last written or read, if it is not.
  [[nodiscard]] os_result<void> settle();
  [[nodiscard]] bool settled() const noexcept { return settled_; }

private:
  durable_file(disk& files, open_file file) noexcept : files_(&files), file_(std::move(file)) {}
  os_result<void> put(const durable_mark& mark);

  disk* files_;
  open_file file_;
  std::uint64_t turn_ = 1; ///< of the newest slot
  bool settled_ = true;
  std::optional<durable_mark> read_; ///< and not synced by us
};

inline constexpr std::size_t mark_slot_bytes = 512;
/// A slot's bytes, and the mark and turn of a slot that is whole.
[[nodiscard]] std::string encode_slot(const durable_mark& mark, std::uint64_t turn);
struct mark_slot {
  durable_mark mark;
  std::uint64_t turn = 0;
  /// The checksum is right and the rest says nothing to this release.
  bool later_format = false;
};
[[nodiscard]] std::optional<mark_slot> decode_slot(std::string_view slot);

} // namespace muster
