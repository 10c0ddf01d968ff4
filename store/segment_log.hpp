#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/durable_mark.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/feed_format.hpp"
#include "muster/store/feed_limits.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// Appends sealed runs to the segments of one feed. Own feeds and those of
/// others are stored alike.
///
/// 1. `append` answers only when the run is synced; the mark follows.
/// 2. A failed write is taken back (truncated and synced) before it is refused;
///    a refused run is nowhere.
/// 3. After a failed sync, or a write that cannot be taken back, the segment is
///    closed for good and the run goes to a new one. If that fails too the log is
///    read-only and the outcome unknown: the next recovery decides.
/// 4. A segment is begun only when the mark on disk says everything before it.
///
/// Belongs to one thread; the environment outlives it.
class segment_log {
public:
  /// Goes on after `mark`, which recovery has made true on disk. `folder` names
  /// the directory in messages.
  segment_log(environment env, open_file directory, std::string folder, instance_id instance, const public_key& key,
              const durable_mark& mark, durable_file durable, std::uint64_t segment_bytes = feed_limits::segment_bytes);

  /// Appends a run: lines with their line feeds, the last one the seal of `after`.
  /// failed: nothing happened. unknown_outcome: read-only from here on.
  [[nodiscard]] expected<void> append(std::string_view run, const feed_tip& after, stamp at);

  /// Makes the mark durable too; done by the next append otherwise.
  [[nodiscard]] expected<void> settle();

  [[nodiscard]] const durable_mark& mark() const noexcept { return mark_; }
  [[nodiscard]] bool read_only() const noexcept { return read_only_; }
  [[nodiscard]] const instance_id& instance() const noexcept { return instance_; }
  [[nodiscard]] const public_key& key() const noexcept { return key_; }
  [[nodiscard]] handle directory() const noexcept { return directory_.get(); }

private:
  enum class attempt { done, refused, in_doubt };

  attempt extend(std::string_view run);
  attempt begin_segment(std::string_view run);
  attempt take_back();
  attempt discard_segment();
  bool move_run_to_new_segment(std::string_view run);
  bool write_segment(std::string_view run);
  void acknowledge(std::string_view run, const feed_tip& after, stamp at);
  failure refused(std::string_view code) const;
  [[nodiscard]] std::string next_name() const { return segment_name(mark_.tip.seq + 1); }
  [[nodiscard]] segment_header next_header() const;

  environment env_;
  open_file directory_;
  std::string folder_;
  instance_id instance_;
  public_key key_;
  durable_mark mark_;
  durable_file durable_;
  std::uint64_t segment_bytes_;
  open_file segment_; ///< none: the next run begins one
  /// The run that is being appended stands in a segment of its own.
  bool begun_ = false;
  bool read_only_ = false;
  os_error last_error_;
};

} // namespace muster
