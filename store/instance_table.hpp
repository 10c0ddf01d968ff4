#pragma once

#include "muster/messages/ids.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace muster {

/// A short name for an instance within one fold. Indexes depend on what came
/// first, so no result may depend on them: views and dumps speak of ids.
enum class instance_index : std::uint32_t {};

/// Why the fold took no notice of an op.
enum class refusal_reason : std::uint8_t {
  /// The op writes a key that belongs to another instance.
  not_own_key,
  /// The commit has an earlier op on the same key.
  repeated_key,
  /// The op carries a rule action that there is not.
  bad_value,
  /// A resolution chooses what its author had not seen.
  choice_not_seen,
  /// `max_open_ops` ops of the feed on the key have not seen each other.
  too_many_open,
};

/// The reason's name in dumps and answers; fixed.
[[nodiscard]] std::string_view to_string(refusal_reason reason) noexcept;

/// Which op of a feed was refused; `position` counts the ops of its commit
/// from 0.
struct refusal {
  sequence seq = 0;
  std::uint32_t position = 0;
  refusal_reason reason = refusal_reason::not_own_key;
  friend bool operator==(const refusal&, const refusal&) = default;
};

/// What a fold knows of an instance beside its ops.
struct instance_record {
  instance_id id;
  /// Every commit of its feed up to here is folded: its entry of the state
  /// vector.
  sequence folded = 0;
  /// The least of the commits that retired it.
  std::optional<commit_id> retired_by;
  std::uint64_t refused = 0;
  /// The first `max_listed_refusals` of them, in the order of the feed.
  std::vector<refusal> refusals;
};

/// How many refusals of one feed are listed; all are counted.
inline constexpr std::size_t max_listed_refusals = 100;

/// All instances that a fold has heard of: as authors, as owners of
/// placements, or in somebody's `saw`. Held in memory by every kind of state.
class instance_table {
public:
  /// The index of `id`, entered if it is new.
  instance_index enter(const instance_id& id);
  [[nodiscard]] std::optional<instance_index> find(const instance_id& id) const;

  /// References stay good as long as the table.
  [[nodiscard]] instance_record& operator[](instance_index index) { return records_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] const instance_record& operator[](instance_index index) const {
    return records_[static_cast<std::size_t>(index)];
  }
  /// By index, which is the order in which they were entered.
  [[nodiscard]] const std::deque<instance_record>& records() const noexcept { return records_; }

private:
  struct hash {
    std::size_t operator()(const instance_id& id) const noexcept { return std::hash<std::string>{}(id.text); }
  };

  std::deque<instance_record> records_;
  std::unordered_map<instance_id, instance_index, hash> indexes_;
  std::optional<instance_index> last_; ///< feeds are folded in runs
};

} // namespace muster
