#pragma once

#include "muster/messages/sweep_messages.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace muster {

/// A sweep that has ended, without the problems it listed.
struct remembered_sweep {
  std::uint64_t number = 0; ///< from 1
  std::chrono::milliseconds began{0};
  std::chrono::milliseconds ended{0};
  std::string boot_id;
  std::chrono::nanoseconds began_boot{0};
  sweep_report report;
};

/// The latest sweeps of this process, and which of them are worth a write.
class sweep_log {
public:
  static constexpr std::size_t most = 1000;
  static constexpr std::chrono::milliseconds stale_after = std::chrono::hours{1};

  /// Goes on behind what an earlier process has written.
  void go_on_from(const remembered_sweep& written);
  /// Numbers a sweep and takes it in; true: it is to be written. One that did
  /// nothing, and found what the last one written found, is not.
  bool add(remembered_sweep which);

  [[nodiscard]] const remembered_sweep* last() const noexcept { return sweeps_.empty() ? nullptr : &sweeps_.back(); }
  /// Whoever ends is to write the last one: what is written is long past.
  [[nodiscard]] bool is_owed() const noexcept {
    return !sweeps_.empty() && sweeps_.back().number != written_ &&
           (written_ == 0 || sweeps_.back().ended - written_at_ >= stale_after || sweeps_.back().ended < written_at_);
  }
  /// The last one is on disk.
  void wrote();
  [[nodiscard]] const std::deque<remembered_sweep>& all() const noexcept { return sweeps_; }

private:
  std::deque<remembered_sweep> sweeps_;
  std::uint64_t number_ = 0;
  std::uint64_t written_ = 0;
  std::chrono::milliseconds written_at_{0}; ///< when the last one written had ended
  std::optional<sweep_report> found_;       ///< by the last one written
};

} // namespace muster
