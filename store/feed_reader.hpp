#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/op.hpp"
#include "muster/store/feed_damage.hpp"
#include "muster/store/feed_folder.hpp"
#include "muster/store/segment_scan.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// Reads the commits of one feed in their order, never beyond its mark
/// as it was when the reader was made.
///
/// Of each segment it checks the header, the chain through all commits against
/// every seal, and the signature of the last seal, before it gives out the first
/// commit: that last signature vouches for every byte of every commit before it.
/// Earlier signatures were checked when they were stored, and are looked at
/// again by `verify_feed`.
///
/// Holds one segment in memory. Belongs to one thread; the environment
/// outlives it.
class feed_reader {
public:
  /// not_found if there is no feed; damaged if it has no whole mark.
  [[nodiscard]] static expected<feed_reader> open(environment env, handle feeds, const instance_id& instance);

  [[nodiscard]] const instance_id& instance() const noexcept { return instance_; }
  [[nodiscard]] const public_key& key() const noexcept { return key_; }
  /// The last commit that may be read; 0 in an empty feed.
  [[nodiscard]] sequence last() const noexcept { return mark_.tip.seq; }

  /// The first commit of the segment in which `seq` stands, or would stand.
  [[nodiscard]] sequence begin_of_segment(sequence seq) const noexcept {
    return std::max<sequence>(folder_.holding(seq), 1);
  }

  /// The next commit to be given out; 1 at first.
  void seek(sequence next) noexcept { next_ = next; }

  struct entry {
    commit what;
    std::string_view line; ///< as hashed; valid until the next call
  };
  /// The next commit, or nothing at the end of the feed. damaged: what stands
  /// there is not what its author sealed.
  [[nodiscard]] expected<std::optional<entry>> next();

  /// A page that begins with commit `from` and ends with the last seal that lets
  /// it be at most `bytes` long, or with the first one. Its seal was checked.
  /// not_found ("no-commit") beyond the end.
  [[nodiscard]] expected<std::string> page(sequence from, std::size_t bytes);

  /// The chain at `seq`, 0 to `last()`.
  [[nodiscard]] expected<feed_tip> tip_at(sequence seq);

  struct covering {
    std::string between; ///< the commits after `seq` up to the seal, with line feeds
    seal by;
  };
  /// The first seal at or after commit `seq`, 1 to `last()`.
  [[nodiscard]] expected<covering> covering_seal(sequence seq);

private:
  feed_reader(feed_folder folder, const instance_id& instance, const public_key& key, const durable_mark& mark)
      : folder_(std::move(folder)), instance_(instance), key_(key), author_(key), mark_(mark) {}
  expected<void> enter(sequence seq);
  [[nodiscard]] expected<void> is_vouched_for(sequence seq) const;
  void advance_to(sequence seq);

  feed_folder folder_;
  instance_id instance_;
  public_key key_;
  signature_check author_;
  durable_mark mark_;
  sequence next_ = 1;

  // The segment in memory: none if `first_` is 0.
  sequence first_ = 0;
  std::string bytes_;
  opened_segment opened_;
  durable_mark good_; ///< all of it that is whole
  std::optional<feed_damage> stop_;
  std::uint64_t offset_ = 0; ///< of the line after commit `at_`
  sequence at_ = 0;
};

} // namespace muster
