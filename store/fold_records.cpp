#include "muster/store/fold_records.hpp"

#include <algorithm>

namespace muster {

bool is_dropped_by_others(const placement_register& place) noexcept {
  return std::ranges::find(place.dropped, place.seq, &named_drop::seq) != place.dropped.end();
}

bool is_live(const placement_register& place, const instance_table& instances) noexcept {
  return place.value && !is_dropped_by_others(place) && !instances[place.owner].retired_by;
}

namespace {

/// Where the field is or would be. Few are searched from the front: each look
/// is at other memory, and what people edit stands early in the alphabet.
template <class Fields>
auto place_of(Fields& fields, std::string_view name) noexcept {
  constexpr std::size_t few = 12;
  const auto comes_before = [](const agent_record::named_register& a, std::string_view b) {
    return std::string_view(a.name) < b;
  };
  if (fields.size() > few)
    return std::lower_bound(fields.begin(), fields.end(), name, comes_before);
  return std::find_if_not(fields.begin(), fields.end(), [&](const auto& each) { return comes_before(each, name); });
}

} // namespace

shared_register& agent_record::field(std::string_view name) {
  auto position = place_of(fields, name);
  if (position == fields.end() || position->name != name)
    position = fields.insert(position, {std::string{name}, {}});
  return position->content;
}

const shared_register* agent_record::find_field(std::string_view name) const noexcept {
  const auto position = place_of(fields, name);
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
