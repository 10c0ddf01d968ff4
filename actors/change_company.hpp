#pragma once

#include "muster/actors/index_change.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>

namespace muster {

/// How long changes that have gathered in the index wait for others to share a
/// transaction.
///
/// 1. What nobody is said to follow waits until the mail that is there already has
///    been read, and whatever has gathered goes with it.
/// 2. Folds of agents that come to a place wait for each other, but not once there
///    are `few`.
/// 3. What a sweep found in a file waits for the note of its place, which is sent
///    when all that were found with it are in the feed, too.
/// 4. A note of a sweep whose file was not news waits for others no longer than it
///    took to keep the changes before: what it gains is that sync.
/// 5. Nothing waits longer than `most`. If that is nothing, nothing waits.
class change_company {
public:
  using duration = std::chrono::nanoseconds;

  change_company(duration most, std::size_t few) : most_(most), few_(few) {}

  enum class wait : std::uint8_t {
    as_before,  ///< it is known already when this group ends
    for_mail,   ///< it ends behind the mail that is there
    for_others, ///< it ends after `patience`, if it has not before
  };

  /// One more has gathered; with it there are `gathered`.
  [[nodiscard]] wait joined(const index_change& what, std::size_t gathered) {
    if (now_ == state::closing)
      return wait::as_before;
    const auto before = now_;
    now_ = most_.count() > 0 && waits(what, gathered) ? state::open : state::closing;
    if (now_ == state::closing)
      return wait::for_mail;
    return before == state::open ? wait::as_before : wait::for_others;
  }

  /// They are made; who comes next is of another group.
  void parted() {
    now_ = state::nobody;
    awaited_.clear();
    ++group_;
  }

  /// It took so long until they were on disk.
  void kept(duration took) noexcept { sync_ = std::clamp(took, duration{0}, most_); }

  /// The group has come together, and ends behind the mail that is there.
  [[nodiscard]] bool ends_with_mail() const noexcept { return now_ == state::closing; }
  /// Of a group that has just begun to wait.
  [[nodiscard]] duration patience() const noexcept { return patience_; }
  /// Tells the groups apart.
  [[nodiscard]] std::uint64_t group() const noexcept { return group_; }

private:
  enum class state : std::uint8_t { nobody, open, closing };

  [[nodiscard]] bool waits(const index_change& what, std::size_t gathered) {
    patience_ = most_;
    if (const auto* fold = std::get_if<fold_commit>(&what)) {
      if (fold->held && fold->held->key)
        return awaits_note(fold->held->agent);
      return gathered < few_ && std::ranges::any_of(fold->made.ops, [](const op& each) {
               return std::holds_alternative<place_put>(each);
             });
    }
    if (const auto* held = std::get_if<record_held>(&what))
      return held->held.key && awaits_note(held->held.agent);
    const auto* note = std::get_if<note_observation>(&what);
    if (!note)
      return false;
    if (awaited_.erase(note->agent) > 0 || !awaited_.empty())
      return !awaited_.empty();
    patience_ = sync_;
    return note->at && sync_.count() > 0;
  }

  bool awaits_note(const agent_id& agent) {
    awaited_.insert(agent);
    return true;
  }

  duration most_;
  std::size_t few_;
  duration sync_{0};
  duration patience_{0};
  state now_ = state::nobody;
  std::uint64_t group_ = 0;
  std::set<agent_id> awaited_; ///< whose notes are on the way
};

} // namespace muster
