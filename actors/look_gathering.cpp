#include "muster/actors/look_gathering.hpp"

#include <algorithm>
#include <utility>

namespace muster {

void look_gathering::route(std::size_t place, const device_table::at_worker& where) {
  queues_[where].places.push_back(place);
  --unrouted_;
}

void look_gathering::obscure(std::size_t place, const failure& why) {
  see(place, manifest_obscured{why});
  --unrouted_;
}

std::vector<look_gathering::batch> look_gathering::next() {
  std::vector<batch> result;
  for (auto& [where, its] : queues_) {
    if (its.asked || its.places.empty() || (unrouted_ > 0 && its.places.size() < batch_size_))
      continue;
    const auto size = std::min(batch_size_, its.places.size());
    const auto end = its.places.begin() + static_cast<std::ptrdiff_t>(size);
    result.push_back({where, {its.places.begin(), end}});
    its.places.erase(its.places.begin(), end);
    its.asked = true;
  }
  return result;
}

look_at_places look_gathering::request_for(const batch& part) const {
  look_at_places request;
  for (const auto place : part.places)
    request.places.push_back(places_[place]);
  return request;
}

void look_gathering::take(const batch& part, places_looked_at& answer) {
  queues_[part.where].asked = false;
  unchanged_ += part.places.size() - answer.changed.size() - answer.absent.size();
  open_ -= part.places.size() - answer.changed.size();
  for (const auto index : answer.absent)
    absent_.push_back(part.places.at(index));
  for (auto& each : answer.changed)
    see(part.places.at(each.index), std::move(each.sight));
}

void look_gathering::lose(const batch& part, const failure& why) {
  auto& its = queues_[part.where];
  its.asked = false;
  for (const auto place : part.places)
    see(place, manifest_obscured{why});
  for (const auto place : std::exchange(its.places, {}))
    see(place, manifest_obscured{why});
}

void look_gathering::see(std::size_t place, manifest_sight sight) {
  if (seen_.emplace(place, std::move(sight)).second)
    --open_;
}

places_looked_at look_gathering::take_answer() {
  places_looked_at answer;
  answer.unchanged = unchanged_;
  answer.absent = std::move(absent_);
  std::ranges::sort(answer.absent);
  for (auto& [place, sight] : seen_)
    answer.changed.push_back({place, std::move(sight)});
  return answer;
}

} // namespace muster
