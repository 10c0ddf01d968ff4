#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace muster {

/// How long those who are to share a sync wait for each other.
///
/// 1. Whoever is followed by nobody waits until the mail that is there already
///    has been read, and no longer.
/// 2. Who is said to be followed waits for that one, but never longer than the
///    sync before took, nor than `most`: what it gains is that sync.
class sync_company {
public:
  using duration = std::chrono::nanoseconds;
  static constexpr duration most = std::chrono::milliseconds{10};

  enum class wait : std::uint8_t {
    as_before,  ///< it is known already when this group ends
    for_mail,   ///< it ends behind the mail that is there
    for_others, ///< it ends after `patience`, unless somebody comes who is followed by nobody
  };

  /// One more is to be synced; the first of a group, or one that has joined it.
  [[nodiscard]] wait joined(bool first, bool others_follow) noexcept {
    if (first)
      end_group();
    const auto before = now_;
    now_ = others_follow ? std::max(before, state::open) : state::closing;
    if (now_ == before)
      return wait::as_before;
    return now_ == state::closing ? wait::for_mail : wait::for_others;
  }

  /// All of them were synced together, and that took so long.
  void parted(duration took) noexcept {
    end_group();
    patience_ = std::clamp(took, duration{0}, most);
  }

  [[nodiscard]] bool waits_for_others() const noexcept { return now_ == state::open; }
  [[nodiscard]] duration patience() const noexcept { return patience_; }
  /// Tells the groups apart.
  [[nodiscard]] std::uint64_t group() const noexcept { return group_; }

private:
  enum class state : std::uint8_t { nobody, open, closing };

  void end_group() noexcept {
    now_ = state::nobody;
    ++group_;
  }

  state now_ = state::nobody;
  duration patience_ = std::chrono::milliseconds{1};
  std::uint64_t group_ = 0;
};

} // namespace muster
