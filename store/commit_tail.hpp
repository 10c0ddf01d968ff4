#pragma once

#include "muster/store/commit_source.hpp"

namespace muster {

/// The feeds on disk, and behind them what is durable of our own feed and not
/// yet under the mark that the disk shows.
///
/// 1. A commit that was added is handed over from then on, in its place, as
///    soon as all before it are there.
/// 2. Holds at most `most` commits. Those that the disk hands over go first;
///    where it hands over nothing, the oldest, which it still has.
class commit_tail final : public commit_source {
public:
  static constexpr std::size_t most_by_default = 256;

  /// `disk` outlives this.
  commit_tail(commit_source& disk, instance_id own, std::size_t most = most_by_default)
      : disk_(disk), own_(std::move(own)), most_(most) {}

  /// A commit of ours that is durable. In any order, and repeated.
  void add(const commit& made);
  [[nodiscard]] bool has(sequence seq) const { return tail_.contains(seq); }
  [[nodiscard]] std::size_t size() const noexcept { return tail_.size(); }

  expected<state_vector> ends() override;
  expected<void> read(const state_vector& have, const std::function<expected<void>(const commit&)>& take) override;
  [[nodiscard]] bool withholds(const instance_id& instance) const override { return disk_.withholds(instance); }

private:
  commit_source& disk_;
  instance_id own_;
  std::size_t most_;
  std::map<sequence, commit> tail_;
};

} // namespace muster
