#pragma once

#include "muster/store/commit_source.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/feed_reader.hpp"

#include <map>

namespace muster {

/// The feeds of a data directory as what an index is made of. A feed that is
/// damaged, or that the disk does not give out, is read as far as it goes and
/// stops none of the others.
class feed_source final : public commit_source {
public:
  /// `feeds` is their directory; it stays open as long as this.
  feed_source(environment env, handle feeds) : env_(env), feeds_(feeds) {}

  expected<state_vector> ends() override;
  expected<void> read(const state_vector& have, const std::function<expected<void>(const commit&)>& take) override;
  [[nodiscard]] bool withholds(const instance_id& instance) const override { return why_withheld(instance) != nullptr; }

  [[nodiscard]] bool is_whole() const override { return damaged_.empty(); }

  /// What was wrong with a feed when it was last read.
  [[nodiscard]] const std::map<instance_id, failure>& damaged() const noexcept { return damaged_; }
  /// What the disk did not give out this time, and perhaps will the next: what
  /// was read without it decides nothing. Null if there is no such.
  [[nodiscard]] const failure* withheld() const noexcept;
  [[nodiscard]] const failure* why_withheld(const instance_id& instance) const;

private:
  expected<void> read_feed(const instance_id& instance, sequence after,
                           const std::function<expected<void>(const commit&)>& take);
  void give_up(const instance_id& instance, sequence at, failure why);

  environment env_;
  handle feeds_;
  std::map<instance_id, failure> damaged_;
  std::map<instance_id, sequence> readable_; ///< of damaged feeds: up to where
};

} // namespace muster
