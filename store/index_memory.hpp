#pragma once

#include "muster/store/fold_memory.hpp"
#include "muster/store/index_content.hpp"

namespace muster {

/// The index without a file: what a fold from nothing fills, and what answers
/// while there is no file to be had.
class index_memory final : public index_content {
public:
  explicit index_memory(fold_settings settings) : meaning_(settings.meaning), fold_(records_, std::move(settings)) {}
  index_memory(const index_memory&) = delete;
  index_memory& operator=(const index_memory&) = delete;

  /// One commit, without telling what changed.
  expected<void> take(const commit& next) { return fold_.take(next); }

  expected<void> apply(std::span<const commit> commits) override;
  expected<std::optional<agent_record>> agent(const agent_id& id) override;
  expected<void> each_agent(const std::function<void(const agent_id&, const agent_record&)>& take) override;
  expected<void> each_rule(const std::function<void(const rule_key&, const shared_register&)>& take) override;
  expected<shared_register> rule(const rule_key& key) override;
  expected<void> each_denial(const std::function<void(const denial_key&, const denial_record&)>& take) override;
  expected<void> each_row(const row_filter& which, const take_row& take) override;
  expected<std::optional<denial_record>> denial(const denial_key& key) override;
  expected<std::uint64_t> conflicts() override;
  [[nodiscard]] const instance_table& instances() const override { return records_.instances(); }

  [[nodiscard]] const fold_memory& records() const noexcept { return records_; }

private:
  void take_rows(const agent_id& id, const agent_record& record, const row_filter& which, const take_row& take,
                 std::size_t& taken) const;

  meaning_function meaning_;
  fold_memory records_;
  fold fold_;
};

} // namespace muster
