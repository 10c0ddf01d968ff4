#pragma once

#include "muster/store/fold.hpp"
#include "muster/store/index_row.hpp"

#include <functional>
#include <span>

namespace muster {

/// The index as whoever reads it sees it, wherever its records are.
class index_content {
public:
  virtual ~index_content() = default;

  /// Folds commits in, all or none. After a failure throw the content away.
  virtual expected<void> apply(std::span<const commit> commits) = 0;

  /// Nothing if the fold has never heard of it. One whose placements are all
  /// gone is still there.
  virtual expected<std::optional<agent_record>> agent(const agent_id& id) = 0;
  /// By id.
  virtual expected<void> each_agent(const std::function<void(const agent_id&, const agent_record&)>& take) = 0;
  virtual expected<void> each_rule(const std::function<void(const rule_key&, const shared_register&)>& take) = 0;
  /// Empty if the fold has never heard of it.
  virtual expected<shared_register> rule(const rule_key& key) = 0;
  virtual expected<void> each_denial(const std::function<void(const denial_key&, const denial_record&)>& take) = 0;
  /// The placements that stand, as far as `which` says.
  virtual expected<void> each_row(const row_filter& which, const take_row& take) = 0;
  /// Nothing if the fold has never heard of it.
  virtual expected<std::optional<denial_record>> denial(const denial_key& key) = 0;
  /// How many fields and rules are in conflict.
  virtual expected<std::uint64_t> conflicts() = 0;
  /// Who is known, and how far each feed is folded.
  [[nodiscard]] virtual const instance_table& instances() const = 0;
};

} // namespace muster
