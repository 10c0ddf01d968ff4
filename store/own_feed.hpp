#pragma once

#include "muster/store/commit_finder.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/feed_limits.hpp"
#include "muster/store/feed_writer.hpp"
#include "muster/store/hlc.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace muster {

struct own_feed_options {
  std::chrono::milliseconds max_skew = hlc::default_max_skew;
  std::uint64_t segment_bytes = feed_limits::segment_bytes;
};

/// Our own feed through its whole life: recovered, appended to, recovered again
/// when its disk has failed.
///
/// 1. What was not recovered is not written. A recovery that the disk refuses is
///    tried again by whoever wants to append; one that finds damage is not.
/// 2. After a flush in doubt, or one after which the log is read-only, the feed
///    is recovered before anything is said of it.
/// 3. Whether a commit is there is told as it is, or not at all.
///
/// `feeds` stays open and the key lives as long as this.
class own_feed {
public:
  own_feed(environment env, handle feeds, instance_id own, const signing_key& key, const own_feed_options& options);

  /// Recovers the feed if that was not tried since it was last in doubt.
  void prepare();

  /// Gives a commit its place and stamp, to be flushed. If its saga has a commit
  /// already that is the answer, and nothing is staged. Refused: what the format
  /// cannot say. Fails with `read_only()`.
  struct entered {
    commit what;
    bool staged = false;
  };
  [[nodiscard]] expected<entered> enter(commit draft);

  /// Makes what is staged durable, as `feed_writer::flush` says.
  [[nodiscard]] expected<void> flush();
  /// Makes the mark durable, if it is not.
  void settle();
  /// From the next stamp on.
  void set_max_skew(std::chrono::milliseconds limit) noexcept;
  /// Something cut short what was under way: nothing is known any more.
  void forget();

  [[nodiscard]] bool has_staged() const noexcept { return !staged_.empty(); }
  [[nodiscard]] std::size_t staged_bytes() const noexcept { return writer_ ? writer_->staged_bytes() : 0; }

  /// The durable commit of a saga, or else of a request. Fails if that cannot be
  /// told.
  [[nodiscard]] expected<std::optional<commit>> find(const saga_id& saga, const request_id& request);

  /// Why nothing can be appended, once `prepare` has been called.
  [[nodiscard]] const std::optional<failure>& read_only() const noexcept { return read_only_; }
  /// The last time that stamps went back to the clock, as a sentence.
  [[nodiscard]] const std::optional<std::string>& clock_problem() const noexcept { return clock_problem_; }

private:
  expected<void> make_writable();
  void recover();
  /// Its disk has failed.
  void give_up_writer();
  [[nodiscard]] std::optional<commit> find_readable(const saga_id& saga, const request_id& request) const;
  void note_clock(const feed_writer::staged& made);

  environment env_;
  handle feeds_;
  instance_id own_;
  const signing_key& key_;
  own_feed_options options_;
  commit_finder finder_;
  std::optional<feed_writer> writer_;
  std::optional<failure> read_only_;
  bool has_failed_ = false; ///< and no write has succeeded since
  std::optional<std::string> clock_problem_;
  std::vector<commit> staged_; ///< without their ops
};

} // namespace muster
