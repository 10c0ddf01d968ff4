#pragma once

#include "muster/messages/op.hpp"

#include <cstddef>
#include <optional>
#include <vector>

/// The latest commits of many, without holding the others.
namespace muster {

/// The agent that an op is about; null if it is about none.
[[nodiscard]] const agent_id* agent_of(const op& what);

/// Whether an op of a commit is about an agent.
[[nodiscard]] bool concerns(const commit& what, const agent_id& agent);

/// Where a commit stands among those of all feeds: later is greater.
struct commit_order {
  stamp at;
  commit_id id;
  friend auto operator<=>(const commit_order&, const commit_order&) = default;
};
[[nodiscard]] commit_order order_of(const commit& what);

/// Which commits a log is about.
struct commit_filter {
  agent_id agent;       ///< empty: all
  instance_id instance; ///< empty: all
  /// Only what came later: of the same feed by seq, of others by stamp.
  std::optional<commit_order> since;

  [[nodiscard]] bool admits(const commit& what) const;
};

/// Keeps the latest of the commits shown to it, in whatever order they come:
/// no more than `limit`, and no more than `bytes` of them. Where the bytes are
/// what bounds it, the earliest are left out.
class commit_log {
public:
  static constexpr std::size_t most_bytes = std::size_t{64} * 1024 * 1024;

  explicit commit_log(commit_filter filter, std::size_t limit, std::size_t bytes = most_bytes)
      : filter_(std::move(filter)), limit_(limit), bytes_(bytes) {}

  void take(const commit& next);

  /// Hands over what was kept, the newest first.
  [[nodiscard]] std::vector<commit> newest_first() &&;

private:
  void drop_earliest();

  commit_filter filter_;
  std::size_t limit_;
  std::size_t bytes_;
  std::size_t held_bytes_ = 0;
  std::optional<commit_order> dropped_; ///< the latest that was left out
  std::vector<commit> held_;            ///< a heap, the earliest on top
};

} // namespace muster
