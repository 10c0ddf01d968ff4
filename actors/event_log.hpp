#pragma once

#include "muster/messages/event_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace muster {

/// The latest events, numbered without gaps; those before them are forgotten. The
/// number 1 stands for all that was before this log: whoever comes with a position
/// of another log has missed it.
///
/// 1. Whoever reads on from where the last read ended, gets every event once and
///    in order, or is told which numbers are lost.
/// 2. It holds no more than `bound` events.
class event_log {
public:
  event_log(std::string name, std::size_t bound) : name_(std::move(name)), bound_(bound) {}

  /// Gives it the next number.
  void add(lifecycle_event what);
  /// Something may happen from here on that nobody notes: whoever reads on
  /// across this has missed it.
  void break_off();

  struct page {
    std::optional<events_missed> missed;
    std::vector<lifecycle_event> events;
    std::uint64_t next = 0; ///< to read on after
  };
  /// What comes after a number.
  [[nodiscard]] page read(std::uint64_t after, std::size_t limit) const;
  [[nodiscard]] bool has_more(std::uint64_t after) const noexcept { return after < last_; }

  /// The number to read on after from a position; 0 if no read here gave it.
  [[nodiscard]] std::uint64_t number_of(const event_position& position) const;
  [[nodiscard]] std::uint64_t last() const noexcept { return last_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  std::string name_;
  std::size_t bound_;
  std::deque<lifecycle_event> events_; ///< the last of them has the number `last_`
  std::uint64_t last_ = 1;
};

} // namespace muster
