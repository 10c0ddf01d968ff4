#pragma once

#include "muster/store/fold_state.hpp"

#include <map>

namespace muster {

/// Instance -> the first seq of its feed that no fold takes, because a fork is
/// proved there. Given with the set of feeds.
using fold_limits = std::map<instance_id, sequence>;

/// What an `apply` may have changed: whoever derives rows looks at these keys
/// again, and at no others. Each list is sorted and names a key once.
struct fold_changes {
  std::vector<field_key> fields;
  std::vector<placement_key> placements;
  std::vector<rule_key> rules;
  std::vector<denial_key> denials;
  /// Their records changed: how far they are folded, or what was refused.
  std::vector<instance_id> instances;
  /// Newly retired: every placement on them changed.
  std::vector<instance_id> retired;

  [[nodiscard]] bool empty() const noexcept { return instances.empty(); }
  friend bool operator==(const fold_changes&, const fold_changes&) = default;
};

struct fold_settings {
  meaning_function meaning = &plain_meaning;
  fold_limits limits;
};

/// The pure function from a set of feeds to the index: commits in, changes
/// out. Reads no clock, setting or secret.
///
/// F1  The same commits, below the same limits, leave the same content in
///     whatever order they come, as long as those of one feed come in the order
///     of the feed. `dump` is the same, byte for byte.
/// F2  A commit that is folded already, or at or beyond its feed's limit,
///     changes nothing.
/// F3  What a feed has no authority for, or what makes no sense, is refused and
///     listed with its instance, and changes nothing else. Whether it is
///     depends on its own feed alone.
class fold {
public:
  /// `state` outlives the fold and is written by no other.
  fold(fold_state& state, fold_settings settings);

  /// Fails with `feed-gap` if the commits before it are not folded, which is
  /// the caller's error and changes nothing, and with what the state failed
  /// with, which leaves the state half changed: to be thrown away.
  expected<fold_changes> apply(const commit& next);

  /// The same without telling what changed, for folds from nothing.
  expected<void> take(const commit& next);

  /// Whether all that `state` has folded is below `limits`. If not, it must be
  /// folded anew.
  [[nodiscard]] static bool holds_within(const instance_table& instances, const fold_limits& limits);

private:
  expected<void> run(const commit& next, fold_changes* changes);

  fold_state& state_;
  fold_settings settings_;
  std::vector<seen_entry> saw_;          ///< of the op at hand; kept for its memory
  std::vector<std::string_view> fields_; ///< likewise
  friend class op_folder;
};

} // namespace muster
