#include "muster/store/fold_memory.hpp"

#include <algorithm>

namespace muster {

namespace {

template <class Map>
const typename Map::mapped_type* find_in(const Map& map, const typename Map::key_type& key) {
  auto position = map.find(key);
  return position == map.end() ? nullptr : &position->second;
}

} // namespace

expected<agent_record*> fold_memory::agent(const agent_id& id, const agent_parts&) {
  return &agents_[id];
}

expected<shared_register*> fold_memory::rule(const rule_key& key) {
  return &rules_[key];
}

expected<denial_record*> fold_memory::denial(const denial_key& key) {
  return &denials_[key];
}

const agent_record* fold_memory::find_agent(const agent_id& id) const {
  return find_in(agents_, id);
}

const shared_register* fold_memory::find_rule(const rule_key& key) const {
  return find_in(rules_, key);
}

const denial_record* fold_memory::find_denial(const denial_key& key) const {
  return find_in(denials_, key);
}

std::vector<std::pair<const agent_id*, const agent_record*>> fold_memory::agents() const {
  std::vector<std::pair<const agent_id*, const agent_record*>> result;
  result.reserve(agents_.size());
  for (const auto& [id, record] : agents_)
    result.emplace_back(&id, &record);
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return *a.first < *b.first; });
  return result;
}

} // namespace muster
