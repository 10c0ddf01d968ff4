#include "muster/actors/look_gathering.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace muster {

void look_gathering::route(place_number place, const device_table::at_worker& where) {
  queues_[where].places.push_back(place);
  --unrouted_;
  if (where.unconfirmed) {
    unconfirmed_.resize(places_.size());
    unconfirmed_[place] = true;
  }
}

void look_gathering::obscure(place_number place, const failure& why) {
  see(place, manifest_obscured{why});
  --unrouted_;
}

std::vector<look_gathering::batch> look_gathering::next() {
  std::vector<batch> result;
  for (auto& [where, its] : queues_) {
    const auto waiting = std::span(its.places).subspan(its.next);
    if (its.asked || waiting.empty() || (unrouted_ > 0 && waiting.size() < batch_size_))
      continue;
    const auto part = waiting.first(std::min(batch_size_, waiting.size()));
    result.push_back({where, {part.begin(), part.end()}});
    its.next += part.size();
    its.asked = true;
  }
  return result;
}

std::vector<look_gathering::place_number> look_gathering::confirmed(const batch& part,
                                                                    const places_looked_at& answer) const {
  std::vector<place_number> result;
  if (unconfirmed_.empty())
    return result;
  auto changed = answer.changed.begin();
  for (const auto place : std::span(part.places).first(part.places.size() - answer.left)) {
    if (changed != answer.changed.end() && changed->index == place)
      ++changed;
    else if (unconfirmed_[place] && places_[place].known)
      result.push_back(place);
  }
  return result;
}

void look_gathering::take(const batch& part, places_looked_at& answer) {
  auto& its = queues_[part.where];
  its.asked = false;
  its.next -= answer.left;
  const auto looked_at = part.places.size() - answer.left;
  unchanged_ += looked_at - answer.changed.size() - answer.absent.size();
  open_ -= looked_at - answer.changed.size();
  absent_.insert(absent_.end(), answer.absent.begin(), answer.absent.end());
  for (auto& each : answer.changed)
    see(each.index, std::move(each.sight));
}

void look_gathering::lose(const batch& part, const failure& why) {
  auto& its = queues_[part.where];
  its.asked = false;
  for (const auto place : part.places)
    see(place, manifest_obscured{why});
  for (; its.next < its.places.size(); ++its.next)
    see(its.places[its.next], manifest_obscured{why});
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
