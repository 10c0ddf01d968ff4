#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/op.hpp"
#include "muster/store/hlc.hpp"
#include "muster/store/segment_log.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace muster {

/// Writes our own feed. Commits are staged in memory and flushed together: one
/// seal, one sync. None is acknowledged before `flush` says so.
///
/// The log and the key are of one instance; the key outlives the writer.
class feed_writer {
public:
  feed_writer(environment env, segment_log log, const signing_key& key, const hlc& clock);

  struct staged {
    commit what; ///< as it will stand in the feed
    /// As in `clock_reading`; worth a `clock` problem.
    std::optional<std::chrono::milliseconds> clock_was_ahead;
  };

  /// Gives a commit its instance, seq and stamp and stages it. Refused: what
  /// the format cannot say. Busy ("feed-run-full"): flush first.
  [[nodiscard]] expected<staged> stage(commit draft);

  /// Seals and syncs what is staged; nothing staged is done at once. After any
  /// answer nothing is staged. failed: none of it happened, the numbers are given
  /// out again. unknown_outcome: all of it or none; read-only from here on.
  [[nodiscard]] expected<void> flush();

  /// Makes the mark durable; to be called when there is nothing else to do.
  [[nodiscard]] expected<void> settle() { return log_.settle(); }

  [[nodiscard]] bool has_staged() const noexcept { return !run_.empty(); }
  [[nodiscard]] std::size_t staged_bytes() const noexcept { return run_.size(); }
  /// Everything up to here is acknowledged and may be read and served.
  [[nodiscard]] sequence durable() const noexcept { return log_.mark().tip.seq; }
  [[nodiscard]] bool read_only() const noexcept { return log_.read_only(); }
  [[nodiscard]] hlc& clock() noexcept { return clock_; }
  [[nodiscard]] const segment_log& log() const noexcept { return log_; }

private:
  environment env_;
  segment_log log_;
  const signing_key& key_;
  hlc clock_;
  feed_tip tip_; ///< with what is staged
  stamp at_;
  std::string run_;
};

} // namespace muster
