#pragma once

#include "muster/store/fold.hpp"

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
  virtual expected<void> each_denial(const std::function<void(const denial_key&, const denial_record&)>& take) = 0;
  /// Who is known, and how far each feed is folded.
  [[nodiscard]] virtual const instance_table& instances() const = 0;
};

} // namespace muster
