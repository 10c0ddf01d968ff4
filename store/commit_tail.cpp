#include "muster/store/commit_tail.hpp"

namespace muster {

void commit_tail::add(const commit& made) {
  tail_.try_emplace(made.seq, made);
  if (tail_.size() <= most_)
    return;
  if (const auto ends = disk_.ends())
    if (const auto own = ends->find(own_); own != ends->end())
      tail_.erase(tail_.begin(), tail_.upper_bound(own->second));
  while (tail_.size() > most_)
    tail_.erase(tail_.begin());
}

expected<state_vector> commit_tail::ends() {
  auto ends = disk_.ends();
  if (!ends || tail_.empty())
    return ends;
  const auto there = ends->find(own_);
  const auto on_disk = there == ends->end() ? 0 : there->second;
  auto last = on_disk;
  for (auto next = tail_.upper_bound(last); next != tail_.end() && next->first == last + 1; ++next)
    ++last;
  if (last != on_disk)
    (*ends)[own_] = last;
  return ends;
}

expected<void> commit_tail::read(const state_vector& have, const std::function<expected<void>(const commit&)>& take) {
  const auto known = have.find(own_);
  auto last = known == have.end() ? 0 : known->second;
  auto read = disk_.read(have, [&](const commit& next) {
    if (next.instance == own_)
      last = next.seq;
    return take(next);
  });
  if (!read)
    return read;
  for (auto next = tail_.upper_bound(last); next != tail_.end() && next->first == last + 1; ++next, ++last)
    if (auto taken = take(next->second); !taken)
      return taken;
  return {};
}

} // namespace muster
