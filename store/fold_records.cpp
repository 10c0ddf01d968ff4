#include "muster/store/fold_records.hpp"

#include <algorithm>

namespace muster {

bool is_dropped_by_others(const placement_register& place) noexcept {
  return std::ranges::find(place.dropped, place.seq, &named_drop::seq) != place.dropped.end();
}

bool is_live(const placement_register& place, const instance_table& instances) noexcept {
  return place.value && !is_dropped_by_others(place) && !instances[place.owner].retired_by;
}

shared_register& agent_record::field(std::string_view name) {
  auto position = std::lower_bound(fields.begin(), fields.end(), name,
                                   [](const named_register& a, std::string_view b) { return a.name < b; });
  if (position == fields.end() || position->name != name)
    position = fields.insert(position, {std::string{name}, {}});
  return position->content;
}

const shared_register* agent_record::find_field(std::string_view name) const noexcept {
  auto position = std::lower_bound(fields.begin(), fields.end(), name,
                                   [](const named_register& a, std::string_view b) { return a.name < b; });
  return position != fields.end() && position->name == name ? &position->content : nullptr;
}

placement_register& agent_record::place(instance_index owner) {
  auto position = std::find_if(placements.begin(), placements.end(),
                               [&](const placement_register& place) { return place.owner == owner; });
  if (position != placements.end())
    return *position;
  auto& fresh = placements.emplace_back();
  fresh.owner = owner;
  return fresh;
}

} // namespace muster
