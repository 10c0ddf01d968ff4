#include "muster/store/index_memory.hpp"

namespace muster {

expected<void> index_memory::apply(std::span<const commit> commits) {
  for (const auto& each : commits)
    if (auto taken = fold_.take(each); !taken)
      return taken;
  return {};
}

expected<std::optional<agent_record>> index_memory::agent(const agent_id& id) {
  const auto* found = records_.find_agent(id);
  return found ? std::optional<agent_record>(*found) : std::nullopt;
}

expected<void> index_memory::each_agent(const std::function<void(const agent_id&, const agent_record&)>& take) {
  for (const auto& [id, record] : records_.agents())
    take(*id, *record);
  return {};
}

expected<void> index_memory::each_rule(const std::function<void(const rule_key&, const shared_register&)>& take) {
  for (const auto& [key, record] : records_.rules())
    take(key, record);
  return {};
}

expected<void> index_memory::each_denial(const std::function<void(const denial_key&, const denial_record&)>& take) {
  for (const auto& [key, record] : records_.denials())
    take(key, record);
  return {};
}

} // namespace muster
