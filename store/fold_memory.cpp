#include "muster/store/fold_memory.hpp"

#include <algorithm>

namespace muster {

namespace {

template <class Map>
const typename Map::mapped_type* find_in(const Map& map, const typename Map::key_type& key) {
  auto position = map.find(key);
  return position == map.end() ? nullptr : &position->second;
}

/// How many bytes both begin with alike, of `most` that count.
std::size_t count_alike(std::string_view a, std::string_view b, std::size_t most) noexcept {
  const auto end = a.begin() + static_cast<std::ptrdiff_t>(std::min({a.size(), b.size(), most}));
  return static_cast<std::size_t>(std::mismatch(a.begin(), end, b.begin()).first - a.begin());
}

/// Its first bytes as a number: of two texts the lesser never has the greater.
std::uint64_t beginning_of(std::string_view text) noexcept {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < sizeof(result); ++i)
    result = result << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  return result;
}

} // namespace

fold_memory::wanted fold_memory::look_for(const agent_id& id) const noexcept {
  const auto hash = std::hash<std::string>{}(id.text) ^ hash_seed_;
  return {static_cast<std::uint32_t>(hash ^ hash >> 32U), id, agents_};
}

expected<agent_record*> fold_memory::agent(const agent_id& id, const agent_parts&) {
  const auto wanted = look_for(id);
  if (const auto known = slots_.find(wanted); known != slots_.end())
    return &agents_[known->number].record;
  slots_.insert({wanted.hash, static_cast<std::uint32_t>(agents_.size())});
  return &agents_.emplace_back(entry{id, {}}).record;
}

expected<shared_register*> fold_memory::rule(const rule_key& key) {
  return &rules_[key];
}

expected<denial_record*> fold_memory::denial(const denial_key& key) {
  return &denials_[key];
}

const agent_record* fold_memory::find_agent(const agent_id& id) const {
  const auto known = slots_.find(look_for(id));
  return known == slots_.end() ? nullptr : &agents_[known->number].record;
}

const shared_register* fold_memory::find_rule(const rule_key& key) const {
  return find_in(rules_, key);
}

const denial_record* fold_memory::find_denial(const denial_key& key) const {
  return find_in(denials_, key);
}

std::vector<std::pair<const agent_id*, const agent_record*>> fold_memory::agents() const {
  // The texts of ids lie all over the memory. Nearly all comparisons do with
  // the bytes after those that are the same in all of them.
  struct place {
    std::uint64_t beginning;
    const entry* what;
  };
  std::size_t alike = std::string::npos;
  for (const auto& each : agents_)
    alike = count_alike(agents_.front().id.text, each.id.text, alike);
  std::vector<place> order;
  order.reserve(agents_.size());
  for (const auto& each : agents_)
    order.push_back({beginning_of(std::string_view(each.id.text).substr(alike)), &each});
  std::sort(order.begin(), order.end(), [](const place& a, const place& b) {
    return a.beginning != b.beginning ? a.beginning < b.beginning : a.what->id < b.what->id;
  });
  std::vector<std::pair<const agent_id*, const agent_record*>> result;
  result.reserve(order.size());
  for (const auto& each : order)
    result.emplace_back(&each.what->id, &each.what->record);
  return result;
}

} // namespace muster
