#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace muster {

/// A look of a sweep that found an agent provably gone.
struct absent_look {
  std::string boot_id;
  std::chrono::nanoseconds from{0};  ///< CLOCK_BOOTTIME before the look
  std::chrono::nanoseconds until{0}; ///< and after it
  std::chrono::milliseconds wall{0}; ///< after it
  /// Sweeps of one process are numbered without a gap; 0: not known.
  std::uint64_t sweep = 0;
};

/// How long an agent has been provably gone: the time between consecutive sweeps
/// that both saw it so. Losing it delays a removal.
///
/// A1  Within a boot only CLOCK_BOOTTIME counts, whatever befalls the wall clock:
///     from after one look until before the next.
/// A2  From one boot to another it is what the wall clock says, at most an hour
///     and at least nothing.
/// A3  Across a look that could not tell, and across a sweep that did not look,
///     nothing is counted; what was counted before stands.
/// A4  It grows, until the agent is there: then it is nothing.
class absence_count {
public:
  /// The last look that saw it gone, from which the next interval runs.
  struct sighting {
    std::string boot_id;
    std::chrono::nanoseconds boot{0};
    std::chrono::milliseconds wall{0};
    std::uint64_t sweep = 0;
    friend bool operator==(const sighting&, const sighting&) = default;
  };

  absence_count() = default;
  /// As it was remembered; what cannot be is as nothing.
  absence_count(std::chrono::nanoseconds counted, std::optional<sighting> last);

  void gone(const absent_look& look);
  void cannot_tell() noexcept { last_.reset(); }
  void there() noexcept { *this = {}; }

  [[nodiscard]] std::chrono::nanoseconds counted() const noexcept { return counted_; }
  [[nodiscard]] const std::optional<sighting>& last() const noexcept { return last_; }
  /// What is left of a grace; 0: it is over.
  [[nodiscard]] std::chrono::nanoseconds left_of(std::chrono::nanoseconds grace) const noexcept;

  friend bool operator==(const absence_count&, const absence_count&) = default;

private:
  [[nodiscard]] std::chrono::nanoseconds since_last(const absent_look& look) const noexcept;

  std::chrono::nanoseconds counted_{0};
  std::optional<sighting> last_;
};

} // namespace muster
